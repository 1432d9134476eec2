"""The plain till, and the shell of the till with its service worker."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mealsvc.menus.services import put_item
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.models import Credential
from mealsvc.servings.models import RefusedAttempt, Serving
from tests.factories import tills

OPERATOR = "operator@P01"
IMPORT = re.compile(r'from "\./([\w-]+\.js)"')


@pytest.fixture
def till(app, client_request, monkeypatch):
    """Noon of 6 May 2024 at P01, whose set lunch costs 12 yuan."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH)
    tills.small_district()
    _set_meal(1200)
    return Till(client_request)


def _set_meal(price_fen, meal="lunch"):
    item = {"served_on": tills.LUNCH.date(), "meal": meal, "name": "套餐", "kind": "套餐"}
    with writing():
        put_item(
            point_by_code("P01").id,
            "P01",
            item | {"price_fen": price_fen},
            tills.SHELL,
            clock.now(),
        )


class Till:
    """`find` shows a page; `fields` are those of its card, ready to be sent."""

    def __init__(self, client_request, as_=OPERATOR):
        self.request, self.as_ = client_request, as_

    def find(self, typed, status=200):
        return self.request.post("/till/plain/find", {"q": typed}, as_=self.as_, status=status)

    def serve(self, fields, status=200, **changes):
        return self.request.post("/till/plain/serve", fields | changes, as_=self.as_, status=status)

    def recount(self, fields, status=200, **changes):
        return self.request.post("/till/plain/card", fields | changes, as_=self.as_, status=status)

    def confirm(self, typed):
        return self.serve(fields_of(self.find(typed)))


def fields_of(page):
    form = page.select_one("form[data-card]")
    fields = {one["name"]: one.get("value", "") for one in form.select("input[name]")}
    for choice in form.select("select"):
        fields[choice["name"]] = choice.select_one("option[selected]")["value"]
    fields.pop("csrf_token")
    return fields


def said(page):
    return " ".join(page.select_one("main").get_text(" ", strip=True).split())


def lines():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Serving))


def test_the_till_opens_on_its_own_point_with_the_search_field_ready(till):
    page = till.request.get("/till/plain", as_=OPERATOR)
    assert page.h1.get_text(strip=True) == "丰乐助餐点"
    assert page.select_one("#q").has_attr("autofocus")


@pytest.mark.parametrize(
    "typed",
    ["C001", " ｃ００１ ".upper(), tills.ID_NUMBERS["张国丰"], "张国丰", "zhangguofeng"],
)
def test_an_elder_is_found_by_card_number_name_pinyin_and_initials(till, typed):
    page = till.find(typed)
    assert page.select_one(".till-who .big").text == "张国丰"
    assert "72岁 · 丰乐社区 · 尾号" in said(page)


def test_an_id_number_never_comes_back_on_a_page_or_in_an_address(till):
    for name in ("张国丰", "张桂芳"):
        page = till.find(tills.ID_NUMBERS[name])
        assert tills.ID_NUMBERS[name] not in str(page)
    unknown = tills.id_number("19500101", "777")
    assert unknown not in str(till.find(unknown))


def test_several_elders_are_told_apart_and_one_is_picked(till):
    page = till.find("zgf")
    picks = page.select("[data-pick]")
    assert [one["data-pick"] for one in picks] == ["1", "2"]
    assert all("丰乐社区" in one.text and "尾号" in one.text for one in picks)
    form = picks[0].find_parent("form")
    fields = {one["name"]: one["value"] for one in form.select("input")}
    fields.pop("csrf_token")
    assert till.recount(fields).select_one(".till-who .big") is not None


def test_the_card_says_price_subsidy_self_pay_and_why(till):
    page = till.find("C001")
    assert [one.text for one in page.select(".till-sums dd")] == ["12.00", "0.00", "3.00", "9.00"]
    assert "72岁，普惠60档，补贴3.00元（区2.00+镇1.00）" in said(page)
    assert page.select_one("[data-confirm]").has_attr("autofocus")
    fields = fields_of(page)
    assert (fields["meal"], fields["mode"], fields["price"]) == ("lunch", "dine_in", "12.00")


