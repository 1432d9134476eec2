"""The till's screen on the real engine and server: by keyboard, by touch, and in each of its states."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mealsvc.menus.services import put_item
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.servings.models import Serving
from tests.browser.looks import tab_to
from tests.factories import tills

FAMILY = "赵钱孙李周吴郑王冯陈褚卫"
YOUNG = "19700101"  # tills.ELDERS: 张桂芳, 54 years old

# A Mandarin voice and a loudspeaker that write down what they are given.
VOICE = """
window.said = [];
window.tunes = [];
const voice = {lang: "zh-CN", localService: true};
const put = (name, value) => Object.defineProperty(window, name, {value});
put("SpeechSynthesisUtterance", function (text) { this.text = text; });
put("speechSynthesis", {
  getVoices: () => [voice], addEventListener() {}, cancel() {},
  speak: (one) => one.voice === voice && said.push(one.text),
});
put("AudioContext", class {
  get state() { return "running"; }
  get currentTime() { return 0; }
  get destination() { return {}; }
  createGain() {
    return {gain: {setValueAtTime() {}, exponentialRampToValueAtTime() {}}, connect: (to) => to};
  }
  createOscillator() {
    const note = {frequency: {}, connect: (to) => to, stop() {}};
    note.start = (at) => tunes.push([note.type, note.frequency.value, at].join(" "));
    return note;
  }
});
"""

READER = """card => {
  const at = document.activeElement;
  const press = key => at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  for (const sign of card) {
    press(sign);
    at.value += sign;
    at.dispatchEvent(new InputEvent("input", {bubbles: true}));
  }
  press("Enter");
  press("Enter");  // some readers send two
}"""


@pytest.fixture
def lunch(app, monkeypatch):
    """11:30 at P01; a lunch of 12 yuan; twelve elders with the cards E00 … E11 beside the four."""
    begun = time.monotonic()
    monkeypatch.setattr(  # the server's clock runs as the page's does
        clock, "now", lambda: tills.LUNCH + timedelta(seconds=time.monotonic() - begun)
    )
    tills.small_district()
    item = {"served_on": tills.LUNCH.date(), "meal": "lunch", "name": "套餐", "kind": "套餐"}
    elders = [
        tills.enrolment(f"{one}阿福", "19450607", f"{100 + at}", f"E{at:03}")
        for at, one in enumerate(FAMILY)
    ]
    twins = [tills.enrolment("沈梅", f"19{year}0101", f"{200 + year}", None) for year in (40, 50)]
    point = point_by_code("P01")
    assert point is not None
    with writing():
        put_item(point.id, "P01", item | {"price_fen": 1200}, tills.SHELL, clock.now())
        enrol_batch([*elders, *twins], tills.SHELL, clock.now(), source="测试")


@pytest.fixture
def till(lunch, enter, page) -> Page:
    """The till, open and ready, at the hour of its server."""
    enter("operator@P01")
    return opened(page)


def opened(page: Page) -> Page:
    page.clock.set_system_time(tills.LUNCH)
    page.goto("/till")
    page.wait_for_selector("html[data-ready]")
    return page


def scan(page: Page, card: str) -> None:
    """As a reader types: all signs within moments, then Enter."""
    page.keyboard.type(card)
    page.keyboard.press("Enter")


def reads(page: Page, card: str) -> None:
    """As a reader at its full speed, however busy this machine is; to where the focus is."""
    page.evaluate(READER, card)


def shows(page: Page, view: str, *words: str) -> None:
    stage = page.locator("#stage")
    expect(stage).to_have_attribute("data-view", view)
    for one in words:
        expect(stage).to_contain_text(one)


def read(page: Page) -> None:
    """As long as the quickest reader needs: an Enter before is taken for the reader's second one."""
    page.wait_for_timeout(400)


def lines() -> list[Serving]:
    db.session.rollback()
    return list(db.session.scalars(select(Serving).order_by(Serving.sequence)))


