// Letters and digits on the screen, for a till without a keyboard: pinyin initials are all a search needs.

import { el, fill } from "./dom.js";

const SIGNS = [..."1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Draws the pad into `box`; what its keys do stands in data-act. */
export function drawPad(box) {
  const press = (act, words, more = {}) =>
    el("button", { type: "button", class: "btn btn-secondary", "data-act": act, ...more }, words);
  fill(
    box,
    el("h2", { id: "pad-title" }, "屏幕键盘"),
    el(
      "div",
      { class: "pad", role: "group", "aria-labelledby": "pad-title" },
      SIGNS.map((sign) => press("sign", sign, { "data-sign": sign.toLowerCase() })),
      press("erase", "退格", { class: "btn btn-secondary wide-2" }),
      press("clear", "清空", { class: "btn btn-secondary wide-2" }),
      press("chinese", "写汉字", { class: "btn btn-secondary wide-2" }),
      press("enter", "查找", { class: "btn btn-primary wide-3" }),
    ),
  );
}
