// The middle of the screen: one picture for each step. Nothing here decides anything.

import { button, el, fill, icon, key, MEALS, METHODS, MODES, sum } from "./dom.js";
import { REASONS } from "./words.js";

export const BY_HAND = ["未带卡", "卡损坏", "新办卡未领", "其他"];
export const WHY_UNDO = ["登错人", "登错餐次", "登错价格", "老人没有用餐", "重复登记", "其他"];

/** Shows a view; its `kind` is one of the functions below. */
export function draw(box, view) {
  box.dataset.view = view.kind;
  box.dataset.tone = view.tone || "";
  fill(box, PICTURES[view.kind](view));
}

const SEXES = { male: "男", female: "女" };

const PICTURES = { idle, list, card, price, done, refused, undo, undone };

const band = (drawing, words) => el("p", { class: "band" }, icon(drawing), el("span", {}, words));

function idle() {
  return [
    el(
      "div",
      { class: "middle" },
      icon("bowl"),
      el("p", { class: "big" }, "请刷卡"),
      el("p", {}, "也可以扫码，或输入姓名、拼音首字母（如 zgf）、身份证号、后四位，再按回车。"),
    ),
  ];
}

function list({ people, more, active, source, typed }) {
  if (!people.length) return [el("div", { class: "middle" }, icon("search"), el("p", {}, `没有找到“${typed}”。请核对后再输；卡号和身份证号输完后按回车。`))];
  const head = more ? `找到 ${people.length} 位以上，请选一位` : `找到 ${people.length} 位，请选一位`;
  return [
    el("h2", { class: "found-head" }, head, el("small", {}, hintOf(more, source))),
    el(
      "ul",
      { role: "listbox", id: "people", "aria-label": head, class: "found" },
      people.map((one, at) => person(one, at, at === active)),
    ),
  ];
}

function hintOf(more, source) {
  if (source === "device") return "断网，姓名只显示一部分";
  return more ? "没有要找的人，就再多输几个字" : "点名字，或按数字键";
}

function person(one, at, chosen) {
  const facts = [one.age === null || one.age === undefined ? "" : `${one.age}岁`, SEXES[one.sex]].filter(Boolean);
  const attributes = {
    role: "option",
    id: `person-${at}`,
    "aria-selected": String(chosen),
    "data-act": "pick",
    "data-at": at,
  };
  return el(
    "li",
    attributes,
    key(String(at + 1)),
    el("b", {}, one.name),
    el("span", {}, facts.join(" ") || "—"),
    el("span", { class: "place" }, one.place || "—"),
    el("span", {}, one.last4 ? `尾号 ${one.last4}` : ""),
  );
}

function who(person, meal, mode, method) {
  const age = person.age === null || person.age === undefined ? null : `${person.age}岁`;
  const facts = [age, person.place, person.last4 && `尾号 ${person.last4}`].filter(Boolean).join(" · ");
  const how = [MEALS[meal], MODES[mode], method && METHODS[method]].filter(Boolean).join(" · ");
  return el(
    "div",
    { class: "who" },
    el("b", { class: "big" }, person.name),
    el("span", {}, el("span", {}, facts), el("span", { class: "how" }, how)),
  );
}

function sums(one) {
  const listed = one.listPriceFen === null ? one.priceFen : one.listPriceFen;
  const sources = (one.sources || []).map(({ name, fen }) => `${name}${sum(fen)}`).join("＋");
  const part = (words, fen, small) =>
    el("div", {}, el("dt", {}, words), el("dd", {}, sum(fen)), small && el("dd", { class: "of" }, small));
  return el(
    "dl",
    { class: "sums" },
    part(one.listPriceFen === null ? "餐价" : "公示价", listed),
    part("企业优惠", one.discountFen || 0),
    part("补贴", one.subsidyFen, sources),
    el(
      "div",
      { class: "pay" },
      el("dt", {}, "实付（元）"),
      el("dd", { class: "huge" }, sum(one.selfPayFen)),
    ),
  );
}

const HEADS = {
  changed: ["warn", "金额有变化，还没有登记，请重新核对"],
  again: ["warn", "这一餐已经补贴过，没有登记"],
  full: ["warn", "不享受补贴，按全价"],
  manual: ["info", "手工登记：请核对本人"],
  plain: ["info", "请核对后确认"],
};

function card(view) {
  const { card: one, changed, sending } = view;
  const again = one.reason === "already_served";
  const byHand = one.method === "manual";
  const head = HEADS[changed ? "changed" : again ? "again" : one.reason ? "full" : byHand ? "manual" : "plain"];
  return [
    band(...head),
    who(one.person, one.meal, one.mode, one.method),
    sums(one),
    el("p", { class: "why" }, one.sentence || REASONS[one.reason] || "", estimate(one)),
    byHand ? reasons(one, sending) : confirm(one, again, sending),
  ];
}

const estimate = (one) => (one.source === "device" ? " （断网，按本机名单）" : "");

function confirm(one, again, sending) {
  const pay = sum(one.selfPayFen);
  const words = one.reason ? `按全价登记，收 ${pay} 元` : `确认登记，收 ${pay} 元`;
  const look = { kind: again ? "danger" : "accent", hint: again ? "1" : "回车", disabled: sending };
  return el(
    "div",
    { class: "go" },
    button("confirm", sending ? "正在登记…" : words, look),
    button("cancel", "不登记", { hint: "Esc", disabled: sending }),
  );
}