def test_twenty_elders_are_served_with_the_keyboard_alone(till):
    for at, family in enumerate(FAMILY):
        scan(till, f"E{at:03}")
        shows(till, "done", "已登记", f"{family}阿福", "9.00")
    till.keyboard.press("F3")  # taken away
    scan(till, "C002")
    shows(till, "done", "欧阳秀英", "自取")
    till.keyboard.press("F3")
    till.keyboard.press("F3")  # delivered
    scan(till, "C001")
    shows(till, "done", "张国丰", "送餐")

    scan(till, "C001")  # a second time
    shows(till, "card", "这一餐已经补贴过", "11:30", "丰乐助餐点", "堂食")
    read(till)
    till.keyboard.press("Enter")
    expect(till.locator(".notice")).to_contain_text("还没有登记")
    till.keyboard.press("Escape")
    shows(till, "idle")

    scan(till, "C003")  # too young
    shows(till, "card", "未满60岁", "12.00")
    read(till)
    till.keyboard.press("Enter")
    shows(till, "done", "已按全价登记", "12.00")

    till.keyboard.type("shenmei", delay=70)  # two of one name
    shows(till, "list", "84岁", "74岁")
    till.keyboard.press("ArrowDown")
    till.keyboard.press("Enter")
    shows(till, "card", "沈梅", "为什么没刷卡")
    till.keyboard.press("1")
    shows(till, "done", "已登记", "沈梅")
    till.keyboard.type("shenmei", delay=70)
    shows(till, "list", "84岁", "74岁")
    till.keyboard.press("2")
    shows(till, "card", "沈梅")
    till.keyboard.press("2")
    shows(till, "done", "已登记")

    tab_to(till, ".last button")
    till.keyboard.press("Enter")
    shows(till, "undo", "冲正")
    till.keyboard.press("1")
    shows(till, "undo", "退回补贴 3.00 元，退还老人 9.00 元")
    read(till)
    till.keyboard.press("Enter")
    shows(till, "undone", "退还老人", "9.00")

    made = lines()
    assert len(made) == 12 + 2 + 1 + 2 + 1
    assert sum(one.subsidy_fen for one in made[:-1]) == 300 * 14 + 400 * 2
    assert made[-1].subsidy_fen == -300
    modes = {one.mode for one in made}
    assert modes == {"dine_in", "take_away", "delivery"}
    assert [one.note for one in made if one.method == "manual"][:2] == ["未带卡", "卡损坏"]


def test_touch_alone_finds_serves_changes_and_takes_back(lunch, enter, chrome, address, visitor):
    enter("operator@P01")
    context = chrome.new_context(
        base_url=address,
        storage_state=visitor.storage_state(),
        viewport={"width": 1024, "height": 768},
        has_touch=True,
        locale="zh-CN",
    )
    till = opened(context.new_page())
    till.get_by_role("button", name="键盘").tap()
    for sign in "OYXY":
        till.locator(f".pad [data-sign={sign.lower()}]").tap()
    till.get_by_role("option", name=re.compile("欧阳秀英")).tap()
    shows(till, "card", "欧阳秀英", "8.00")
    till.get_by_role("button", name="送餐").tap()
    shows(till, "card", "送餐")
    till.get_by_role("button", name="改餐价").tap()
    for sign in "105":
        till.locator(f".digits [data-sign='{sign}']").tap()
    till.locator(".digits [data-sign=back]").tap()
    till.get_by_role("button", name="按这个价格计算").tap()
    shows(till, "card", "6.00")
    till.get_by_role("button", name="未带卡").tap()
    shows(till, "done", "已登记", "6.00")
    till.get_by_role("button", name="键盘").tap()
    till.locator(".last button").tap()
    till.get_by_role("button", name="登错价格").tap()
    till.get_by_role("button", name="确认冲正").tap()
    shows(till, "undone", "6.00")
    assert [one.mode for one in lines()] == ["delivery", "delivery"]
    context.close()


def test_nothing_is_recorded_twice_by_chance_or_unseen(till):
    scan(till, "C003")
    shows(till, "card", "张桂芳")
    read(till)
    reads(till, "C001")  # while another is open
    expect(till.locator(".notice")).to_contain_text("刚才刷的卡没有登记")
    read(till)
    shows(till, "card", "张桂芳")
    assert not lines()
    till.locator("[data-act=confirm]").dblclick()
    shows(till, "done", "12.00")
    assert len(lines()) == 1
    expect(till.locator("[data-stat=count]")).to_contain_text("1份")


def test_no_card_is_lost_however_it_is_read(till):
    for at in range(4):  # without waiting for the one before
        scan(till, f"E{at:03}")
    shows(till, "done", "李阿福")
    assert len(lines()) == 4
    till.locator(".counter-name").click()
    till.locator("[data-act=mute]").click()
    till.evaluate("document.activeElement.blur()")
    till.keyboard.type("zg", delay=80)  # half a name, then a card
    till.wait_for_timeout(100)
    reads(till, "C001")
    shows(till, "done", "张国丰")
    expect(till.locator("#q")).to_be_focused()


