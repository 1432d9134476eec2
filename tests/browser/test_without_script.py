"""Every step on an old browser that runs no script."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from tests.factories import tills
from tests.support.people import account_of, one_password

LISTS = ("/", "/figures", "/points", "/residents", "/servings", "/settlements", "/policies")


@pytest.fixture
def plain(app, chrome, address, monkeypatch):
    """A page without a script, 11:30 on 6 May 2024, and one lunch served."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    tills.serve("first", "C004")
    context = chrome.new_context(base_url=address, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, as_: str) -> None:
    with writing():
        account_of(as_)
    page.goto("/login")
    page.fill("#login", as_.replace("@", "-").lower())
    page.fill("#password", one_password().password)
    page.press("#password", "Enter")


def test_the_till_serves_and_takes_back(plain):
    sign_in(plain, "operator@P01")
    plain.goto("/till/plain")
    plain.fill("#q", "zg")
    plain.press("#q", "Enter")
    plain.get_by_role("button", name="张国丰").click()
    plain.locator("[data-confirm]").click()
    expect(plain.get_by_role("status")).to_contain_text("已登记")
    plain.locator(".till-last a").first.click()
    plain.get_by_label("登错人").check()
    plain.locator(".confirm button").click()
    expect(plain.locator("main")).to_contain_text("已冲正张*丰的就餐")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Serving)) == 3


def test_the_lists_are_read_filtered_and_opened(plain):
    sign_in(plain, "district@320412")
    for path in LISTS:
        plain.goto(path)
        expect(plain.locator("main table").first).to_be_visible()
        expect(plain.locator("[data-print]").first).to_be_hidden()
    plain.goto("/servings")
    plain.select_option("#filter-meal", "dinner")
    plain.get_by_role("button", name="查询").click()
    expect(plain.locator(".empty")).to_contain_text("没有符合条件的就餐记录")
    plain.set_viewport_size({"width": 800, "height": 800})
    plain.locator(".menu summary").click()
    plain.locator(".menu").get_by_role("link", name="结算").click()
    expect(plain.locator("h1")).to_contain_text("结算")
