"""An inspector's phone: a browser profile 390 points wide, which can be killed and switched on again."""

from typing import Any

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.factories import pictures
from tests.support import chromium
from tests.support.devices import Device

SIZE: ViewportSize = {"width": 390, "height": 844}
READY = """async () => {
  await navigator.serviceWorker.ready;
  for (let turn = 0; turn < 100; turn += 1) {
    if (await caches.match("/inspect/shell")) return true;
    await new Promise((go) => setTimeout(go, 50));
  }
  return false;
}"""


class Phone(Device):
    """`page` shows the list of visits, or one visit."""

    def _fresh(self) -> BrowserContext:
        return self._chrome.new_context(base_url=self._address, viewport=SIZE, has_touch=True)

    def _profile(self) -> BrowserContext:
        path = chromium.find()
        assert path and self._folder
        return self._chrome.browser_type.launch_persistent_context(
            self._folder,
            executable_path=path,
            args=list(chromium.FLAGS),
            base_url=self._address,
            viewport=SIZE,
            has_touch=True,
        )

    def load(self, page: Page, point: str = "") -> None:
        page.goto("/inspect", wait_until="domcontentloaded")

    def take_along(self) -> "Phone":
        """Waits until the visits and the pages are on the phone."""
        expect(self.page.locator("[data-kept]").first).to_contain_text("可离线使用")
        assert self.page.evaluate(READY)
        return self

    def open(self, visit_id: int) -> "Phone":
        self.page.goto(f"/inspect/{visit_id}", wait_until="domcontentloaded")
        expect(self.page.locator("#inspect[data-tab]")).to_be_visible()
        return self

    def tab(self, point: str = "") -> Page:
        page = self.context.new_page()
        self.load(page)
        return page

    def begin(self, present: str = "王某 店长") -> None:
        self.page.locator(".tick input").check()
        self.page.locator("[data-present]").fill(present)
        self.page.locator("[data-begin]").click()

    def answer(self, result: str, note: str = "", photo: bool = False, **measured: str) -> str:
        """Answers the item on the screen; its code. Whoever passes goes on by itself."""
        page = self.page
        code = page.locator("[data-item]").get_attribute("data-item") or ""
        for name, value in measured.items():
            field = page.locator(f"[data-field={name}]")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        if photo:
            self.shoot()
        page.locator(f"[data-result={result}]").click()
        if note:
            page.locator(f"[data-note={code}]").fill(note)
        return code

    def shoot(self, content: bytes = b"") -> None:
        row = self.page.locator("[data-photos]")
        before = int(row.get_attribute("data-photos") or 0)
        file: Any = {"name": "photo.jpg", "mimeType": "image/jpeg"}
        file["buffer"] = content or pictures.jpeg(900, 700)
        self.page.locator("[data-camera]").set_input_files(file)
        expect(self.page.locator(f"[data-photos='{before + 1}']")).to_be_visible()

    def sign(self, part: str) -> None:
        """Draws two strokes."""
        pad = self.page.locator(f"[data-pad={part}]")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        for shift in (0.2, 0.5):
            x, y = box["x"] + box["width"] * shift, box["y"] + box["height"] * 0.3
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            self.page.mouse.move(x + 60, y + 40, steps=4)
            self.page.mouse.up()

    def saved(self) -> "Phone":
        """Waits until the server has all of it; changing the tab sends at once."""
        self.page.locator(".tabs [data-tab=count]").click()
        saved = self.page.locator("#net[data-net=ok][data-saved=yes]")
        expect(saved).to_be_visible(timeout=20_000)
        self.page.locator(".tabs [data-tab=items]").click()
        return self

    def kept(self) -> dict[str, Any]:
        """What lies in the browser's database and caches, as text and counts."""
        return self.page.evaluate(_KEPT)


_KEPT = """async () => {
  const all = { visits: 0, photos: 0, text: "" };
  const db = await new Promise((done) => {
    const asked = indexedDB.open("mealsvc-inspect");
    asked.onsuccess = () => done(asked.result);
  });
  for (const name of ["visits", "photos", "meta"]) {
    const rows = await new Promise((done) => {
      const asked = db.transaction(name).objectStore(name).getAll();
      asked.onsuccess = () => done(asked.result);
    });
    all[name] = rows.length;
    all.text += JSON.stringify(rows);
  }
  db.close();
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      if ((answer.headers.get("Content-Type") || "").startsWith("text/html")) all.text += await answer.text();
    }
  }
  all.text += JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
  return all;
}"""
