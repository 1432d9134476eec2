// Pan and zoom for every map of a page: buttons, wheel with Ctrl, drag, two fingers, + − 0 and arrows.
// Without this file the map is whole and its communities and points are links.
const MOST = 12;
const STEP = 1.5;

class View {
  constructor(svg) {
    this.svg = svg;
    const [x, y, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    this.full = { x, y, width, height };
    this.now = { ...this.full };
    this.texts = [...svg.querySelectorAll(".names text")].map((one) => [one, Number(one.getAttribute("font-size"))]);
    this.lively = document.createElement("p");
    this.lively.className = "visually-hidden";
    this.lively.setAttribute("role", "status");
    svg.parentNode.append(this.lively);
  }

  get scale() {
    return this.full.width / this.now.width;
  }

  // A spot of the screen in units of the drawing.
  spot(clientX, clientY) {
    const at = new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return { x: at.x, y: at.y };
  }

  zoom(factor, about = null) {
    const centre = about || { x: this.now.x + this.now.width / 2, y: this.now.y + this.now.height / 2 };
    const scale = Math.min(Math.max(this.scale * factor, 1), MOST);
    const by = this.scale / scale;
    this.now = {
      x: centre.x - (centre.x - this.now.x) * by,
      y: centre.y - (centre.y - this.now.y) * by,
      width: this.full.width / scale,
      height: this.full.height / scale,
    };
    this.show();
  }

  move(dx, dy) {
    this.now.x += dx;
    this.now.y += dy;
    this.show();
  }

  reset() {
    this.now = { ...this.full };
    this.show();
  }

  show() {
    const { now, full } = this;
    now.x = Math.min(Math.max(now.x, full.x), full.x + full.width - now.width);
    now.y = Math.min(Math.max(now.y, full.y), full.y + full.height - now.height);
    this.svg.setAttribute("viewBox", `${now.x} ${now.y} ${now.width} ${now.height}`);
    this.svg.classList.toggle("movable", this.scale > 1);
    // Names keep their size on the screen, so that they come apart.
    const shrink = this.scale ** 0.8;
    for (const [text, size] of this.texts) text.setAttribute("font-size", size / shrink);
  }

  // What is in sight now, for those who listen.
  tell() {
    const box = this.svg.getBoundingClientRect();
    const seen = [...this.svg.querySelectorAll(".dots a, .marks a")].filter((one) => {
      const at = one.getBoundingClientRect();
      const x = at.left + at.width / 2;
      const y = at.top + at.height / 2;
      return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    });
    const points = seen.filter((one) => one.closest(".marks")).length;
    const names = seen.slice(0, 3).map((one) => one.getAttribute("aria-label").split("：")[0]);
    const first = names.length ? `，其中有${names.join("、")}` : "";
    this.lively.textContent = `放大 ${Math.round(this.scale * 10) / 10} 倍，看得到 ${seen.length - points} 个村社区、${points} 个助餐点${first}`;
  }
}

function buttons(view, frame) {
  const box = document.createElement("div");
  box.className = "map-buttons";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "缩放地图");
  for (const [sign, words, act] of [
    ["＋", "放大", () => view.zoom(STEP)],
    ["－", "缩小", () => view.zoom(1 / STEP)],
    ["⟲", "看全图", () => view.reset()],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = words;
    button.setAttribute("aria-label", words);
    button.addEventListener("click", () => {
      act();
      view.tell();
    });
    box.append(button);
  }
  frame.prepend(box);
  return box;
}

function keys(view, frame) {
  const stride = () => view.now.width / 8;
  const acts = {
    "+": () => view.zoom(STEP),
    "=": () => view.zoom(STEP),
    "-": () => view.zoom(1 / STEP),
    "0": () => view.reset(),
    ArrowLeft: () => view.move(-stride(), 0),
    ArrowRight: () => view.move(stride(), 0),
    ArrowUp: () => view.move(0, -stride()),
    ArrowDown: () => view.move(0, stride()),
  };
  frame.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    const arrow = event.key.startsWith("Arrow");
    if (!act || event.ctrlKey || event.metaKey || event.altKey || (arrow && view.scale === 1)) return;
    event.preventDefault();
    act();
    view.tell();
  });
}

function pointers(view, svg) {
  const down = new Map();
  let moved = false;
  const spread = () => {
    const [a, b] = [...down.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  svg.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (down.size === 1) moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const wide = down.size === 2 ? spread() : 0;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (down.size === 2) {
      moved = true;
      view.zoom(spread() / wide || 1, view.spot(event.clientX, event.clientY));
    } else if (view.scale > 1) {
      const from = view.spot(before.x, before.y);
      const to = view.spot(event.clientX, event.clientY);
      if (Math.abs(event.clientX - before.x) + Math.abs(event.clientY - before.y) > 1) moved = true;
      svg.classList.add("moving");
      view.move(from.x - to.x, from.y - to.y);
    }
  });
  const up = (event) => {
    if (down.delete(event.pointerId) && moved) view.tell();
    svg.classList.remove("moving");
  };
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) svg.addEventListener(name, up);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener(
    "click",
    (event) => {
      if (moved) event.preventDefault();
      moved = false;
    },
    true,
  );
  // The page scrolls as everywhere; with Ctrl the map grows.
  svg.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      view.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, view.spot(event.clientX, event.clientY));
    },
    { passive: false },
  );
}

function tips(svg, frame) {
  const tip = document.createElement("div");
  tip.className = "map-tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  frame.append(tip);
  const show = (target) => {
    const link = target.closest("a[aria-label]");
    tip.hidden = !link;
    if (!link) return;
    tip.textContent = link.getAttribute("aria-label");
    const outer = frame.getBoundingClientRect();
    const at = link.getBoundingClientRect();
    const left = Math.min(at.left - outer.left, outer.width - tip.offsetWidth - 8);
    const below = at.bottom - outer.top + 6;
    const fits = below + tip.offsetHeight < outer.height;
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${fits ? below : Math.max(at.top - outer.top - tip.offsetHeight - 6, 4)}px`;
  };
  svg.addEventListener("pointerover", (event) => show(event.target));
  svg.addEventListener("focusin", (event) => show(event.target));
  svg.addEventListener("pointerleave", () => show(svg));
  svg.addEventListener("focusout", () => show(svg));
}

for (const svg of document.querySelectorAll("svg[data-map]")) {
  const frame = svg.parentNode;
  const view = new View(svg);
  buttons(view, frame);
  keys(view, frame);
  pointers(view, svg);
  tips(svg, frame);
}
