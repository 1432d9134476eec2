"""A day's work without a mouse: a meal at the till and back, and a district officer's month."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from mealsvc.exchange import services as exchange
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from tests.browser.looks import press, tab_to
from tests.factories import tills
from tests.support.people import account_of, one_password

SITES = "编号,经度,纬度\nC1,119.95,31.7\nC2,北京,31.7\n"


@pytest.fixture
def lunch(app, monkeypatch):
    """11:30 on 6 May 2024 at P01, where one lunch of 12 yuan was served."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    tills.serve("first", "C004")


def lines() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Serving)) or 0


def find(page, words: str) -> None:
    """Types into the field that has the focus, as a reader does, with Enter."""
    page.keyboard.type(words)
    press(page, "Enter")


def test_a_meal_is_served_and_taken_back_without_a_mouse(lunch, page):
    with writing():
        account_of("operator")
    page.goto("/till/plain")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("operator-p01")
    page.keyboard.press("Tab")
    page.keyboard.type(one_password().password)
    press(page, "Enter")
    assert page.url.endswith("/till/plain")

    find(page, "zg")
    assert "找到 2 位" in page.inner_text("main")
    press(page, "1")
    card = page.locator("[data-card]")
    expect(card).to_contain_text("张国丰")
    expect(card.locator(".pay")).to_contain_text("9.00")
    press(page, "Enter")
    expect(page.get_by_role("status")).to_contain_text("已登记：午餐，堂食，餐价 12.00 元")
    assert lines() == 2

    find(page, "C001")
    expect(card).to_contain_text("11:30")
    expect(card).to_contain_text("丰乐助餐点")
    expect(card.locator("[data-confirm]")).to_contain_text("按全价登记")
    press(page, "Enter")  # the focus is on not serving again
    assert lines() == 2

    tab_to(page, ".till-last a")
    press(page, "Enter")
    assert "退回补贴3.00元，退还老人9.00元" in page.inner_text(".consequence")
    tab_to(page, "input[type=radio]")
    page.keyboard.press("Space")
    tab_to(page, ".confirm button")
    press(page, "Enter")
    assert "已冲正张*丰的就餐，退回补贴3.00元" in page.inner_text("main")
    assert lines() == 3
    find(page, "C001")
    expect(card.locator(".pay")).to_contain_text("9.00")


@pytest.mark.parametrize("script", [True, False])
def test_a_double_click_serves_one_meal(script, lunch, chrome, address, enter, visitor):
    enter("operator")
    kept = visitor.storage_state()
    context = chrome.new_context(
        base_url=address, storage_state=kept, java_script_enabled=script, locale="zh-CN"
    )
    page = context.new_page()
    page.goto("/till/plain")
    page.fill("#q", "C001")
    page.press("#q", "Enter")
    page.locator("[data-confirm]").dblclick()
    expect(page.get_by_role("status")).to_contain_text("张国丰")
    assert lines() == 2
    context.close()


def test_a_scanned_card_does_not_confirm_the_one_before(lunch, enter, page):
    enter("operator")
    page.goto("/till/plain")
    find(page, "C001")
    page.keyboard.type("C002")
    page.keyboard.press("Enter")
    expect(page.locator("[data-scan]")).to_be_visible()
    assert lines() == 1


def test_an_officer_rehearses_a_file_and_imports_it_without_a_mouse(
    lunch, enter, page, tmp_path: Path
):
    file = tmp_path / "候选点位.csv"
    file.write_text(SITES, encoding="utf-8")
    enter("district")
    page.goto("/imports")
    tab_to(page, "#kind")
    while page.locator("#kind option:checked").inner_text() != "候选点位":
        page.keyboard.press("ArrowDown")
    page.set_input_files("#file", file)
    tab_to(page, "main form button")
    press(page, "Enter")
    exchange.wait()
    page.goto(page.url)
    expect(page.locator("main")).to_contain_text("还没有写入任何数据")
    tab_to(page, "form[action$='/start'] button")
    press(page, "Enter")
    exchange.wait()
    page.goto(page.url)
    expect(page.locator(".state")).to_contain_text("已完成")


def test_an_officer_submits_a_month_after_reading_the_consequence(lunch, enter, page, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH + timedelta(days=30))
    enter("district")
    page.goto("/settlements?month=2024-05")
    tab_to(page, ".actions .btn-accent")
    press(page, "Enter")
    assert "提交后冻结" in page.inner_text(".consequence")
    tab_to(page, ".confirm button")
    press(page, "Enter")
    assert "1 个助餐点已全部提交" in page.inner_text(".state")


def test_the_first_tab_leads_past_the_menu(lunch, enter, page):
    enter("district")
    page.goto("/points")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
