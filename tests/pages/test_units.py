"""Pages of papers and people: the manager's own point, the district's table, every form, the flag."""

from datetime import date

import pytest
from sqlalchemy import select

from mealsvc.places.services import put_point
from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument, UnitEvent
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories import units
from tests.factories.tills import SHELL, a_day, small_district

MANAGER = "manager@P01"


@pytest.fixture
def place(app, monkeypatch):
    """P01 on 6 May 2024; its kind demands a licence of its own."""
    monkeypatch.setattr(clock, "now", lambda: a_day(6))
    small_district()
    with writing():
        put_point({"code": "P01", "kind": "community_canteen", "supplier": ""}, SHELL)
    return units.point("P01")


def rows(model):
    """What the database holds now, after requests of others."""
    db.session.rollback()
    return db.session.scalars(select(model).order_by(model.id)).all()


def chips(page):
    return [one.get_text(strip=True) for one in page.select(".chip")]


def test_the_managers_page_tells_in_plain_words_what_to_do(place, client_request):
    page = client_request.get("/units", MANAGER)
    text = page.find(id="needed-title").parent.get_text(" ", strip=True)
    assert "食品经营许可证 未登记 向市场监管部门申请延续" in text
    assert "食品安全法35" in text
    assert page.find("a", string="登记新的")["href"].endswith("kind=licence")
    assert "关键证照不在有效期内" in page.get_text()


def test_a_point_in_order_has_nothing_to_do(place, client_request):
    units.in_order(place, date(2024, 5, 6))
    page = client_request.get("/units", MANAGER)
    assert page.find(id="needed-title") is None
    assert "都齐全有效" in page.get_text()


def test_the_districts_table_is_narrowed_by_what_is_lacking(place, client_request):
    units.in_order(place, date(2024, 5, 6))
    client_request.get("/units?state=fine", "district")
    for state, expected in (("fine", True), ("missing", False), ("lapsed", False)):
        found = client_request.get(f"/units?state={state}", "district").get_text()
        assert (place.name in found) is expected, state
    assert place.name in client_request.get("/units?q=P01", "district").get_text()
    assert "没有符合条件" in client_request.get("/units?q=无此点", "district").get_text()


def test_a_town_sees_its_own_points_only(place, client_request):
    client_request.get("/units/P01", "town@320412100")
    client_request.get("/units/P01", "town@320412101", status=403)
    client_request.get("/units?town=320412101", "town@320412100", status=403)
    client_request.get("/units/P02", MANAGER, status=403)


def test_a_flag_stands_on_list_point_and_review_but_not_at_the_till(place, client_request):
    assert "证照缺失" in chips(client_request.get("/points", "district"))
    assert "证照缺失" in chips(client_request.get("/points/P01", "finance"))
    units.in_order(place, date(2024, 5, 6))
    health = db.session.scalars(select(StaffPaper).filter_by(kind="health")).one()
    assert not [
        one for one in chips(client_request.get("/points/P01", "district")) if "证照" in one
    ]
    client_request.post(f"/units/papers/{health.id}/withdraw", {"why": "录错"}, MANAGER)
    units.certify(rows(StaffMember)[0], "health", date(2023, 5, 5))
    assert "证照过期" in chips(client_request.get("/points/P01", "district"))
    assert "证照过期" in chips(client_request.get("/settlements/2024-05/P01/review", "town"))
    assert "证照" not in client_request.get("/till/plain", "operator@P01").get_text()


