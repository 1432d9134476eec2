"""Points and divisions: seen within the scope, changed by the district only, with a trail."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.places.models import Operator, PointSuspension
from mealsvc.places.services import point_by_code, put_point, suspension_on
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.trail.models import TrailEvent
from tests.factories.tills import COMMUNITY, SHELL, serve, small_district

NEW = {
    "code": "P10",
    "name": "新助餐点",
    "kind": "serving_point",
    "division": COMMUNITY,
    "catering_mode": "",
    "opened_on": "20240506",
    "lunch_hours": "10:30 - 12:30",
    "operator": "安康餐饮公司",
}


@pytest.fixture
def points(app):
    """P01 and P02 in Hutang, P09 in another town."""
    small_district()
    with writing():
        put_point(
            {
                "code": "P09",
                "name": "远处助餐点",
                "division": "320412101",
                "kind": "central_kitchen",
            },
            SHELL,
        )


def _names(page):
    return [tag.get_text() for tag in page.select("tbody th a")]


def _change(code, **values):
    with writing():
        put_point({"code": code, **values}, SHELL)


def test_everybody_sees_the_points_of_the_own_scope(points, client_request):
    assert len(_names(client_request.get("/points", "district"))) == 3
    assert _names(client_request.get("/points", "town")) == ["丰乐助餐点", "花园助餐点"]
    assert _names(client_request.get("/points", "operator@P02")) == ["花园助餐点"]
    client_request.get("/points/P09", "town", status=403)
    client_request.get("/points/P01", "operator@P02", status=403)
    client_request.get("/points/P77", "district", status=404)


def test_points_are_found_by_name_kind_town_and_licence(points, client_request):
    soon = local_date(clock.now()) + timedelta(days=20)
    _change("P02", licence_expires_on=soon)
    for query, wanted in (
        ("q=花园", ["花园助餐点"]),
        ("q=P0", ["丰乐助餐点", "花园助餐点", "远处助餐点"]),
        ("kind=central_kitchen", ["远处助餐点"]),
        ("town=320412100", ["丰乐助餐点", "花园助餐点"]),
        ("licence=due", ["花园助餐点"]),
        ("q=%25", []),
    ):
        assert _names(client_request.get(f"/points?{query}", "district")) == wanted, query


def test_the_status_of_today_can_be_filtered_as_it_is_shown(points, client_request):
    today = local_date(clock.now())
    _change("P02", closed_on=today - timedelta(days=1))
    _change("P09", opened_on=today + timedelta(days=1))
    for status, word, wanted in (
        ("operating", "正式运营", ["丰乐助餐点"]),
        ("point_closed", "已停业", ["花园助餐点"]),
        ("not_opened", "未开业", ["远处助餐点"]),
    ):
        page = client_request.get(f"/points?status={status}", "district")
        assert _names(page) == wanted
        assert word in page.select_one("tbody").get_text()


def test_a_points_month_is_shown_and_leads_to_its_lines(points, client_request):
    serve("a", "C001")
    serve("b", "C002")
    page = client_request.get("/points", "district")
    assert page.select_one('a[href="/servings?month=2024-05&point=P01"]').get_text() == "2"
    page = client_request.get("/points/P01", "district")
    assert page.select_one(".figure a.value")["href"] == "/servings?month=2024-05&point=P01"
    day = page.select_one('.columns a[href="/servings?month=2024-05&point=P01&day=2024-05-06"]')
    assert day.get_text(" ").split() == ["2", "6"]


def test_doubtful_numbers_and_an_expired_licence_are_pointed_out(points, client_request):
    _change("P01", licence_no="JY123", licence_expires_on=date(2023, 1, 1))
    _change("P01", operator="安康餐饮公司", uscc="91320412MA1YW00010")
    text = client_request.get("/points/P01", "district").get_text()
    assert "食品经营许可证已过期" in text
    assert "许可证编号一般是JY加14位数字" in text
    assert "统一社会信用代码的校验位对不上" in text


def test_a_kitchen_and_the_points_it_supplies_lead_to_each_other(points, client_request):
    _change("P01", supplier="P09")
    assert client_request.get("/points/P09", "district").select_one('a[href="/points/P01"]')
    assert client_request.get("/points/P01", "district").select_one('a[href="/points/P09"]')
    there = client_request.get("/points/P01", "town")
    assert there.select_one('a[href="/points/P09"]') is None


def test_a_point_is_added_with_its_unit(points, client_request):
    client_request.post("/points/new", NEW, "district")
    made = point_by_code("P10")
    assert (made.opened_on, made.lunch_hours) == (date(2024, 5, 6), "10:30-12:30")
    assert db.session.get(Operator, made.operator_id).name == "安康餐饮公司"
    assert "新助餐点" in client_request.get("/points/P10", "district").get_text()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("code", "P01", "这个编号已经有助餐点使用"),
        ("code", "", "请输入助餐点编号"),
        ("name", "", "请输入助餐点名称"),
        ("kind", "", "请选择类型"),
        ("division", "320411100", "不在您的管辖范围内"),
        ("division", "320412999", "区划名单里没有这个代码"),
        ("division", "武进", "请输入6位、9位或12位区划代码"),
        ("opened_on", "五月", "请输入一个日期"),
        ("closed_on", "20240505", "停业日期不能早于开业日期"),
        ("seats", "十", "请输入整数"),
        ("lon", "999", "请输入经纬度"),
        ("lunch_hours", "12:30-10:30", "请输入起止时间"),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_kept(points, client_request, field, value, told):
    page = client_request.post("/points/new", NEW | {field: value}, "district", status=422)
    assert told in page.find(id=f"{field}-error").get_text()
    shown = page.find(attrs={"name": field})
    if shown.name == "input":
        assert shown["value"] == value


def test_an_edit_shows_what_is_there_and_leaves_before_and_after_in_the_trail(
    points, client_request
):
    page = client_request.get("/points/P01/edit", "district")
    assert page.find("input", {"name": "name"})["value"] == "丰乐助餐点"
    fields = {"name": "丰乐长者食堂", "kind": "community_canteen", "division": COMMUNITY}
    client_request.post("/points/P01/edit", fields, "district")
    assert point_by_code("P01").name == "丰乐长者食堂"
    row = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc())).first()
    assert (row.action, row.actor, row.subject) == ("places.point", "user:district-320412", "P01")
    assert "丰乐助餐点" in row.detail
    assert "丰乐长者食堂" in row.detail


def test_a_point_is_suspended_with_a_reason_and_resumed(points, client_request):
    assert (
        "将暂停丰乐助餐点的运营" in client_request.get("/points/P01/suspend", "district").get_text()
    )
    client_request.post("/points/P01/suspend", {"from_on": "20240506"}, "district", status=422)
    asked = {"from_on": "20240506", "reason": "设备检修"}
    client_request.post("/points/P01/suspend", asked, "district")
    assert "暂停运营" in client_request.get("/points?status=suspended", "district").get_text()
    again = client_request.post("/points/P01/suspend", asked, "district", status=422)
    assert "已经暂停运营" in again.get_text()
    client_request.post("/points/P01/resume", {"on": "20240508"}, "district")
    db.session.rollback()
    stop = db.session.scalars(select(PointSuspension)).one()
    assert (stop.to_on, stop.reason) == (date(2024, 5, 7), "设备检修")
    assert suspension_on(stop.point_id, date(2024, 5, 8)) is None


@pytest.mark.parametrize("role", ["town", "manager", "approver", "leader"])
def test_nobody_but_the_district_changes_points(points, client_request, role):
    for page in ("new", "P01/edit", "P01/suspend", "P01/resume"):
        client_request.get(f"/points/{page}", role, status=403)


def test_divisions_add_up_what_lies_below_them(points, client_request):
    page = client_request.get("/divisions", "district")
    rows = {
        row.th.get_text(): [cell.get_text(strip=True) for cell in row.find_all("td")][-2:]
        for row in page.select("tbody tr")
    }
    assert rows == {"武进区": ["3", "4"], "湖塘镇": ["2", "4"], "丰乐社区": ["2", "4"]}
    assert "武进区" not in client_request.get("/divisions", "town").select_one("tbody").get_text()
