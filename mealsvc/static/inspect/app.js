// The application for one visit: puts together what is kept, what is shown and what is sent.

import { arrivalFoot, arrivalTab, countFoot, countTab } from "./arrival.js";
import { random } from "./camera.js";
import { itemsFoot, itemsTab, listed } from "./items.js";
import { openKept } from "./kept.js";
import { createNet } from "./net.js";
import { clockOf, dayOf, el, fill, icon, panel, tap, told } from "./parts.js";
import { copy, isSigned, itemProblems, problems, resultOf, takeFrom } from "./record.js";
import { doneTab, reviewFoot, reviewTab } from "./review.js";
import { createSync } from "./sync.js";
import { holdAlone, received } from "./visit.js";

const page = document.getElementById("inspect");
const root = page.dataset.root;
const id = Number(location.pathname.split("/").pop());
const TABS = { arrival: "到场", items: "检查项", count: "清点", review: "汇总签字" };
const NAMES = { present: "在场人员", cards_shown: "出示证件", recusal: "回避", headcount: "清点", statement: "陈述", refused_why: "拒签理由", started_at: "开始时间", ended_at: "结束时间" };

const net = createNet(root);
const view = { tab: "arrival", at: 0, open: false, system: null, systemWhy: "", note: null };
const ctx = { root, net, view, photos: new Map(), problems: null, say, render, tab, goto, gotoItem, toggleOpen, change, sign, conclude, refreshLacks };
let device = "";
let writing = null;

Object.defineProperties(ctx, {
  doc: { get: () => ctx.row.document },
  pack: { get: () => ctx.row.pack },
  signed: { get: () => isSigned(ctx.row.document) || ctx.row.concluding },
});
ctx.now = () => net.now();
ctx.today = () => dayOf(net.now());
ctx.entry = (code) => ctx.row.document.results[code] || {};
ctx.entryIn = (document, code) => (document.results[code] ||= {});
ctx.photoCount = () => Object.values(ctx.doc.results).reduce((sum, one) => sum + (one.photos?.length || 0), 0);

start();

async function start() {
  navigator.serviceWorker?.register(`${root}/inspect/sw.js`, { scope: `${root}/inspect` }).catch(() => {});
  try {
    ctx.kept = await openKept();
  } catch (error) {
    stopped("这个浏览器不能保存数据", "请换手机自带的浏览器，或用简易版录入。", plain());
    return;
  }
  await holdAlone(id, () => stopped("已在另一个页面打开", "内容都已保存在本机。", tap("在这里继续", () => location.reload(), { kind: "accent" }), () => ctx.sync?.stop()));
  navigator.storage?.persist?.().catch(() => {});
  device = await deviceName();
  const row = await ctx.kept.visit(id);
  const [reply] = await Promise.all([net.get(`/inspect/${id}/data`), net.renew()]);
  if (reply.kind === "forbidden") {
    stopped("打不开这次检查", "您不是这次检查的检查人员，或检查不存在。", home());
  } else if (reply.kind === "ok") await arrived(row, reply.body);
  else if (row) await begin(row, []);
  else if (reply.kind === "signed_out") stopped("请先登录", "登录后会回到这次检查。", signIn());
  else stopped("没有网络", "这次检查还没有下载到本机，请联网后重试。", tap("重试", () => location.reload(), { kind: "accent" }), null);
}

/** The server has answered: over already, or put together with what is kept here. */
async function arrived(row, body) {
  const { visit } = body;
  if (body.result && !row) {
    ctx.row = { id };
    finished({ result: body.result, links: links() }, true, false);
    return;
  }
  const { row: now, both, draft } = received(row, id, body);
  if (visit.status === "cancelled" && !row) {
    stopped("检查已取消", "这次检查已取消，不用填写。", home());
    return;
  }
  await ctx.kept.keepVisit(now);
  await begin(now, both, draft);
}

