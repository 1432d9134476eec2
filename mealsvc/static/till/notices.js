// One line under the field: whatever is unusual, the most pressing first, with what to do.

import { el, fill, icon, MEALS } from "./dom.js";
import { SAID, timeOf } from "./words.js";

const OLD_MS = 36 * 3600 * 1000;

/** All that is unusual: {tone, words, link?}. `said` is what the last step has to say. */
export function unusual(state, now, { said, chosenMeal, root }) {
  const all = [said, stopped(state), ...unmade(state), access(state, root), storage(state), clock(state)];
  return [...all, roster(state, now), offline(state), meal(state, chosenMeal), closed(state), full(state)].filter(Boolean);
}

const one = (tone, words, link = null) => ({ tone, words, link });

function unmade({ unmade: refused }) {
  return refused.map(({ name, lineAt, message }) => {
    return one("bad", `${name} ${timeOf(lineAt)} 那一份没有冲正成功，款已退的请核对：${message}`);
  });
}

function access({ network, pending }, root) {
  const kept = pending ? `，${pending} 条待上传` : "";
  if (network === "revoked") {
    const link = { href: `${root}/till/device`, words: "重新登记" };
    return one("bad", `这台设备已停用，不能登记${kept}。请找管理员。`, link);
  }
  if (network !== "signed_out") return null;
  const link = { href: `${root}/login?next=${root}/till`, words: "重新登录" };
  return one("warn", `登录已失效。照常登记，先记在本机${kept}。`, link);
}

function stopped({ stopped: what }) {
  if (what === "point") return one("bad", SAID.pointStopped);
  return what === "subsidy" ? one("warn", SAID.subsidyStopped) : null;
}

function storage({ storage: at }) {
  if (at.full) return one("bad", "本机存储已满，断网时不能登记。请管理员清理这台设备。");
  return null;
}

function clock({ clock: at }) {
  if (at.ok || at.offsetMs === null) return null;
  const minutes = Math.round(Math.abs(at.offsetMs) / 60000);
  if (!minutes) return one("warn", "本机时间可能被改过，请在设备设置里打开自动对时。");
  const how = at.offsetMs > 0 ? "慢" : "快";
  return one("warn", `本机时间${how} ${minutes} 分钟，请在设备设置里打开自动对时。`);
}

function roster({ roster: at, network }, now) {
  if (at.syncing && !at.at) return one("info", `正在下载名单${progress(at)}，下载完才能断网登记。`);
  if (!at.at) return one("warn", "本机还没有名单，断网时不能登记。请保持联网。");
  const age = now - Date.parse(at.at);
  if (age <= OLD_MS) return null;
  const advice = network === "online" ? "请保持联网，等它更新。" : "联网后自动更新。";
  return one("warn", `本机名单是 ${Math.max(1, Math.floor(age / 86400000))} 天前的。${advice}`);
}

const progress = ({ progress: at }) => (at ? ` ${typeof at === "number" ? `${Math.round(at * 100)}%` : at}` : "");

function offline({ network }) {
  if (network !== "offline") return null;
  return one("info", "断网了，不影响登记：请刷卡，或输入姓名。联网后自动上传。");
}

function meal({ meal: usual }, chosen) {
  if (!chosen || chosen === usual) return null;
  return one("warn", `现在登记的是${MEALS[chosen]}（按时间应是${MEALS[usual]}）。`);
}

function closed({ dayClosed, operator }) {
  if (!dayClosed) return null;
  const manager = operator && /店长|manager/.test(operator.role || "");
  return one("info", manager ? "今天已日结。" : "今天已日结，要冲正请找店长。");
}

function full({ count, capacity }) {
  return capacity && count.servings >= capacity ? one("info", `今日已达 ${capacity} 份的供餐量。`) : null;
}

/** Draws the line; a tap on “另有” shows the next. */
export function createNotices(box) {
  let shown = "";
  let at = 0;
  function show(all) {
    const mark = JSON.stringify(all);
    if (mark === shown) return;
    const first = JSON.stringify(all[0]);
    if (!shown.startsWith(`[${first}`)) at = 0;
    shown = mark;
    draw(all);
  }
  function draw(all) {
    at = all.length ? at % all.length : 0;
    box.hidden = !all.length;
    if (!all.length) return fill(box);
    const { tone, words, link } = all[at];
    const more = all.length > 1;
    box.className = `notice notice-${tone}`;
    fill(
      box,
      icon({ good: "good", info: "info", warn: "warn", bad: "bad" }[tone]),
      el("p", {}, words),
      link && el("a", { class: "btn btn-secondary", href: link.href }, link.words),
      more && el("button", { type: "button", class: "btn btn-secondary", "data-act": "notice" }, `${at + 1}／${all.length}`),
    );
  }
  return {
    show,
    next() {
      at += 1;
      draw(JSON.parse(shown));
    },
  };
}
