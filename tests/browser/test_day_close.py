"""The day close by keyboard: count, be asked for a reason, confirm; each step legible."""

import pytest

from mealsvc.plumbing import clock
from tests.browser.looks import faults_of, press
from tests.factories import tills


@pytest.fixture
def evening(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH.replace(hour=10))
    tills.small_district()
    tills.serve("a", "C001")


def test_a_day_is_closed_by_keyboard_and_every_step_is_legible(evening, enter, page, serious):
    enter("operator")
    page.goto("/till/close")
    page.focus("#drawer")
    page.keyboard.type("8")
    page.keyboard.press("Tab")
    page.keyboard.type("0.5")
    press(page, "Enter")
    assert "少 0.50 元" in page.inner_text("main")
    faults = faults_of(page, serious)
    page.focus("button[name=confirmed]")
    press(page, "Enter")
    assert page.evaluate("document.activeElement.className") == "summary"
    faults += faults_of(page, serious)
    page.focus("#why-0")
    page.keyboard.press("Space")
    page.focus("button[name=confirmed]")
    press(page, "Enter")
    assert "第1次日结已保存" in page.inner_text("main")
    faults += faults_of(page, serious)
    assert not faults
