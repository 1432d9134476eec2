"""The pages of deliveries: the courier's phone, the day, shut doors, rounds, papers."""

import re

import pytest
from sqlalchemy import func, select

from mealsvc.accounts.sessions import DEVICE_COOKIE
from mealsvc.deliveries import services
from mealsvc.deliveries.models import DeliveryEvent, RoundStop
from mealsvc.places.services import suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports import bag_labels, delivery_papers
from mealsvc.servings.models import RefusedAttempt, Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.models import TrailEvent
from tests.factories import deliveries as made
from tests.factories import tills
from tests.factories.deliveries import COURIER, HOUSE, NOON, PHONE, TODAY, minutes, step
from tests.support.pages import parse
from tests.support.papers import pages_of, words_of

OPERATOR, MANAGER = "operator", "manager"


@pytest.fixture
def booked(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return made.small_rounds()


@pytest.fixture
def one(booked):
    return booked["张国丰"]


@pytest.fixture
def later(monkeypatch, client_request):
    """`later(minutes)`: so many minutes after noon, everybody signed in anew."""

    def now_is(number):
        monkeypatch.setattr(clock, "now", lambda: minutes(number))
        vars(client_request)["_clients"].clear()

    return now_is


def count(table):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def said(page):
    return " ".join(page.main.get_text(" ", strip=True).split())


def fields(page, selector="form.handover"):
    """What the browser would send of a form."""
    form = page.select_one(selector)
    found = {}
    for field in form.find_all("input"):
        if field.get("type") != "radio" or field.has_attr("checked"):
            found[field["name"]] = field.get("value", "")
    found.pop("csrf_token")
    return found


def door(booking):
    return f"/deliveries/carry/{booking}"


def test_one_stop_shows_who_where_what_to_take_and_what_must_not_be_in_the_box(one, client_request):
    db.session.rollback()
    with writing():
        db.session.get_one(RoundStop, (1, 1)).diet = "low_salt;no:鱼"
    text = said(client_request.get(door(one), OPERATOR))
    for word in ("张国丰", HOUSE, "低盐", "鱼过敏", "收 9.00 元", "补贴3.00元"):
        assert word in text
    assert PHONE not in text


def test_the_first_stop_of_a_round_is_its_next_one_until_it_is_made(booked, client_request):
    page = client_request.get("/deliveries/carry", OPERATOR)
    links = [link["href"] for link in page.select("a.btn-accent")]
    assert links == [door(booked["张国丰"]), door(booked["张桂芳"])]
    made.deliver(booked["张国丰"])
    page = client_request.get("/deliveries/carry", OPERATOR)
    assert page.select_one("a.btn-accent")["href"] == door(booked["欧阳秀英"])
    assert HOUSE not in page.text and "张国丰" not in page.text


def test_a_double_tap_is_one_meal(one, client_request):
    form = fields(client_request.get(door(one), OPERATOR))
    for _ in range(2):
        client_request.post(f"{door(one)}/delivered", form, OPERATOR)
    assert (count(Serving), count(DeliveryEvent)) == (1, 1)
    text = said(client_request.get(door(one), OPERATOR))
    assert "已送达 11:10" in text and "收 9.00 元" in text
    assert HOUSE not in text


def test_another_page_cannot_hand_it_over_again(one, client_request):
    form = fields(client_request.get(door(one), OPERATOR))
    client_request.post(f"{door(one)}/delivered", form, OPERATOR)
    page = client_request.post(
        f"{door(one)}/delivered", form | {"key": "other"}, OPERATOR, status=422
    )
    assert "已经登记送达" in said(page)
    assert count(Serving) == 1


def test_a_meal_eaten_elsewhere_is_shown_at_full_price_before_it_is_handed_over(
    one, client_request
):
    tills.serve("K1", served_at=minutes(-20), point="P02")
    page = client_request.get(door(one), OPERATOR)
    assert "收 12.00 元 全价" in said(page)
    assert "这一餐已经补贴过（10:50 在花园助餐点）" in said(page)
    client_request.post(f"{door(one)}/delivered", fields(page), OPERATOR)
    assert "全价（这一餐已经补贴过）" in said(client_request.get(door(one), OPERATOR))


def test_an_amount_that_changed_meanwhile_is_shown_again_first(one, client_request):
    form = fields(client_request.get(door(one), OPERATOR))
    tills.serve("K1", served_at=minutes(-20), point="P02")
    page = client_request.post(f"{door(one)}/delivered", form, OPERATOR, status=422)
    assert "应收金额有变化" in said(page) and "收 12.00 元" in said(page)
    assert (count(Serving), count(DeliveryEvent)) == (1, 0)
    client_request.post(f"{door(one)}/delivered", fields(page), OPERATOR)
    assert count(Serving) == 2


def test_a_meal_that_may_not_be_served_says_so_and_has_no_button(one, client_request):
    form = fields(client_request.get(door(one), OPERATOR))
    with writing():
        suspend_point(made.the_point(), TODAY, "停业整顿", tills.SHELL)
    page = client_request.get(door(one), OPERATOR)
    assert "不能登记送达" in said(page)
    assert not page.select("button[form=handover]")
    client_request.post(f"{door(one)}/delivered", form, OPERATOR, status=422)
    assert (count(Serving), count(DeliveryEvent)) == (0, 0)
    assert db.session.scalar(select(RefusedAttempt.code)) == "point_not_operating"


def test_a_cold_meal_is_warned_of_once_and_then_recorded(one, client_request):
    form = fields(client_request.get(door(one), OPERATOR)) | {"temperature": "55"}
    page = client_request.post(f"{door(one)}/delivered", form, OPERATOR, status=422)
    assert "中心温度 55.0℃，低于 60℃" in said(page)
    assert count(Serving) == 0
    client_request.post(f"{door(one)}/delivered", fields(page), OPERATOR)
    assert count(DeliveryEvent) == 1
    assert db.session.scalars(select(DeliveryEvent.temperature)).one() == 550
    assert "中心温度不足" in said(client_request.get(f"/deliveries/{one}", MANAGER))


@pytest.mark.parametrize("typed", ["warm", "999", "61.23", "nan", "1e400"])
def test_a_temperature_that_is_none_is_refused_and_kept(typed, one, client_request):
    form = fields(client_request.get(door(one), OPERATOR)) | {"temperature": typed}
    page = client_request.post(f"{door(one)}/delivered", form, OPERATOR, status=422)
    assert "请输入温度" in said(page)
    assert page.select_one("#temperature")["value"] == typed
    assert count(Serving) == 0


def test_the_age_of_the_meal_is_told_at_the_door(one, later, client_request):
    with writing():
        services.note_cooking(made.the_point(), TODAY, "lunch", NOON, COURIER, NOON)
    for number, words in ((119, ""), (121, "请量中心温度"), (241, "不能给老人吃了")):
        later(number)
        text = said(client_request.get(door(one), OPERATOR))
        assert words in text and ("烧熟已超过" in text) is bool(words)


def test_the_phone_is_told_on_demand_only_and_leaves_a_row(one, client_request):
    page = client_request.post(f"{door(one)}/phone", {}, OPERATOR, status=200)
    assert page.select_one("a[href^='tel:']")["href"] == f"tel:{PHONE}"
    rows = select(TrailEvent.subject, TrailEvent.detail).where(
        TrailEvent.action == "deliveries.phone"
    )
    assert [tuple(row) for row in db.session.execute(rows)] == [
        (f"booking:{one}", '{"fields": ["phone"]}')
    ]
    assert PHONE not in client_request.get(door(one), OPERATOR).text


def test_a_courier_sees_no_other_point_and_no_other_day(one, later, client_request):
    client_request.get(door(one), "operator@P02", status=403)
    client_request.post(f"{door(one)}/phone", {}, "operator@P02", status=403)
    with writing():
        tomorrow = made.book(1, made.date(2024, 5, 7)).id
    for url in (door(tomorrow), door(99)):
        client_request.get(url, OPERATOR, status=404)
    later(24 * 60)
    client_request.get(door(one), OPERATOR, status=404)
    client_request.post(f"{door(one)}/delivered", {"key": "K"}, OPERATOR, status=404)
    client_request.get(door(tomorrow), OPERATOR)


def test_a_registered_phone_carries_without_a_person_signed_in(one, app):
    phone = app.test_client()
    phone.set_cookie(DEVICE_COOKIE, tills.till_token())
    page = parse(phone.get(door(one)).text)
    (token, *_) = page.select("input[name=csrf_token]")
    form = fields(page) | {"csrf_token": token["value"]}
    assert phone.post(f"{door(one)}/delivered", data=form).status_code == 303
    event = db.session.scalars(select(DeliveryEvent)).one()
    assert (event.by, event.device) == ("device:till-P01", "till-P01")
    assert phone.get("/deliveries").status_code == 302  # good for carrying only
    del form["csrf_token"]
    assert phone.post(f"{door(one)}/no-answer", data=form).status_code == 400


def test_house_and_phone_stand_on_no_page_of_the_office(one, client_request):
    step(services.note_no_answer, one, "N1")
    for url in ("/deliveries", "/deliveries/unanswered", f"/deliveries/{one}", "/"):
        for who in (MANAGER, "community", "town", "district"):
            page = client_request.get(url, who)
            assert not [word for word in (HOUSE, PHONE, "张国丰") if word in page.text], (url, who)


def test_from_a_shut_door_to_its_end(one, later, client_request):
    page = client_request.get(door(one), OPERATOR)
    key = fields(page)["key"]
    client_request.post(f"{door(one)}/no-answer", {"key": key}, OPERATOR)
    answer = f"{door(one)}/answer"
    client_request.post(answer, {"key": "A", "step": "called", "result": "unreached"}, OPERATOR)
    later(16)
    text = said(client_request.get(door(one), OPERATOR))
    assert "无人应答，已 16 分钟" in text and "请马上上报" in text
    home = client_request.get("/", "community")
    assert "1户送餐无人应答" in said(home) and "等得最久的已16分钟" in said(home)
    assert "须马上上报" in said(client_request.get("/deliveries/unanswered", "town"))
    assert "有 1 户无人应答" in said(client_request.get("/deliveries", OPERATOR))
    closing = {"key": "B", "step": "closed", "result": "safe"}
    record = f"/deliveries/{one}"
    page = client_request.post(f"{record}/answer", closing, MANAGER, status=422)
    assert "请先上报" in said(page)
    client_request.post(answer, {"key": "C", "step": "reported", "result": "village"}, OPERATOR)
    client_request.post(answer, closing, OPERATOR, status=422)
    client_request.post(f"{record}/answer", closing, "community")
    assert made.kinds(one) == ["no_answer", "called", "reported", "closed"]
    assert "送餐无人应答" not in said(client_request.get("/", "community"))
    assert "老人平安" in said(client_request.get("/deliveries/unanswered", "town"))


def test_a_door_opened_after_all_is_not_delivered_without_saying_so(one, client_request):
    step(services.note_no_answer, one, "N1")
    form = fields(client_request.get(door(one), OPERATOR))
    page = client_request.post(f"{door(one)}/delivered", form, OPERATOR, status=422)
    assert "请先选择最后是什么情况" in said(page)
    client_request.post(f"{door(one)}/delivered", form | {"outcome": "delivered"}, OPERATOR)
    assert made.kinds(one) == ["no_answer", "closed", "delivered"]


@pytest.mark.parametrize("form", [{}, {"step": "closed"}, {"step": "eaten", "result": "safe"}])
def test_a_step_that_makes_no_sense_changes_nothing(form, one, client_request):
    step(services.note_no_answer, one, "N1")
    for url, who in ((f"{door(one)}/answer", OPERATOR), (f"/deliveries/{one}/answer", MANAGER)):
        client_request.post(url, {"key": "K", **form}, who, status=422)
    assert made.kinds(one) == ["no_answer"]


def test_only_the_elders_own_community_sees_her_shut_door(one, client_request):
    step(services.note_no_answer, one, "N1")
    other = "community@320412100002"
    assert "张*丰" in client_request.get("/deliveries/unanswered", "community").text
    assert "张*丰" not in client_request.get("/deliveries/unanswered", other).text
    client_request.get(f"/deliveries/{one}", other, status=403)
    closing = {"key": "B", "step": "closed", "result": "safe"}
    client_request.post(f"/deliveries/{one}/answer", closing, other, status=403)
    client_request.post(f"/deliveries/{one}/answer", closing, "operator", status=403)


def test_the_day_counts_each_stop_once_and_marks_what_is_late(booked, later, client_request):
    made.deliver(booked["张国丰"])
    step(services.return_meal, booked["张桂芳"], "R1")
    later(81)  # 12:31
    page = client_request.get("/deliveries", MANAGER)
    labels = [tag.get_text() for tag in page.select(".figure .label")]
    values = [tag.get_text().split()[0] for tag in page.select(".figure .value")]
    assert dict(zip(labels, values, strict=True)) == {
        "要送": "3", "已送达": "1", "还没送到": "1", "已退回": "1",
    }  # fmt: skip
    assert [row.th.get_text() for row in page.select("tr.overdue")] == ["欧阳**"]
    assert "1 份超时" in said(page)


def test_a_meal_taken_back_in_the_ledger_waits_again(one, client_request):
    made.deliver(one)
    with writing() as connection:
        reverse_serving(connection, "U", f"D-{one}", "登错人", None, COURIER, NOON)
    assert "收 9.00 元" in said(client_request.get(door(one), OPERATOR))


def test_who_sees_several_points_gets_them_listed_first(booked, client_request):
    made.deliver(booked["张国丰"])
    page = client_request.get("/deliveries", "district")
    assert [cell.get_text() for cell in page.select("tbody tr td")] == ["3", "1", "0", "2"]
    assert page.select_one("tbody a")["href"].endswith("point=P01")
    assert "张*丰" in client_request.get("/deliveries?point=P01", "district").text


def test_the_cooking_time_is_asked_for_as_a_time(booked, client_request):
    for typed in ("", "noon", "2599", "12:00"):
        page = client_request.post("/deliveries/cooked", {"cooked": typed}, OPERATOR, status=422)
        assert page.select_one("#cooked-error")
    client_request.post("/deliveries/cooked", {"cooked": "1005"}, OPERATOR)
    assert "10:05 烧熟" in said(client_request.get("/deliveries", OPERATOR))


def round_stops():
    db.session.rollback()
    rows = select(RoundStop.resident_id).where(RoundStop.round_id == 1)
    return list(db.session.scalars(rows.order_by(RoundStop.position)))


def test_who_has_no_round_is_listed_and_assigned(booked, client_request):
    page = client_request.get("/deliveries/rounds", MANAGER)
    assert "1 位老人还没有线路" in said(page)
    for form in ({}, {"resident": "3"}, {"round": "1"}, {"resident": "3", "round": "9"}):
        client_request.post("/deliveries/rounds/assign", form, MANAGER, status=422)
    client_request.post("/deliveries/rounds/assign", {"resident": "3", "round": "1"}, MANAGER)
    assert round_stops() == [1, 2, 3]
    assert "都已编入线路" in said(client_request.get("/deliveries/rounds", MANAGER))


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        (("1", "2", "3"), [1, 2, 3]),
        (("3", "2", "1"), [3, 2, 1]),
        (("1", "2", "1"), [3, 1, 2]),  # of two with one number, the changed one goes first
        (("90", "5", "7"), [2, 3, 1]),
    ],
)
def test_the_order_typed_is_remembered(typed, order, booked, client_request):
    client_request.post("/deliveries/rounds/assign", {"resident": "3", "round": "1"}, MANAGER)
    form = {f"position-{number}": place for number, place in enumerate(typed, 1)}
    client_request.post("/deliveries/rounds/1/order", form, MANAGER)
    assert round_stops() == order


