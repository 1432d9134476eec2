"""The courier's phone and the rounds in a real browser, with a script and without."""

import pytest
from sqlalchemy import select

from mealsvc.deliveries.models import DeliveryEvent, RoundStop
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from tests.factories import deliveries as made
from tests.factories.deliveries import NOON

PHONE = {"width": 390, "height": 844}
_SMALL = """() => [...document.querySelectorAll("button, a.btn, label span, summary")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 56)
  .map((one) => one.textContent.trim())"""
_UNSEEN = """() => [...document.querySelectorAll(".thumb .btn")]
  .filter((one) => one.getBoundingClientRect().bottom > innerHeight)"""


@pytest.fixture
def booked(app, monkeypatch, enter):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return made.small_rounds()


def test_every_state_of_a_stop_fits_the_phone_and_the_thumb(booked, enter, page, serious):
    enter("operator")
    page.set_viewport_size(PHONE)
    page.goto(f"/deliveries/carry/{booked['张国丰']}")
    faults = []
    for press in (None, "打电话", "无人应答", "没打通", "退回"):
        if press:
            page.click(f"button:has-text('{press}')")
            page.wait_for_load_state()
        width = page.evaluate("document.scrollingElement.scrollWidth")
        faults += [(press, one) for one in (*serious(page), *page.evaluate(_SMALL))]
        assert width == PHONE["width"] and not page.evaluate(_UNSEEN), press
    assert not faults
    assert made.kinds(booked["张国丰"]) == ["no_answer", "called", "returned"]


def test_a_signature_is_kept_as_strokes_and_two_quick_taps_are_one_meal(booked, enter, page):
    enter("operator")
    page.set_viewport_size(PHONE)
    page.goto(f"/deliveries/carry/{booked['张国丰']}")
    page.click(".sign summary")
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for left in (40, 120):
        page.mouse.move(box["x"] + left, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + left + 40, box["y"] + 60, steps=4)
        page.mouse.up()
    page.dblclick("button[form=handover]")
    page.wait_for_selector("text=已送达 11:10")
    event = db.session.scalars(select(DeliveryEvent)).one()
    assert event.signature is not None
    strokes = vault().open(event.signature).split(";")
    assert len(strokes) == 2 and all(" " in stroke for stroke in strokes)


def test_rows_are_dragged_by_their_grip_and_the_order_is_remembered(booked, enter, page):
    enter("manager")
    page.goto("/deliveries/rounds/1")
    names = page.locator("[data-stop] th")
    before = names.all_inner_texts()
    grip, last = page.locator("[data-grip]").first, page.locator("[data-stop]").last
    grip.hover()
    page.mouse.down()
    below = last.bounding_box()
    page.mouse.move(below["x"] + 20, below["y"] + below["height"] + 10, steps=5)
    page.mouse.up()
    assert names.all_inner_texts() == before[::-1]
    page.click("text=保存顺序")
    page.wait_for_selector("text=顺序已保存")
    rows = select(RoundStop.resident_id).order_by(RoundStop.position)
    assert list(db.session.scalars(rows)) == [2, 1]


def test_without_a_script_the_courier_ticks_who_took_the_meal(
    booked, enter, chrome, visitor, address
):
    enter("operator")
    bare = chrome.new_context(base_url=address, java_script_enabled=False, viewport=PHONE)
    bare.add_cookies(visitor.cookies())
    page = bare.new_page()
    page.goto(f"/deliveries/carry/{booked['张国丰']}")
    assert not page.locator(".sign").is_visible()
    page.check("input[value=neighbour]", force=True)
    page.click("button[form=handover]")
    assert "邻居收餐" in page.inner_text("main")
    bare.close()
