// The items, one at a time: photos first, then what is measured, the note, and the result by thumb.

import { itemProblems, isWrong, outside, badValue, resultOf } from "./record.js";
import { choosing, el, labelled, tap, told, typing } from "./parts.js";
import { photoRow } from "./photos.js";

const KINDS = { PASS: "good", PARTIAL: "warn", FAIL: "bad", NA: "na" };
const KEYBOARD = { number: "decimal", count: "numeric", yuan: "decimal" };

/** The items to go through: all, or those that still lack something. */
export function listed(ctx) {
  if (!ctx.view.open) return ctx.pack.items;
  const left = ctx.pack.items.filter((item) => isOpen(ctx, item));
  const here = ctx.pack.items[ctx.view.at];
  return left.includes(here) || !here ? left : ctx.pack.items.filter((item) => item === here || left.includes(item));
}

const isOpen = (ctx, item) => itemProblems(item, ctx.doc.results[item.code], { today: ctx.today() }).length > 0;

export function itemsTab(ctx) {
  const item = ctx.pack.items[ctx.view.at];
  const said = ctx.doc.results[item.code] ? itemProblems(item, ctx.doc.results[item.code], { today: ctx.today() }) : [];
  const wrong = (ctx.problems || []).filter((one) => one.item === item.code);
  const entry = ctx.entry(item.code);
  return el(
    "div",
    { class: "item", "data-item": item.code },
    progress(ctx),
    el(
      "article",
      { class: "card-of" },
      el(
        "p",
        { class: "item-head" },
        el("b", { class: "code" }, item.code),
        item.critical && el("span", { class: "star" }, "★ 关键项"),
        el("span", { class: "quiet" }, `权重${item.weight} · ${item.method}`),
      ),
      el("h2", { class: "item-text", tabindex: "-1" }, item.text),
      photoRow(ctx, item),
      item.fields.map((field) => measured(ctx, item, field, entry)),
      item.headcount && counted(ctx),
      notes(ctx, item, entry),
      outcome(ctx, item, entry),
      el("ul", { class: "lacks", "data-lacks": item.code }, [...said, ...wrong.filter((one) => !said.some((two) => two.message === one.message))].map((one) => el("li", {}, one.message))),
      el("details", { class: "basis" }, el("summary", {}, "依据"), el("p", {}, item.basis)),
    ),
  );
}

function progress(ctx) {
  const done = ctx.pack.items.filter((item) => resultOf(ctx.doc, item.code)).length;
  const all = ctx.pack.items.length;
  const groups = ctx.pack.groups.filter(([code]) => ctx.pack.items.some((item) => item.group === code));
  const left = (code) => ctx.pack.items.filter((item) => item.group === code && !resultOf(ctx.doc, item.code)).length;
  const jump = (code) => ctx.goto(ctx.pack.items.findIndex((item) => item.group === code));
  const words = groups.map(([code, name]) => [code, left(code) ? `${name}（剩${left(code)}）` : `${name} ✓`]);
  const filter = tap(ctx.view.open ? "看全部" : `只看未完成`, () => ctx.toggleOpen(), { "aria-pressed": ctx.view.open ? "true" : "false", class: "btn btn-secondary small" });
  return el(
    "div",
    { class: "progress-row" },
    el("div", { class: "progress-line" }, el("progress", { max: all, value: done, "aria-label": "进度" }), el("span", { "data-progress": `${done}/${all}` }, `已填 ${done}/${all}`)),
    el("div", { class: "progress-tools" }, choosing(ctx.pack.items[ctx.view.at].group, words, jump, { "aria-label": "跳到分组" }), filter),
  );
}

function measured(ctx, item, field, entry) {
  const values = entry.measured || {};
  const write = (value, control) => {
    ctx.change((document) => {
      const one = ctx.entryIn(document, item.code);
      one.measured = { ...one.measured, [field.name]: value.trim() };
      if (!value.trim()) delete one.measured[field.name];
    });
    const now = ctx.entry(item.code).measured || {};
    const box = control && control.closest(".ask").querySelector(".wrong");
    if (box) box.textContent = limit(field, now, ctx);
    ctx.refreshLacks(item);
  };
  const common = { disabled: ctx.signed, "data-field": field.name };
  const control =
    field.kind === "choice"
      ? choosing(values[field.name] || "", [["", "请选择"], ...field.options], (value) => (write(value), ctx.render()), common)
      : typing(values[field.name] || "", write, {
          ...common,
          inputmode: KEYBOARD[field.kind] || "text",
          ...(field.kind === "day" ? { type: "date" } : {}),
          ...(field.kind === "time" ? { type: "time" } : {}),
        });
  return labelled(`${field.label}${field.needed ? "" : "（可不填）"}`, control, { hint: field.hint, unit: field.unit, wrong: limit(field, values, ctx) });
}

