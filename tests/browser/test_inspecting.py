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
from mealsvc.supervision.checklist.measures import outside
from mealsvc.supervision.checklist.services import checklist_on
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.inspecting import views
from mealsvc.supervision.inspecting.package import item_facts
from mealsvc.supervision.inspecting.queries import draft_of
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits.models import Visit, VisitSignature
from mealsvc.supervision.visits.signing import limits_on
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

OUR_LIMITS = """async ([items, cases, today]) => {
  const { itemProblems } = await import("/static/inspect/record.js");
  return cases.map(([code, measured]) => itemProblems(items[code], { result: "PASS", measured }, { today }).length);
}"""
PASSES = [  # values of a pass, at a limit or just past it
    ("COK-02", {"core_temp_c": "70"}),
    ("COK-02", {"core_temp_c": "69.9"}),
    ("COK-03", {"hold_temp_c": "30"}),
    ("COK-03", {"hold_temp_c": "30", "minutes_in_zone": "120"}),
    ("COK-03", {"hold_temp_c": "30", "minutes_in_zone": "121"}),
    ("COK-03", {"hold_temp_c": "60"}),
    ("DIS-01", {"method": "bought"}),
    ("DIS-01", {"method": "steam", "temp_c": "100", "minutes": "10"}),
    ("DIS-01", {"method": "steam", "temp_c": "99.9"}),
    ("DIS-01", {"method": "washer", "temp_c": "85", "minutes": "0.667"}),
    ("DIS-01", {"method": "washer", "temp_c": "85", "minutes": "0.666"}),
    ("DIS-01", {"method": "chlorine", "ppm": "249", "minutes": "5"}),
    ("DLV-02", {"cooked_at": "10:30", "delivered_at": "12:30", "core_temp_c": "50"}),
    ("DLV-02", {"cooked_at": "10:30", "delivered_at": "12:31", "core_temp_c": "59.9"}),
    ("DLV-02", {"cooked_at": "10:30", "delivered_at": "12:31", "core_temp_c": "60"}),
    ("DLV-02", {"cooked_at": "6:00", "delivered_at": "12:31", "core_temp_c": "80"}),
    ("DLV-02", {"cooked_at": "12:00", "delivered_at": "11:59", "core_temp_c": "80"}),
    ("STD-02", {"parts": "一荤", "grams": "90", "standard_grams": "100"}),
    ("STD-02", {"parts": "一荤", "grams": "89.9", "standard_grams": "100"}),
    ("PRC-02", {"list": "15.10", "discount": "3.05", "subsidy": "4", "self_pay": "8.05"}),
    ("PRC-02", {"list": "15.10", "discount": "3.05", "subsidy": "4", "self_pay": "8"}),
    ("PRC-03", {"price_filed": "15", "price_charged": "15.00"}),
    ("PRC-03", {"price_filed": "15", "price_charged": "15.01"}),
    ("SUB-04", {"manual": "3", "total": "100"}),
    ("SUB-04", {"manual": "4", "total": "100"}),
    ("STF-05", {"last_training_date": "2023-11-06"}),
    ("STF-05", {"last_training_date": "2023-11-05"}),
    ("STF-05", {"last_training_date": "2023-05-05"}),
    ("UNT-02", {"last_drill_date": "2023-05-06"}),
    ("UNT-02", {"last_drill_date": "2023-05-05"}),
]


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


def test_the_phone_asks_before_people_sign_what_the_server_would_ask_after(app, page):
    """Without network a pass outside its limits must not be signed and refused hours later."""
    day = date(2024, 5, 6)
    known, limits = checklist_on(day).by_code, limits_on(day)
    items = {code: item_facts(item, limits) for code, item in known.items()}
    page.goto("/login")
    found = page.evaluate(OUR_LIMITS, [items, PASSES, day.isoformat()])
    ours = [len(outside(known[code], values, limits, day)) for code, values in PASSES]
    assert found == ours
    assert 0 < ours.count(0) < len(PASSES)


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
