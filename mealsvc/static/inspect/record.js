// The inspection document: what it holds, what is missing, how two of them become one. Pure.

import { together } from "./judged.js";

const WRONG = ["FAIL", "PARTIAL"];
const NUMBERS = { number: /^-?\d{1,6}(\.\d{1,3})?$/, count: /^\d{1,6}$/, yuan: /^\d{1,6}(\.\d{1,2})?$/ };
const WANTED = {
  number: "请填数字，最多三位小数",
  count: "请填整数",
  yuan: "请填金额（元），最多两位小数",
  time: "请填时刻，如11:30",
};
export const PARTS = { lead: "检查人员（主检）", second: "检查人员（协检）", unit: "被检查单位人员", witness: "见证人" };

export function emptyDocument() {
  return {
    started_at: "",
    ended_at: "",
    present: "",
    cards_shown: false,
    recusal: "",
    results: {},
    headcount: null,
    statement: "",
    refused_why: "",
    paper: false,
    signatures: {},
  };
}

export const copy = (document) => JSON.parse(JSON.stringify(document));
export const resultOf = (document, code) => document.results[code]?.result || "";
export const isWrong = (result) => WRONG.includes(result);

/** code → result of everything answered. */
export function resultsOf(document) {
  const all = Object.entries(document.results).map(([code, one]) => [code, one.result || ""]);
  return Object.fromEntries(all.filter(([, result]) => result));
}

/** Whether anything was entered. */
export function isTouched(document) {
  return Boolean(document.started_at || document.present || Object.keys(document.results).length);
}

/** Whether somebody has signed: what was entered stays as it is until the signatures are cleared. */
export function isSigned(document) {
  return Object.values(document.signatures).some((one) => one && one.strokes);
}

/** What is wrong with one measured value, in words; "" if nothing. `values` are its neighbours'. */
export function badValue(field, values) {
  const value = (values[field.name] || "").trim();
  if (!value) return "";
  if (field.kind in NUMBERS && !NUMBERS[field.kind].test(value)) return WANTED[field.kind];
  if (field.kind === "time" && !/^([01]?\d|2[0-3]):[0-5]\d$/.test(value)) return WANTED.time;
  return "";
}

/** How one measured value stands to its limit, in words; "" if within. */
export function outside(field, values, today) {
  const value = (values[field.name] || "").trim();
  if (!value || badValue(field, values)) return "";
  const number = Number(value);
  if (field.least !== null && number < field.least) return `低于${field.least}${field.unit}`;
  if (field.most !== null && number > field.most) return `高于${field.most}${field.unit}`;
  const whole = field.whole_of && values[field.whole_of];
  if (whole && Number(whole) !== number) return `应为${whole}${field.unit}`;
  if (field.after_today && value < today) return "已过期";
  if (field.good && value !== field.good) return "不符合";
  return "";
}

/** What is still missing at one item, as the server will say it: [{item, field, message}]. */
export function itemProblems(item, one, { today, paper = false }) {
  const found = [];
  const say = (field, message) => found.push({ item: item.code, field, message });
  if (!one || !one.result) {
    say("result", "还没有检查，请选择结果。");
    return found;
  }
  const values = one.measured || {};
  for (const field of item.fields) {
    const bad = badValue(field, values);
    if (bad) say(field.name, `${field.label}：${bad}。`);
    else if (field.needed && !values[field.name] && one.result !== "NA" && !paper) {
      say(field.name, `请填写${field.label}。`);
    }
    const beyond = outside(field, values, today);
    if (beyond && one.result === "PASS" && !one.note?.trim()) {
      say(field.name, `${field.label}${beyond}。请改结果，或在备注里写明理由。`);
    }
  }
  if (one.result === "PASS" && !one.note?.trim() && !found.length) {
    for (const [field, words] of together(item, values, today)) say(field, `${words}。请改结果，或在备注里写明理由。`);
  }
  if (isWrong(one.result)) {
    if (!one.note?.trim()) say("note", "请写明发现的情况。");
    if (!one.photos?.length && !paper) say("photos", "请至少拍一张照片。");
  }
  return found;
}