function limit(field, values, ctx) {
  return badValue(field, values) || outside(field, values, ctx.today());
}

function counted(ctx) {
  const count = ctx.doc.headcount;
  const words = count ? `现场清点 ${count.counted} 份（${count.till === null ? "未记收银份数" : `收银 ${count.till} 份`}）` : "还没有清点份数";
  return el("div", { class: "counted" }, told(count ? "info" : "warn", words), tap("去清点", () => ctx.tab("count"), { drawing: "people" }));
}

function notes(ctx, item, entry) {
  const control = typing(
    entry.note || "",
    (value) => {
      ctx.change((document) => (ctx.entryIn(document, item.code).note = value));
      ctx.refreshLacks(item);
    },
    { lines: 2, longest: ctx.pack.limits.note, disabled: ctx.signed, "data-note": item.code },
  );
  const add = (words) => {
    const before = (ctx.entry(item.code).note || "").trim();
    const text = before ? `${before}；${words}` : words;
    ctx.change((document) => (ctx.entryIn(document, item.code).note = text.slice(0, ctx.pack.limits.note)));
    control.value = text;
    ctx.refreshLacks(item);
  };
  const words = isWrong(entry.result) ? "发现的情况（写事实，不下结论）" : "备注（可不填）";
  const phrases = el("div", { class: "phrases" }, !ctx.signed && item.phrases.map((one) => tap(one, () => add(one), { class: "phrase" })));
  if (isWrong(entry.result) || entry.note) return el("div", {}, labelled(words, control), phrases);
  return el("details", { class: "more" }, el("summary", {}, "写备注"), labelled(words, control), phrases);
}

function outcome(ctx, item, entry) {
  if (!isWrong(entry.result)) return null;
  const chosen = (code) => {
    ctx.change((document) => (ctx.entryIn(document, item.code).outcome = code));
    ctx.render();
  };
  const code = entry.outcome || ctx.pack.usual_outcome;
  const options = ctx.pack.outcomes.map(([value, name]) => [value, name]);
  const follows = ctx.pack.outcomes.find(([value]) => value === code)?.[2] || "";
  return labelled("怎么处理", choosing(code, options, chosen, { disabled: ctx.signed, "data-outcome": item.code }), { hint: follows });
}

/** The thumb's zone: results, and the way to the next item. */
export function itemsFoot(ctx) {
  const item = ctx.pack.items[ctx.view.at];
  const now = resultOf(ctx.doc, item.code);
  const names = Object.fromEntries(ctx.pack.results);
  const results = item.allowed.map((code) =>
    tap(names[code], () => choose(ctx, item, code), {
      class: `result result-${KINDS[code]}`,
      "aria-pressed": now === code ? "true" : "false",
      "data-result": code,
      disabled: ctx.signed,
    }),
  );
  const order = listed(ctx);
  const here = order.indexOf(item);
  const step = (by) => ctx.goto(ctx.pack.items.indexOf(order[here + by]));
  const last = here === order.length - 1;
  return [
    el("div", { class: `results results-${results.length}`, role: "group", "aria-label": "检查结果" }, results),
    el(
      "div",
      { class: "steps" },
      tap("上一项", () => step(-1), { drawing: "back", disabled: here <= 0, "data-step": "back" }),
      el("span", { class: "where" }, `${ctx.view.at + 1} / ${ctx.pack.items.length}`),
      last
        ? tap("去清点", () => ctx.tab("count"), { kind: "primary", "data-step": "next" })
        : tap("下一项", () => step(1), { kind: "primary", "data-step": "next" }),
    ),
  ];
}

/** A pass with nothing missing goes on by itself: one tap an item. */
function choose(ctx, item, code) {
  ctx.change((document) => {
    const one = ctx.entryIn(document, item.code);
    one.result = code;
    if (!isWrong(code)) delete one.outcome;
  });
  const lacks = itemProblems(item, ctx.doc.results[item.code], { today: ctx.today() });
  const order = listed(ctx);
  const next = order[order.indexOf(item) + 1];
  if (!isWrong(code) && !lacks.length && next) ctx.goto(ctx.pack.items.indexOf(next));
  else ctx.render();
}

