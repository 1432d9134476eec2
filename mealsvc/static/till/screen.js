// The till's screen: puts the parts together, and lets keys, taps and the engine in.

import { createBar } from "./bar.js";
import { createSteps } from "./steps.js";
import { button, el, fenOf, fill, icon, MEALS, MODES, sum } from "./dom.js";
import { openTill } from "./engine.js";
import { listen } from "./keys.js";
import { createLast } from "./last.js";
import { createNotices, unusual } from "./notices.js";
import { drawPad } from "./pad.js";
import { draw } from "./stage.js";
import { createVoice } from "./voice.js";

const SEARCH_MS = 80; // after the last sign typed
const THINK_MS = 500; // the same while a card is open: a stray sign does not close it
const TICK_MS = 5000;
const DIRECT = "till.direct";
const HINT = "刷卡，或输入姓名、拼音、后四位";

const main = document.getElementById("till");
const { point, root } = main.dataset;

async function start() {
  const parts = build();
  const engine = await openTill({ point, root });
  const voice = createVoice();
  const bar = createBar(document.getElementById("bar"), root);
  const last = createLast(parts.last);
  const notices = createNotices(parts.notice);
  let said = null;
  let direct = kept(DIRECT) !== "no";
  let timer = 0;
  let before = { last: [] };
  let late = 0;

  const screen = {
    show(view, words) {
      draw(parts.stage, view);
      const { field } = parts;
      field.setAttribute("aria-expanded", String(view.kind === "list"));
      if (view.kind === "list" && view.active >= 0) field.setAttribute("aria-activedescendant", `person-${view.active}`);
      else field.removeAttribute("aria-activedescendant");
      if (view.tone === "bad") parts.alarm.textContent = view.message;
      else parts.alarm.textContent = "";
      parts.status.textContent = words || "";
      choices();
      focus(view);
      if (view.kind !== "list") parts.stage.scrollIntoView({ block: "nearest" }); // zoomed, it may be out of sight
    },
    tell(tone, words) {
      said = words ? { tone, words } : null;
      refresh();
      if (words) parts.status.textContent = words;
    },
    field(text, select = false) {
      parts.field.value = text;
      if (select) parts.field.select();
    },
    busy(yes) {
      parts.stage.setAttribute("aria-busy", String(yes));
      parts.field.placeholder = yes ? "正在查询，请稍等…" : HINT;
    },
    stands: (text) => parts.field.value === text,
    choices,
    mark(name) {
      if (name) performance.mark(name);
      else shown();
    },
  };
  const counter = createSteps({ engine, voice, direct: () => direct, screen });

  function shown() {
    if (!performance.getEntriesByName("till:key").length) return;
    requestAnimationFrame(() => setTimeout(() => measure("till:shown", "till:key"), 0));
  }

  function choices() {
    const now = counter.choice();
    drawChoices(parts.choices, now, engine.state, counter.view(), direct);
  }

  function refresh() {
    const now = engine.now();
    bar(engine.state, now, voice.muted());
    last(engine.state.last);
    const { own } = counter.choice();
    notices.show(unusual(engine.state, now, { said, chosenMeal: own, root }));
  }

  function focus(view) {
    const price = document.getElementById("price");
    if (view.kind === "price" && price) price.focus();
    else parts.field.focus({ preventScroll: true });
  }

  const field = listen(parts.field, {
    pressed: voice.wake,
    typed(text) {
      clearTimeout(timer);
      timer = setTimeout(() => field.waiting() || counter.typed(text), counter.open() ? THINK_MS : SEARCH_MS);
      if (!text.trim()) counter.typed(text);
    },
    entered(text, scanned) {
      clearTimeout(timer);
      counter.entered(text, scanned);
    },
    picks: counter.picks,
    pick(number) {
      clearTimeout(timer);
      counter.digit(number);
    },
    arrow: (step, event) => counter.arrow(step) && event.preventDefault(),
    escape() {
      clearTimeout(timer);
      if (closeMenu()) return;
      if (parts.field.value) {
        parts.field.value = "";
        counter.typed("");
      } else counter.cancel();
    },
    special(key) {
      if (key === "Enter" && document.activeElement.id === "price") return acts["price-set"](), true;
      const does = { F2: counter.nextMeal, F3: counter.nextMode, F4: counter.ownPrice }[key];
      if (does) does();
      return Boolean(does);
    },
  });

  const acts = {
    pick: (data) => counter.pick(Number(data.at)),
    confirm: () => counter.confirm(),
    why: (data) => counter.why(Number(data.at)),
    cancel: counter.cancel,
    meal: (data) => counter.change("meal", data.value),
    mode: (data) => counter.change("mode", data.value),
    price: counter.ownPrice,
    "price-set": () => counter.priced(fenOf(document.getElementById("price").value)),
    "price-cancel": counter.cancel,
    digit: (data) => type(document.getElementById("price"), data.sign),
    undo: (data) => counter.undo(data.key),
    "why-refused": (data) => counter.whyRefused(data.key),
    "undo-why": (data) => counter.whyUndo(Number(data.at)),
    "undo-go": counter.undoGo,
    notice: notices.next,
    mute: () => voice.mute(!voice.muted()),
    direct() {
      direct = !direct;
      keep(DIRECT, direct ? "yes" : "no");
      choices();
    },
    pad: () => togglePad(parts),
    sign: (data) => typeInField(data.sign),
    erase: () => typeInField("back"),
    clear: () => typeInField("clear"),
    chinese() {
      parts.field.inputMode = parts.field.inputMode === "none" ? "text" : "none";
      parts.field.blur(); // only a fresh focus brings the device's own keyboard up
    },
    enter: () => counter.entered(parts.field.value, false),
  };

  function typeInField(sign) {
    type(parts.field, sign);
    clearTimeout(timer);
    timer = setTimeout(() => counter.typed(parts.field.value), SEARCH_MS);
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-act]");
    if (!event.target.closest(".more")) closeMenu();
    if (!pressed || pressed.disabled) return;
    acts[pressed.dataset.act](pressed.dataset);
    refresh();
    focus(counter.view());
  });

  window.addEventListener("focus", () => focus(counter.view()));
  engine.subscribe(() => {
    counter.heard(before);
    before = { last: engine.state.last.map((one) => ({ ...one })) };
    if (late) return;
    late = setTimeout(() => { // many changes at once are drawn once
      late = 0;
      refresh();
      choices();
    }, 30);
  });
  setInterval(refresh, TICK_MS);
  before = { last: engine.state.last.map((one) => ({ ...one })) };
  draw(parts.stage, { kind: "idle" });
  choices();
  refresh();
  field.back();
  document.documentElement.dataset.ready = "yes";
}

