// What is always in sight: today's count, what waits for upload, the network, the clock, the doors.

import { el, fill, icon } from "./dom.js";

const HOUR = new Intl.DateTimeFormat("zh-CN", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "Asia/Shanghai",
});

/** Draws the bar into `box`; returns a function that shows a state of the engine. */
export function createBar(box, root) {
  const operator = box.querySelector("[data-operator]");
  const stats = el("ul", { class: "stats", "aria-label": "现在的情况" });
  const doors = el("nav", { class: "doors", "aria-label": "其他页面" });
  box.append(stats, doors);
  let shown = "";

  return function show(state, now, muted) {
    const time = HOUR.format(now);
    const mark = JSON.stringify([state, time, muted]);
    if (mark === shown) return;
    shown = mark;
    operator.textContent = whoIs(state);
    fill(stats, count(state), pending(state), network(state), clock(state, time));
    updateDoors(doors, state, root, muted);
  };
}

function whoIs({ operator, device }) {
  if (operator) return operator.name;
  return device ? `设备 ${device}` : "";
}

function stat(name, tone, drawing, label, value) {
  return el(
    "li",
    { "data-stat": name, class: tone },
    el("span", {}, icon(drawing), label),
    el("b", {}, value),
  );
}

function count({ count: now, capacity }) {
  const full = capacity && now.servings >= capacity;
  return stat("count", full ? "warn" : "", full ? "warn" : "bowl", "今日", capacity ? `${now.servings}／${capacity}份` : `${now.servings}份`);
}

function pending({ pending: n, sending }) {
  return stat("pending", n ? "info" : "", n ? "wait" : "good", sending && n ? "上传中" : "待上传", `${n}条`);
}

const NETWORKS = {
  online: ["", "good", "正常"],
  offline: ["info", "wait", "断网"],
  signed_out: ["warn", "warn", "未登录"],
  revoked: ["warn", "bad", "已停用"],
};

function network({ network: now }) {
  const [tone, drawing, words] = NETWORKS[now] || NETWORKS.offline;
  return stat("network", tone, drawing, "网络", words);
}

function clock({ clock: now }, time) {
  if (now.ok) return stat("clock", "", "good", "时间", time);
  const unknown = now.offsetMs === null;
  return stat("clock", unknown ? "info" : "warn", unknown ? "wait" : "warn", unknown ? "未对时" : "不准", time);
}

// The doors are made once: an open menu stays open while counts change.
function updateDoors(box, state, root, muted) {
  if (!box.firstChild) box.append(...makeDoors(root));
  const conflicts = (state.conflicts || 0) + (state.deviceConflicts || 0);
  const door = box.querySelector("[data-door=conflicts]");
  door.querySelector("span").textContent = `补传 ${conflicts}`;
  door.classList.toggle("alarm", conflicts > 0);
  box.querySelector("[data-door=office]").hidden = !state.operator;
  const sound = box.querySelector("[data-act=mute]");
  sound.setAttribute("aria-pressed", String(muted));
  sound.querySelector("span").textContent = muted ? "静音" : "有声";
  sound.querySelector("use").setAttribute("href", sound.querySelector("use").getAttribute("href").replace(/#.*/, muted ? "#mute" : "#sound"));
}

function makeDoors(root) {
  const link = (path, drawing, words, name) =>
    el("a", { href: `${root}${path}`, "data-door": name }, icon(drawing), el("span", {}, words));
  return [
    el("button", { type: "button", "data-act": "mute" }, icon("sound"), el("span", {}, "有声")),
    link("/till/close", "money", "日结", "close"),
    link("/till/conflicts", "warn", "补传 0", "conflicts"),
    el(
      "details",
      { class: "more" },
      el("summary", {}, icon("menu"), el("span", {}, "更多")),
      el(
        "div",
        { class: "more-list" },
        link("/", "home", "工作台、退出登录", "office"),
        link("/till/plain", "list", "简易版收银台", "plain"),
        link("/till/device", "device", "登记这台设备", "device"),
      ),
    ),
  ];
}
