// A signature drawn with the finger, for any page: strokes as text `x,y x,y;x,y …`, the width of the
// field being 999 and the height in the same measure.

const WIDE = 999;
const MOST = 4000; // characters; the server takes 4,096
const NEAR = 6; // points closer than this say nothing

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{value?: string, changed?: (strokes: string) => void}} given
 */
export function createPad(canvas, { value = "", changed = () => {} } = {}) {
  const pen = canvas.getContext("2d");
  let strokes = value ? value.split(";") : [];
  let last = null;

  const scale = () => canvas.width / WIDE;
  const length = () => strokes.reduce((sum, stroke) => sum + stroke.length + 1, 0);

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const unit = WIDE / box.width;
    const within = (value) => Math.max(0, Math.min(WIDE, Math.round(value * unit)));
    return [within(event.clientX - box.left), within(event.clientY - box.top)];
  }

  function line(from, to) {
    pen.beginPath();
    pen.moveTo(from[0] * scale(), from[1] * scale());
    pen.lineTo(to[0] * scale(), to[1] * scale());
    pen.stroke();
  }

  function redraw() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = canvas.width / 150;
    pen.lineCap = "round";
    pen.strokeStyle = "#1f2933";
    for (const stroke of strokes) {
      const points = stroke.split(" ").map((point) => point.split(",").map(Number));
      points.forEach((point, at) => line(points[Math.max(0, at - 1)], point));
    }
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (length() > MOST) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    strokes.push(last.join(","));
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last || length() > MOST) return;
    const now = place(event);
    if (Math.abs(now[0] - last[0]) + Math.abs(now[1] - last[1]) < NEAR) return;
    line(last, now);
    strokes[strokes.length - 1] += ` ${now.join(",")}`;
    last = now;
  });
  const lift = () => {
    if (!last) return;
    last = null;
    changed(strokes.join(";"));
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  redraw();

  return {
    clear() {
      strokes = [];
      redraw();
      changed("");
    },
    get value() {
      return strokes.join(";");
    },
  };
}