def test_confirming_records_the_meal_and_is_ready_for_the_next_elder(till):
    page = till.confirm("C001")
    assert page.select_one(".till-result.good .huge").text == "9.00"
    assert page.select_one("#q").has_attr("autofocus")
    assert len(page.select(".till-last li")) == 1
    line = db.session.scalars(select(Serving)).one()
    assert (line.subsidy_fen, line.method, line.operator) == (300, "card", "operator-p01")


@pytest.mark.parametrize(
    ("typed", "method"),
    [("C001", "card"), (tills.ID_NUMBERS["张国丰"], "id_card"), ("zhangguofeng", "manual")],
)
def test_how_the_elder_was_found_stands_on_the_line(till, typed, method):
    till.confirm(typed)
    assert db.session.scalar(select(Serving.method)) == method


def test_a_double_tap_is_one_meal(till):
    fields = fields_of(till.find("C001"))
    till.serve(fields)
    page = till.serve(fields)
    assert "没有重复登记" in said(page)
    assert lines() == 1


def test_another_price_way_or_meal_is_counted_again_under_the_same_key(till):
    fields = fields_of(till.find("C001"))
    page = till.recount(fields, price="2.5", mode="take_away")
    assert page.select_one(".till-sums .pay dd").text == "1.00"
    assert fields_of(page)["key"] == fields["key"]
    _set_meal(900, "dinner")
    page = till.recount(fields, meal="dinner")
    assert fields_of(page)["price"] == "9.00"


def test_an_amount_that_was_not_shown_is_not_recorded(till):
    fields = fields_of(till.find("C001"))
    page = till.serve(fields, price="15", status=422)
    assert "金额有变化" in said(page)
    assert lines() == 0
    assert till.serve(fields_of(page)).select_one(".till-result .huge").text == "12.00"


def test_a_second_lunch_says_where_and_when_the_first_was_and_offers_full_price(till):
    tills.serve("K1", point="P02")
    page = till.find("C001")
    assert "这一餐已经补贴过（11:30 在花园助餐点），按原价12.00元" in said(page)
    confirm = page.select_one("[data-confirm]")
    assert "按全价登记，收 12.00 元" in confirm.text
    assert not confirm.has_attr("autofocus")
    page = till.serve(fields_of(page))
    assert page.select_one(".till-result.warn .huge").text == "12.00"
    assert "这一餐已经补贴过" in said(page)


def test_a_lunch_taken_elsewhere_while_the_card_was_open_is_shown_again_first(till):
    fields = fields_of(till.find("C001"))
    tills.serve("K1", point="P02")
    page = till.serve(fields, status=422)
    assert "金额有变化" in said(page)
    assert lines() == 1


def test_without_a_menu_the_last_price_is_proposed(till):
    tills.serve("K1", "C002", price_fen=800, meal="dinner")
    fields = fields_of(till.find("C001"))
    assert fields_of(till.recount(fields, meal="dinner"))["price"] == "8.00"


def test_a_point_that_never_sold_such_a_meal_is_asked_for_the_price(till, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH.replace(hour=9))
    page = till.find("C001")
    assert "请输入餐价" in said(page)
    assert page.select_one("#price").has_attr("autofocus")
    assert page.select_one("[data-confirm]") is None


@pytest.mark.parametrize("price", ["", "0", "abc", "1000", "-3", "12.345"])
def test_a_price_that_cannot_be_is_told_and_nothing_is_recorded(till, price):
    fields = fields_of(till.find("C001"))
    assert "核对价格" in said(till.recount(fields, price=price, status=422))
    assert "核对价格" in said(till.serve(fields, price=price, status=422))
    assert lines() == 0


