// The first tab: who is there, cards shown, the right to ask for recusal. The second: the head count.

import { deviates } from "./record.js";
import { choosing, clockOf, el, labelled, panel, tap, ticking, told, typing } from "./parts.js";

const MEALS = { breakfast: "早餐", lunch: "午餐", dinner: "晚餐" };

export function arrivalTab(ctx) {
  const { visit, point, people } = ctx.pack;
  const set = (name) => (value) => ctx.change((document) => (document[name] = value));
  return el(
    "div",
    {},
    panel(
      point.name,
      el("p", { class: "quiet" }, `${visit.kind_name} · ${visit.mode_name} · 共${ctx.pack.items.length}项`),
      point.address && el("p", {}, point.address),
      visit.reason && el("p", {}, `事由：${visit.reason}`),
      el("ul", { class: "people" }, people.map((one) => el("li", {}, el("b", {}, one.name), ` ${one.office}，证件号 ${one.card}${one.lead ? "（主检）" : ""}`))),
    ),
    panel(
      "到场告知",
      ticking("已向在场人员出示证件，告知可以申请回避、陈述申辩", ctx.doc.cards_shown, set("cards_shown")),
      labelled("被检查单位在场人员（姓名和职务）", typing(ctx.doc.present, set("present"), { "data-present": "", disabled: ctx.signed }), { hint: "如：张某 店长" }),
      labelled("回避", choosing(ctx.doc.recusal || ctx.pack.recusals[0], ctx.pack.recusals.map((one) => [one, one]), set("recusal"), { disabled: ctx.signed })),
      ctx.doc.started_at ? told("info", `检查从 ${clockOf(ctx.doc.started_at)} 开始`) : null,
    ),
  );
}

export function arrivalFoot(ctx) {
  const words = ctx.doc.started_at ? "继续检查" : "开始检查";
  return [tap(words, () => (ctx.change(() => {}), ctx.tab("items")), { kind: "accent", class: "btn btn-accent wide", "data-begin": "" })];
}

export function countTab(ctx) {
  const count = ctx.doc.headcount || { counted: "", till: null, at: "" };
  const write = (name) => (value) => {
    const number = /^\d{1,5}$/.test(value.trim()) ? Number(value.trim()) : null;
    ctx.change((document) => {
      const before = document.headcount || { counted: null, till: null, at: "" };
      const next = { ...before, [name]: number };
      if (name === "counted" || !next.at) next.at = ctx.now().toISOString();
      document.headcount = next.counted === null ? null : next;
    });
    compare(ctx);
  };
  return el(
    "div",
    {},
    panel(
      "现场清点",
      el("p", { class: "quiet" }, "清点此刻正在用餐和已取餐的份数，再看收银机或小票的份数。填写时自动记下时刻。"),
      labelled("现场清点份数", typing(String(count.counted), write("counted"), { inputmode: "numeric", class: "form-control big", "data-count": "counted", disabled: ctx.signed }), { unit: "份" }),
      labelled("收银记录份数（没有就不填）", typing(count.till === null ? "" : String(count.till), write("till"), { inputmode: "numeric", class: "form-control big", "data-count": "till", disabled: ctx.signed }), { unit: "份" }),
      el("div", { class: "compare", "data-compare": "", role: "status" }, comparison(ctx)),
      !ctx.signed && tap("查询系统此刻份数", () => askSystem(ctx), { drawing: "search" }),
      !ctx.signed && ctx.doc.headcount && tap("清除，不清点", () => (ctx.change((document) => (document.headcount = null)), ctx.render()), { kind: "link" }),
    ),
  );
}

export function countFoot(ctx) {
  return [tap("汇总签字", () => ctx.tab("review"), { kind: "accent", class: "btn btn-accent wide" })];
}

function compare(ctx) {
  const box = document.querySelector("[data-compare]");
  if (box) box.replaceChildren(...comparison(ctx));
}

function comparison(ctx) {
  const count = ctx.doc.headcount;
  const lines = [];
  if (count && count.at) lines.push(el("p", {}, `清点时刻 ${clockOf(count.at)}`));
  const system = ctx.view.system;
  if (system) {
    lines.push(el("p", { class: "system" }, `系统 ${clockOf(system.at)} 已登记${MEALS[system.meal]}`, el("b", {}, ` ${system.served} 份`)));
    if (count && count.counted) {
      const off = Math.round((Math.abs(system.served - count.counted) / count.counted) * 1000) / 10;
      lines.push(deviates(ctx.pack, count.counted, system.served) ? told("warn", `与现场相差 ${off}%，超过${ctx.pack.limits.deviation}%`) : told("good", `与现场相差 ${off}%`));
    }
  }
  if (ctx.view.systemWhy) lines.push(told("info", ctx.view.systemWhy));
  return lines;
}

/** The system's own count is compared again, for the very minute, when the visit is signed. */
async function askSystem(ctx) {
  const reply = await ctx.net.get(`/inspect/${ctx.row.id}/count`);
  ctx.view.system = reply.kind === "ok" ? reply.body : null;
  ctx.view.systemWhy = reply.kind === "ok" ? "" : "现在没有网络：签字时系统按清点时刻自动比对。";
  compare(ctx);
}
