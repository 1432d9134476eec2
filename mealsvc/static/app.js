// Small conveniences only: every page works without this file.
document.documentElement.classList.add("scripted");

// Print buttons appear only where a script can print.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A form sent twice by an impatient finger is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// A page that opens with errors starts at their summary, which links to each field.
document.querySelector("[data-focus]")?.focus();
