// Words and days: what is said in Chinese, and which local day and meal an instant belongs to.

const LOCAL_MS = 8 * 3600 * 1000; // Asia/Shanghai has no summer time
const UNSEEN = /^[\s\u3000\ufeff\u200b-\u200f\u2060]+|[\s\u3000\ufeff\u200b-\u200f\u2060]+$/g;

export const REASONS = {
  moved_out: "已迁出",
  in_institution: "已入住养老机构",
  out_of_scope: "不在补贴范围内",
  no_policy: "当天没有生效的补贴政策",
  meal_not_subsidised: "这个餐次不补贴",
  under_age: "未到补贴年龄",
  already_served: "这一餐已经补贴过",
  day_cap: "当天补贴次数已满",
  month_cap: "当月补贴次数已满",
  no_rule: "没有适用的补贴档次",
  price_too_low: "餐价太低，没有可补贴的部分",
  subsidy_suspended: "本点补贴已暂停",
};

export const SAID = {
  offlineNumber: "断网时请刷卡，或输入姓名。",
  nobodyHere: "本机名单里没有找到。请核对后再试；联网后可以查到全部老人。",
  noRoster: "本机还没有下载名单，断网时不能登记。请先联网。",
  deceased: "名单记载这位老人已去世，不能登记。如有误，请联系所在村（社区）。",
  pointStopped: "本点今天停止供餐，不能登记。有疑问请联系店长。",
  subsidyStopped: "本点补贴已暂停：照常供餐，老人按原价付。",
  notSaved: "没有登记：本机存不下了，服务器也没有回答。请记在纸上，联网后补登，并请管理员清理本机存储空间。",
  taken: "刚才已在本机登记过这一餐。",
  changed: "金额与刚才显示的不同，没有登记。请再看一次。",
  queuedUndo: "已记下，联网后自动冲正。",
  undone: "已冲正。",
  moot: "原登记没有成功，不用冲正。",
  gone: "这一份已经冲正过。",
  atFullPrice: "上传后按全价登记：",
  otherAmount: "上传后的金额与当时显示的不同。",
  clock: "登记时本机时钟不可靠，请管理员核对后处理。",
};

/** Trimmed, with half-width digits, letters and marks. @param {string} text */
export function tidy(text) {
  return String(text)
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(UNSEEN, "");
}

/** A card number may stand there, an ID number may; a name can't. @param {string} text */
export const isNumber = (text) => /^\d{4,}[xX]?$/.test(text);

/** YYYY-MM-DD in Asia/Shanghai. @param {number} ms */
export const dayOf = (ms) => new Date(ms + LOCAL_MS).toISOString().slice(0, 10);

/** The meal that a till proposes at this instant. @param {number} ms */
export function mealAt(ms) {
  const hour = new Date(ms + LOCAL_MS).getUTCHours();
  return hour < 10 ? "breakfast" : hour < 15 ? "lunch" : "dinner";
}

/**
 * The meal of this hour; where it has no price today, the next one that has.
 * @param {number} ms @param {Object<string, {elder_fen: number|null}>} prices
 */
export function mealFor(ms, prices) {
  const meals = ["breakfast", "lunch", "dinner"];
  const next = meals.slice(meals.indexOf(mealAt(ms)));
  return next.find((meal) => prices[meal] && prices[meal].elder_fen) || next[0];
}

/** HH:MM in Asia/Shanghai. @param {string} iso */
export const timeOf = (iso) => new Date(Date.parse(iso) + LOCAL_MS).toISOString().slice(11, 16);

/** 3元, 3.50元. @param {number} fen */
export function yuan(fen) {
  return `${fen % 100 ? (fen / 100).toFixed(2) : fen / 100}元`;
}

/** 张*丰, as the server masks; for a name that must not be kept. @param {string} name */
export function masked(name) {
  const signs = Array.from(name || "");
  if (signs.includes("*") || signs.length < 2) return signs.join("");
  const shown = (sign, at) => at === 0 || (at === signs.length - 1 && signs.length > 2);
  return signs.map((sign, at) => (shown(sign, at) ? sign : "*")).join("");
}

/** Whether a masked name may be that of somebody whose name begins so. */
export function fits(mask, typed) {
  const signs = Array.from(typed);
  const shown = Array.from(mask);
  return signs.length <= shown.length && signs.every((s, at) => shown[at] === "*" || shown[at] === s);
}
