// Recording a meal and taking one back: first on the device, then with the server.

import { corrected, orderOf, recorded } from "./drain.js";
import { lineOf } from "./lines.js";
import { QUICK_MS } from "./net.js";
import { newKey, slotOf } from "./queue.js";
import { SAID, dayOf, masked } from "./words.js";

const LATE_MS = 10000; // an answer that comes later than that comes through the queue
const MOST_CARDS = 200;
const after = (ms) => new Promise((go) => setTimeout(() => go(null), ms));

/** @param {any} with_ parts of the engine; `preview` shows the card again when it has changed */
export function createActs(with_) {
  const { me, point, net, link, queue, roster, clock, sendingNow, preview, changed, nudge } = with_;
  const done = new Map(); // id of a card -> what became of it: a second tap is the same meal
  const online = () => link.network() === "online";

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
      with_.full();
      return unkept(entry);
    }
    if (!added.entry) return again(card, SAID.taken);
    const seen = changed(true);
    if (!added.entry.direct) await seen;
    return post(added.entry, card);
  }

  async function again(card, message) {
    const { meal, mode, priceFen } = card;
    const fresh = await preview(card.person, { meal, mode, priceFen });
    return { status: "changed", message, card: fresh };
  }

  /** The time, measured again first if the clock was turned and the server can be asked. */
  async function stamped() {
    if (clock.stamp().suspect && online()) await link.greet();
    return clock.stamp();
  }

  async function entryOf(card, note) {
    const { person, meal, mode } = card;
    const stamp = await stamped();
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

  const fresh = (stamp, direct = online() && !stamp.suspect) => ({
    ...stamp,
    by: me,
    doubtful: false,
    direct,
    tries: direct ? 1 : 0, // from here on the server may have it
    sequence: null,
    conflict: null,
    message: null,
  });

  /** Nothing can be written here: only the server's word counts. */
  async function unkept(entry) {
    const key = newKey(clock.now(), null);
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
      sent.then((late) => late.kind === "ok" && acknowledge(key, late.body));
      release(key);
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
    await queue.edit([key], (entry) => (told = recorded(entry, { conflict: entry.conflict, ...body }))).catch(() => {});
    await changed(true);
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
      await changed(true);
      return again(card, SAID.changed);
    }
    const refused = { ...entry, state: "refused", code, message: title };
    await queue.edit([entry.key], () => refused).catch(() => {});
    await changed(true);
    return { status: "refused", message: title, line: lineOf(refused) };
  }

  /** Takes back a line of the list. A second tap is the same reversal, unless that was refused. */
  async function undo(line, reason) {
    const id = `undo ${line.key}`;
    const before = done.get(id);
    if (before && (await before).status === "pending") {
      const stands = await queue.reversalOf(line.key).catch(() => true);
      if (!stands && done.get(id) === before) done.delete(id);
    }
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
      await changed(true);
      if (direct) return await reverse(entry);
      nudge();
      return { status: "pending", message: SAID.queuedUndo };
    } catch (full) {
      with_.full();
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
      name: masked(line.name),
      lineAt: line.servedAt,
      reason,
      operator: (link.server().operator || {}).login,
      subsidyFen: line.subsidyFen,
      servedAt: new Date(stamp.deviceTime + (stamp.offsetMs || 0)).toISOString(),
      ...fresh(stamp, direct),
    };
  };

  async function reverse(entry) {
    const path = `/api/v1/servings/${encodeURIComponent(entry.reverses)}/reversal`;
    sendingNow.add(entry.key);
    const sent = net.post(path, { reason: entry.reason }, { key: entry.key, timeout: LATE_MS });
    const kept = sent.then((late) => late.kind === "ok" && acknowledge(entry.key, late.body));
    const reply = await Promise.race([sent, after(QUICK_MS)]);
    release(entry.key);
    if (reply && reply.kind === "ok") await kept;
    if (reply && reply.kind === "ok") return { status: "recorded", message: SAID.undone };
    const final = reply && (reply.kind === "refused" || reply.status === 403);
    if (!final) return { status: "pending", message: SAID.queuedUndo };
    await queue.edit([entry.key], () => null);
    await changed(true);
    return { status: "refused", message: reply.body.title };
  }

  return { record, undo };
}
