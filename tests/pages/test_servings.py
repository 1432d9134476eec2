"""The ledger's pages: lists with their sums, one line in full, and taking a line back."""

import pytest
from sqlalchemy import func, select

from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.servings.services import freeze_month, reverse_serving
from tests.factories import tills

WRONG = {"why": "登错人", "note": ""}


@pytest.fixture
def ledger(app, client_request, monkeypatch):
    """Some lines of May 2024 at two points, one taken back; today is 6 May."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    tills.serve("K1", "C001")
    tills.serve("K2", "C002")
    tills.serve("K3", "C003")
    tills.serve("K4", "C004", point="P02")
    tills.serve("K5", "C001", served_at=tills.a_day(3), meal="dinner", price_fen=1000)
    with writing() as connection:
        reverse_serving(connection, "R2", "K2", "登错人", None, tills.SHELL, tills.LUNCH)
    return client_request


def sequence(key):
    db.session.rollback()  # what was read before is no longer what stands there
    return db.session.scalar(select(Serving.sequence).where(Serving.key == key))


def last_line():
    db.session.rollback()
    return db.session.scalars(select(Serving).order_by(Serving.sequence.desc())).first()


def reversals():
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Serving.reverses.is_not(None)))


def listed(page):
    return [row.select_one("td").get_text(strip=True) for row in page.select("tbody tr")]


def sums(page):
    foot = page.select("tfoot td.num")
    return [cell.get_text(strip=True) for cell in foot]


def text(page):
    return " ".join(page.select_one("main").get_text(" ", strip=True).split())


def test_the_ledger_opens_on_the_latest_month_with_masked_names_and_sums(ledger):
    page = ledger.get("/servings", as_="district")
    assert listed(page) == [
        "欧阳**，82岁",
        "单于*，76岁",
        "张*芳，54岁",
        "欧阳**，82岁",
        "张*丰，72岁",
        "张*丰，72岁",
    ]
    assert sums(page) == ["46.00", "9.00", "37.00"]
    assert "就餐 4 份（已减去冲正），其中享受补贴 3 份，补贴 9.00 元" in text(page)


@pytest.mark.parametrize(
    ("query", "count", "total"),
    [
        ("month=2024-05", 6, ["46.00", "9.00", "37.00"]),
        ("day=20240503", 1, ["10.00", "3.00", "7.00"]),
        ("day=2024-05-03&month=2023-01", 1, ["10.00", "3.00", "7.00"]),
        ("point=P02", 1, ["12.00", "3.00", "9.00"]),
        ("meal=dinner", 1, ["10.00", "3.00", "7.00"]),
        ("reason=none", 5, ["34.00", "9.00", "25.00"]),
        ("reason=any", 1, ["12.00", "0.00", "12.00"]),
        ("reason=under_age", 1, ["12.00", "0.00", "12.00"]),
        ("state=valid", 4, []),
        ("state=reversed", 1, []),
        ("state=reversal", 1, []),
        ("resident=R000001", 2, []),
        ("resident=1", 2, []),
        ("month=nonsense", 6, ["46.00", "9.00", "37.00"]),
    ],
)
def test_each_filter_narrows_the_list_and_its_sums(ledger, query, count, total):
    page = ledger.get(f"/servings?{query}", as_="district")
    assert (len(listed(page)), sums(page)) == (count, total)


def test_one_resident_is_listed_over_the_latest_year(ledger):
    tills.serve("K6", "C001", served_at=tills.LUNCH.replace(year=2023, month=6))
    tills.serve("K7", "C001", served_at=tills.LUNCH.replace(year=2023))
    page = ledger.get("/servings?resident=R000001", as_="district")
    assert len(listed(page)) == 3
    assert "2023年6月至2024年5月" in page.title.text


@pytest.mark.parametrize("query", ["month=2020-01", "state=late", "resident=nobody", "point=P77"])
def test_an_empty_list_says_what_to_do(ledger, query):
    page = ledger.get(f"/servings?{query}", as_="district")
    assert page.select_one(".empty a") is not None


@pytest.mark.parametrize(
    ("as_", "count"),
    [
        ("operator@P02", 1),
        ("manager@P01", 5),
        ("town@320412100", 6),
        ("town@320412101", 0),
        ("community@320412100001", 6),
        ("auditor", 6),
    ],
)
def test_everybody_sees_the_points_within_the_scope(ledger, as_, count):
    assert len(listed(ledger.get("/servings", as_=as_))) == count


def test_roles_without_the_right_see_no_ledger(ledger):
    for role in ("leader", "sys_admin", "sec_admin", "audit_admin"):
        ledger.get("/servings", as_=role, status=403)


def test_a_long_list_comes_in_pages(ledger):
    for number in range(50):
        tills.serve(f"M{number}", "C003")
    page = ledger.get("/servings?month=2024-05", as_="district")
    assert len(listed(page)) == 50
    assert len(listed(ledger.get("/servings?month=2024-05&page=2", as_="district"))) == 6


def test_a_line_says_everything_about_its_meal_and_its_record(ledger):
    page = ledger.get(f"/servings/{sequence('K1')}", as_="district")
    shown = text(page)
    assert "72岁，普惠60档，补贴3.00元（区2.00+镇1.00）" in shown
    for fact in ("TN-2022", "K1", "2024年5月6日 11:30", "（P01）", "堂食", "刷卡"):
        assert fact in shown
    assert "国丰" not in str(page)


def test_a_line_and_its_reversal_lead_to_each_other(ledger):
    undone, reversal = sequence("K2"), sequence("R2")
    assert f"/servings/{reversal}" in str(ledger.get(f"/servings/{undone}", as_="auditor"))
    page = ledger.get(f"/servings/{reversal}", as_="auditor")
    assert f"/servings/{undone}" in str(page)
    assert "登错人" in text(page)
    assert page.select_one("tfoot .num").text == "-12.00"


def test_a_line_at_full_price_says_why(ledger):
    page = ledger.get(f"/servings/{sequence('K3')}", as_="town")
    assert "54岁，未满60岁，按原价12.00元" in text(page)


def test_a_line_outside_the_scope_is_closed_and_an_unknown_one_missing(ledger):
    number = sequence("K4")
    ledger.get(f"/servings/{number}", as_="operator@P01", status=403)
    ledger.get(f"/servings/{number}", as_="town@320412101", status=403)
    ledger.get("/servings/999999", as_="district", status=404)


def fields_of(page):
    form = page.select_one("form.confirm")
    hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    hidden.pop("csrf_token")
    return hidden


def test_an_operator_takes_back_a_meal_of_today_with_a_reason(ledger):
    url = f"/servings/{sequence('K1')}/reverse"
    page = ledger.get(f"{url}?from=till", as_="operator@P01")
    assert "将冲正张*丰今日午餐，退回补贴3.00元" in text(page)
    response = ledger.send(url, fields_of(page) | WRONG, as_="operator@P01")
    assert (response.status_code, response.location) == (303, "/till/plain")
    assert "已冲正张*丰的就餐，退回补贴3.00元" in text(
        ledger.get("/till/plain", as_="operator@P01")
    )
    line = last_line()
    assert (line.subsidy_fen, line.note, line.operator) == (-300, "登错人", "operator-p01")


def test_a_reversal_sent_twice_is_one_reversal(ledger):
    url = f"/servings/{sequence('K1')}/reverse"
    fields = fields_of(ledger.get(url, as_="operator@P01")) | WRONG
    ledger.post(url, fields, as_="operator@P01")
    page = ledger.post(url, fields, as_="operator@P01", status=422)
    assert "已经冲正过" in text(page)
    assert reversals() == 2


@pytest.mark.parametrize(
    "fields", [{}, {"why": "没有这个原因"}, {"why": "其他"}, {"why": "登错人", "note": "长" * 101}]
)
def test_a_reversal_without_a_proper_reason_is_asked_again(ledger, fields):
    url = f"/servings/{sequence('K1')}/reverse"
    before = fields_of(ledger.get(url, as_="operator@P01"))
    page = ledger.post(url, before | fields, as_="operator@P01", status=422)
    assert page.select_one(".summary") is not None
    assert reversals() == 1


def test_a_free_reason_is_kept_with_the_line(ledger):
    url = f"/servings/{sequence('K1')}/reverse"
    fields = fields_of(ledger.get(url, as_="manager@P01"))
    ledger.post(url, fields | {"why": "其他", "note": "停电"}, as_="manager@P01")
    assert last_line().note == "其他：停电"


def test_an_operator_leaves_other_days_to_the_manager(ledger):
    url = f"/servings/{sequence('K5')}/reverse"
    assert "请店长" in text(ledger.get(url, as_="operator@P01"))
    ledger.post(url, WRONG, as_="operator@P01", status=422)
    fields = fields_of(ledger.get(url, as_="manager@P01"))
    ledger.post(url, fields | WRONG, as_="manager@P01")


def test_a_submitted_month_is_not_taken_back_on_a_page(ledger):
    with writing():
        freeze_month(point_by_code("P01").id, "P01", 202405, tills.SHELL)
    url = f"/servings/{sequence('K1')}/reverse"
    assert "已经提交结算" in text(ledger.get(url, as_="manager@P01"))
    ledger.post(url, WRONG, as_="manager@P01", status=422)


def test_a_reversed_line_and_a_reversal_cannot_be_taken_back(ledger):
    for key in ("K2", "R2"):
        page = ledger.get(f"/servings/{sequence(key)}/reverse", as_="manager@P01")
        assert page.select_one("form.confirm") is None
        assert "冲正" in text(page)


def test_other_points_and_other_roles_take_nothing_back(ledger):
    url = f"/servings/{sequence('K1')}/reverse"
    for as_ in ("manager@P02", "district", "town", "auditor"):
        ledger.get(url, as_=as_, status=403)
        ledger.post(url, WRONG, as_=as_, status=403)


def test_the_way_back_after_a_reversal_stays_on_this_site(ledger):
    url = f"/servings/{sequence('K1')}/reverse"
    fields = fields_of(ledger.get(url, as_="operator@P01")) | WRONG | {"back": "//evil.example"}
    response = ledger.send(url, fields, as_="operator@P01")
    assert response.location == "/"