/** Everything that is missing before the visit can be concluded. */
export function problems(pack, document, today) {
  const found = [];
  const say = (field, message, item = "") => found.push({ item, field, message });
  const paper = document.paper;
  if (!document.present.trim()) say("present", "请填写被检查单位在场人员的姓名和职务。");
  if (!document.cards_shown && !pack.visit.own) say("cards_shown", "请先出示证件，再勾选“已出示证件”。");
  for (const item of pack.items) {
    found.push(...itemProblems(item, document.results[item.code], { today, paper }));
    const compared = item.headcount && document.results[item.code]?.result;
    if (compared && compared !== "NA" && !document.headcount && !paper) {
      say("headcount", "请清点正在用餐和已取餐的份数。", item.code);
    }
    if (item.headcount) tillProblems(pack, document, item, say);
  }
  for (const part of partsNeeded(pack, document)) {
    const one = document.signatures[part];
    if (!one?.name?.trim()) say(part, `请填写${PARTS[part]}的姓名。`);
    else if (!one.strokes && !paper) say(part, `请${PARTS[part]}在屏幕上签字。`);
  }
  const { lead, second } = document.signatures;
  if (lead?.name && lead.name === second?.name) say("second", "两名检查人员应是不同的人，请另一人签字。");
  return found;
}

/** Whether a pass of the compared servings has to be explained: they differ by more than the limit. */
export function deviates(pack, counted, other) {
  return Math.abs(counted - other) * 100 > pack.limits.deviation * counted;
}

/** Whether servings were counted, passed, and nothing is said about them. */
export function unexplained(document, item) {
  const one = document.results[item.code];
  return Boolean(document.headcount && one?.result === "PASS" && !one.note?.trim());
}

function tillProblems(pack, document, item, say) {
  if (!unexplained(document, item) || document.headcount.till === null) return;
  const { counted, till } = document.headcount;
  if (deviates(pack, counted, till)) {
    say("counted", `现场清点${counted}份，收银记录${till}份，相差超过${pack.limits.deviation}%。请改结果，或在备注里写明理由。`, item.code);
  }
}

/** Who has to sign. */
export function partsNeeded(pack, document) {
  const parts = pack.visit.own ? [] : ["lead"];
  if (pack.visit.two) parts.push("second");
  return [...parts, document.refused_why.trim() ? "witness" : "unit"];
}

/**
 * One document out of two that grew from `base`. What only one of them changed is taken from that
 * one; `both` names what both changed differently: there `mine` stays until somebody decides.
 * @returns {{document: object, both: string[]}}
 */
export function merge(base, mine, theirs) {
  const both = [];
  const parted = ["results", "signatures"];
  const merged = copy(mine);
  const pick = (at, own, other, before, name) => {
    if (same(own[at], before[at])) put(own, at, other[at]);
    else if (!same(other[at], before[at]) && !same(own[at], other[at])) both.push(name);
  };
  for (const part of parted) {
    const [own, other, before] = [merged[part], theirs[part] || {}, base[part] || {}];
    for (const at of new Set([...Object.keys(own), ...Object.keys(other)])) {
      pick(at, own, other, before, `${part}.${at}`);
    }
  }
  for (const at of Object.keys(merged)) {
    if (!parted.includes(at)) pick(at, merged, theirs, base, at);
  }
  return { document: merged, both };
}

/** `mine` with the named parts taken from `theirs`. */
export function takeFrom(mine, theirs, names) {
  const taken = copy(mine);
  for (const name of names) {
    const [at, inner] = name.split(".");
    if (inner) put(taken[at], inner, (theirs[at] || {})[inner]);
    else put(taken, at, theirs[at]);
  }
  return taken;
}

function put(into, at, value) {
  if (value === undefined) delete into[at];
  else into[at] = JSON.parse(JSON.stringify(value));
}

/** Equal whatever the order of the names: the server sorts them. */
export function same(one, other) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value) {
  if (value === null || typeof value !== "object") return value === undefined ? null : value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}