def test_it_speaks_mandarin_until_muted_and_keeps_what_was_set(till):
    till.add_init_script(VOICE)
    opened(till)
    scan(till, "C001")
    shows(till, "done")
    assert till.evaluate("said") == ["张爷爷，补贴3元，实付9元"]
    scan(till, "C001")
    shows(till, "card")
    assert till.evaluate("said[1]") == "张爷爷，这一餐已经补贴过，请看屏幕"
    tunes = till.evaluate("tunes")
    assert len(set(tunes)) == len(tunes) == 5  # one rises, one knocks three times: all notes differ
    till.locator("[data-act=mute]").click()
    till.locator("[data-act=direct]").click()
    opened(till)
    expect(till.locator("[data-act=mute]")).to_have_attribute("aria-pressed", "true")
    scan(till, "E000")
    shows(till, "card", "请核对后确认", "9.00")
    assert till.evaluate("[said, tunes]") == [[], []]
    assert len(lines()) == 1


def test_without_a_network_a_meal_waits_and_is_sent_by_itself(till, visitor):
    expect(till.locator(".notice")).to_be_hidden()  # the list of elders is on the device
    visitor.set_offline(True)
    expect(till.locator("[data-stat=network]")).to_contain_text("断网")
    scan(till, "C001")
    shows(till, "done", "待上传", "9.00")
    expect(till.locator("[data-stat=pending]")).to_contain_text("1条")
    scan(till, tills.ID_NUMBERS["欧阳秀英"])
    shows(till, "refused", "断网时请刷卡，或输入姓名")
    visitor.set_offline(False)
    expect(till.locator("[data-stat=pending]")).to_contain_text("0条")
    expect(till.locator(".last .chip")).to_have_count(0)
    assert len(lines()) == 1


def test_every_state_pleases_axe_and_fits_the_tablet(till, serious, visitor):
    def pleases(view: str) -> None:
        shows(till, view)
        height = till.evaluate("document.scrollingElement.scrollHeight")
        assert (view, height, serious(till)) == (view, 768, [])

    pleases("idle")
    till.keyboard.type("zhang", delay=70)
    pleases("list")
    till.keyboard.press("1")
    pleases("card")
    till.keyboard.press("F4")
    pleases("price")
    till.keyboard.press("Escape")
    till.keyboard.press("1")
    pleases("done")
    till.locator(".last button").click()
    pleases("undo")
    till.keyboard.press("1")
    shows(till, "undo", "退还老人")
    read(till)
    till.keyboard.press("Enter")
    pleases("undone")
    till.locator("[data-act=pad]").first.click()
    till.locator(".more summary").click()
    scan(till, "nobody")
    pleases("refused")
    visitor.set_offline(True)
    expect(till.locator("[data-stat=network]")).to_contain_text("断网")
    pleases("refused")


def test_at_twice_the_size_nothing_is_cut_off(till):
    till.set_viewport_size({"width": 512, "height": 384})
    scan(till, "C003")
    shows(till, "card", "12.00")
    wide = till.evaluate("document.scrollingElement.scrollWidth")
    assert wide == 512
    till.locator("[data-act=confirm]").click()
    shows(till, "done", "12.00")


def test_an_evening_meal_by_mistake_is_pointed_out(till):
    till.get_by_role("button", name="晚餐").click()
    expect(till.locator(".notice")).to_contain_text("现在登记的是晚餐（按时间应是午餐）")
    scan(till, "C001")
    shows(till, "price", "还没有定价", "晚餐")
    till.keyboard.type("9")
    till.keyboard.press("Enter")
    shows(till, "card", "6.00")


def test_a_wrong_clock_is_pointed_out_and_moves_no_meal(lunch, enter, page):
    enter("operator@P01")
    page.goto("/till")  # the device thinks it is today, its server that it is May 2024
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("[data-stat=clock]")).to_contain_text("不准")
    expect(page.locator("[data-stat=clock]")).to_contain_text("11:3")
    expect(page.locator(".notice")).to_contain_text("请在设备设置里打开自动对时")
    scan(page, "C001")
    shows(page, "done", "已登记")
    assert [one.served_on for one in lines()] == [tills.LUNCH.date()]
    page.wait_for_timeout(100)
    measured = "performance.getEntriesByName('till:shown').length"
    assert page.evaluate(measured) == 1  # from the key to the picture, for whoever measures
