// Elements, drawings and sums: what every part of the screen is made of.

const DRAWINGS = new URL("../icons/set.svg", import.meta.url).pathname;
const SVG = "http://www.w3.org/2000/svg";

export const MEALS = { breakfast: "早餐", lunch: "午餐", dinner: "晚餐" };
export const MODES = { dine_in: "堂食", take_away: "自取", delivery: "送餐" };
export const METHODS = { card: "刷卡", qr: "扫码", id_card: "身份证", manual: "手工" };

/** An element; text is always text, never markup. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) made.append(child);
  }
  return made;
}

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${DRAWINGS}#${name}`);
  drawing.append(use);
  return drawing;
}

/** A big button; `act` names what it does (see `acts` in screen.js). */
export function button(act, words, { kind = "secondary", drawing = "", hint = "", ...rest } = {}) {
  const attributes = { type: "button", class: `btn btn-${kind}`, "data-act": act, ...rest };
  return el("button", attributes, drawing && icon(drawing), el("span", {}, words), hint && key(hint));
}

/** The key that does the same. */
export const key = (name) => el("kbd", { "aria-hidden": "true" }, name);

export function fill(box, ...children) {
  box.textContent = "";
  box.append(...children.flat().filter(Boolean));
  return box;
}

/** 9.00 */
export const sum = (fen) => (fen / 100).toFixed(2);

/** 12.5 → 1250; null for what is no price. */
export function fenOf(text) {
  const typed = text.trim().replace("。", ".");
  if (!/^[0-9]{1,3}(\.[0-9]{1,2})?$/.test(typed)) return null;
  const fen = Math.round(Number(typed) * 100);
  return fen > 0 ? fen : null;
}
