// Reads the page aloud, sentence by sentence, where the phone can speak; the button shows only then.
(function () {
  "use strict";
  var voice = window.speechSynthesis;
  var button = document.getElementById("read");
  if (!voice || !window.SpeechSynthesisUtterance || !button) return;
  var start = button.textContent;
  var queue = [];
  var shown = null;

  function parts() {
    var found = document.querySelectorAll("main h1, main h2, main h3, main h4, main p, main li, main dt, main dd, main caption, main tr");
    return Array.prototype.filter.call(found, function (one) {
      return one.offsetParent !== null && !one.querySelector("p, li, dt") && one.textContent.trim();
    });
  }

  function mark(one) {
    if (shown) shown.classList.remove("reading");
    shown = one;
    if (one) one.classList.add("reading");
  }

  function stop() {
    queue = [];
    mark(null);
    voice.cancel();
    button.textContent = start;
  }

  function next() {
    var one = queue.shift();
    if (!one) return stop();
    var said = new window.SpeechSynthesisUtterance(one.textContent.replace(/\s+/g, " ").replace(/[✓✕○]/g, ""));
    said.lang = "zh-CN";
    said.rate = 0.85;
    said.onend = function () { if (shown === one) next(); };
    said.onerror = function () {
      if (shown !== one) return;
      stop();
      button.textContent = button.getAttribute("data-fail");
    };
    mark(one);
    voice.speak(said);
  }

  button.addEventListener("click", function () {
    if (shown) return stop();
    queue = parts();
    button.textContent = button.getAttribute("data-stop");
    next();
  });
  window.addEventListener("pagehide", stop);
  button.hidden = false;
})();
