// The last tab: what is missing, score and grade as they stand, statement, signatures, the end.

import { createPad } from "./pad.js";
import { deviates, isSigned, PARTS, partsNeeded, problems, resultsOf, unexplained } from "./record.js";
import { score, shown } from "./score.js";
import { choosing, clockOf, el, labelled, panel, tap, told, typing } from "./parts.js";

const SHOWN = 12;

export function reviewTab(ctx) {
  const missing = ctx.problems || problems(ctx.pack, ctx.doc, ctx.today());
  const parts = [...partsNeeded(ctx.pack, ctx.doc)];
  const content = missing.filter((one) => !parts.includes(one.field));
  return el(
    "div",
    {},
    result(ctx),
    lacking(ctx, content),
    uncompared(ctx),
    panel(
      "陈述和签字",
      labelled("被检查单位的陈述（可不填）", typing(ctx.doc.statement, (value) => ctx.change((document) => (document.statement = value)), { lines: 2, longest: 1000, disabled: ctx.signed, "data-statement": "" })),
      ctx.signed ? told("info", "已有人签字，内容不能再改。要改请先清除全部签字。") : null,
      isSigned(ctx.doc) && !ctx.row.concluding ? tap("清除全部签字", () => clearAll(ctx), { kind: "danger" }) : null,
      refusal(ctx),
      parts.map((part) => signature(ctx, part)),
    ),
  );
}

export function reviewFoot(ctx) {
  const missing = problems(ctx.pack, ctx.doc, ctx.today()).length;
  const words = missing ? `还有${missing}处要填` : "完成检查，锁定记录";
  return [tap(words, () => ctx.conclude(), { kind: "accent", class: "btn btn-accent wide", "data-conclude": "" })];
}

function result(ctx) {
  const { points, grade, failedKey, applicable } = score(ctx.pack.items, resultsOf(ctx.doc));
  const counts = Object.values(ctx.doc.results).reduce((sum, one) => ({ ...sum, [one.result]: (sum[one.result] || 0) + 1 }), {});
  const words = ctx.pack.results.map(([code, name]) => `${name}${counts[code] || 0}`).join(" · ");
  return el(
    "section",
    { class: `card-of score grade-${grade || "none"}`, "aria-label": "试算结果" },
    el("p", { class: "score-line" }, el("b", { "data-score": shown(points) }, points === null ? "—" : shown(points)), el("span", { class: "grade", "data-grade": grade }, grade ? `${grade}级` : "未评")),
    el("p", {}, `${words}（适用${applicable}项）`),
    failedKey.length ? told("bad", `关键项不合格：${failedKey.join("、")}，定为D级，24小时内下达整改通知`) : null,
    el("p", { class: "quiet" }, "试算结果，签字后以系统计算为准。"),
  );
}

/** The server compares the counted servings with its own; what it will refuse is said before people sign. */
function uncompared(ctx) {
  const item = ctx.pack.items.find((one) => one.headcount);
  if (!item || ctx.signed || !unexplained(ctx.doc, item)) return null;
  const { counted } = ctx.doc.headcount;
  const { system } = ctx.view;
  if (system && !deviates(ctx.pack, counted, system.served)) return null;
  const limit = `${ctx.pack.limits.deviation}%`;
  const words = system
    ? `现场${counted}份，系统${system.served}份，相差超过${limit}：请改${item.code}的结果，或在备注里写明理由，再请各方签字。`
    : `还没有和系统份数比对。请先点“去清点”查询；没有网络，请在${item.code}备注里写明，否则相差超过${limit}时签了字也提交不了。`;
  return panel(
    "系统份数",
    told("warn", words),
    tap("去清点", () => ctx.tab("count"), { drawing: "people" }),
    tap(`去${item.code}写备注`, () => ctx.gotoItem(item.code), { drawing: "edit" }),
  );
}

function lacking(ctx, missing) {
  if (!missing.length) return panel("", told("good", "检查内容已填完整"));
  const go = (one) => (one.item ? ctx.gotoItem(one.item) : one.field === "statement" ? null : ctx.tab("arrival"));
  return panel(
    `还要填 ${missing.length} 处`,
    el(
      "ul",
      { class: "missing" },
      missing.slice(0, SHOWN).map((one) => el("li", {}, tap(`${one.item ? `${one.item} ` : ""}${one.message}`, () => go(one), { kind: "link" }))),
      missing.length > SHOWN && el("li", { class: "quiet" }, `……另有${missing.length - SHOWN}处`),
    ),
  );
}

