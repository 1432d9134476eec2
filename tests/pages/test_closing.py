"""The pages of the day close, without a script: count, compare, confirm, print."""

import pytest

from mealsvc.kernel.meals import local_date
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.servings import closing
from tests.factories import tills
from tests.support.papers import words_of

MANAGER, PAGE = "manager@P01", "/till/close"
DAY = local_date(tills.LUNCH)


@pytest.fixture
def request_at(app, client_request, monkeypatch):
    """The evening of 6 May at P01, after two lunches: 17 yuan in the drawer."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH.replace(hour=10))
    tills.small_district()
    tills.serve("a", "C001")
    tills.serve("b", "C002")
    return client_request


def send(request_at, status=200, as_=MANAGER, day="", **fields):
    """One step of the form, with the hidden fields of the page before it."""
    fields |= hidden_of(request_at.get(PAGE + day, as_=as_))
    return request_at.post(PAGE + day, fields, as_=as_, status=status)


def close(request_at, drawer="17", other="0", **fields):
    """Counts and confirms; where the answer leads to."""
    fields |= hidden_of(request_at.get(PAGE, as_=MANAGER))
    fields |= {"drawer": drawer, "other": other, "confirmed": "1"}
    answer = request_at.send(PAGE, fields, as_=MANAGER)
    assert answer.status_code == 303
    return answer.location


def hidden_of(page):
    """What the page carries of what it showed."""
    return {name: page.select_one(f"[name={name}]")["value"] for name in ("number", "last")}


def test_the_page_says_what_has_to_be_in_the_drawer(request_at):
    page = request_at.get(PAGE, as_=MANAGER)
    assert "应收老人自付 ¥17.00" in page.text
    assert "今天还没有日结" in page.text


def test_counting_leads_to_a_comparison_and_only_the_confirmation_closes(request_at):
    page = send(request_at, drawer="10", other="7.00")
    assert "实收和应收一致" in page.text
    assert not closing.is_closed(point_by_code("P01").id, DAY)
    db.session.rollback()
    assert close(request_at, "10", "7.00").endswith("/days/P01/2024-05-06/1")
    kept = closing.latest_close(point_by_code("P01").id, DAY)
    assert (kept.drawer_fen, kept.other_fen, kept.explanation) == (1000, 700, "")


def test_a_difference_asks_for_its_reason_and_keeps_what_was_typed(request_at):
    page = send(request_at, drawer="16.50", other="0")
    assert "实收比应收少 0.50 元" in page.text
    page = send(request_at, 422, drawer="16.50", other="0", confirmed="1")
    assert "请选择原因" in page.text
    assert page.select_one("[name=drawer]")["value"] == "16.50"
    page = send(request_at, 422, drawer="16.50", other="0", confirmed="1", why="其他")
    assert "请写明原因" in page.text
    assert close(request_at, "16.50", why="其他", note="找零少了一个硬币")
    kept = closing.latest_close(point_by_code("P01").id, DAY)
    assert kept.explanation == "其他：找零少了一个硬币"


def test_what_was_typed_comes_back_when_it_makes_no_sense_or_is_to_be_changed(request_at):
    page = send(request_at, 422, drawer="十七", other="0")
    assert page.select_one("#drawer")["value"] == "十七"
    page = send(request_at, drawer="17", other="0", edit="1")
    assert page.select_one("#drawer")["value"] == "17"


def test_a_meal_recorded_meanwhile_is_shown_before_the_day_is_closed(request_at):
    fields = hidden_of(request_at.get(PAGE, as_=MANAGER))
    tills.serve("c", "C004")
    fields |= {"drawer": "17", "other": "0", "confirmed": "1", "why": "找零误差"}
    page = request_at.post(PAGE, fields, as_=MANAGER, status=422)
    assert "又有新的登记" in page.text
    assert "¥26.00" in page.text
    assert page.select_one("#drawer")["value"] == "17"


def test_later_meals_show_on_the_close_and_ask_for_the_next(request_at):
    close(request_at)
    tills.serve("c", "C004")
    page = request_at.get("/days/P01/2024-05-06/1", as_=MANAGER)
    assert "日结后又有 1 笔" in page.text
    assert "日结后又有 1 笔" in request_at.get("/days", as_="district").text
    assert close(request_at, "26").endswith("/2")
    assert "以第2次为准" in request_at.get("/days/P01/2024-05-06/1", as_=MANAGER).text


def test_a_day_that_does_not_exist_or_was_not_closed_is_not_found(request_at):
    request_at.get(PAGE + "?day=nonsense", as_=MANAGER, status=404)
    for address in ("/days/P01/2024-05-06/1", "/days/P01/x/1", "/days/P09/2024-05-06/1"):
        request_at.get(address, as_="district", status=404)


def test_a_future_day_is_refused(request_at):
    fields = {"number": "1", "last": "0", "drawer": "0", "other": "0", "confirmed": "1"}
    page = request_at.post(PAGE + "?day=20240507", fields, as_=MANAGER, status=422)
    assert "还没有到" in page.text


def test_the_paper_carries_the_same_figures(request_at):
    close(request_at, "16", "0.50", why="找零误差")
    paper = request_at.client(MANAGER).get("/days/P01/2024-05-06/1.pdf")
    words = words_of(paper.data)
    for figure in ("17.00", "16.00", "0.50", "16.50", "-0.50", "壹拾陆元伍角整", "找零误差"):
        assert figure in words
    assert "RJ-P01-20240506-1" in words
    assert paper.data == request_at.client(MANAGER).get("/days/P01/2024-05-06/1.pdf").data


def test_the_first_page_reminds_of_days_that_were_not_closed(request_at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.a_day(7))
    assert "5月6日还没有日结" in request_at.get("/", as_=MANAGER).text
    send(request_at, 303, day="?day=20240506", drawer="17", other="0", confirmed="1")
    assert "还没有日结" not in request_at.get("/", as_=MANAGER).text
    tills.serve("late", "C004")
    assert "5月6日日结后又有1笔" in request_at.get("/", as_=MANAGER).text


def test_a_day_before_anything_could_be_recorded_is_not_found(request_at):
    fields = hidden_of(request_at.get(PAGE, as_=MANAGER)) | {"drawer": "0", "other": "0"}
    request_at.post(f"{PAGE}?day=0001-01-01", fields, as_=MANAGER, status=404)
    request_at.get(f"{PAGE}?day=0001-01-01", as_=MANAGER, status=404)


def test_an_amount_that_no_drawer_holds_is_refused_at_its_field(request_at):
    page = send(request_at, 422, drawer="9" * 17 + ".99", other="0")
    assert page.select_one("[name=drawer]")["value"].startswith("999")
