// What a meal costs by what the device knows. The server decides again when it gets the entry.

import { REASONS, SAID, timeOf, yuan } from "./words.js";

const REFUSED = { resident_deceased: SAID.deceased, point_not_operating: SAID.pointStopped };

/**
 * @param {any} person of the roster
 * @param {{meal: string, mode: string, priceFen: number|null, listPriceFen: number|null, day: string,
 *   earlier: any}} order `earlier`: the device's own entry in this slot
 */
export function deviceCard(person, order) {
  const { meal, mode, priceFen, day, earlier } = order;
  const today = person.meals[meal] || { subsidy_fen: 0, reason: "meal_not_subsidised" };
  const used = person.day === day && person.used.includes(meal);
  const reason = today.reason || (used || earlier ? "already_served" : null);
  const refused = REFUSED[today.reason];
  const subsidyFen = reason || priceFen === null ? 0 : Math.min(today.subsidy_fen, priceFen);
  const listPriceFen = Math.max(order.listPriceFen || 0, priceFen || 0) || null;
  return {
    meal,
    mode,
    listPriceFen,
    discountFen: priceFen === null ? 0 : listPriceFen - priceFen,
    priceFen,
    subsidyFen,
    selfPayFen: priceFen === null ? null : priceFen - subsidyFen,
    sources: [],
    reason: refused ? null : reason,
    reasonName: (!refused && REASONS[reason]) || null,
    sentence: sentenceOf(person, reason, earlier, subsidyFen, priceFen),
    earlier: earlier ? { at: earlier.servedAt, point: earlier.pointName } : null,
    source: "device",
    refusal: refused ? { code: today.reason, message: refused } : null,
  };
}

/** A card of the server, when the device holds a serving of this slot that the server lacks. */
export function asSecond(card, earlier) {
  const full = card.refusal || card.reason || card.priceFen === null;
  if (full) return card.earlier ? card : { ...card, earlier: told(earlier) };
  if (!earlier.subsidyFen) return card; // at full price it took no place
  return {
    ...card,
    subsidyFen: 0,
    selfPayFen: card.priceFen,
    sources: [],
    reason: "already_served",
    reasonName: REASONS.already_served,
    sentence: `${REASONS.already_served}（${whenOf(earlier)}），按原价${yuan(card.priceFen)}`,
    earlier: told(earlier),
  };
}

const told = (entry) => ({ at: entry.servedAt, point: entry.pointName });
const whenOf = (entry) => `${timeOf(entry.servedAt)}，本机`;

function sentenceOf(person, reason, earlier, subsidyFen, priceFen) {
  const age = person.age ? `${person.age}岁，` : "";
  if (priceFen === null) return `${age}今天没有餐价，请输入价格`;
  if (!reason) return `${age}补贴${yuan(subsidyFen)}，以联网后登记为准`;
  const when = reason === "already_served" && earlier ? `（${whenOf(earlier)}）` : "";
  return `${age}${REASONS[reason] || ""}${when}，按原价${yuan(priceFen)}`;
}
