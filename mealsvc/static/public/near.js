// The nearest points from the phone's own position, which is asked for when the button is pressed,
// rounded to about 100 m, used here and nowhere else: nothing is sent.
(function () {
  "use strict";
  var box = document.getElementById("near");
  if (!box || !window.isSecureContext || !navigator.geolocation || !window.fetch) return;
  var button = box.querySelector("button");
  var told = box.querySelector("[role=status]");
  var list = box.querySelector("ul");
  var MOST = 10;

  function metres(a, b) {
    var rad = Math.PI / 180;
    var across = Math.sin(((b.lon - a.lon) * rad) / 2);
    var up = Math.sin(((b.lat - a.lat) * rad) / 2);
    var half = up * up + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * across * across;
    return 2 * 6371008.8 * Math.asin(Math.min(1, Math.sqrt(half)));
  }

  function words(far) {
    return far < 975 ? "约" + Math.max(Math.round(far / 50) * 50, 50) + "米" : "约" + (far / 1000).toFixed(1) + "公里";
  }

  function add(parent, name, text, kind) {
    var made = document.createElement(name);
    made.textContent = text;
    if (kind) made.className = kind;
    return parent.appendChild(made);
  }

  function show(places, here) {
    list.textContent = "";
    places.forEach(function (one) { one.far = metres(here, one); });
    places.sort(function (a, b) { return a.far - b.far; });
    places.slice(0, MOST).forEach(function (one) {
      var item = add(list, "li", "", "card");
      var head = add(item, "h3", "");
      add(head, "a", one.name).href = box.getAttribute("data-point").replace("CODE", encodeURIComponent(one.code));
      add(head, "span", " " + words(one.far), "far");
      add(item, "p", one.address);
      add(item, "p", one.status + (one.hours ? " · " + one.hours : ""));
    });
    told.textContent = "下面是离您最近的助餐点，直线距离。";
  }

  function failed() {
    told.textContent = "没有取得位置。请在上面选您住的镇、街道。";
    button.disabled = false;
  }

  button.addEventListener("click", function () {
    button.disabled = true;
    told.textContent = "正在定位…";
    navigator.geolocation.getCurrentPosition(function (at) {
      var here = { lon: Math.round(at.coords.longitude * 1000) / 1000, lat: Math.round(at.coords.latitude * 1000) / 1000 };
      fetch(box.getAttribute("data-places"))
        .then(function (answer) { return answer.json(); })
        .then(function (places) { show(places, here); button.disabled = false; })
        .catch(failed);
    }, failed, { maximumAge: 60000 });
  });
  box.hidden = false;
})();
