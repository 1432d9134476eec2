// Niceties of the till; every step works without this file.
const typing = (target) => target.matches("input:not([type=hidden]), select, textarea");
let burst = "";
let last = 0;

// Choosing another meal or way shows the new amounts at once.
document.querySelectorAll("[data-card] select, [data-card] #price").forEach((field) => {
  field.addEventListener("change", () => document.querySelector("[data-recount]").click());
});

// A reader types a whole number and Enter within moments: on an open card that is no confirmation.
const isScan = (event) => event.key === "Enter" && event.timeStamp - last < 100 && burst.length > 3;

const remember = (event) => {
  if (event.key.length !== 1) return;
  burst = event.timeStamp - last < 100 ? burst + event.key : event.key;
  last = event.timeStamp;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") document.querySelector("[data-home]").click();
  if (typing(event.target)) return;
  if (isScan(event) && document.querySelector("[data-card]")) {
    event.preventDefault();
    document.querySelector("[data-scan]").hidden = false;
  }
  remember(event);
  const pick = document.querySelector(`[data-pick="${CSS.escape(event.key)}"]`);
  if (!pick) return;
  const mine = burst;
  setTimeout(() => burst === mine && pick.click(), 150); // no more digits: a finger, not a reader
});
