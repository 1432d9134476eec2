// The editor of a report's section: figures are inserted where the cursor stands, and found by name.
const text = document.querySelector("textarea.writing");
const find = document.querySelector("#find");

function insert(token) {
  const exhibit = /^\{[图表]:/.test(token);
  const { selectionStart: start, selectionEnd: end, value } = text;
  const before = exhibit && start > 0 && value[start - 1] !== "\n" ? "\n" : "";
  const after = exhibit && value[end] !== "\n" ? "\n" : "";
  text.setRangeText(before + token + after, start, end, "end");
  text.focus();
}

if (text) {
  for (const button of document.querySelectorAll("button.token")) {
    button.hidden = false;
    button.addEventListener("click", () => insert(button.dataset.token));
  }
  find.hidden = false;
  find.querySelector("input").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const row of document.querySelectorAll(".token-list li")) {
      row.hidden = wanted !== "" && !row.dataset.find.toLowerCase().includes(wanted);
    }
  });
}
