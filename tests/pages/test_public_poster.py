"""The poster with the codes of a point's public page and of complaints."""

from datetime import timedelta

import pypdfium2
import pytest

from mealsvc.places.services import put_point, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.reports.public_poster import draw, sheets_of
from tests.factories import menus, publics
from tests.factories.publics import TODAY
from tests.factories.tills import COMMUNITY, LUNCH, SHELL
from tests.support.papers import pages_of, words_of

pytestmark = [pytest.mark.ground(by=publics.open_district), pytest.mark.only("sqlite")]


@pytest.fixture(autouse=True)
def at_lunch(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LUNCH)


def told(answer) -> str:
    assert answer.status_code == 200
    return words_of(answer.data).replace("\n", "")


def test_the_poster_says_when_how_much_how_good_and_where_to_turn(client_request):
    words = told(client_request.client("manager").get("/reports/posters/P01.pdf"))
    for one in (
        "丰乐助餐点",
        "午餐 10:30-12:30",
        "补贴3元，付10元",
        "补贴4元，付9元",
        "付13元",
        "付15元",
        "2024年5月6日检查 A 优秀",
        "居民委员会",
        "12345 热线",
        "http://127.0.0.1:8000/public/P01",
        "http://127.0.0.1:8000/c/P01",
    ):
        assert one.replace(" ", "") in words.replace(" ", ""), one


def test_where_the_subsidy_is_suspended_the_poster_promises_none(app):
    with writing():
        suspend_point(menus.place(), TODAY, "核查", SHELL, scope="subsidy")
    words = words_of(draw(sheets_of([menus.place()], TODAY))).replace("\n", "")
    assert "本点补贴暂停" in words and "补贴3元" not in words and "付13元" in words


def test_all_posters_are_one_file_of_the_points_that_somebody_sees(client_request):
    with writing():
        kitchen = {"name": "停业点", "kind": "serving_point", "division": COMMUNITY}
        put_point({"code": "P09", **kitchen, "closed_on": TODAY - timedelta(days=1)}, SHELL)
    for who, pages in (("district", 2), ("manager", 1)):
        answer = client_request.client(who).get("/reports/posters/all.pdf")
        assert pages_of(answer.data) == pages, who
    client_request.get("/reports/posters/P02.pdf", "manager", status=403)
    client_request.get("/reports/posters/P77.pdf", "district", status=404)
    client_request.get("/reports/posters/P01.pdf", "operator", status=403)
    assert "公开信息海报" in client_request.get("/reports", "district").get_text()


def test_the_longest_of_everything_stays_on_one_page_above_the_codes(app):
    long = {
        "name": "某某镇某某村某某社区老年人日间照料和助餐服务中心第一分餐点",
        "address": "长" * 60,
    }
    with writing():
        put_point({"code": "P01", **long}, SHELL)
    for name, fen in (("双荤大份套餐", 2000), ("清真套餐低盐低油", 1850), ("糖尿病套餐", 1600)):
        menus.filed(fen, TODAY, LUNCH, name=name)
    made = draw(sheets_of([menus.place()], TODAY))
    assert pages_of(made) == 1 and "第一分餐点" in words_of(made)
    heights = [bottom_of(made, words) for words in ("怎么登记", "投诉建议", "评价和投诉")]
    assert heights == sorted(heights, reverse=True) and heights[1] > heights[2] + 17


def bottom_of(made: bytes, words: str) -> float:
    """How far above the lower edge these words stand."""
    page = pypdfium2.PdfDocument(made)[0]
    text = page.get_textpage()
    found = text.search(words).get_next()
    assert found, words
    return text.get_charbox(found[0])[1]
