"""The leaders' screen and the half page of what is due: figures, their records, few questions."""

import io
from datetime import date

import pypdfium2
import pytest
from sqlalchemy import event

from mealsvc.home.overview import overview
from mealsvc.home.today_sheet import sheet_of
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.reports import todo_sheet
from mealsvc.reports.todo_words import Line, Section, Sheet
from mealsvc.settlement.services import settlement_of
from tests.factories import complaints
from tests.factories.reach import reached
from tests.factories.tills import TOWN
from tests.support.papers import words_of


def troubled():
    """The reached district with an open complaint."""
    reached()
    complaints.brought_to("assigned")


pytestmark = [pytest.mark.ground(by=troubled), pytest.mark.only("sqlite")]


def tiles(page):
    return [
        (
            one.select_one(".label").get_text(strip=True),
            one.select_one(".value").get_text(strip=True),
        )
        for one in page.select(".tile")
    ]


def test_eight_figures_each_open_their_records(client_request):
    page = client_request.get("/overview", as_="leader")
    shown = dict(tiles(page))
    assert list(shown)[:2] == ["5月28日就餐", "5月就餐"]
    assert len(shown) == 8
    assert shown["5月28日就餐"] == "1份"
    assert shown["5月就餐"] == "32份"
    assert shown["5月就餐老人"] == "5人"
    assert shown["1,000米覆盖"] == "30.8%"
    assert shown["空白点"] == "2个"
    assert shown["未办结问题"] == "1件"
    assert "今天还没有记录" in page.get_text()
    for link in [*page.select(".tile a"), *page.select(".problems a")]:
        client_request.get(link["href"], as_="leader")


def test_the_figures_are_those_of_settlement_and_scope(app):
    leader = Principal(1, "leader", "领导", "leader", "320412", frozenset())
    seen = overview(leader, date(2026, 1, 1))
    assert seen.sums.servings == settlement_of(Month(2024, 5))["total"]["servings"]
    assert seen.money is None  # who may not read the budget is shown none
    assert overview(leader, date(2026, 1, 1)).here.total.eligible == 1300


def test_a_town_sees_its_own_reach_and_the_month_of_subsidy(client_request):
    page = client_request.get("/overview", as_=f"town@{TOWN}")
    shown = dict(tiles(page))
    assert shown["1,000米覆盖"] == "57.1%"
    assert "5月补贴" in shown


def test_it_looks_again_by_itself_only_where_a_wall_asks(client_request):
    client = client_request.client("leader")
    assert "Refresh" not in client.get("/overview").headers
    assert client.get("/overview?wall=1").headers["Refresh"] == "300"
    assert "大屏" not in client.get("/overview?wall=1").text


def test_the_screen_asks_a_bounded_number_of_questions(client_request):
    asked = []
    client_request.client("leader")
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    client_request.get("/overview", as_="leader")
    assert len(asked) <= 60
    asked.clear()
    client_request.get("/overview", as_="leader")
    assert len(asked) <= 32


def test_half_a_page_holds_what_is_due_this_week(client_request):
    page = client_request.get("/overview/today", as_=f"town@{TOWN}")
    text = page.get_text(" ", strip=True)
    assert "2024年5月有1个助餐点未提交结算" in text
    assert page.select_one(".sheet a")["href"] == "/settlements?month=2024-05"
    assert "打电话问就餐：" in text
    assert "空白点 无名村" in text
    paper = client_request.client(f"town@{TOWN}").get("/overview/today.pdf")
    assert paper.mimetype == "application/pdf"
    words = words_of(paper.data)
    for one in ("湖塘镇本周待办", "空白点无名村", "沿虚线裁开"):
        assert one in words


def test_the_sheet_is_the_persons_own_and_says_when_the_week_ends(app):
    town = Principal(1, "t", "镇", "town", TOWN, frozenset({"complaints.read", "complaints.close"}))
    with app.test_request_context():
        sheet = sheet_of(town, clock.now())
    assert sheet.place == "湖塘镇"
    assert sheet.until.weekday() == 6
    assert 0 <= (sheet.until - sheet.day).days <= 6


def test_however_much_there_is_it_stays_on_the_upper_half_of_one_page():
    long = "很长的事项" * 30
    lines = tuple(Line(long, long, date(2024, 5, day)) for day in range(1, 8))
    sections = tuple(Section(f"第{number}类", lines, 9) for number in range(4))
    pdf = todo_sheet.draw(Sheet("湖塘镇", date(2024, 5, 6), date(2024, 5, 12), sections), True)
    assert "件写不下，见系统" in words_of(pdf)
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    assert len(document) == 1
    text = document[0].get_textpage()
    _, height = document[0].get_size()
    lowest = min(
        text.get_charbox(at)[1]
        for at in range(text.count_chars())
        if text.get_text_range(at, 1).strip()
    )
    assert lowest > height / 2 - 20  # only the words at the dashed line stand below it