def test_a_refused_elder_is_told_with_what_to_do_and_logged(till):
    fields = fields_of(till.find("C001"))
    page = till.serve(fields, credential="T-" + "00" * 16, status=422)
    assert "请" in said(page)
    assert db.session.scalar(select(RefusedAttempt.code)) == "unknown_resident"


@pytest.mark.parametrize(
    ("typed", "status"), [("", 422), ("   ", 422), ("x" * 65, 422), ("nobody", 200), ("9999", 200)]
)
def test_a_search_that_finds_nobody_says_what_to_do(till, typed, status):
    page = till.find(typed, status)
    assert page.select_one(".till-result.bad") is not None
    assert page.select_one("#q").has_attr("autofocus")


def test_a_lost_card_is_named_and_another_way_offered(till):
    with writing():
        db.session.query(Credential).filter_by(kind="card", last4="C001").update({"status": "lost"})
    page = till.find("C001")
    assert "已挂失" in said(page)
    assert "身份证" in said(page)


def test_a_tampered_card_is_refused_without_effect(till):
    fields = fields_of(till.find("C001"))
    for change in ({"at": "gestern"}, {"key": ""}, {"key": "x" * 65}):
        till.serve(fields, status=400, **change)
    till.serve(fields, status=422, method="face")
    assert lines() == 0


def test_the_key_of_another_meal_is_refused_and_nothing_doubles(till):
    fields = fields_of(till.find("C001"))
    till.serve(fields)
    till.serve(fields, status=422, price="15")
    assert lines() == 1


def test_the_till_lists_the_last_ten_servings_of_this_point_today(till):
    for number in range(11):
        tills.serve(f"K{number}", "C003")
    tills.serve("other point", "C003", point="P02")
    tills.serve("other day", "C003", served_at=tills.a_day(5))
    rows = till.request.get("/till/plain", as_=OPERATOR).select(".till-last li")
    assert len(rows) == 10
    assert all(row.select_one("a") for row in rows)


def test_a_point_that_was_never_entered_has_no_till(till):
    till.request.get("/till/plain", as_="operator@P77", status=404)


def test_only_people_at_a_point_have_a_till(till):
    for role in ("district", "town", "inspector", "leader", "sys_admin"):
        till.request.get("/till/plain", as_=role, status=403)


def test_the_shell_of_the_till_tells_nothing_about_anybody(till):
    tills.serve("K1")
    page = till.request.get("/till", as_=OPERATOR)
    main = page.select_one("main")
    assert (main["data-point"], main["data-root"]) == ("P01", "")
    assert page.select_one("h1 b").text == "丰乐助餐点"
    told = ("张国丰", "张*丰", "operator-p01", "C001", "FT-")
    assert not [one for one in told if one in str(page)]
    assert page.select_one("noscript a")["href"] == "/till/plain"


def test_the_worker_keeps_every_file_that_the_shell_needs(app, till):
    answer = app.test_client().get("/till/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/till"
    shell = json.loads(answer.text.partition("const SHELL = ")[2].partition(";\n")[0])
    page = till.request.get("/till", as_=OPERATOR)
    used = {one["href"] for one in page.select("link[href]")}
    used |= {one["src"] for one in page.select("script[src]")}
    for module in (Path(app.static_folder) / "till").glob("*.js"):
        used |= {f"/static/till/{name}" for name in IMPORT.findall(module.read_text("utf-8"))}
    assert used <= set(shell["files"])
    kept = app.test_client()
    assert {kept.get(file).status_code for file in shell["files"]} == {200}


def test_a_worker_below_a_prefix_keeps_to_it(app):
    answer = app.test_client().get("/till/sw.js", base_url="http://localhost/meals")
    assert answer.headers["Service-Worker-Allowed"] == "/meals/till"
    assert '"root": "/meals"' in answer.text and '"/meals/static/till/screen.js"' in answer.text