def test_an_order_with_a_gap_is_refused_and_kept_as_typed(booked, client_request):
    form = {"position-1": "zwei", "position-2": "1", "diet-2": "low_salt"}
    page = client_request.post("/deliveries/rounds/1/order", form, MANAGER, status=422)
    assert page.select_one("#position-1")["value"] == "zwei"
    assert page.select_one("#diet-2-low_salt").has_attr("checked")
    assert round_stops() == [1, 2]


def test_marks_and_leaving_are_saved_with_the_order(booked, client_request):
    form = {"position-1": "1", "out-2": "1", "diet-1": ["soft", "no:奶", "nonsense"]}
    client_request.post("/deliveries/rounds/1/order", form, MANAGER)
    assert round_stops() == [1]
    assert db.session.get_one(RoundStop, (1, 1)).diet == "soft;no:奶"


def test_a_round_is_made_renamed_and_closed(booked, client_request):
    client_request.post("/deliveries/rounds", {"name": "西线"}, MANAGER)
    for name in ("", "西线"):
        client_request.post("/deliveries/rounds", {"name": name}, MANAGER, status=422)
    client_request.post("/deliveries/rounds/2", {"name": "南线", "active": ""}, MANAGER)
    client_request.post("/deliveries/rounds/1", {"name": "东线"}, MANAGER, status=422)
    rows = client_request.get("/deliveries/rounds", MANAGER).select("tbody tr")
    assert [row.th.get_text() for row in rows] == ["东线", "南线"]
    client_request.get("/deliveries/rounds/1", "manager@P02", status=403)
    client_request.post("/deliveries/rounds/1/order", {}, "manager@P02", status=403)