async function begin(row, both, draft) {
  ctx.row = row;
  for (const [key, photo] of Object.entries(row.sentPhotos || {})) ctx.photos.set(key, { key, id: photo, state: "sent" });
  for (const photo of await ctx.kept.photosOf(id)) ctx.photos.set(photo.key, photo);
  ctx.sync = createSync({
    kept: ctx.kept,
    net,
    row,
    device,
    tell: { changed: bar, photos: photosSent, merged, concluded: finished, refused },
  });
  const begun = ctx.doc.started_at;
  const open = row.pack.items.findIndex((item) => !resultOf(ctx.doc, item.code));
  Object.assign(view, { tab: begun ? "items" : "arrival", at: Math.max(0, open) });
  document.title = `${row.pack.point.name} · 现场检查`;
  window.addEventListener("online", () => ctx.sync.send(true));
  document.addEventListener("visibilitychange", () => document.hidden && ctx.sync.send(true));
  if (both.length) merged(draft, both);
  render();
  ctx.sync.send(true);
}

/** A change of what was entered; nothing changes once somebody has signed, unless `force`. */
function change(act, force = false) {
  if (ctx.signed && !force) {
    say("warn", "已有人签字，内容不能再改。要改请先清除全部签字。");
    return;
  }
  const { row } = ctx;
  const next = copy(row.document);
  next.started_at ||= ctx.now().toISOString();
  next.recusal ||= ctx.pack.recusals[0];
  act(next);
  row.document = next;
  keep();
}

function sign(part, signature) {
  const next = copy(ctx.row.document);
  const before = isSigned(next);
  next.signatures[part] = signature;
  ctx.row.document = next;
  keep();
  if (before !== isSigned(next)) bar();
  foot();
}

/** Writes what was entered to the phone; one at a time, the newest last. */
function keep() {
  const { row } = ctx;
  row.version += 1;
  row.dirty = true;
  ctx.problems = null;
  if (!writing) {
    writing = write().finally(() => (writing = null));
  }
  ctx.sync.soon();
}

async function write() {
  const { row } = ctx;
  let written = -1;
  try {
    while (written !== row.version) {
      written = row.version;
      await ctx.kept.keepVisit(copy(row));
    }
    page.dataset.kept = written;
  } catch (error) {
    say("bad", "本机存不下了：请清理手机存储空间，联网后内容仍会上传。");
  }
  bar();
}

async function conclude() {
  const found = problems(ctx.pack, ctx.doc, ctx.today());
  if (found.length) {
    ctx.problems = found;
    const [first] = found;
    if (first.item) gotoItem(first.item);
    else if (["present", "cards_shown"].includes(first.field)) tab("arrival");
    else render();
    say("bad", first.item ? `${first.item} ${first.message}` : first.message);
    return;
  }
  const next = copy(ctx.row.document);
  next.ended_at = ctx.now().toISOString();
  Object.assign(ctx.row, { document: next, concluding: true });
  keep();
  render();
  await ctx.sync.send(true);
}

function takeBack() {
  ctx.row.concluding = false;
  keep();
  render();
}

function refused(body) {
  ctx.problems = body.problems || [];
  const first = ctx.problems.find((one) => one.item);
  if (first && ctx.pack.items.some((item) => item.code === first.item)) gotoItem(first.item);
  else tab("review");
  say("bad", body.message);
}

function finished(body, ours, kept = true) {
  ctx.sync?.stop();
  ctx.over = true;
  const shown = { ...body, links: body.links || (body.result ? links() : null) };
  fill(page, header(), el("main", { class: "body", id: "main" }, doneTab({ ...ctx, row: ctx.row || { id } }, shown, ours || !kept)));
  window.scrollTo(0, 0);
}

