// The till's screen: puts the parts together, and lets keys, taps and the engine in.

import { createBar } from "./bar.js";
import { createSteps } from "./steps.js";
import { el, fenOf, fill, icon } from "./dom.js";
import { openTill } from "./engine.js";
import { listen } from "./keys.js";
import { createLast } from "./last.js";
import { build, drawChoices, togglePad } from "./layout.js";
import { createNotices, unusual } from "./notices.js";
import { keep, kept } from "./prefs.js";
import { draw } from "./stage.js";
import { createVoice } from "./voice.js";

const SEARCH_MS = 80; // after the last sign typed
const THINK_MS = 500; // the same while a card is open: a stray sign does not close it
const TICK_MS = 5000;
const DIRECT = "till.direct";

const main = document.getElementById("till");
const { point, root } = main.dataset;

async function start() {
  const parts = build(main);
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
      const sign = parts.stage.querySelector(".busy");
      if (yes && !sign) parts.stage.append(el("p", { class: "busy" }, icon("wait"), "正在查询，请稍等…"));
      if (!yes && sign) sign.remove();
    },
    /** What was typed while something else was under way is looked at now. */
    again: () => parts.field.value && parts.field.dispatchEvent(new Event("input")),
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
      const wanted = parts.field.inputMode === "none";
      parts.field.inputMode = wanted ? "text" : "none";
      parts.pad.querySelector("[data-act=chinese]").setAttribute("aria-pressed", String(wanted));
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

  parts.field.addEventListener("click", () => {
    if (parts.field.inputMode === "none" && parts.pad.hidden) togglePad(parts); // a tablet shows no other
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

function failed(error) {
  console.error(error);
  const plain = el("a", { class: "btn btn-accent", href: `${root}/till/plain` }, "打开简易版收银台");
  const words = "这个浏览器打不开收银台（本机存储不可用）。请先用简易版，并告诉管理员。";
  fill(main, el("div", { class: "panel" }, el("p", { class: "big" }, "请用简易版"), el("p", {}, words), plain));
}

start().catch(failed);