def paper(client_request, name, who=MANAGER, query="day=2024-05-06&meal=lunch&round=1"):
    return client_request.client(who).get(f"/deliveries/{name}.pdf?{query}")


def test_the_route_sheet_names_each_door_in_order_with_the_phone_masked(booked, client_request):
    with writing():
        db.session.get_one(RoundStop, (1, 1)).diet = "soft"
    words = words_of(paper(client_request, "route-sheet").data)
    for word in ("送餐路线单", "东线", "王师傅", "张国丰", HOUSE, "软食", "10:30–12:30", "2份"):
        assert word in words
    assert PHONE not in words and "000****0777" in words
    assert words.index("张国丰") < words.index("欧阳秀英")
    rows = select(TrailEvent.subject).where(TrailEvent.action == "reports.print")
    assert list(db.session.scalars(rows)) == ["route_sheet/2024-05/P01/2024-05-06"]


def test_a_bag_says_neither_house_nor_phone_nor_the_whole_name(booked, client_request):
    with writing():
        services.note_cooking(made.the_point(), TODAY, "lunch", minutes(-60), COURIER, NOON)
    words = words_of(paper(client_request, "bag-labels").data)
    for word in ("张爷爷", "张*丰", "东线1", "丰乐助餐点", "10:10烧熟", "12:10前吃完", "14:10前"):
        assert word in words
    assert not [word for word in (HOUSE, PHONE, "张国丰", "00012") if word in words]


def test_twenty_four_labels_fill_a_sheet(booked):
    stops = delivery_papers.stops_of_round(made.the_point(), TODAY, "lunch", 1)
    (label, _) = delivery_papers.labels_of(made.the_point(), TODAY, "lunch", stops)
    for number, pages in ((24, 1), (25, 2)):
        assert pages_of(bag_labels.draw([label] * number, demo=True)) == pages


def test_a_round_with_nothing_to_carry_has_no_papers(booked, client_request):
    for query in ("day=2024-05-06&round=9", "day=2024-05-07&meal=lunch&round=1"):
        for name in ("route-sheet", "bag-labels"):
            assert paper(client_request, name, query=query).status_code == 404
    assert paper(client_request, "route-sheet", OPERATOR).status_code == 403


def test_the_forms_of_one_page_share_a_key_that_no_other_page_has(one, client_request):
    keys = set()
    for _ in range(2):
        page = client_request.get(door(one), OPERATOR)
        found = {tag["value"] for tag in page.select("input[name=key]")}
        assert len(found) == 1 and all(re.fullmatch("V-[0-9a-f]{28}", key) for key in found)
        keys |= found
    assert len(keys) == 2
