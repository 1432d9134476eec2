"""The first page and the figures: every number from the ledger, within one's scope."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.services import record
from tests.factories.tills import SHELL, serve, small_district

JUNE = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
def may(app):
    """P01: four servings of which one is taken back; P02: one; P09 in another town: one at full price."""
    small_district()
    with writing():
        there = {"division": "320412101", "kind": "serving_point"}
        put_point({"code": "P09", "name": "远处助餐点", **there}, SHELL)
    serve("a", "C001")
    serve("b", "C002")
    serve("c", "C001", served_at=datetime(2024, 5, 7, 3, 30, tzinfo=UTC))
    serve("d", "C004")
    serve("e", "C004", point="P02", served_at=datetime(2024, 5, 8, 3, 30, tzinfo=UTC))
    serve("f", "C003", point="P09")
    with writing() as connection:
        reverse_serving(connection, "d-", "d", "登错人", None, SHELL, clock.now())


@pytest.fixture
def in_june(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: JUNE)


def _figures(page):
    labels = [tag.get_text() for tag in page.select(".figure .label")]
    values = [tag.get_text().split()[0] for tag in page.select(".figure .value")]
    return dict(zip(labels, values, strict=True))


def test_the_first_page_opens_on_the_latest_month_with_its_net_figures(may, client_request):
    page = client_request.get("/", "district")
    assert page.h1.get_text() == "2024年5月 工作台"
    figures = _figures(page)
    assert figures["就餐份数"] == "5"
    assert figures["享受补贴"] == "4"
    assert figures["补贴金额"] == "13.00"
    assert figures["服务老人"] == "4"
    assert figures["日均份数"] == "2"
    assert figures["登记老人"] == "4"


def test_a_town_sees_its_own_points_only(may, client_request):
    page = client_request.get("/", "town")
    assert _figures(page)["就餐份数"] == "4"
    assert "远处助餐点" not in page.get_text()


def test_an_operator_sees_her_own_point_only(may, client_request):
    page = client_request.get("/", "operator@P02")
    assert _figures(page)["就餐份数"] == "1"
    assert "丰乐助餐点" not in page.get_text()


def test_every_figure_leads_to_its_records(may, client_request):
    page = client_request.get("/", "district")
    links = {tag["href"] for tag in page.select(".figure a.value")}
    assert {"/servings?month=2024-05", "/servings?month=2024-05&reason=none"} <= links
    for link in links:
        client_request.get(link, "district")


def test_an_elder_whose_servings_were_all_taken_back_was_not_served(may, client_request):
    assert _figures(client_request.get("/", "district"))["服务老人"] == "4"
    with writing() as connection:
        reverse_serving(connection, "e-", "e", "登错人", None, SHELL, clock.now())
    assert _figures(client_request.get("/", "district"))["服务老人"] == "3"


def test_a_month_that_ended_waits_to_be_submitted(may, in_june, client_request):
    todo = client_request.get("/", "district").select_one(".todo")
    assert "2024年5月有3个助餐点未提交结算" in todo.get_text()
    assert todo.a["href"] == "/settlements?month=2024-05"


def test_administrators_get_a_page_without_business_figures(may, client_request):
    page = client_request.get("/", "audit_admin")
    assert not page.select(".figure")
    assert "操作留痕" in page.get_text()
    client_request.get("/figures", "audit_admin", status=403)


def test_an_empty_installation_opens_too(app, client_request):
    assert "还没有就餐记录" in client_request.get("/", "district").get_text()
    client_request.get("/figures", "district")


def test_the_ribbon_shows_once_demo_data_were_loaded(app, client_request):
    assert client_request.get("/", "district").select_one(".ribbon") is None
    with writing():
        record(SHELL, "demo.load", "demo")
    app.extensions["mealsvc.caches"].clear()
    assert client_request.get("/", "district").select_one(".ribbon") is not None


@pytest.fixture
def asked(app):
    """What the database is asked."""
    statements = []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def test_the_first_page_asks_the_database_forty_questions_at_most(may, client_request, asked):
    client_request.get("/", "district")
    asked.clear()
    client_request.get("/", "district")
    reads = [text for text in asked if text.startswith(("SELECT", "WITH"))]
    assert len(reads) <= 40, "\n".join(reads)  # one of them asks who is there


def test_figures_show_months_points_and_days_by_meal(may, client_request):
    page = client_request.get("/figures", "district")
    totals = [row.get_text(" ").split() for row in page.select("tfoot tr")]
    assert totals[0][:3] == ["合计", "5", "4"]
    assert totals[1][:6] == ["合计", "3", "天", "5", "5", "4"]
    day = page.select_one('a[href="/servings?day=2024-05-06&meal=lunch"]')
    assert day.get_text() == "3"


def test_figures_can_be_narrowed_to_a_town_or_a_point_within_the_scope(may, client_request):
    town = client_request.get("/figures?by=town", "district")
    assert "湖塘镇" in town.get_text()
    point = client_request.get("/figures?point=P02", "town")
    assert point.select_one("tbody td").get_text() == "1"
    client_request.get("/figures?point=P09", "town", status=404)
    client_request.get("/figures?town=320412101", "town", status=403)


def test_a_kitchen_that_serves_nobody_is_not_among_the_operating_points(may, client_request):
    with writing():
        there = {"division": "320412101", "kind": "central_kitchen"}
        put_point({"code": "K01", "name": "中央厨房一号", **there}, SHELL)
    page = client_request.get("/", "district")
    assert _figures(page)["正式运营助餐点"] == "3"
    (link,) = [tag["href"] for tag in page.select(".figure a.value") if "points" in tag["href"]]
    listed = [tag.get_text() for tag in client_request.get(link, "district").select("tbody th a")]
    assert listed == ["丰乐助餐点", "花园助餐点", "远处助餐点"]
