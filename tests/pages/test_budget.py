"""The budget as people see it, change it and follow its figures; and approving beyond it."""

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from mealsvc.kernel.months import Month
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.settlement.services import submit
from tests.factories.tills import SHELL, TOWN, serve, small_district

JUNE = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
MAY_7 = datetime(2024, 5, 7, 3, 30, tzinfo=UTC)
NIUTANG = "320412101"


@pytest.fixture
def may(app, monkeypatch):
    """Servings of May at P01 (two) and P09 in another town; it is June."""
    monkeypatch.setattr(clock, "now", lambda: JUNE)
    small_district()
    with writing():
        put_division({"code": NIUTANG, "name": "牛塘镇", "level": "town"}, SHELL)
        there = {"division": f"{NIUTANG}001", "kind": "serving_point"}
        put_point({"code": "P09", "name": "远处助餐点", **there}, SHELL)
    serve("a", "C001")
    serve("b", "C002", served_at=MAY_7)
    serve("c", "C004", point="P09")


def budget(source, fen, division="", basis=""):
    with writing():
        put_budget(2024, source, fen, SHELL, division, basis)


def _cells(page, selector):
    return [cell.get_text(" ", strip=True) for cell in page.select(selector)]


def test_the_budget_shows_what_is_used_and_left(may, client_request):
    budget("district", 100_000)
    first = "table tbody tr:first-child > *"
    row = _cells(client_request.get("/budget", "finance"), first)
    assert row[:7] == ["区", "1,000.00", "0.00", "0.00", "0.00", "7.50", "992.50 已用0.8%"]
    with writing():
        submit(Month(2024, 5), "P01", SHELL, JUNE)
    row = _cells(client_request.get("/budget?year=2024", "finance"), first)
    assert row[4:7] == ["5.00", "2.50", "992.50 已用0.8%"]
    assert row[7] == "数据不足"


def test_a_year_without_a_budget_says_what_that_means(may, client_request):
    page = client_request.get("/budget?year=2024", "approver")
    assert "还没有录入经费预算" in page.select_one(".message").get_text()
    assert "未安排预算" not in page.get_text()
    budget("lottery", 100)
    text = client_request.get("/budget?year=2024", "approver").get_text()
    assert "区资金有支出，但没有安排预算" in text
    assert "还没有录入经费预算" not in text


def test_each_figure_leads_to_the_months_and_points_behind_it(may, client_request):
    budget("district", 100_000)
    page = client_request.get("/budget", "leader")
    link = next(a for a in page.select("tbody a") if a.get_text() == "7.50")
    behind = client_request.get(link["href"], "leader")
    assert _cells(behind, "tbody th") == ["丰乐助餐点", "远处助餐点"]
    assert _cells(behind, "tbody td:last-child") == ["5.00", "2.50"]
    assert _cells(behind, "tfoot td")[-1] == "7.50"
    months = client_request.get("/budget/2024/district/months", "auditor")
    may_row = next(row for row in months.select("tbody tr") if row.th.get_text() == "5月")
    assert [cell.get_text(strip=True) for cell in may_row.select("td")][3:5] == ["7.50", "7.50"]
    other = client_request.get("/budget/2024/district/batches?month=2024-04", "leader")
    assert "没有符合条件的结算" in other.get_text()


def test_a_town_shows_its_own_line_and_its_part_of_the_districts(may, client_request):
    budget("district", 100_000)
    budget("district", 300, NIUTANG)
    whole = client_request.get("/budget", "district")
    names = [name.split(" 够用")[0] for name in _cells(whole, ".wide tbody th")]
    assert names[:2] == ["区", "区 牛塘镇"]
    assert _cells(whole, ".wide tbody tr:nth-child(2) td")[4] == "2.50"
    town = client_request.get(f"/budget?division={TOWN}", "district")
    assert _cells(town, ".wide tbody tr:first-child td")[:5] == [
        "全区预算",
        "0.00",
        "0.00",
        "0.00",
        "5.00",
    ]
    assert _cells(whole, "table:not(.wide table) tbody th")[-2:] == ["湖塘镇", "牛塘镇"]
    client_request.get("/budget?division=320413", "district", status=403)
    client_request.get(f"/budget/2024/district/months?line={TOWN}", "district", status=404)


def test_the_chart_is_a_picture_of_its_own(may, client_request):
    budget("district", 100_000)
    client = client_request.client("finance")
    for query in ("", "?source=district", f"?division={TOWN}"):
        answer = client.get(f"/budget/chart/2024.svg{query}")
        assert answer.mimetype == "image/svg+xml"
        svg = BeautifulSoup(answer.data, "xml")
        assert svg.find("title").get_text().startswith("2024年")
        assert len(svg.find_all("text")) >= 12
    assert client.get("/budget/chart/2024.svg?source=gold").status_code == 404


def test_the_district_sets_the_budget_and_others_do_not(may, client_request):
    client_request.post("/budget/2024/lottery", {"amount": "30,000.50"}, "district")
    assert "30,000.50" in client_request.get("/budget?year=2024", "district").get_text()
    page = client_request.post("/budget/2024/lottery", {"amount": "三万"}, "district", status=422)
    assert "请输入金额" in page.find(id="amount-error").get_text()
    client_request.get("/budget/2024/gold", "district", status=404)
    client_request.get("/budget/2024/lottery", "finance", status=403)
    client_request.post("/budget/2024/lottery", {"amount": "1"}, "finance", status=403)


def test_a_change_needs_a_basis_and_is_seen_ever_after(may, client_request):
    url = f"/budget/2024/town?division={NIUTANG}"
    client_request.post(url, {"amount": "500"}, "district")
    page = client_request.post(url, {"amount": "800"}, "district", status=422)
    assert "请写明依据" in page.find(id="basis-error").get_text()
    assert page.find(id="amount")["value"] == "800"
    client_request.post(url, {"amount": "800", "basis": "镇人大追加"}, "district")
    client_request.post(url, {"amount": "700", "basis": "镇人大调减"}, "district")
    page = client_request.get(f"/budget/2024/town/months?line={NIUTANG}", "finance")
    rows = [_cells(row, "td") for row in page.select("table")[-1].select("tbody tr")]
    assert [row[:5] for row in rows] == [
        ["调减", "800.00", "700.00", "-100.00", "镇人大调减"],
        ["追加", "500.00", "800.00", "300.00", "镇人大追加"],
        ["核定", "—", "500.00", "500.00", "—"],
    ]


def test_who_keeps_the_budget_is_told_on_the_first_page(may, client_request):
    assert "经费：" not in client_request.get("/", "district").get_text()
    budget("district", 600)
    for role in ("district", "approver", "finance"):
        assert "2024年经费：已超预算" in client_request.get("/", role).get_text()
    assert "经费：" not in client_request.get("/", "leader").get_text()
    budget("district", 60_000, basis="追加")
    assert "经费：已超" not in client_request.get("/", "district").get_text()


def test_the_file_holds_the_year_and_its_months(may, client_request):
    budget("district", 100_000)
    client = client_request.client("finance")
    rows = client.get("/budget/export/2024.csv").data.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("2024,320412,武进区,区,全年,1000.00,0.00,0.00,0.00,7.50,7.50,992.50")
    assert rows[2].startswith("2024,320412,武进区,区,2024-05,,0.00,0.00,0.00,7.50,7.50,")
    assert client.get("/budget/export/2024.xlsx").data[:2] == b"PK"
    assert client.get("/budget/export/2024.pdf").status_code == 404
