"""A month's settlement as people see it, submit it and find it again; and the budget."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.services import settlement_of, submit
from tests.factories.tills import SHELL, serve, small_district

JUNE = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
MAY_7 = datetime(2024, 5, 7, 3, 30, tzinfo=UTC)


@pytest.fixture
def may(app, monkeypatch):
    """Servings of May at P01 (two) and P09 in another town (one at full price); it is June."""
    monkeypatch.setattr(clock, "now", lambda: JUNE)
    small_district()
    with writing():
        there = {"division": "320412101", "kind": "serving_point"}
        put_point({"code": "P09", "name": "远处助餐点", **there}, SHELL)
    serve("a", "C001")
    serve("b", "C002", served_at=MAY_7)
    serve("c", "C003", point="P09")


def _cells(page, selector):
    return [cell.get_text(strip=True) for cell in page.select(selector)]


def _submit(month, code=None):
    with writing():
        submit(month, code, SHELL, JUNE)


def test_the_month_is_one_row_a_point_and_a_total(may, client_request):
    page = client_request.get("/settlements", "district")
    assert "2024年5月 结算" in page.h1.get_text()
    assert "2 个助餐点待提交" in page.select_one(".state").get_text()
    assert _cells(page, "tbody th") == ["丰乐助餐点", "远处助餐点"]
    total = ["合计 2 个", "3", "2", "0", "7.00", "0.00", "1.00", "0.00", "0.00", "8.00"]
    assert _cells(page, "tfoot th, tfoot td") == total


def test_everybody_sees_the_own_scope_of_it(may, client_request):
    assert _cells(client_request.get("/settlements", "town"), "tbody th") == ["丰乐助餐点"]
    assert _cells(client_request.get("/settlements", "manager@P09"), "tbody th") == ["远处助餐点"]
    narrowed = client_request.get("/settlements?town=320412101", "district")
    assert _cells(narrowed, "tbody th") == ["远处助餐点"]
    client_request.get("/settlements?town=320412101", "town", status=403)
    client_request.get("/settlements/2024-05/P09", "town", status=403)
    client_request.get("/settlements.json?point=P09", "town", status=403)
    client_request.get("/settlements/2024-13/P01", "district", status=404)


def test_the_json_of_the_page_is_that_of_the_command(may, client_request):
    command = [Path(sys.executable).with_name("mealsvc"), "settle", "2024-05", "--json"]
    printed = subprocess.run(command, check=True, capture_output=True).stdout
    client = client_request.client("district")
    assert client.get("/settlements.json?month=2024-05").data == printed
    assert [one["point"] for one in json.loads(printed)["points"]] == ["P01", "P09"]


def test_submitting_asks_with_the_consequence_and_freezes(may, client_request):
    asked = client_request.get("/settlements/2024-05/submit", "district")
    told = asked.select_one(".consequence").get_text()
    assert "2 个助餐点" in told
    assert "3 条流水" in told
    assert "¥8.00" in told
    client_request.post("/settlements/2024-05/submit", {}, "district")
    page = client_request.get("/settlements?month=2024-05", "district")
    assert "2 个助餐点已全部提交" in page.select_one(".state").get_text()
    assert "提交结算" not in page.get_text()


def test_a_manager_submits_her_own_point_only(may, client_request):
    client_request.post("/settlements/2024-05/submit?point=P09", {}, "manager@P01")
    states = {one["point"]: one["status"] for one in settlement_of(_month())["points"]}
    assert states == {"P01": "submitted", "P09": "preview"}


def test_a_month_that_runs_cannot_be_submitted(may, client_request, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: JUNE.replace(month=5, day=31))
    page = client_request.get("/settlements?month=2024-05", "district")
    assert "6月1日起可以提交" in page.get_text()
    assert (
        "本月尚未结束" in client_request.get("/settlements/2024-05/submit", "district").get_text()
    )
    page = client_request.post("/settlements/2024-05/submit", {}, "district", status=422)
    assert settlement_of(_month())["status"] == "preview"


def test_a_later_month_waits_for_the_earlier_one(may, client_request, monkeypatch):
    serve("june", "C001", served_at=JUNE)
    monkeypatch.setattr(clock, "now", lambda: JUNE.replace(month=7))
    page = client_request.post("/settlements/2024-06/submit", {}, "district", status=422)
    assert "请先提交2024年5月的结算" in page.get_text()


@pytest.mark.parametrize("role", ["town", "approver", "finance", "leader", "auditor"])
def test_nobody_else_submits(may, client_request, role):
    client_request.get("/settlements/2024-05/submit", role, status=403)
    client_request.post("/settlements/2024-05/submit", {}, role, status=403)


def test_a_points_page_shows_rules_funding_and_the_sheet(may, client_request):
    page = client_request.get("/settlements/2024-05/P01", "district")
    text = page.get_text()
    assert "普惠：60至79岁，每餐3.00元" in text
    assert "捌元整" in text
    assert page.select_one('a[href="/reports/settlement.pdf?month=2024-05&point=P01"]')
    assert page.select_one('a[href="/servings?month=2024-05&point=P01"]')
    empty = client_request.get("/settlements/2024-05/P02", "district").get_text()
    assert "这个月没有要结算的内容" in empty


def test_what_arrives_late_is_listed_with_what_it_corrects(may, client_request):
    _submit(_month())
    with writing() as connection:
        reverse_serving(connection, "a-", "a", "登错人", None, SHELL, JUNE)
    serve("late", "C004")
    page = client_request.get("/settlements/2024-06/P01", "district")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.select("section[aria-labelledby=late-title] tbody tr")
    ]
    assert [row[0] for row in rows] == ["a-", "late"]
    assert rows[0][2:7] == ["张*丰", "冲正 登错人", "a", "-3.00", "0.00"]
    assert rows[1][2] == "单于*"
    assert "-0.50" not in page.get_text()
    submitted = client_request.get("/settlements/2024-05/P01", "district")
    assert submitted.select_one("dd.code").get_text().strip()
    assert "流水条数" in submitted.get_text()


def _month():
    from mealsvc.kernel.months import Month

    return Month(2024, 5)