def test_a_document_is_entered_from_its_form_and_withdrawn_with_a_reason(place, client_request):
    url = "/units/P01/documents/new"
    form = {"kind": "licence", "number": "JY23204120000018", "valid_to": "20281231"}
    page = client_request.client(MANAGER)
    assert page is not None
    client_request.post(url, form, MANAGER)
    told = client_request.get("/units", MANAGER).get_text()
    assert "校验码" in told
    document = rows(UnitDocument)[0]
    assert document.valid_to == date(2028, 12, 31)
    away = f"/units/documents/{document.id}/withdraw"
    refused = client_request.post(away, {"why": ""}, MANAGER, status=422)
    assert "请写明原因" in refused.find(id="why-error").get_text()
    client_request.post(away, {"why": "号码录错"}, MANAGER)
    assert "号码录错" in client_request.get("/units", MANAGER).get_text()
    again = client_request.post(away, {"why": "号码录错"}, MANAGER, status=422)
    assert "已经" in again.get_text() or "撤回过" in again.get_text()


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ({"kind": "", "valid_to": "20281231"}, "kind", "请选择"),
        ({"kind": "licence"}, "valid_to", "截止日期"),
        ({"kind": "licence", "valid_to": "明年"}, "valid_to", "请输入一个日期"),
        (
            {"kind": "licence", "valid_from": "20240601", "valid_to": "20240501"},
            "valid_to",
            "早于起始日期",
        ),
    ],
)
def test_a_wrong_document_is_told_at_its_field(place, client_request, form, field, told):
    typed = {"number": "X-77", **form}
    page = client_request.post("/units/P01/documents/new", typed, MANAGER, status=422)
    assert told in page.find(id=f"{field}-error").get_text()
    assert page.find(id="number")["value"] == "X-77"
    assert rows(UnitDocument) == []


def test_somebody_comes_is_trained_certified_and_leaves(place, client_request):
    values = {"name": "演示甲", "post": "cook", "handles_food": "y", "joined_on": "20240102"}
    client_request.post("/units/P01/staff/new", values, MANAGER)
    member = rows(StaffMember)[0]
    here = f"/units/staff/{member.id}"
    client_request.post(
        f"{here}/papers/new", {"kind": "health", "number": "J1", "issued_on": "20240102"}, MANAGER
    )
    assert "2025年1月1日" in client_request.get(here, MANAGER).get_text()
    client_request.post(f"{here}/edit", values | {"post": "helper"}, MANAGER)
    client_request.post(f"{here}/leave", {"left_on": "20231231"}, MANAGER, status=422)
    client_request.post(f"{here}/leave", {"left_on": "20240505"}, MANAGER)
    (member,) = rows(StaffMember)
    assert (member.post, member.left_on) == ("helper", date(2024, 5, 5))
    assert "已离岗的人员（1人）" in client_request.get("/units", MANAGER).get_text()


def test_names_are_masked_for_those_who_neither_enter_nor_inspect(place, client_request):
    member = units.work(place, "演示某甲")
    for role, shown in ((MANAGER, True), ("town", True), ("inspector", True), ("auditor", False)):
        for url in ("/units/P01", f"/units/staff/{member.id}"):
            assert ("演示某甲" in client_request.get(url, role).get_text()) is shown, (role, url)


def test_drills_and_hours_of_volunteers_are_noted(place, client_request):
    url = "/units/P01/events/new"
    client_request.post(
        f"{url}?kind=drill", {"held_on": "20240505", "people": "6", "note": "火灾疏散"}, MANAGER
    )
    hours = {"held_on": "20240505", "hours": "12.5", "people": "3"}
    client_request.post(f"{url}?kind=volunteer_hours", hours, MANAGER)
    told = client_request.post(
        f"{url}?kind=volunteer_hours", hours | {"hours": "12.55"}, MANAGER, status=422
    )
    assert "最多一位小数" in told.find(id="hours-error").get_text()
    client_request.get(f"{url}?kind=party", MANAGER, status=404)
    found = rows(UnitEvent)
    assert [(one.kind, one.hours, one.people) for one in found] == [
        ("drill", None, 6),
        ("volunteer_hours", 12.5, 3),
    ]


def test_the_twelve_rules_of_the_district_are_the_districts_to_enter(place, client_request):
    form = {"kind": "rule_price", "number": "武民〔2024〕3号", "valid_from": "20240101"}
    client_request.post("/units/rules/new", form, MANAGER, status=403)
    client_request.post("/units/rules/new", form, "district")
    page = client_request.get("/units/rules", MANAGER)
    assert "已印发执行 1 项" in page.get_text()
    (row,) = rows(UnitDocument)
    assert row.point_id is None
    client_request.get(f"/units/documents/{row.id}/withdraw", MANAGER, status=403)
    client_request.post(f"/units/documents/{row.id}/withdraw", {"why": "废止"}, "district")
    assert "已印发执行 0 项" in client_request.get("/units/rules", "leader").get_text()
