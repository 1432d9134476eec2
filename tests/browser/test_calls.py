"""An elder is called back with the keyboard alone: number, script, answer, next."""

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import select

from mealsvc.auditing.sampling.models import CallAnswer
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.models import Resident
from tests.browser.looks import press
from tests.factories import samples, tills

PHONE = "13900001111"


def test_a_call_is_made_and_answered_without_a_mouse(app, monkeypatch, enter, page, serious):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH + timedelta(days=30))
    samples.served_days(1)
    with writing():
        for one in db.session.scalars(select(Resident)):
            one.phone = vault().seal(PHONE)
    samples.given(samples.drawn(point="P02"), samples.caller())
    enter("district")
    page.goto("/calls")
    expect(page.locator("#who-title")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="显示电话")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#number")).to_have_text(PHONE)
    assert PHONE not in page.url and not serious(page)
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("input[name=outcome]").first).to_be_focused()
    page.keyboard.press("Space")
    press(page, "Enter")
    assert "没有要打的电话" in page.inner_text("main")
    db.session.rollback()
    assert db.session.scalars(select(CallAnswer.outcome)).all() == ["confirmed"]
