// The fixed parts of the screen, and the row of meal, way and price.

import { button, el, fill, icon, MEALS, MODES, sum } from "./dom.js";
import { drawPad } from "./pad.js";

/** The fixed parts of the page. */
export function build(main) {
  const field = el("input", {
    id: "q",
    class: "form-control",
    type: "text",
    role: "combobox",
    "aria-label": "卡号、身份证号、姓名、拼音首字母或身份证后四位",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "stage",
    placeholder: "刷卡，或输入姓名、拼音、后四位",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    inputmode: matchMedia("(pointer: coarse)").matches ? "none" : "text",
    maxlength: 64,
  });
  const find = el(
    "div",
    { class: "find", role: "search", "aria-label": "查找老人" },
    field,
    button("enter", "查找", { kind: "secondary", drawing: "search" }),
    button("pad", "键盘", { drawing: "keys", "aria-expanded": "false", "aria-controls": "pad" }),
  );
  const choices = el("div", { class: "choices-row" });
  const notice = el("div", { class: "notice", hidden: true });
  const stage = el("section", { class: "panel stage", id: "stage", "aria-label": "当前登记" });
  const last = el("section", { id: "last", "aria-label": "最近登记" });
  const pad = el("section", { id: "pad", hidden: true, "aria-label": "屏幕键盘" });
  const status = el("p", { class: "visually-hidden", role: "status" });
  const alarm = el("p", { class: "visually-hidden", role: "alert" });
  drawPad(pad);
  fill(
    main,
    el("div", { class: "counter-left" }, find, choices, notice, stage),
    el("div", { class: "counter-right" }, pad, last),
    status,
    alarm,
  );
  return { field, choices, notice, stage, last, pad, status, alarm };
}

export function drawChoices(box, now, state, view, direct) {
  const price = view.card && view.card.priceFen !== null ? view.card.priceFen : usual(state, now.meal);
  const mark = JSON.stringify([now, price, direct, Boolean(view.card)]);
  if (box.dataset.shown === mark) return;
  box.dataset.shown = mark;
  const group = (label, act, names, chosen, hint) =>
    el(
      "div",
      { role: "group", "aria-label": label, title: `${label}（${hint}）` },
      Object.entries(names).map(([value, words]) => {
        const pressed = String(value === chosen);
        return button(act, words, { kind: "choice", "data-value": value, "aria-pressed": pressed });
      }),
    );
  fill(
    box,
    group("餐次", "meal", MEALS, now.meal, "F2"),
    group("方式", "mode", MODES, now.mode, "F3"),
    twoLines("price", "改餐价", price === null ? "未定价" : `${sum(price)}元`, { title: "改餐价（F4）" }),
    twoLines("direct", "刷卡直接登记", direct ? "开" : "关", { "aria-pressed": String(direct) }),
  );
}

function twoLines(act, label, value, more) {
  return el(
    "button",
    { type: "button", class: "btn btn-choice two-lines", "data-act": act, ...more },
    el("small", {}, label),
    el("b", {}, act === "direct" && icon(value === "开" ? "good" : "pause"), value),
  );
}

function usual(state, meal) {
  const filed = state.prices && state.prices[meal];
  return filed && filed.elder_fen !== undefined ? filed.elder_fen : null;
}

export function togglePad({ pad, last, field }) {
  pad.hidden = !pad.hidden;
  last.hidden = !pad.hidden;
  document.querySelector(".find [data-act=pad]").setAttribute("aria-expanded", String(!pad.hidden));
  field.focus({ preventScroll: true });
}
