// A signature with the finger: strokes as whole numbers on 600 × 240, short enough to be kept.
// Without this file the courier ticks who took the meal.
const canvas = document.querySelector("[data-sign]");
if (canvas) {
  const field = document.getElementById(canvas.dataset.sign);
  const pen = canvas.getContext("2d");
  const MOST = 4000; // characters; the server takes 4,096
  let strokes = field.value ? field.value.split(";") : [];
  let last = null;

  const clearPen = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 5;
    pen.lineCap = "round";
    pen.strokeStyle = "#1f2933";
  };

  const drawTo = (from, to) => {
    pen.beginPath();
    pen.moveTo(from[0], from[1]);
    pen.lineTo(to[0], to[1]);
    pen.stroke();
  };

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (value, size, most) => Math.max(0, Math.min(most - 1, Math.round((value * most) / size)));
    return [
      at(event.clientX - box.left, box.width, canvas.width),
      at(event.clientY - box.top, box.height, canvas.height),
    ];
  };

  const redraw = () => {
    clearPen();
    strokes.forEach((stroke) => {
      const points = stroke.split(" ").map((point) => point.split(",").map(Number));
      points.forEach((point, number) => drawTo(points[Math.max(0, number - 1)], point));
    });
  };

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    strokes.push(last.join(","));
    drawTo(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const now = place(event);
    const far = Math.abs(now[0] - last[0]) + Math.abs(now[1] - last[1]);
    if (far < 5 || strokes.join(";").length > MOST) return;
    drawTo(last, now);
    strokes[strokes.length - 1] += ` ${now.join(",")}`;
    last = now;
  });
  const lift = () => {
    last = null;
    field.value = strokes.join(";").length > 4096 ? "" : strokes.join(";");
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  document.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    field.value = "";
    clearPen();
  });
  redraw();
}
