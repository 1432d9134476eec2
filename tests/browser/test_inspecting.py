"""Inspecting on a phone: without network, with a phone that dies, on two phones at once."""

import random
from collections.abc import Callable
from datetime import date

import pytest
from flask import Response
from playwright.sync_api import expect
from sqlalchemy import func, select

from mealsvc.plumbing.db import db
from mealsvc.supervision.checklist import rules as scoring
from mealsvc.supervision.checklist.items import NA, PARTIAL
from mealsvc.supervision.checklist.services import checklist_on
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.inspecting import views
from mealsvc.supervision.inspecting.queries import draft_of
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits.models import Visit, VisitSignature
from tests.factories import tills
from tests.factories.inspections import visit_today
from tests.support.people import sign_in
from tests.support.phones import Phone

GOOD = {
    "STF-02": {"days_with_check": "5", "operating_days": "5"},
    "COK-02": {"core_temp_c": "75.5"},
    "COK-03": {"hold_temp_c": "65"},
    "SMP-01": {"grams": "130"},
    "DIS-01": {"method": "bought"},
    "COL-01": {"chill_c": "5"},
}
OUR_SCORE = """async ([items, cases]) => {
  const { score } = await import("/static/inspect/score.js");
  return cases.map((results) => {
    const found = score(items, results);
    return [found.points, found.grade, found.failedKey, found.applicable];
  });
}"""


@pytest.fixture
def phone(app, chrome, server, tmp_path) -> Callable[..., Phone]:
    """`phone()`: a phone signed in as the inspector who leads the visit."""
    made: list[Phone] = []

    def make(lasting: bool = False) -> Phone:
        client = app.test_client()
        sign_in(app, client, "inspector")
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        kept = {"name": cookie.key, "value": cookie.value, "url": server.address}
        folder = tmp_path / f"phone-{len(made)}" if lasting else None
        made.append(Phone(chrome, folder, server.address, [kept]))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def visit(app) -> Visit:
    """A daily patrol of P01 for today: eight items."""
    tills.small_district()
    return visit_today()


def test_a_whole_visit_without_network_survives_a_phone_that_dies(visit, phone, serious):
    one = phone(lasting=True).start().take_along()
    one.context.set_offline(True)
    one.open(visit.id).begin()
    one.answer("PASS", **GOOD["STF-02"])
    one.answer("FAIL", "抽测红烧肉中心温度61℃", photo=True, core_temp_c="61")
    assert not serious(one.page)
    one.page.locator("[data-step=next]").click()
    one.answer("PASS", **GOOD["COK-03"])
    expect(one.page.locator("[data-progress='3/8']")).to_be_visible()
    one.kill()

    one.start(offline=True).open(visit.id)
    expect(one.page.locator("[data-progress='3/8']")).to_be_visible()
    for _ in range(5):
        code = one.page.locator("[data-item]").get_attribute("data-item")
        one.answer("PASS", **GOOD.get(code, {}))
    one.page.locator("[data-tab=review]").click()
    expect(one.page.locator("[data-grade=D]")).to_be_visible()
    for part in ("lead", "second", "unit"):
        one.sign(part)
    assert not serious(one.page)
    one.page.locator("[data-conclude]").click()
    expect(one.page.get_by_text("已保存，等待联网提交")).to_be_visible()
    assert db.session.get_one(Visit, visit.id).status == "planned"

    one.context.set_offline(False)
    expect(one.page.locator("[data-done]")).to_be_visible(timeout=20_000)
    db.session.rollback()
    signed = db.session.get_one(Visit, visit.id, populate_existing=True)
    assert (signed.status, signed.grade, signed.score) == ("signed", "D", 848)
    assert db.session.scalars(select(Finding.item)).all() == ["COK-02"]
    assert len(db.session.scalars(select(VisitSignature)).all()) == 3
    left = one.kept()
    assert (left["visits"], left["photos"]) == (0, 0), "signatures and photos are wiped"


def test_what_two_phones_enter_is_put_together_and_nothing_is_overwritten(visit, phone):
    mine, other = phone().start().take_along(), phone().start().take_along()
    mine.open(visit.id).begin()
    mine.answer("PASS", **GOOD["STF-02"])
    mine.saved()
    other.open(visit.id)
    expect(other.page.locator("[data-progress='1/8']")).to_be_visible()
    mine.context.set_offline(True)
    mine.answer("PASS", **GOOD["COK-02"])
    mine.answer("PASS", **GOOD["COK-03"])
    other.answer("NA")
    other.saved()

    mine.context.set_offline(False)
    asked = mine.page.locator("dialog.asked")
    expect(asked).to_contain_text("COK-02")
    expect(asked).not_to_contain_text("COK-03")
    asked.get_by_role("button", name="用另一台的").click()
    mine.saved()
    db.session.rollback()
    found = draft_of(visit.id)
    assert found is not None
    results = {code: one["result"] for code, one in found[1]["results"].items()}
    assert results == {"STF-02": "PASS", "COK-02": "NA", "COK-03": "PASS"}


def test_a_lost_answer_and_an_ended_session_lose_and_double_nothing(visit, phone, monkeypatch):
    one = phone().start().take_along().open(visit.id)
    one.begin()
    one.saved()
    with monkeypatch.context() as proxy:
        proxy.setattr(views, "said", lambda *_: Response("<html>", 502))  # after the work was done
        one.answer("PASS", photo=True, **GOOD["STF-02"])
        expect(one.page.locator("#net[data-net=away]")).to_be_visible(timeout=20_000)
    cookies = one.context.cookies()
    one.context.clear_cookies()
    one.page.locator(".tabs [data-tab=items]").click()
    ask = one.page.get_by_role("link", name="登录已过期，点此登录")
    expect(ask).to_be_visible(timeout=20_000)
    kept = one.kept()
    assert (kept["visits"], kept["photos"]) == (1, 1)
    secrets = ("csrf", cookies[0]["value"], "session")
    assert not [word for word in secrets if word in kept["text"]]
    one.context.add_cookies(cookies)
    one.saved()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1


def test_an_item_takes_nine_photos_and_no_tenth(visit, phone):
    one = phone().start().take_along().open(visit.id)
    one.context.set_offline(True)
    one.begin()
    for _ in range(9):
        one.shoot()
    expect(one.page.locator("[data-camera]")).to_have_count(0)
    expect(one.page.get_by_text("每项最多9张")).to_be_visible()
    assert one.kept()["photos"] == 9


def test_score_and_grade_on_the_phone_are_those_of_the_server(app, page):
    checklist = checklist_on(date(2024, 5, 6))
    draw = random.Random(5)
    cases = [_results(draw, checklist.items, share) for share in (0, 0.02, 0.1, 0.3, 0.9) * 40]
    items = [
        {"code": one.code, "weight": one.weight, "critical": one.critical}
        for one in checklist.items
    ]
    page.goto("/login")
    for results, found in zip(cases, page.evaluate(OUR_SCORE, [items, cases]), strict=True):
        ours = scoring.score(checklist, results)
        assert found == [ours.points, ours.grade, list(ours.failed_key), ours.applicable]


def _results(draw: random.Random, items, share: float) -> dict[str, str]:
    """Results with about this share of faults; half of the sets without a fault of a key item."""
    keys_pass = draw.random() < 0.5
    found = {}
    for item in items:
        wrong = draw.random() < share and not (item.critical and keys_pass)
        bad = [result for result in item.allowed if result not in ("PASS", NA)]
        good = NA if draw.random() < 0.1 else "PASS"
        found[item.code] = draw.choice(bad) if wrong else good
    assert PARTIAL not in {found[item.code] for item in items if item.critical}
    return found
