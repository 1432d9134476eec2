// The last ten servings, each with its way back.

import { el, fill, icon, MEALS, MODES, sum } from "./dom.js";
import { timeOf } from "./words.js";

const STATES = { pending: ["info", "wait", "待上传"], refused: ["bad", "bad", "未登记"] };

/** Draws the list if it changed; the keyboard stays where it was. */
export function createLast(box) {
  let shown = "";
  return function show(lines) {
    const now = JSON.stringify(lines);
    if (now === shown) return;
    shown = now;
    const at = document.activeElement && box.contains(document.activeElement);
    const key = at && document.activeElement.dataset.key;
    fill(
      box,
      el("h2", { id: "last-title" }, lines.length ? `最近 ${lines.length} 份` : "最近登记"),
      lines.length
        ? el("ol", { class: "last" }, lines.map(row))
        : el("p", { class: "quiet" }, "今天还没有登记。登记后会列在这里，登错了可以从这里冲正。"),
    );
    if (key) [...box.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
  };
}

const chip = (tone, drawing, words) => el("span", { class: `chip chip-${tone}` }, icon(drawing), words);

function row(line) {
  const amount = line.status === "refused" ? "" : sum(line.selfPayFen);
  const how = line.reason ? "全价" : `补贴${sum(line.subsidyFen)}`;
  const about = [timeOf(line.servedAt), line.status === "refused" ? "" : how].filter(Boolean).join(" ");
  const state = STATES[line.status];
  return el(
    "li",
    { class: line.undone ? "undone" : "" },
    el("span", { class: "what" }, el("b", {}, line.name), ` ${MEALS[line.meal]}${way(line)}`, el("small", {}, about)),
    el("span", { class: "num" }, amount, state && !line.undone && chip(...state)),
    line.undone ? chip("warn", "undo", "已冲正") : back(line),
  );
}

const way = ({ mode }) => (mode === "dine_in" ? "" : MODES[mode]);

function back(line) {
  if (line.status === "refused") {
    return el("button", attributes(line, "why-refused", "原因"), "原因");
  }
  return el("button", attributes(line, "undo", "冲正"), line.mayUndo === false && icon("lock"), "冲正");
}

function attributes(line, act, words) {
  return {
    type: "button",
    class: "btn btn-secondary",
    "data-act": act,
    "data-key": line.key,
    "aria-label": `${words} ${line.name} ${timeOf(line.servedAt)} 的${MEALS[line.meal]}`,
  };
}
