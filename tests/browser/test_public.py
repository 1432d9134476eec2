"""The pages for everybody on a phone, plain and in elder mode: axe has nothing to say, nothing is too wide or small."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from mealsvc.plumbing import clock
from tests.factories import publics
from tests.factories.publics import RUNNING
from tests.factories.tills import COMMUNITY, LUNCH, TOWN

pytestmark = pytest.mark.ground(by=publics.open_district)
PHONE = {"width": 390, "height": 844}
PAGES = (
    f"/public?near={COMMUNITY}",
    f"/public?town={TOWN}",
    "/public/P01",
    "/public/register",
    "/public/complain",
    "/public/inspections",
    "/public/notices",
    f"/public/notices/{RUNNING}",
    f"/public/notices/{RUNNING}/P01",
)
_AXE = """axe.run({resultTypes: ["violations"], iframes: false})
  .then((all) => all.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"""
_SEEN = """([text, target]) => {
  const faults = new Set();
  const over = document.scrollingElement.scrollWidth - innerWidth;
  if (over > 0) faults.add(`the page is ${over} px too wide`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !parent.checkVisibility()) continue;
    if (parent.closest(".hide, option, script")) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < text) faults.add(`${size} px: ${walker.currentNode.data.trim().slice(0, 20)}`);
  }
  for (const one of document.querySelectorAll("button, input:not([type=hidden]), select, summary, main li > a, h3 > a, .button, .tool, .rooms a")) {
    const box = one.getBoundingClientRect();
    if (one.checkVisibility() && box.height < target) faults.add(`${box.height} px high: ${one.textContent.slice(0, 20)}`);
  }
  return [...faults];
}"""


@pytest.fixture(autouse=True)
def at_lunch(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LUNCH)


@pytest.mark.only("sqlite")
def test_every_page_is_fit_for_old_eyes_and_fingers(page):
    page.set_viewport_size(PHONE)
    found = []
    for big, text, target in (("", 20, 44), ("big=1", 30, 60)):
        for url in PAGES:
            page.goto(f"{url}{'&' if '?' in url else '?'}{big}")
            page.evaluate(
                "document.querySelectorAll('details').forEach((one) => (one.open = true))"
            )
            page.evaluate(Axe().axe_script)
            faults = [*page.evaluate(_AXE), *page.evaluate(_SEEN, [text, target])]
            found += [f"{url} {big}: {fault}" for fault in faults]
    assert not found


@pytest.mark.only("sqlite")
def test_the_nearest_is_found_within_the_phone_and_the_position_stays_there(page, visitor, address):
    sent = []
    page.on("request", lambda asked: sent.append(asked.url))
    visitor.grant_permissions(["geolocation"], origin=address)
    visitor.set_geolocation({"longitude": 119.9612, "latitude": 31.7003})
    page.goto("/public")
    assert not any("places.json" in url for url in sent)
    page.get_by_role("button", name="用手机定位").click()
    page.get_by_text("下面是离您最近的助餐点").wait_for()
    heads = page.locator("#near h3").all_inner_texts()
    assert [head[:5] for head in heads] == ["花园助餐点", "丰乐助餐点"]
    assert not [url for url in sent if "119.9" in url or "31.7" in url]


_VOICE = """
window.said = [];
const voice = {speak: (one) => said.push(one), cancel: () => {}};
Object.defineProperty(window, "speechSynthesis", {value: voice});
"""


@pytest.mark.only("sqlite")
def test_the_page_is_read_aloud_until_somebody_stops_it(page):
    page.add_init_script(_VOICE)
    page.goto("/public/register")
    button, now = page.locator("#read"), page.locator(".reading")
    button.click()
    assert button.inner_text() == "停止朗读" and now.inner_text() == "怎么登记"
    page.evaluate("said.at(-1).onend()")
    assert page.evaluate("said.map((one) => one.text)") == ["怎么登记", now.inner_text()]
    button.click()
    assert button.inner_text() == "读给我听" and now.count() == 0
    button.click()
    page.evaluate("said.at(-1).onerror()")
    assert button.inner_text() == "手机不能朗读" and now.count() == 0
