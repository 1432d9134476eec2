"""The pages on which a manager settles what came back differently after hours without network."""

import pytest

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings import uploads
from mealsvc.servings.models import UploadConflict
from tests.factories import tills
from tests.factories.conflicts import full_price, note

URL = "/till/conflicts/K1"


@pytest.fixture
def pages(client_request, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    return client_request


def conflict(key="K1"):
    db.session.rollback()
    return db.session.get(UploadConflict, key)


def choices(page):
    return [one.text for one in page.select("fieldset li label")]


def test_nothing_to_settle_says_so(pages):
    assert "没有断网补传要处理" in pages.get("/till/conflicts", as_="operator").text


def test_the_list_shows_what_waits_first_and_no_whole_name(pages):
    full_price()
    note("K2", uploads.REFUSED, "resident_deceased", card="C002")
    with writing() as connection:
        found = uploads.conflict_of("K2")
        uploads.settle_conflict(connection, found, "void", None, "", tills.SHELL, clock.now())
    page = pages.get("/till/conflicts", as_="operator")
    rows = [row.text for row in page.select("tbody tr")]
    assert ["待处理" in row for row in rows] == [True, False]
    assert "张*丰" in rows[0]
    assert "国丰" not in page.text
    assert "按全价登记，老人应付12.00元，原因：这一餐已经补贴过。" in rows[0]
    assert len(pages.get("/till/conflicts?state=open", as_="operator").select("tbody tr")) == 1


def test_a_page_tells_what_was_shown_what_became_of_it_and_why(pages):
    full_price()
    page = pages.get(URL, as_="manager")
    assert "自付 9.00" in page.text.replace("¥", "")
    assert "花园助餐点补贴" in page.text
    assert choices(page) == [
        "向老人补收差额3.00元",
        "由助餐点承担差额3.00元",
        "冲正这一餐",
    ]


def test_an_operator_looks_and_leaves_it_to_the_manager(pages):
    full_price()
    page = pages.get(URL, as_="operator")
    assert "等店长处理" in page.text
    assert not page.select("fieldset")
    pages.post(URL, {"settlement": "absorb", "confirmed": "1"}, as_="operator", status=403)
    assert conflict().settled_at is None


def test_settling_says_the_consequence_first_and_is_done_once(pages):
    full_price()
    form = {"settlement": "collect", "note": "已和家属说明"}
    page = pages.post(URL, form, as_="manager", status=200)
    assert "请当面向老人补收3.00元" in page.text
    assert conflict().settled_at is None
    pages.post(URL, form | {"confirmed": "1"}, as_="manager")
    assert (conflict().settlement, conflict().note) == ("collect", "已和家属说明")
    assert conflict().settled_by == "manager-p01"
    page = pages.post(URL, {"settlement": "reverse", "confirmed": "1"}, as_="manager", status=409)
    assert "manager-p01" in page.text
    assert conflict().settlement == "collect"


def test_going_back_keeps_what_was_chosen(pages):
    full_price()
    form = {"settlement": "absorb", "note": "好", "edit": "1"}
    page = pages.post(URL, form, as_="manager", status=200)
    assert page.select_one("input[value=absorb]").has_attr("checked")
    assert page.select_one("#note")["value"] == "好"


def test_nothing_chosen_is_said_at_the_field(pages):
    full_price()
    assert "请选择处理办法" in pages.post(URL, {}, as_="manager", status=422).text
    page = pages.post(URL, {"settlement": "void"}, as_="manager", status=422)
    assert conflict().settled_at is None
    assert page.select_one(".error")


def test_a_refused_meal_is_given_up_borne_or_was_paid_in_full(pages):
    note("K1", uploads.REFUSED, "point_not_operating")
    page = pages.get(URL, as_="manager")
    assert "没有登记：助餐点当日未在运营。" in page.text
    assert choices(page) == ["作废（没有用餐）", "由助餐点承担", "已当场收全价，不补贴"]
    told = pages.post(URL, {"settlement": "absorb"}, as_="manager", status=200)
    assert "少收的3.00元由助餐点承担" in told.text
    pages.post(URL, {"settlement": "absorb", "confirmed": "1"}, as_="manager")
    assert conflict().settlement == "absorb"


def test_the_day_of_a_doubtful_meal_is_chosen_and_the_meal_recorded(pages):
    note("K1", uploads.CLOCK)
    page = pages.get(URL, as_="manager")
    assert "量得偏差约 120 分钟" in page.text
    days = [one["value"] for one in page.select("#day option")]
    assert (days[0], len(days)) == ("2024-05-06", 8)
    form = {"settlement": "record", "day": "2024-05-05"}
    assert "2024年5月5日" in pages.post(URL, form, as_="manager", status=200).text
    pages.post(URL, form | {"confirmed": "1"}, as_="manager")
    assert "已登记：补贴3.00元，老人应付9.00元" in pages.get("/till/conflicts", as_="manager").text
    assert "已按店长确认的日期登记" in pages.get(URL, as_="manager").text


def test_a_day_that_cannot_be_is_refused_at_its_field(pages):
    note("K1", uploads.CLOCK)
    form = {"settlement": "record", "day": "2024-06-01", "confirmed": "1"}
    page = pages.post(URL, form, as_="manager", status=422)
    assert "请从列出的日期中选择" in page.text
    assert conflict().settled_at is None


def test_what_recording_refuses_is_said_and_leaves_it_open(pages):
    note("K1", uploads.CLOCK, price_fen=99_999)
    form = {"settlement": "record", "day": "2024-05-05", "confirmed": "1"}
    page = pages.post(URL, form, as_="manager", status=422)
    assert "餐费无法识别" in page.text
    assert conflict().settled_at is None


def test_another_point_sees_nothing_of_it(pages):
    full_price()
    assert "没有断网补传" in pages.get("/till/conflicts", as_="manager@P02").text
    pages.get(URL, as_="manager@P02", status=403)
    pages.get("/till/conflicts/nothing", as_="manager", status=404)


def test_any_key_can_be_opened(pages):
    note("/a b//中%?/", uploads.CLOCK)
    link = pages.get("/till/conflicts", as_="manager").select_one("tbody th a")["href"]
    assert "作废" in pages.get(link, as_="manager").text


def test_the_manager_is_reminded_on_the_first_page(pages):
    full_price()
    assert "1份断网补传待处理" in pages.get("/", as_="manager").text
    assert "断网补传待处理" not in pages.get("/", as_="operator").text
    assert "断网补传待处理" not in pages.get("/", as_="manager@P02").text


def test_the_list_is_paged(pages):
    with writing():
        for number in range(60):
            order = tills.order(f"N{number}")
            shown = uploads.Shown(900)
            uploads.note_conflict(order, "refused", "", shown, None, tills.SHELL, clock.now())
    page = pages.get("/till/conflicts", as_="manager")
    assert len(page.select("tbody tr")) == 50
    assert len(pages.get("/till/conflicts?page=2", as_="manager").select("tbody tr")) == 10
