// What an operator does: find, preview, record, take back.

import { asSecond, deviceCard } from "./amounts.js";
import { corrected, orderOf, recorded } from "./drain.js";
import { lineOf } from "./lines.js";
import { QUICK_MS } from "./net.js";
import { slotOf } from "./queue.js";
import { SAID, dayOf, isNumber, masked, mealAt, tidy } from "./words.js";

const LATE_MS = 10000; // an answer that comes later than that comes through the queue
const MOST_CARDS = 200;
const after = (ms) => new Promise((go) => setTimeout(() => go(null), ms));

/** @param {any} with_ parts of the engine */
export function createActs({ point, net, link, queue, roster, clock, sendingNow, changed, nudge }) {
  const done = new Map(); // id of a card -> what became of it: a second tap is the same meal
  let asked = 0;
  const online = () => link.network() === "online";
  const nobody = (message) => ({ people: [], more: false, message, source: "device", scanned: false });

  async function find(text) {
    asked += 1;
    const typed = tidy(text);
    if (!typed) return nobody(null);
    const held = await roster.byCard(typed).catch(() => null);
    if (held) {
      const person = { ...personOf(held, "card"), credential: typed };
      return { people: [person], more: false, message: null, source: "device", scanned: true };
    }
    return search(typed);
  }

  async function suggest(text) {
    asked += 1;
    const mine = asked;
    const typed = tidy(text);
    const found = typed ? await search(typed) : nobody(null);
    return mine === asked ? found : new Promise(() => {}); // stale: nobody waits for it
  }

  async function search(typed) {
    if (online()) {
      const reply = await net.post(`/api/v1/till/${point}/search`, { q: typed }, { timeout: QUICK_MS });
      if (reply.kind === "ok") return fromSearch(reply.body);
      if (reply.kind === "refused") return { ...nobody(reply.body.title), source: "server" };
    }
    if (isNumber(typed)) return nobody(SAID.offlineNumber);
    if (!roster.head()) return nobody(SAID.noRoster);
    const { people, more } = await roster.byName(typed).catch(() => nobody(null));
    const shown = people.map((each) => personOf(each, "manual"));
    return { ...nobody(shown.length ? null : SAID.nobodyHere), people: shown, more };
  }

  function fromSearch({ people, more, message }) {
    const scanned = people.length === 1 && people[0].method !== "manual";
    return { people, more, message: message || null, source: "server", scanned };
  }

  /** What this meal would cost. Never recorded under another card than the one returned. */
  async function preview(person, { meal, mode = "dine_in", priceFen = null } = {}) {
    const which = meal || mealAt(clock.now());
    const day = dayOf(clock.now());
    const live = await queue.live(slotOf(day, which, person.token)).catch(() => null);
    const asked_ = { meal: which, mode, priceFen };
    const card = (await fromServer(person, asked_)) || (await fromDevice(person, asked_, day, live));
    const shown = card.source === "server" && live ? seconded(card, live) : card;
    return { ...shown, id: Math.random().toString(36).slice(2), day, known: live && live.key };
  }

  const seconded = (card, live) => {
    if (live.state !== "recorded") return asSecond(card, live);
    const earlier = card.earlier || { at: live.servedAt, point: live.pointName };
    return card.reason ? { ...card, earlier } : card;
  };

  async function fromServer(person, { meal, mode, priceFen }) {
    if (!online()) return null;
    const body = { credential: person.credential || person.token, meal, mode, method: person.method };
    if (priceFen !== null) body.price_fen = priceFen;
    const reply = await net.post(`/api/v1/till/${point}/preview`, body, { timeout: QUICK_MS });
    if (reply.kind === "ok") return cardOf(person, reply.body);
    if (reply.kind !== "refused") return null;
    const refusal = { code: reply.body.code, message: reply.body.title };
    return { ...EMPTY_CARD, person, meal, mode, method: person.method, priceFen, refusal };
  }

  async function fromDevice(person, order, day, live) {
    const held = await roster.byToken(person.token).catch(() => null);
    const { method } = person;
    if (!held) {
      const refusal = { code: "unknown_resident", message: SAID.nobodyHere };
      return { ...EMPTY_CARD, ...order, person, method, source: "device", refusal };
    }
    const price = priceOf(order);
    return { person, method, ...deviceCard(held, { ...order, ...price, day, earlier: live }) };
  }

  /** The price that was typed, else the day's, as far as there is one. */
  function priceOf({ meal, priceFen }) {
    const today = link.server().prices[meal];
    const head = roster.head();
    const counted = head && head.prices[meal] !== head.referencePriceFen ? head.prices[meal] : null;
    const elderFen = today ? today.elder_fen : counted;
    const listPriceFen = (today && today.public_fen) || null;
    return { priceFen: priceFen === null ? (elderFen ?? null) : priceFen, listPriceFen };
  }

  /** Records what the card shows; the same card again is the same meal. */
  function record(card, { note = "" } = {}) {
    if (!done.has(card.id)) {
      if (done.size >= MOST_CARDS) done.delete(done.keys().next().value);
      const outcome = write(card, note);
      done.set(card.id, outcome);
      outcome.then(({ unsaved }) => unsaved && done.delete(card.id));
    }
    return done.get(card.id);
  }

  async function write(card, note) {
    if (card.refusal) return { status: "refused", message: card.refusal.message };
    const entry = await entryOf(card, note);
    let added;
    try {
      added = await queue.add(entry, card.known);
    } catch (full) {
      return unkept(entry);
    }
    if (!added.entry) return again(card, SAID.taken);
    changed(true);
    return post(added.entry, card);
  }

  async function again(card, message) {
    const { meal, mode, priceFen } = card;
    const fresh = await preview(card.person, { meal, mode, priceFen });
    return { status: "changed", message, card: fresh };
  }

  async function entryOf(card, note) {
    const { person, meal, mode } = card;
    const stamp = clock.stamp();
    const held = await roster.byToken(person.token).catch(() => null);
    return {
      kind: "serving",
      state: "queued",
      slot: slotOf(card.day, meal, person.token),
      day: card.day,
      point,
      pointName: link.server().pointName,
      token: person.token,
      name: held ? held.name : masked(person.name),
      title: person.title,
      meal,
      mode,
      method: card.method,
      note: note || undefined,
      operator: (link.server().operator || {}).login,
      priceFen: card.priceFen,
      subsidyFen: card.subsidyFen,
      selfPayFen: card.selfPayFen,
      shownSubsidyFen: card.subsidyFen,
      shownSelfPayFen: card.selfPayFen,
      reason: card.reason,
      servedAt: new Date(stamp.deviceTime + (stamp.offsetMs || 0)).toISOString(),
      ...fresh(stamp),
    };
  }

  const fresh = (stamp) => ({
    ...stamp,
    doubtful: false,
    direct: online(),
    tries: online() ? 1 : 0,
    sequence: null,
    conflict: null,
    message: null,
  });

  /** Nothing can be written here: only the server's word counts. */
  async function unkept(entry) {
    const key = `T-${Math.floor(clock.now()).toString(16).padStart(12, "0")}${random16()}`;
    const reply = online() ? await single({ ...entry, key }) : { kind: "away" };
    if (reply.kind === "ok") {
      changed(true);
      return { status: "recorded", line: lineOf(recorded({ ...entry, key }, reply.body)) };
    }
    const message = reply.kind === "refused" ? reply.body.title : SAID.notSaved;
    return { status: "refused", message, unsaved: true };
  }

  const single = (entry, timeout = LATE_MS) => {
    const body = { ...orderOf(entry), expected_self_pay_fen: entry.shownSelfPayFen };
    return net.post("/api/v1/servings", body, { key: entry.key, timeout });
  };

  /** Sends the new entry by itself; what has no answer in time goes with the queue. */
  async function post(entry, card) {
    if (!entry.direct) return pending(entry);
    const { key } = entry;
    sendingNow.add(key);
    const sent = single(entry);
    const reply = await Promise.race([sent, after(QUICK_MS)]);
    if (reply === null) {
      link.turn("offline"); // too slow to wait for: the next one does not
      sent.then((late) => late.kind === "ok" && acknowledge(key, late.body)).then(() => release(key));
      return pending(entry);
    }
    return decided(entry, card, reply).finally(() => release(key));
  }

  function release(key) {
    sendingNow.delete(key);
    changed(true);
    nudge();
  }

  const pending = (entry) => {
    nudge();
    return { status: "pending", line: lineOf(entry) };
  };

  async function acknowledge(key, body) {
    let told = null;
    await queue.edit([key], (entry) => (told = recorded(entry, body))).catch(() => {});
    changed(true);
    return told;
  }

  async function decided(entry, card, reply) {
    if (reply.kind === "ok") {
      const told = await acknowledge(entry.key, reply.body);
      return { status: "recorded", line: lineOf(told || recorded(entry, reply.body)) };
    }
    if (reply.kind !== "refused") return pending(entry);
    const { code, title, server_time } = reply.body;
    if (code === "in_future" && server_time) {
      clock.measure(server_time, reply.tookMs);
      await queue.edit([entry.key], (own) => corrected(own, server_time));
      return pending(entry);
    }
    if (code === "amount_changed") {
      await queue.edit([entry.key], () => null);
      return again(card, SAID.changed);
    }
    const refused = { ...entry, state: "refused", code, message: title };
    await queue.edit([entry.key], () => refused).catch(() => {});
    return { status: "refused", message: title, line: lineOf(refused) };
  }

  /** Takes back a line of the list. A second tap is the same reversal. */
  function undo(line, reason) {
    const id = `undo ${line.key}`;
    if (!done.has(id)) {
      const outcome = takeBack(line, reason);
      done.set(id, outcome);
      outcome.then(({ status }) => status === "refused" && done.delete(id));
    }
    return done.get(id);
  }

  async function takeBack(line, reason) {
    const refused = (message) => ({ status: "refused", message });
    try {
      const target = await queue.get(line.key);
      if (target && ["refused", "conflict"].includes(target.state)) return refused(SAID.moot);
      if (await queue.reversalOf(line.key)) return refused(SAID.gone);
      const direct = online() && (!target || target.state === "recorded");
      const { entry } = await queue.add(reversalOf(line, reason, direct), null);
      changed(true);
      if (direct) return await reverse(entry);
      nudge();
      return { status: "pending", message: SAID.queuedUndo };
    } catch (full) {
      return refused(SAID.notSaved);
    }
  }

  const reversalOf = (line, reason, direct) => {
    const stamp = clock.stamp();
    return {
      kind: "reversal",
      state: "queued",
      slot: "",
      day: dayOf(Date.parse(line.servedAt)),
      point,
      reverses: line.key,
      reason,
      operator: (link.server().operator || {}).login,
      subsidyFen: line.subsidyFen,
      servedAt: new Date(stamp.deviceTime + (stamp.offsetMs || 0)).toISOString(),
      ...fresh(stamp),
      direct,
      tries: direct ? 1 : 0,
    };
  };

  async function reverse(entry) {
    const path = `/api/v1/servings/${encodeURIComponent(entry.reverses)}/reversal`;
    sendingNow.add(entry.key);
    const sent = net.post(path, { reason: entry.reason }, { key: entry.key, timeout: LATE_MS });
    const reply = await Promise.race([sent, after(QUICK_MS)]);
    sent.then((late) => late.kind === "ok" && acknowledge(entry.key, late.body)).then(() => release(entry.key));
    if (reply && reply.kind === "ok") return { status: "recorded", message: SAID.undone };
    const final = reply && (reply.kind === "refused" || reply.status === 403);
    if (!final) return { status: "pending", message: SAID.queuedUndo };
    await queue.edit([entry.key], () => null);
    return { status: "refused", message: reply.body.title };
  }

  return { find, suggest, preview, record, undo };
}

const EMPTY_CARD = {
  listPriceFen: null,
  discountFen: 0,
  priceFen: null,
  subsidyFen: 0,
  selfPayFen: null,
  sources: [],
  reason: null,
  reasonName: null,
  sentence: "",
  earlier: null,
  source: "server",
  refusal: null,
};

function cardOf(person, body) {
  const { token, name, title, age, place, method } = body;
  return {
    person: { ...person, token, name, title, age, place, method },
    meal: body.meal,
    mode: body.mode,
    method,
    listPriceFen: body.list_price_fen,
    discountFen: body.discount_fen,
    priceFen: body.price_fen,
    subsidyFen: body.subsidy_fen,
    selfPayFen: body.self_pay_fen,
    deliveryFen: body.delivery_fen,
    sources: body.sources || [],
    reason: body.reason,
    reasonName: body.reason_name,
    sentence: body.sentence,
    earlier: body.earlier,
    source: "server",
    refusal: null,
  };
}

function personOf(held, method) {
  const { token, name, title, age, place } = held;
  return { token, name, title, age, place, method };
}

function random16() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