function refusal(ctx) {
  const control = typing(ctx.doc.refused_why, (value) => ctx.change((document) => (document.refused_why = value)), { disabled: ctx.signed, "data-refused": "" });
  control.addEventListener("change", () => ctx.render());
  const asked = labelled("拒签理由（填写后由见证人签字）", control);
  return ctx.doc.refused_why ? asked : el("details", { class: "more" }, el("summary", {}, "被检查单位拒绝签字"), asked);
}

function signature(ctx, part) {
  const one = ctx.doc.signatures[part] || { name: usualName(ctx, part), strokes: "" };
  const write = (change) => ctx.sign(part, { ...one, ...(ctx.doc.signatures[part] || {}), ...change });
  const inspectors = ctx.pack.people.map((person) => [person.name, person.name]);
  const name =
    part === "lead" || part === "second"
      ? choosing(one.name, [["", "请选择"], ...inspectors], (value) => write({ name: value }), { "data-name": part, disabled: ctx.signed })
      : typing(one.name, (value) => write({ name: value }), { longest: 50, "data-name": part, disabled: Boolean(one.strokes) });
  const canvas = el("canvas", { class: "pad", width: 700, height: 260, "data-pad": part, "aria-label": `${PARTS[part]}签字处` });
  const pad = createPad(canvas, { value: one.strokes, changed: (strokes) => write({ strokes, ...(strokes && !nameOf(ctx, part) ? { name: one.name } : {}) }) });
  return el(
    "div",
    { class: "signature" },
    labelled(PARTS[part], name),
    canvas,
    el("div", { class: "pad-acts" }, el("span", { class: "quiet" }, "请用手指在框内签名"), tap("重签", () => pad.clear(), { kind: "link" })),
  );
}

const nameOf = (ctx, part) => ctx.doc.signatures[part]?.name;

function usualName(ctx, part) {
  if (part === "lead") return ctx.pack.people.find((one) => one.lead)?.name || "";
  if (part === "second") {
    const others = ctx.pack.people.filter((one) => !one.lead);
    return others.length === 1 ? others[0].name : "";
  }
  return part === "unit" ? ctx.doc.present.trim().split(/\s+/)[0].slice(0, 50) : "";
}

function clearAll(ctx) {
  ctx.change((document) => (document.signatures = {}), true);
  ctx.render();
}

/** What a concluded visit came to; or that somebody else ended it. */
export function doneTab(ctx, body, ours) {
  const { result: one, links, cancelled } = body;
  if (cancelled) return panel("检查已取消", el("p", {}, "这次检查已被取消，本机没有上传的内容不会计入。"), remove(ctx));
  const mine = ours ? [] : [told("warn", `这次检查已由 ${one.signed_by} 于 ${clockOf(one.signed_at)} 签字锁定。`)];
  return el(
    "div",
    {},
    el(
      "section",
      { class: `card-of score grade-${one.grade || "none"}`, "data-done": one.number },
      el("h2", {}, "检查完成，记录已锁定"),
      mine,
      el("p", { class: "score-line" }, el("b", {}, one.score || "—"), el("span", { class: "grade" }, one.grade ? `${one.grade}级` : "未评")),
      el("p", {}, one.conclusion),
      el("p", { class: "quiet" }, `现场检查笔录 ${one.number}`),
    ),
    panel(
      "当场交给单位",
      links && el("a", { class: "btn btn-accent wide", href: links.result }, "检查结果告知书"),
      links && el("a", { class: "btn btn-secondary wide", href: links.record }, "现场检查笔录"),
      el("a", { class: "btn btn-secondary wide", href: `${ctx.root}/inspect` }, "返回我的检查"),
    ),
    ours ? el("p", { class: "quiet" }, "本机上的填写内容、照片和签字已清除。") : remove(ctx),
  );
}

function remove(ctx) {
  const act = async () => {
    await ctx.kept.wipe(ctx.row.id);
    location.assign(`${ctx.root}/inspect`);
  };
  return tap("删除本机内容", act, { kind: "danger", class: "btn btn-danger wide" });
}
