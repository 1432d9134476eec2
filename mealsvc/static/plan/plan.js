// The plan page, livelier: sliders with an estimate at once, candidates to tick, a pin to drag over the map.
// The proven answer is the server's; without this file the form asks for it all the same.
import { Pin } from "./pin.js";
import { choose, elders, within } from "./reach.js";

const NUMBER = new Intl.NumberFormat("zh-CN");
const told = (count) => `${NUMBER.format(count)}人`;

class Ground {
  constructor(data) {
    Object.assign(this, data);
    this.radius = -1;
  }

  // Who is reached by points and by each candidate: counted again only when the radius changes.
  at(radius) {
    if (radius === this.radius) return;
    this.radius = radius;
    this.before = new Set(this.points.flatMap(([lon, lat]) => within(this.homes, lon, lat, radius)));
    this.sites = this.candidates.map(([code, lon, lat, cost]) => ({
      code,
      cost,
      reach: within(this.homes, lon, lat, radius),
    }));
  }

  with(reaches, scratch) {
    const places = new Set(scratch ? [] : this.before);
    for (const reach of reaches) for (const place of reach) places.add(place);
    return elders(this.homes, places);
  }
}

function slider(input, least, most, step, change) {
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: least, max: most, step, value: input.value, className: "plan-slider" });
  range.setAttribute("aria-label", `拖动调整${input.labels[0].firstChild.textContent.trim()}`);
  range.addEventListener("input", () => {
    input.value = range.value;
    change();
  });
  input.addEventListener("input", () => {
    range.value = input.value;
    change();
  });
  input.closest(".field").append(range);
}

class Page {
  constructor(form, ground) {
    this.form = form;
    this.ground = ground;
    this.live = document.getElementById("plan-live");
    this.boxes = [];
    this.pin = null;
  }

  start() {
    const { radius, add, budget, scratch } = this.form.elements;
    const change = () => this.show();
    slider(radius, 200, 3000, 50, change);
    slider(add, 1, Math.max(Math.min(this.ground.candidates.length, 40), 1), 1, change);
    budget.addEventListener("input", change);
    for (const box of [scratch, this.form.elements.capacity, this.form.elements.equity]) box.addEventListener("change", change);
    this.tick();
    this.pin = Pin.on(document.querySelector("svg[data-map]"), this.ground.homes, document.getElementById("try"), change);
    this.live.hidden = false;
    this.show();
  }

  // A box before each candidate of the table: what one's own choice covers.
  tick() {
    const table = document.querySelector("#try table");
    if (!table) return;
    const head = document.createElement("th");
    head.scope = "col";
    head.textContent = "自选";
    table.tHead.rows[0].prepend(head);
    for (const row of table.tBodies[0].rows) {
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", className: "form-check-input", value: row.dataset.site });
      box.setAttribute("aria-label", `自选 ${row.cells[0].textContent}`);
      box.addEventListener("change", () => this.show());
      row.insertCell(0).append(box);
      this.boxes.push(box);
    }
    this.own = document.createElement("p");
    this.own.className = "plan-own";
    this.own.setAttribute("role", "status");
    document.querySelector("#try .plan-try-hint").after(this.own);
  }

  show() {
    const { radius, add, budget, scratch } = this.form.elements;
    const reach = Number(radius.value);
    if (!(reach > 0)) return;
    this.ground.at(reach);
    const limits = {
      add: Number(add.value) || this.ground.sites.length,
      budget: budget.value.trim() ? Number(budget.value.replaceAll(",", "")) * 100 : Infinity,
    };
    const done = scratch.checked ? [] : this.ground.before;
    const found = choose(this.ground.homes, done, this.ground.sites, limits);
    this.tell(found, scratch.checked);
    this.weigh(reach, scratch.checked);
  }

  tell(found, scratch) {
    const { ground } = this;
    const before = ground.with([], scratch);
    const after = ground.with(found.map((site) => ground.sites[site].reach), scratch);
    const share = ground.eligible ? ((100 * after) / ground.eligible).toFixed(1) : "0";
    const codes = found.map((site) => ground.sites[site].code).join("、") || "没有合适的";
    this.live.textContent =
      `即时估算：新增${found.length}个点（${codes}）覆盖 ${told(after)}，${share}%，比现在多 ${told(after - before)}。` +
      (this.form.elements.capacity.checked || this.form.elements.equity.checked || this.form.elements.target.value.trim()
        ? "估算不计目标、供餐能力和均衡；"
        : "估算不一定最优；") +
      "点“测算最优布点”得到证明。";
  }

  // One's own choice: ticked candidates and the pin.
  weigh(radius, scratch) {
    if (!this.own) return;
    const { ground } = this;
    const ticked = new Set(this.boxes.filter((box) => box.checked).map((box) => box.value));
    const reaches = ground.sites.filter((site) => ticked.has(site.code)).map((site) => site.reach);
    const parts = ticked.size ? [`${ticked.size}个候选点`] : [];
    if (this.pin && this.pin.placed) {
      reaches.push(within(ground.homes, this.pin.lon, this.pin.lat, radius));
      parts.push("图钉");
      this.pin.ring(radius);
    }
    const before = ground.with([], scratch);
    const after = ground.with(reaches, scratch);
    this.own.textContent = parts.length
      ? `自选（${parts.join("和")}）：覆盖 ${told(before)} → ${told(after)}，增加 ${told(after - before)}。`
      : "勾选候选点，或在地图上放一个图钉拖动，马上看到能多覆盖多少老人。";
    if (this.pin) this.pin.say(this.own.textContent);
  }
}

const form = document.getElementById("plan-form");
if (form) {
  const asked = new URLSearchParams(new FormData(form));
  fetch(`${form.dataset.ground}?${asked}`, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then((data) => new Page(form, new Ground(data)).start())
    .catch(() => {}); // the form alone does it
}
