// Small parts of the screen that every tab uses.

import { el, icon } from "../till/dom.js";

export { el, fill, icon } from "../till/dom.js";

/** A button that does something. */
export function tap(words, act, { kind = "secondary", drawing = "", ...rest } = {}) {
  const made = el("button", { type: "button", class: `btn btn-${kind}`, ...rest }, drawing && icon(drawing), el("span", {}, words));
  made.addEventListener("click", () => act(made));
  return made;
}

let numbered = 0;

/** A label above something that is typed or chosen, with a hint and what is wrong with it. */
export function labelled(words, control, { hint = "", wrong = "", unit = "" } = {}) {
  const id = control.id || `f${(numbered += 1)}`;
  control.id = id;
  const told = el("p", { class: "wrong", id: `${id}-wrong`, role: "status" }, wrong);
  control.setAttribute("aria-describedby", `${id}-wrong`);
  return el(
    "div",
    { class: "ask" },
    el("label", { for: id }, words, hint && el("small", {}, hint)),
    unit ? el("div", { class: "with-unit" }, control, el("span", {}, unit)) : control,
    told,
  );
}

/** One line or several; `typed` is called with the text on each change. */
export function typing(value, typed, { lines = 1, longest = 200, ...rest } = {}) {
  const attributes = { class: "form-control", maxlength: longest, autocomplete: "off", ...rest };
  const control = lines > 1 ? el("textarea", { ...attributes, rows: lines }) : el("input", { type: "text", ...attributes });
  control.value = value;
  control.addEventListener("input", () => typed(control.value, control));
  return control;
}

/** One of several; `options` are pairs of code and words. */
export function choosing(value, options, chosen, rest = {}) {
  const control = el(
    "select",
    { class: "form-select", ...rest },
    options.map(([code, words]) => el("option", { value: code }, words)),
  );
  control.value = value;
  control.addEventListener("change", () => chosen(control.value));
  return control;
}

export function ticking(words, value, ticked) {
  const control = el("input", { type: "checkbox", class: "form-check-input" });
  control.checked = value;
  control.addEventListener("change", () => ticked(control.checked));
  return el("label", { class: "tick" }, control, el("span", {}, words));
}

export const panel = (title, ...children) => el("section", { class: "card-of" }, title && el("h2", {}, title), ...children);

export function told(kind, words) {
  const drawing = { good: "good", warn: "warn", bad: "bad", info: "info" }[kind];
  return el("p", { class: `told told-${kind}` }, icon(drawing), el("span", {}, words));
}

/** 11:32 of an instant. */
export function clockOf(iso) {
  return new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }).format(new Date(iso));
}

/** 2024-05-06 of an instant, in China. */
export function dayOf(date) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(date);
}