function reasons(one, sending) {
  const pay = sum(one.selfPayFen);
  const words = one.reason ? `按全价登记，收 ${pay} 元` : `登记，收 ${pay} 元`;
  const ask = sending ? "正在登记…" : `为什么没刷卡？点一个就${words}`;
  const kind = one.reason ? "secondary" : "primary";
  return el(
    "div",
    { class: "by-hand", role: "group", "aria-label": ask },
    el("p", {}, ask),
    BY_HAND.map((why, at) => {
      return button("why", why, { kind, hint: String(at + 1), disabled: sending, "data-at": at });
    }),
    button("cancel", "不登记", { hint: "Esc", disabled: sending, class: "btn btn-secondary last" }),
  );
}

function price({ person, meal, problem, asked }) {
  const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0"];
  const words = asked ? "这一餐还没有定价，请输入餐价" : "改餐价";
  const says = problem || "这是补贴之前的价格，只用于这一份。";
  return [
    band("edit", `${words}：${person.name}，${MEALS[meal]}`),
    el(
      "div",
      { class: "price-form" },
      el("label", { for: "price" }, "餐价（元）"),
      el("input", {
        id: "price",
        class: "form-control",
        inputmode: "none",
        autocomplete: "off",
        "aria-describedby": "price-says",
        "aria-invalid": problem ? "true" : false,
      }),
      el("p", { id: "price-says", class: problem ? "error" : "quiet" }, says),
    ),
    el(
      "div",
      { class: "digits" },
      digits.map((sign) => button("digit", sign, { "data-sign": sign })),
      button("digit", "退格", { "data-sign": "back" }),
    ),
    el(
      "div",
      { class: "go" },
      button("price-set", "按这个价格计算", { kind: "accent", hint: "回车" }),
      button("price-cancel", asked ? "不登记" : "不改", { hint: "Esc" }),
    ),
  ];
}

const OUTCOMES = {
  good: ["good", "已登记"],
  warn: ["warn", "已按全价登记"],
  pending: ["wait", "已记下，待上传"],
};

function done({ tone, name, line, replayed }) {
  const [drawing, words] = OUTCOMES[tone];
  const full = line.reason ? `全价（${REASONS[line.reason] || "不享受补贴"}）` : `补贴 ${sum(line.subsidyFen)} 元`;
  const facts = [MEALS[line.meal], MODES[line.mode], `餐价 ${sum(line.priceFen)} 元`, full].filter(Boolean);
  const next = tone === "pending" ? "联网后自动上传，不用再刷一次。下一位请刷卡。" : "下一位请刷卡。";
  return [
    band(drawing, replayed ? `${words}（没有重复登记）` : words),
    el(
      "div",
      { class: "middle" },
      el("p", { class: "big" }, name),
      el("p", { class: "take" }, "收 ", el("b", { class: "huge" }, sum(line.selfPayFen)), " 元"),
      el("p", {}, facts.join("，"), "。"),
      line.message && el("p", {}, line.message),
      el("p", { class: "quiet" }, next),
    ),
  ];
}

function refused({ title, message, name }) {
  return [
    band("bad", title),
    el(
      "div",
      { class: "middle" },
      name ? el("p", { class: "big" }, name) : icon("bad"),
      el("p", { class: "refusal" }, message),
      el("div", { class: "go" }, button("cancel", "知道了", { hint: "Esc" })),
    ),
  ];
}

function undo({ line, reason, sending, problem }) {
  const back = `将冲正${line.name} ${line.time} 的${MEALS[line.meal]}，退回补贴 ${sum(line.subsidyFen)} 元，退还老人 ${sum(line.selfPayFen)} 元。`;
  return [
    band("undo", `冲正：${line.name}，${line.time}，${MEALS[line.meal]}`),
    el("p", { class: "ask" }, reason ? "原因" : "为什么冲正？点一个"),
    el(
      "div",
      { class: "undo-why", role: "group", "aria-label": "冲正原因" },
      WHY_UNDO.map((why, at) =>
        button("undo-why", why, {
          kind: why === reason ? "primary" : "secondary",
          hint: String(at + 1),
          "aria-pressed": String(why === reason),
          "data-at": at,
          disabled: sending,
        }),
      ),
    ),
    el("p", { class: "consequence", role: "status" }, reason ? back : ""),
    problem && el("p", { class: "error", role: "alert" }, icon("bad"), el("span", {}, problem)),
    el(
      "div",
      { class: "go" },
      reason && button("undo-go", sending ? "正在冲正…" : "确认冲正", { kind: "danger", hint: "回车", disabled: sending }),
      button("cancel", "不冲正", { hint: "Esc", disabled: sending }),
    ),
  ];
}

function undone({ line, message, tone }) {
  return [
    band(tone === "pending" ? "wait" : "good", tone === "pending" ? "已记下，联网后自动冲正" : "已冲正"),
    el(
      "div",
      { class: "middle" },
      el("p", { class: "big" }, line.name),
      el("p", { class: "take" }, "退还老人 ", el("b", { class: "huge" }, sum(line.selfPayFen)), " 元"),
      el("p", {}, `退回补贴 ${sum(line.subsidyFen)} 元。`),
      tone === "pending" && message && el("p", { class: "quiet" }, message),
    ),
  ];
}
