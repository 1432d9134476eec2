// Rows of a round can be dragged by their grip; the numbers follow. Without this file they are typed.
const rows = () => Array.from(document.querySelectorAll("[data-stop]"));
let dragged = null;

const renumber = () => {
  rows().forEach((row, place) => {
    row.querySelector(".order-no").value = place + 1;
  });
};

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip) return;
  event.preventDefault();
  dragged = grip.closest("[data-stop]");
  dragged.classList.add("dragging");
});
document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const above = rows().find((row) => {
    const box = row.getBoundingClientRect();
    return row !== dragged && event.clientY < box.top + box.height / 2;
  });
  if (above) above.before(dragged);
  else dragged.parentNode.append(dragged);
});
const drop = () => {
  if (!dragged) return;
  dragged.classList.remove("dragging");
  dragged = null;
  renumber();
};
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", drop);
