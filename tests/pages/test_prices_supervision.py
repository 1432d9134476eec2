"""Pages of prices and standards: each figure leads to the records behind it."""

from datetime import UTC, datetime

import pytest

from mealsvc.menus.queries import meal_menu
from mealsvc.menus.services import publish
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from tests.factories import menus, tills
from tests.factories.menus import place
from tests.factories.tills import SHELL

SUNDAY = datetime(2024, 5, 5, 1, tzinfo=UTC)
MAY = "month=2024-05"


@pytest.fixture
def charged(app, monkeypatch):
    """P01 charges what it filed, P02 without any filing; P01's menu of 6 May is public."""
    monkeypatch.setattr(clock, "now", lambda: tills.a_day(9))
    tills.small_district()
    menus.filed(1200, tills.LUNCH.date(), SUNDAY)
    with writing():
        menus.cook(tills.LUNCH.date(), SUNDAY)
        publish(place(), [meal_menu(1, tills.LUNCH.date(), "lunch")], SHELL, SUNDAY)
    tills.serve("S1", "C001")
    tills.serve("S2", "C002", price_fen=1300, point="P02")
    tills.serve("S3", "C004", price_fen=1300, point="P02", served_at=tills.a_day(7))


def rows(page):
    return [row.get_text(" ", strip=True) for row in page.select("tbody tr")]


def links(page):
    return {link["href"] for link in page.select("main a[href]")}


def test_the_page_of_prices_shows_means_spread_and_what_deviates(charged, client_request):
    page = client_request.get(f"/supervision/prices?{MAY}", "district")
    figures = {
        one.select_one(".label").get_text(): one.select_one(".value").get_text("", strip=True)
        for one in page.select(".figure")
    }
    assert figures["均价（N22）"] == "12.67元"
    assert figures["离散度（N22）"] == "3.7%"
    assert figures["未备案调价（N24）"] == "1次"
    assert figures["老人价比社会价（N25）"] == "0.800"
    assert rows(page)[:2] == [
        "丰乐助餐点 1 12.00 0.0% 0.800 0 没有",
        "花园助餐点 2 13.00 0.0% — 2 1 项",
    ]
    assert "/servings?point=P02&month=2024-05" in links(page)
    assert "湖塘镇 3 12.67 3.7%" in rows(page) and "社区食堂 3 12.67 3.7%" in rows(page)


def test_a_deviation_opens_the_servings_of_its_days(charged, client_request):
    page = client_request.get(f"/supervision/prices/deviations?{MAY}", "town")
    [row] = rows(page)
    assert row.startswith("没有备案价 花园助餐点 午餐 13.00 — 5月6日起 2 天")
    assert {"/servings?point=P02&day=2024-05-06", "/servings?point=P02&day=2024-05-07"} <= links(
        page
    )
    other = client_request.get(f"/supervision/prices/deviations?{MAY}&kind=above_filed", "town")
    assert not rows(other) and "没有价格偏差" in other.get_text()


def test_who_may_not_see_servings_gets_the_figures_without_their_links(charged, client_request):
    page = client_request.get(f"/supervision/prices?{MAY}", "leader")
    assert rows(page) and not [link for link in links(page) if link.startswith("/servings")]


def test_a_point_shows_its_prices_for_a_free_period(charged, client_request):
    page = client_request.get("/supervision/prices/P02?from=20240507&to=20240531", "manager@P02")
    assert rows(page)[0].startswith("午餐 13.00 1 — — —")
    client_request.get("/supervision/prices/P01", "manager@P02", status=403)
    client_request.get("/supervision/prices/P77", "district", status=404)


@pytest.mark.parametrize(
    "query",
    ["from=20240501", "from=20240531&to=20240501", "from=20230101&to=20240102", "from=x&to=y"],
)
def test_a_period_that_makes_no_sense_shows_the_month_and_says_so(charged, client_request, query):
    page = client_request.get(f"/supervision/prices?{query}", "district")
    assert "起止" in page.select_one(".message").get_text()
    assert page.h1.get_text().startswith("2024年5月")


def test_people_see_the_prices_of_their_own_area(charged, client_request):
    own = client_request.get(f"/supervision/prices?{MAY}", "manager@P02")
    assert [row.split()[0] for row in rows(own)[:1]] == [
        "花园助餐点"
    ] and "丰乐助餐点" not in own.get_text()
    abroad = client_request.get(f"/supervision/prices?{MAY}", "district@320413")
    assert "这段时间没有就餐" in abroad.get_text()


def test_the_page_of_standards_leads_to_weeks_menus_and_days(charged, client_request):
    page = client_request.get(f"/supervision/standards?{MAY}", "inspector")
    assert rows(page) == [
        "丰乐助餐点 1 / 1 1 / 1 0 / 0 1 0 / 1 0.0% —",
        "花园助餐点 0 / 1 0 / 0 0 / 0 0 0 / 2 — —",
    ]
    detail = client_request.get(f"/supervision/standards/P01?{MAY}", "inspector")
    text = detail.get_text(" ", strip=True)
    assert "提前公布" in text and "份量没有录全" in text
    assert {"/menus?point=P01&week=2024-05-06", "/menus/day/P01/2024-05-06/lunch"} <= links(detail)
    assert "没有公布" in client_request.get(f"/supervision/standards/P02?{MAY}", "town").get_text()


@pytest.mark.parametrize("day", ["00010101", "99991231"])
def test_the_ends_of_the_calendar_are_no_fault_of_ours(charged, client_request, day):
    for page in ("prices", "prices/P01", "standards", "standards/P01"):
        client_request.get(f"/supervision/{page}?from={day}&to={day}", "inspector")
