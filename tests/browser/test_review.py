"""A reviewer's desk in a browser: every page of it legible, and the way from list to act by keys."""

import pytest

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import submit
from tests.browser.looks import faults_of, press, tab_to
from tests.factories import reviews
from tests.factories.tills import SHELL

MAY = Month(2024, 5)


@pytest.fixture
def ten(app, monkeypatch):
    """Ten points that have submitted May, two of them tampered with; it is June."""
    reviews.ten_points()
    monkeypatch.setattr(clock, "now", lambda: reviews.JUNE)
    with writing():
        submit(MAY, None, SHELL, reviews.JUNE)


def look(page, serious, path=""):
    if path:
        page.goto(path)
    assert not faults_of(page, serious), page.url


def test_a_reviewer_holds_sends_back_and_passes_on_without_a_mouse(ten, page, enter, serious):
    enter("town")
    look(page, serious, "/settlements?month=2024-05")
    look(page, serious, f"/settlements/2024-05/{reviews.AT_NIGHT}/review")
    tab_to(page, "a[href*='signal=A10']")
    press(page, "Enter")
    tab_to(page, "input[name=sequence]")
    page.keyboard.press("Space")
    tab_to(page, "main form button.btn-accent")
    press(page, "Enter")
    assert "将暂缓 1 笔流水" in page.inner_text(".consequence")
    look(page, serious)
    tab_to(page, "#reason")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button.sure")
    press(page, "Enter")
    assert "已暂缓1笔" in page.inner_text("main")
    look(page, serious)

    page.goto(f"/settlements/2024-05/{reviews.REPLAYED}/return")
    tab_to(page, "#reason")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button.sure")
    press(page, "Enter")
    assert "已退回" in page.inner_text("main")
    look(page, serious)

    page.goto("/settlements?month=2024-05")
    tab_to(page, "input#all")
    page.keyboard.press("Space")
    tab_to(page, "main form button.btn-accent")
    press(page, "Enter")
    assert "将对 9 个助餐点" in page.inner_text(".consequence")
    look(page, serious)
    tab_to(page, "button.btn-accent")
    press(page, "Enter")
    assert "镇街初审 9 个" in page.inner_text("main")
    look(page, serious)
    assert batch_at(MAY, "T01").status == "town_review"

    enter(f"manager@{reviews.REPLAYED}")
    look(page, serious, f"/settlements/2024-05/{reviews.REPLAYED}/answer")
    tab_to(page, "textarea[name=note]")
    page.keyboard.type("节日集体用餐")
    page.keyboard.press("Tab")
    press(page, "Enter")
    assert "可以重新提交" in page.inner_text(".state")
    look(page, serious)

    enter("approver")
    look(page, serious, "/settlements/holds")
    tab_to(page, "a[href*='/holds/']")
    press(page, "Enter")
    look(page, serious)
