// The steps at the counter: find, card, recorded or not, and back. The engine decides about money;
// this decides only what is asked next, and that nothing is recorded that nobody has seen.

import { MEALS, MODES, sum } from "./dom.js";
import { BY_HAND, WHY_UNDO } from "./stage.js";
import { timeOf, yuan } from "./words.js";

const READ_MS = 350; // an Enter sooner than that belongs to the scan before: nobody reads so fast
const SHOW_MS = 300; // what takes longer says that it is under way
const WAITING = 5; // scans kept while one is being worked on

/**
 * @param {{engine: any, voice: any, direct: () => boolean,
 *          screen: {show: Function, tell: Function, field: Function, mark: Function}}} parts
 */
export function createSteps({ engine, voice, direct, screen }) {
  let view = { kind: "idle" };
  let shownAt = 0;
  let readAt = 0;
  let busy = false;
  let choice = { meal: null, mode: "dine_in", usual: null };
  const queue = [];

  const meal = () => choice.meal || engine.state.meal;
  const open = () => ["card", "price", "undo"].includes(view.kind) && !view.sending;
  const nameOf = () => (view.card ? view.card.person.name : view.person ? view.person.name : "");

  function go(next, tone = null, speech = "") {
    view = next;
    shownAt = performance.now();
    screen.show(view, speech);
    if (tone || speech) voice.say(tone, speech);
    screen.mark();
  }

  /** One thing at a time; scans that come meanwhile wait their turn. */
  async function run(task) {
    busy = true;
    const slow = setTimeout(() => screen.busy(true), SHOW_MS);
    try {
      await task();
    } catch (error) {
      console.error(error);
      refuse("不清楚有没有登记", "程序出错了。请先看右边的列表里有没有这一份，没有再重新刷卡。");
    }
    clearTimeout(slow);
    screen.busy(false);
    busy = false;
    const next = queue.shift();
    if (!next) return screen.again();
    if (!open()) return run(() => lookup(next.text, next.scanned));
    queue.length = 0;
    return missed();
  }

  function missed() {
    screen.tell("bad", `刚才刷的卡没有登记：请先处理完${nameOf()}这一笔，再请下一位重新刷卡。`);
    voice.say("bad", "刚才的卡没有登记");
  }

  // --- finding ---

  function entered(text, scanned) {
    const typed = text.trim();
    if (!typed) return enter();
    readAt = performance.now();
    if (scanned && open()) {
      screen.field("");
      return missed();
    }
    if (!scanned && view.kind === "list" && view.typed === text && chosen()) return pick(chosen());
    screen.mark("till:key");
    screen.field("");
    if (busy) return queue.length < WAITING && queue.push({ text: typed, scanned });
    leave();
    return run(() => lookup(typed, scanned));
  }

  const chosen = () => view.people[view.active] || (view.people.length === 1 && view.people[0]);

  /** An open card is left: nothing of it is recorded, and the screen says so. */
  function leave() {
    const left = (view.kind === "card" || view.kind === "price") && !view.sending;
    screen.tell("info", left ? `${nameOf()}这一笔没有登记。` : "");
  }

  async function lookup(text, scanned) {
    const found = await engine.find(text);
    if (found.people.length === 1) return preview(found.people[0], {}, found.scanned);
    if (found.people.length) return list(found, "");
    if (!scanned) screen.field(text, true);
    return refuse("没有登记", found.message || "没有找到这位老人。请核对后再查。");
  }

  function list(found, typed) {
    go({ kind: "list", people: found.people, more: found.more, source: found.source, active: -1, typed });
  }

  async function typed(text) {
    if (!text.trim()) {
      if (view.kind === "list" && view.typed) go({ kind: "idle" });
      return;
    }
    if (busy || /^[0-9]{1,3}$/.test(text.trim())) return;
    screen.mark("till:typed");
    const found = await engine.suggest(text);
    if (!found || busy || !screen.stands(text)) return;
    if (!found.people.length && view.kind !== "list") return;
    leave();
    list(found, text);
    screen.mark("till:suggested");
  }

  function pick(person) {
    if (busy) return undefined;
    screen.mark("till:key");
    screen.field("");
    leave();
    return run(() => preview(person, {}, false));
  }

  // --- the card ---

  async function preview(person, { priceFen = null }, scanned) {
    const card = await engine.preview(person, { meal: meal(), mode: choice.mode, priceFen });
    if (card.refusal && card.refusal.code === "bad_price") {
      return askPrice(person, card.refusal.message, priceFen === null);
    }
    if (card.refusal) return refuse("没有登记", card.refusal.message, card.person);
    if (card.priceFen === null) return askPrice(person, "", true);
    if (scanned && direct() && isOrdinary(card)) return record(card, null);
    return show({ kind: "card", card, ownPrice: priceFen });
  }

  const isOrdinary = (card) => !card.reason && card.subsidyFen > 0 && card.method !== "manual" && !card.booked;

  function show(next) {
    const { card } = next;
    const called = card.person.title || "";
    const tone = card.reason || next.changed ? "warn" : "info";
    if (next.changed) go({ ...next, tone }, "look", `${called}，金额有变化，请看屏幕`);
    else if (card.reason === "already_served") go({ ...next, tone }, "look", `${called}，这一餐已经补贴过，请看屏幕`);
    else if (card.reason) go({ ...next, tone }, "look", `${called}，不享受补贴，请看屏幕`);
    else go({ ...next, tone }, null, `${called}，${amounts(card)}，请确认`);
  }

  const amounts = (one) =>
    one.reason ? `全价，实付${yuan(one.selfPayFen)}` : `补贴${yuan(one.subsidyFen)}，实付${yuan(one.selfPayFen)}`;

  function askPrice(person, problem, asked) {
    const opened = { kind: "price", tone: "warn", person, meal: meal(), mode: choice.mode, problem, asked };
    go({ ...opened, card: asked ? null : view.card, ownPrice: view.ownPrice }, "look", asked ? "请输入餐价" : "");
  }

  function priced(fen) {
    if (view.kind !== "price" || busy) return undefined;
    if (fen === null) return askPrice(view.person, "请核对价格：写数字，如 12 或 12.5。", view.asked);
    const { person } = view;
    return run(() => preview(person, { priceFen: fen }, false));
  }

  function confirm(note = null) {
    if (view.kind !== "card" || view.sending || busy) return undefined;
    const { card } = view;
    if (card.method === "manual" && !note) return remind();
    screen.mark("till:key");
    view = { ...view, sending: true }; // the second of two taps finds it so
    screen.show(view, "");
    return run(() => record(card, note));
  }

  function remind() {
    const again = view.card.reason === "already_served";
    const manual = view.card.method === "manual";
    if (manual) screen.tell("info", "请先选为什么没刷卡：点一下，或按数字键 1 到 4。");
    else if (again) screen.tell("warn", "还没有登记：按数字键 1 按全价登记，按 Esc 不登记。");
  }

  async function record(card, note) {
    const slow = setTimeout(() => {
      view = { kind: "card", card, sending: true, tone: "info" };
      screen.show(view, "");
    }, SHOW_MS);
    const answer = await engine.record(card, { note }).finally(() => clearTimeout(slow));
    if (answer.status === "changed") return show({ kind: "card", card: answer.card, changed: true, ownPrice: null });
    if (answer.status === "refused") return refuse("没有登记", answer.message, card.person);
    const { line } = answer;
    reset();
    const pending = answer.status === "pending";
    const tone = pending ? "pending" : line.reason ? "warn" : "good";
    const words = `${card.person.title || ""}，${amounts(line)}${pending ? "，稍后上传" : ""}`;
    return go({ kind: "done", tone, name: card.person.name, line }, line.reason ? "look" : "good", words);
  }

  function refuse(title, message, who = {}) {
    reset();
    const called = who.title ? `${who.title}，` : "";
    go({ kind: "refused", tone: "bad", title, message, name: who.name }, "bad", `${called}${title}，请看屏幕`);
  }

  const reset = () => (choice = { ...choice, mode: "dine_in" });

  // --- meal, way, price ---

  function change(what, value) {
    if (busy) return undefined;
    choice = { ...choice, [what]: value, usual: engine.state.meal };
    screen.tell("info", "");
    screen.choices();
    const person = view.card ? view.card.person : view.person;
    if (!["card", "price"].includes(view.kind)) return undefined;
    const priceFen = what === "meal" ? null : view.ownPrice || null;
    return run(() => preview(person, { priceFen }, false));
  }

  function next(what, names) {
    const all = Object.keys(names);
    const now = what === "meal" ? meal() : choice.mode;
    return change(what, all[(all.indexOf(now) + 1) % all.length]);
  }

  function ownPrice() {
    if (view.kind === "card" && !view.sending && !busy) askPrice(view.card.person, "", false);
    else screen.tell("info", "先刷卡或查找老人，再改餐价。");
  }

  // --- taking back ---

  function undo(key) {
    const line = engine.state.last.find((one) => one.key === key);
    if (!line || busy) return;
    leave();
    if (line.mayUndo === false) {
      const why = engine.state.dayClosed ? "已日结，请店长处理。" : "这一份请店长处理。";
      go({ kind: "refused", tone: "bad", title: "不能冲正", message: line.message || why }, "bad", "不能冲正");
      return;
    }
    go({ kind: "undo", tone: "warn", line: { ...line, time: timeOf(line.servedAt) }, reason: "" });
  }

  function whyUndo(at) {
    if (view.kind === "undo" && !view.sending) go({ ...view, reason: WHY_UNDO[at], problem: "" });
  }

  function undoGo() {
    if (view.kind !== "undo" || !view.reason || view.sending || busy) return undefined;
    view = { ...view, sending: true };
    screen.show(view, "");
    const { line, reason } = view;
    return run(async () => {
      const answer = await engine.undo(line, reason);
      if (answer.status === "refused") {
        const problem = answer.message || "没有冲正，请再试一次。";
        return go({ ...view, sending: false, problem }, "bad", "没有冲正，请看屏幕");
      }
      const pending = answer.status === "pending";
      const words = `已冲正，退还${yuan(line.selfPayFen)}`;
      return go({ kind: "undone", tone: pending ? "pending" : "good", line, message: answer.message }, "look", words);
    });
  }

  function whyRefused(key) {
    const line = engine.state.last.find((one) => one.key === key);
    if (!line || open()) return;
    const message = line.message || "服务器没有登记这一份，请重新刷卡。";
    go({ kind: "refused", tone: "bad", title: `${line.name} ${timeOf(line.servedAt)} 没有登记`, message });
  }

  // --- keys that depend on what is shown ---

  function enter() {
    if (busy || performance.now() - Math.max(shownAt, readAt) < READ_MS) return undefined;
    if (view.kind === "list") return view.people[view.active] ? pick(view.people[view.active]) : askToPick();
    if (view.kind === "undo") return undoGo();
    if (view.kind !== "card") return undefined;
    const asks = view.card.method === "manual" || view.card.reason === "already_served";
    return asks ? remind() : confirm();
  }

  function askToPick() {
    if (view.people.length === 1) return pick(view.people[0]);
    return screen.tell("info", "请先选一位：点名字，或按数字键。");
  }

  function picks(number, before) {
    if (busy || view.sending) return false;
    if (view.kind === "list") {
      return number <= view.people.length && (before === "" || /^[^0-9]{2,}$|^[^\x20-\x7e]+$/.test(before));
    }
    if (before !== "") return false;
    if (view.kind === "undo") return number <= WHY_UNDO.length;
    if (view.kind !== "card") return false;
    if (view.card.method === "manual") return number <= BY_HAND.length;
    return view.card.reason === "already_served" && number === 1;
  }

  function digit(number) {
    if (view.kind === "list") return pick(view.people[number - 1]);
    if (view.kind === "undo") return whyUndo(number - 1);
    if (view.kind !== "card") return undefined;
    return confirm(view.card.method === "manual" ? BY_HAND[number - 1] : null);
  }

  function arrow(step) {
    if (view.kind !== "list" || !view.people.length) return false;
    const { active, people } = view;
    view = { ...view, active: active < 0 && step < 0 ? people.length - 1 : (active + step + people.length) % people.length };
    screen.show(view, "");
    return true;
  }

  function cancel() {
    if (view.sending || busy) return;
    if (view.kind === "price" && !view.asked && view.card) {
      show({ kind: "card", card: view.card, ownPrice: view.ownPrice });
      return;
    }
    leave();
    reset();
    go({ kind: "idle" });
  }

  /** The engine knows something new: a late answer, another meal time. */
  function heard(before) {
    const now = engine.state;
    if (choice.meal && choice.usual !== now.meal) choice = { ...choice, meal: null };
    for (const line of now.last) {
      const was = before.last.find((one) => one.key === line.key);
      if (was && was.status === "pending" && line.status !== "pending") settled(was, line);
    }
  }

  function settled(was, line) {
    if (view.kind === "done" && view.line.key === line.key && line.status === "recorded") {
      view = { ...view, tone: line.reason ? "warn" : "good", line };
      screen.show(view, "");
    }
    const shown = view.kind === "done" && view.line.key === line.key;
    if (shown && line.status === "refused") return refuse("没有登记", line.message || "服务器没有登记这一份。", view);
    const about = `${line.name} ${timeOf(line.servedAt)} 那一份`;
    if (line.status === "refused") screen.tell("bad", `${about}没有登记：${line.message || "请看右边列表。"}`);
    else if (line.reason && line.selfPayFen !== was.selfPayFen) {
      screen.tell("warn", `${about}上传后是全价 ${sum(line.selfPayFen)} 元（这一餐在别处已补贴）。请看冲突页。`);
    } else return undefined;
    return voice.say("look", "有一份和刚才不一样，请看屏幕");
  }

  return {
    entered, typed, pick: (at) => view.kind === "list" && pick(view.people[at]), confirm, cancel,
    why: (at) => confirm(BY_HAND[at]), change, nextMeal: () => next("meal", MEALS),
    nextMode: () => next("mode", MODES), ownPrice, priced, undo, whyUndo, undoGo, whyRefused,
    picks, digit, arrow, heard,
    choice: () => ({ meal: meal(), mode: choice.mode, own: choice.meal }),
    view: () => view,
    open,
  };
}