/** The fixed parts of the page. */
function build() {
  const field = el("input", {
    id: "q",
    class: "form-control",
    type: "text",
    role: "combobox",
    "aria-label": "卡号、身份证号、姓名、拼音首字母或身份证后四位",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "stage",
    placeholder: HINT,
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

function drawChoices(box, now, state, view, direct) {
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

function togglePad({ pad, last, field }) {
  pad.hidden = !pad.hidden;
  last.hidden = !pad.hidden;
  document.querySelector(".find [data-act=pad]").setAttribute("aria-expanded", String(!pad.hidden));
  field.focus({ preventScroll: true });
}

function closeMenu() {
  const menu = document.querySelector(".more[open]");
  if (menu) menu.removeAttribute("open");
  return Boolean(menu);
}

function type(field, sign) {
  if (sign === "clear") field.value = "";
  else if (sign === "back") field.value = field.value.slice(0, -1);
  else field.value += sign;
}

function measure(name, from) {
  if (!performance.getEntriesByName(from).length) return;
  performance.measure(name, from);
  performance.clearMarks(from);
}

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch (error) {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch (error) {
    return; // it holds until the page closes
  }
}

function failed(error) {
  console.error(error);
  const plain = el("a", { class: "btn btn-accent", href: `${root}/till/plain` }, "打开简易版收银台");
  const words = "这个浏览器打不开收银台（本机存储不可用）。请先用简易版，并告诉管理员。";
  fill(main, el("div", { class: "panel" }, el("p", { class: "big" }, "请用简易版"), el("p", {}, words), plain));
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(`${root}/till/sw.js`, { scope: `${root}/till` }).catch(() => undefined);
}
start().catch(failed);
