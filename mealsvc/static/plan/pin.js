// A pin that is dragged over the coverage map, or moved by arrows: 100 metres a step, 1 km with Shift.
const NS = "http://www.w3.org/2000/svg";
const STEP_M = 100;
const METRES_A_DEGREE = (6371008.8 * Math.PI) / 180;

function made(name, attributes) {
  const one = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  return one;
}

// How the map places degrees, read off two of its own circles: far apart in both directions.
function projection(svg, homes) {
  const spots = new Map(homes.map(([code, lon, lat]) => [code, { lon, lat }]));
  const drawn = [...svg.querySelectorAll(".dots a")].flatMap((link) => {
    const spot = spots.get(link.getAttribute("href").slice(-12));
    const circle = link.querySelector("circle");
    return spot && circle ? [{ ...spot, x: Number(circle.getAttribute("cx")), y: Number(circle.getAttribute("cy")) }] : [];
  });
  if (drawn.length < 2) return null;
  const span = (key) => drawn.reduce(([low, high], one) => [one[key] < low[key] ? one : low, one[key] > high[key] ? one : high], [drawn[0], drawn[0]]);
  const [west, east] = span("lon");
  const [south, north] = span("lat");
  if (west.lon === east.lon || south.lat === north.lat) return null;
  const perLon = (east.x - west.x) / (east.lon - west.lon);
  const perLat = (north.y - south.y) / (north.lat - south.lat);
  return {
    to: (lon, lat) => [west.x + (lon - west.lon) * perLon, south.y + (lat - south.lat) * perLat],
    from: (x, y) => [west.lon + (x - west.x) / perLon, south.lat + (y - south.y) / perLat],
    unit: Math.abs(perLat) / METRES_A_DEGREE,
  };
}

export class Pin {
  // Adds a button below; nothing where the map has no circles to measure by.
  static on(svg, homes, section, change) {
    const to = svg && projection(svg, homes);
    return to ? new Pin(svg, to, section, change) : null;
  }

  constructor(svg, to, section, change) {
    this.svg = svg;
    this.map = to;
    this.change = change;
    this.placed = false;
    this.button = document.createElement("button");
    Object.assign(this.button, { type: "button", className: "btn btn-secondary plan-pin-button", textContent: "在地图上放图钉" });
    this.button.addEventListener("click", () => (this.placed ? this.remove() : this.place()));
    svg.closest("figure").before(this.button);
    this.words = document.createElement("p");
    this.words.className = "plan-own plan-pin-words";
    this.words.hidden = true;
    this.button.after(this.words);
  }

  place() {
    const box = this.svg.viewBox.baseVal;
    [this.lon, this.lat] = this.map.from(box.x + box.width / 2, box.y + box.height / 2);
    this.group = made("g", { class: "plan-pin", tabindex: "0", role: "application", "aria-label": "图钉：用方向键移动，每次100米，加Shift为1公里" });
    this.circle = made("circle", { class: "plan-pin-ring", r: "10" });
    this.group.append(this.circle, made("path", { class: "plan-pin-mark", d: "M0 0L-9 -20A10 10 0 1 1 9 -20Z" }));
    this.svg.append(this.group);
    this.group.addEventListener("pointerdown", (event) => this.drag(event));
    this.group.addEventListener("keydown", (event) => this.key(event));
    this.placed = true;
    this.button.textContent = "拿掉图钉";
    this.words.hidden = false;
    this.put();
    this.group.focus();
  }

  remove() {
    this.group.remove();
    this.placed = false;
    this.button.textContent = "在地图上放图钉";
    this.words.hidden = true;
    this.change();
  }

  put() {
    const [x, y] = this.map.to(this.lon, this.lat);
    this.group.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    this.change();
  }

  drag(down) {
    down.preventDefault();
    down.stopPropagation();
    this.group.focus();
    this.group.setPointerCapture(down.pointerId);
    const move = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      [this.lon, this.lat] = this.map.from(at.x, at.y);
      this.put();
    };
    const up = () => {
      this.group.removeEventListener("pointermove", move);
      this.group.removeEventListener("pointerup", up);
      this.group.removeEventListener("pointercancel", up);
    };
    this.group.addEventListener("pointermove", move);
    this.group.addEventListener("pointerup", up);
    this.group.addEventListener("pointercancel", up);
  }

  key(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const far = (event.shiftKey ? 10 : 1) * (STEP_M / METRES_A_DEGREE);
    this.lon += (way[0] * far) / Math.cos((this.lat * Math.PI) / 180);
    this.lat += way[1] * far;
    this.put();
  }

  ring(radius) {
    this.circle.setAttribute("r", (radius * this.map.unit).toFixed(1));
  }

  say(words) {
    this.words.textContent = `图钉在 ${this.lon?.toFixed(5)},${this.lat?.toFixed(5)}。${words}`;
  }
}