function merged(theirs, both) {
  ctx.photos = new Map([...ctx.photos]);
  render();
  if (!theirs) return;
  const who = `${theirs.by}（${theirs.device || "另一台设备"}，${clockOf(theirs.saved_at)}）`;
  if (!both.length) {
    say("info", `已合并 ${who} 填写的内容。`);
    return;
  }
  const names = both.map((one) => one.replace("results.", "").replace("signatures.", "签字 ")).map((one) => NAMES[one] || one);
  const box = el("dialog", { class: "asked", "aria-label": "两台设备填写不同" });
  const take = (mine) => {
    if (!mine) ctx.row.document = takeFrom(ctx.row.document, theirs.document, both);
    keep();
    box.remove();
    render();
    ctx.sync.send(true);
  };
  box.append(
    el("h2", {}, "两台设备填写不同"),
    el("p", {}, `${who} 也填了下面这些，和本机不一样。其他内容已合并。`),
    el("p", {}, el("b", {}, names.join("、"))),
    el("div", { class: "large-acts" }, tap("用本机的", () => take(true), { kind: "secondary" }), tap("用另一台的", () => take(false), { kind: "secondary" })),
  );
  document.body.append(box);
  box.addEventListener("cancel", (event) => event.preventDefault());
  box.showModal();
}

async function photosSent() {
  for (const photo of await ctx.kept.photosOf(id)) ctx.photos.set(photo.key, photo);
  if (view.tab === "items") {
    const row = page.querySelector(".photos");
    const refusedOne = [...ctx.photos.values()].find((photo) => photo.state === "refused" && !photo.toldOf);
    if (refusedOne) {
      refusedOne.toldOf = true;
      say("bad", `${refusedOne.item} 的照片没有收下：${refusedOne.why}`);
    }
    if (row) row.querySelectorAll(".thumb").forEach((one, at) => markThumb(one, at));
  }
  bar();
}

function markThumb(button, at) {
  const item = ctx.pack.items[view.at];
  const photo = ctx.photos.get((ctx.entry(item.code).photos || [])[at]);
  if (!photo) return;
  button.dataset.state = photo.state;
  const words = button.querySelector("small");
  if (photo.state === "sent" && words) words.remove();
  else if (words) words.textContent = photo.state === "refused" ? "未收" : "待传";
}

// What is shown ---------------------------------------------------------------------------------

function render() {
  const shown = {
    arrival: [arrivalTab, arrivalFoot],
    items: [itemsTab, itemsFoot],
    count: [countTab, countFoot],
    review: [reviewTab, reviewFoot],
  };
  const [body, below] = shown[view.tab];
  const content = ctx.row.concluding ? waitingTab() : body(ctx);
  const feet = ctx.row.concluding ? [] : below(ctx);
  fill(
    page,
    header(),
    ctx.row.concluding ? null : tabs(),
    el("div", { class: "note", role: "status", "aria-live": "polite", id: "note" }),
    el("main", { class: "body", id: "main" }, content),
    el("footer", { class: "thumb-zone", id: "foot" }, feet),
  );
  page.dataset.tab = view.tab;
  bar();
}

function foot() {
  const zone = document.getElementById("foot");
  if (zone && view.tab === "review") fill(zone, ...reviewFoot(ctx));
}

function header() {
  const name = ctx.row?.pack?.point?.name || "现场检查";
  return el(
    "header",
    { class: "topbar inspect-bar" },
    el("a", { class: "up", href: `${root}/inspect`, "aria-label": "返回我的检查" }, icon("back")),
    el("h1", {}, name),
    el("div", { class: "net", id: "net", role: "status" }),
  );
}

function tabs() {
  const made = Object.entries(TABS).map(([code, words]) => tap(words, () => tab(code), { class: "tab", "aria-pressed": view.tab === code ? "true" : "false", "data-tab": code }));
  return el("nav", { class: "tabs", "aria-label": "检查步骤" }, made);
}

function waitingTab() {
  const { status } = ctx.sync;
  const photos = el("p", { "data-waiting": status.waiting }, `还有 ${status.waiting} 张照片待上传`);
  if (status.network === "signed_out") {
    return panel("已保存，请重新登录", told("warn", "登录已过期：内容、照片和签字都在本机，登录后回到这里自动提交。"), photos, signIn(), tap("返回修改", takeBack));
  }
  const away = status.network !== "ok" && status.network !== "unknown";
  return panel(
    away ? "已保存，等待联网提交" : "正在提交…",
    told(away ? "warn" : "info", away ? "没有网络：内容、照片和签字都在本机，联网后自动提交。可以锁屏，请不要清除浏览器数据。" : "正在上传照片和检查记录，请稍等。"),
    photos,
    tap("马上再试", () => ctx.sync.send(true), { kind: "accent" }),
    tap("返回修改", takeBack),
  );
}

