// Finding an elder and showing what a meal would cost: by the server, or else by the device.

import { asSecond, deviceCard } from "./amounts.js";
import { QUICK_MS } from "./net.js";
import { slotOf } from "./queue.js";
import { SAID, dayOf, isNumber, mealAt, tidy } from "./words.js";

const PRINTED = /^Q[2-9A-Y]{11}$/; // the number of a card that we print ourselves: a QR code

/** @param {{point: string, net: any, link: any, queue: any, roster: any, clock: any}} with_ */
export function createFinding({ point, net, link, queue, roster, clock }) {
  let asked = 0;
  const online = () => link.network() === "online";
  const nobody = (message) => ({ people: [], more: false, message, source: "device", scanned: false });

  async function find(text) {
    asked += 1;
    const typed = tidy(text);
    if (!typed) return nobody(null);
    const held = await roster.byCard(typed).catch(() => null);
    if (held) {
      const person = { ...personOf(held, PRINTED.test(typed) ? "qr" : "card"), credential: typed };
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
    const order = { meal: which, mode, priceFen };
    const own = (token) => queue.live(slotOf(day, which, token)).catch(() => null);
    const [before, told] = await Promise.all([own(person.token), fromServer(person, order)]);
    const live = await own(told ? told.person.token : person.token); // whose card it is by now
    const known = before && live && before.key === live.key && before.state === "recorded";
    const card = told ? seconded(told, live, known) : await fromDevice(person, order, day, live);
    return { ...card, id: Math.random().toString(36).slice(2), day, known: live && live.key };
  }

  /** With the device's own entry of this meal; `known`: the server had it when it was asked. */
  const seconded = (card, live, known) => {
    if (!live) return card;
    if (!known) return asSecond(card, live);
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

  return { find, suggest, preview };
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
    booked: body.booked,
    source: "server",
    refusal: null,
  };
}

function personOf(held, method) {
  const { token, name, title, age, place } = held;
  return { token, name, title, age, place, method };
}
