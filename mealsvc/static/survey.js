// The form of a survey sheet: keeps what is typed, and hides questions that are not asked.
"use strict";

(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const saved = form.querySelector("[data-saved]");
  const EVERY = 20_000;
  let changed = false;
  let leaving = false;

  const say = (text) => {
    saved.textContent = text;
  };

  const save = async () => {
    if (!changed || leaving) return;
    changed = false;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        keepalive: true,
      });
      const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      if (!answer.ok) changed = true;
      say(told.said || "草稿没有保存：请按“保存草稿”，看看是否要重新登录。");
    } catch {
      changed = true;
      say("现在连不上网，草稿还没有保存，稍后再试。");
    }
  };

  const values = (name) =>
    [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
      .filter((input) => !/radio|checkbox/.test(input.type) || input.checked)
      .map((input) => input.value);

  // A question whose condition does not hold is hidden, but only while nothing is typed in it.
  const show = () => {
    for (const part of form.querySelectorAll("[data-asked]")) {
      const after = part.dataset.after.split(",");
      const asked = values(part.dataset.asked).some((value) => after.includes(value));
      const typed = [...part.querySelectorAll("input, textarea, select")].some((input) =>
        /radio|checkbox/.test(input.type) ? input.checked : input.value.trim() !== "",
      );
      part.classList.toggle("not-asked", !asked && !typed && !part.querySelector(".error"));
    }
    for (const group of form.querySelectorAll(".group")) {
      const parts = [...group.children].slice(1);
      group.classList.toggle("not-asked", parts.every((part) => part.classList.contains("not-asked")));
    }
  };

  form.addEventListener("input", () => {
    changed = true;
    show();
  });
  form.addEventListener("submit", () => {
    leaving = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  setInterval(save, EVERY);
  show();
})();