/** The state of the network and of what is kept, in a few words. */
function bar() {
  const box = document.getElementById("net");
  if (!box || !ctx.sync || ctx.over) return;
  const { status } = ctx.sync;
  const [kind, words] = standing(status);
  box.dataset.net = status.network;
  box.dataset.saved = !ctx.row.dirty && !status.waiting ? "yes" : "no";
  fill(box, el("span", { class: `net-chip net-${kind}` }, icon({ good: "good", warn: "warn", bad: "bad", info: "wait" }[kind]), words));
  if (status.network === "signed_out") fill(box, signIn("net-chip net-bad", "登录已过期，点此登录"));
  if (status.note) say("bad", status.note);
  if (ctx.row.concluding) {
    const main = document.getElementById("main");
    if (main) fill(main, waitingTab());
  }
}

function standing(status) {
  if (status.network === "away") return ["warn", status.waiting ? `离线 · ${status.waiting}张待传` : "离线 · 已存本机"];
  if (status.network === "forbidden") return ["bad", "没有权限"];
  if (status.sending) return ["info", "上传中"];
  if (status.waiting) return ["info", `${status.waiting}张待传`];
  return ctx.row.dirty ? ["info", "已存本机"] : ["good", "已保存"];
}

/** What is missing at the item on the screen, without touching what is being typed. */
function refreshLacks(item) {
  const box = page.querySelector(`[data-lacks="${item.code}"]`);
  if (!box) return;
  const one = ctx.doc.results[item.code];
  const said = one && one.result ? itemProblems(item, one, { today: ctx.today() }) : [];
  fill(box, ...said.map((problem) => el("li", {}, problem.message)));
}

function say(kind, words) {
  const box = document.getElementById("note");
  if (box) fill(box, told(kind, words));
}

function tab(code) {
  view.tab = code;
  render();
  window.scrollTo(0, 0);
  ctx.sync.send(true);
}

function goto(at) {
  Object.assign(view, { tab: "items", at: Math.max(0, Math.min(ctx.pack.items.length - 1, at)) });
  render();
  window.scrollTo(0, 0);
  page.querySelector(".item-text")?.focus({ preventScroll: true });
}

function gotoItem(code) {
  goto(ctx.pack.items.findIndex((item) => item.code === code));
}

function toggleOpen() {
  view.open = !view.open;
  const first = view.open && listed(ctx).find((item) => !resultOf(ctx.doc, item.code));
  if (first) gotoItem(first.code);
  else render();
}

function stopped(title, words, way, also) {
  also?.();
  fill(page, header(), el("main", { class: "body", id: "main" }, panel(title, el("p", {}, words), way)));
}

const plain = () => el("a", { class: "btn btn-accent", href: `${root}/inspect/${id}/plain` }, "打开简易版");
const home = () => el("a", { class: "btn btn-accent", href: `${root}/inspect` }, "返回我的检查");
const signIn = (look = "btn btn-accent", words = "去登录") => el("a", { class: look, href: `${page.dataset.login}?next=${encodeURIComponent(`/inspect/${id}`)}` }, words);
const links = () => Object.fromEntries(["result", "record"].map((kind) => [kind, `${root}/supervision/papers/${kind}/${id}.pdf`]));

/** A name for this phone, so that people know whose draft it is; made once, says nothing else. */
async function deviceName() {
  const known = await ctx.kept.meta("device");
  if (known) return known.name;
  const name = `手机${random(2).toUpperCase()}`;
  await ctx.kept.keepMeta({ id: "device", name });
  return name;
}
