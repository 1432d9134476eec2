"""Filed prices: filing and ending them, their history, and the changes that are flagged."""

from datetime import date

import pytest

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.policies.services import import_policy
from tests.factories import menus, tills
from tests.factories.policies import SAMPLE

TODAY = date(2024, 5, 6)
PRICE = {
    "meal": "lunch",
    "name": "标准套餐",
    "public_price": "15",
    "elder_price": "12",
    "effective_from": "20240506",
    "basis": "服务协议",
}
NEXT = SAMPLE.replace("TN-2022", "TN-2024").replace("2023-04-01", "2024-06-01")


@pytest.fixture
def point(app, monkeypatch):
    """P01 on 6 May 2024, before a policy that begins on 1 June."""
    original = tills.SAMPLE
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.SAMPLE = original.replace("2023-04-01", "2023-04-01\neffective_to = 2024-05-31")
    try:
        tills.small_district()
    finally:
        tills.SAMPLE = original
    with writing():
        import_policy(NEXT, tills.SHELL, tills.LUNCH)


def text(page):
    return page.get_text(" ", strip=True)


def file(client_request, status=303, as_="manager", **fields):
    return client_request.post("/menus/prices/P01/new", PRICE | fields, as_, status=status)


def test_a_price_is_filed_changed_and_ended_with_its_history(point, client_request):
    assert "还没有备案价" in text(client_request.get("/menus/prices", "manager"))
    file(client_request)
    file(client_request, elder_price="13", effective_from="20240510")
    page = client_request.get("/menus/prices", "operator")
    assert "待生效" in text(page) and "执行中" in text(page)
    assert text(page.select("tbody tr")[0]).startswith("午餐 标准套餐 15.00 3.00 12.00")
    end = {"effective_from": "20240601", "basis": "停售"}
    client_request.post("/menus/prices/P01/end/1", end, "manager", status=303)
    assert "不再执行" in text(client_request.get("/menus/prices/P01", "district"))
    overview = client_request.get("/menus/prices", "district")
    assert "丰乐助餐点 P01 午餐 标准套餐 15.00 3.00 12.00" in text(overview)
    assert "没有执行中的备案价" in text(overview)  # P02


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"elder_price": "15.01"}, "elder_price", "老年价不能高于公示价"),
        ({"public_price": "200.01"}, "public_price", "0.01元至200.00元之间"),
        ({"effective_from": "20240505"}, "effective_from", "不能早于今天"),
        ({"basis": ""}, "basis", "请写明依据"),
        ({"name": ""}, "name", "请输入名称"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_typed_is_lost(
    point, client_request, fields, field, told
):
    page = file(client_request, status=422, **fields)
    assert told in page.find(id=f"{field}-error").get_text()
    assert page.find(id="elder_price")["value"] == fields.get("elder_price", "12")


def test_a_change_shortly_before_a_policy_is_flagged(point, client_request):
    menus.filed(1200, TODAY, tills.LUNCH)
    assert "没有要提醒的调价" in text(client_request.get("/menus/prices/flags", "inspector"))
    page = file(client_request, elder_price="13", public_price="16", effective_from="20240525")
    told = "在政策生效前7天调整"
    shown = text(client_request.get("/menus/prices", "manager"))
    assert told in shown and "调价提醒" in shown, page
    flags = client_request.get("/menus/prices/flags", "inspector")
    assert "提价 " + told in text(flags) and "12.00 → 13.00" in text(flags)
    elsewhere = client_request.get("/menus/prices/flags", "manager@P02")
    assert told not in text(elsewhere)


def test_a_change_eight_days_before_a_policy_is_not_flagged(point, client_request):
    menus.filed(1200, TODAY, tills.LUNCH)
    file(client_request, elder_price="13", public_price="16", effective_from="20240524")
    assert "没有要提醒的调价" in text(client_request.get("/menus/prices/flags", "inspector"))


def test_a_line_of_the_ledger_shows_its_four_parts_apart(point, client_request):
    menus.filed(1200, TODAY, tills.LUNCH)
    line = tills.serve("K1")
    rows = client_request.get(f"/servings/{line.sequence}", "auditor").select(".section tr")
    shown = {text(row.th): text(row.find("td")) for row in rows if row.find("td")}
    assert shown == {
        "公示价": "15.00",
        "企业优惠": "3.00",
        "政府补贴 U60": "3.00",
        "老人自付": "9.00",
        "餐价（补贴前）": "12.00",
    }
    assert "公示15.00 企业优惠3.00" in text(client_request.get("/servings?day=20240506", "auditor"))


def test_the_plain_till_shows_them_too_and_refuses_more(point, client_request):
    menus.filed(1200, TODAY, tills.LUNCH)
    card = client_request.post("/till/plain/find", {"q": "C001"}, "operator", status=200)
    sums = text(card.select_one(".till-sums"))
    assert sums == "公示价 15.00 企业优惠 3.00 补贴 3.00 老人付（元） 9.00"
    fields = {one["name"]: one.get("value", "") for one in card.select(".till-card input[name]")}
    fields |= {"meal": "lunch", "mode": "dine_in", "price": "13"}
    page = client_request.post("/till/plain/card", fields, "operator", status=422)
    assert "高于备案价12.00元" in text(page)
