"""Pages of bookings, kitchens and the receiving check."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mealsvc.bookings import services
from mealsvc.bookings.models import Booking, MealDispatch, MealReceipt
from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.services import NewFact, add_fact
from tests.factories import bookings as made
from tests.factories import tills
from tests.factories.bookings import CUTOFF, DAY, EARLY, NOW
from tests.factories.tills import SHELL
from tests.support.papers import words_of

URL, HERE = "/bookings/receiving/S01", "operator@S01"
GOOD = {"portions": "30", "arrived": "11:05", "core": "65.5", "seal": "ok", "label": "ok"}


@pytest.fixture
def today(monkeypatch):
    """Sets the clock of the pages; 11:10 on the day unless told."""

    def put(at=NOW):
        monkeypatch.setattr(clock, "now", lambda: at)

    put()
    return put


@pytest.fixture
def district(app, today):
    tills.small_district()
    with writing():
        made.supplied_points()


def booked() -> list[Booking]:
    db.session.rollback()
    return list(db.session.scalars(select(Booking).order_by(Booking.id)))


def form(number: int = 1, **more):
    usual = {"credential": vault().token(number), "point": "P01", "meal": "lunch"}
    usual |= {"mode": "dine_in", "pattern": "chosen", "asked_by": "self", "days": ["2024-05-09"]}
    return usual | more


def main(page) -> str:
    return re.sub(r"\s+", "", page.find("main").get_text())


def test_an_elder_is_found_by_card_number_initials_or_last_four_and_never_in_the_address(
    district, client_request
):
    number = tills.ID_NUMBERS["张国丰"]
    for typed in ("C001", number, "zgf", "张国丰", number[-4:]):
        page = client_request.post("/bookings/new/find", {"q": typed}, "operator", 200)
        assert "张国丰" in main(page), typed
        assert not [one for one in page.find_all(href=True) if number in one["href"]]
    assert number not in page.decode()


def test_several_of_a_name_are_told_apart_and_nobody_is_told_what_to_do(district, client_request):
    page = client_request.post("/bookings/new/find", {"q": "zg"}, "operator", 200)
    assert [word in main(page) for word in ("1952年生", "1970年生", "丰乐社区")] == [True] * 3
    page = client_request.post("/bookings/new/find", {"q": "没有"}, "operator", 200)
    assert "没有找到这位老人" in main(page)
    for typed in ("", "张\0国"):
        client_request.post("/bookings/new/find", {"q": typed}, "operator", 422)


def test_a_village_finds_only_its_own_elders_and_books_for_them_in_its_town(
    district, client_request
):
    who = "community@320412100001"
    with writing():
        put_point(
            {
                "code": "P09",
                "name": "远处助餐点",
                "kind": "serving_point",
                "division": "320412102001",
            },
            SHELL,
        )
    page = client_request.post("/bookings/new/find", {"q": "C001"}, who, 200)
    assert "远处助餐点" not in main(page)
    client_request.post("/bookings/new", form(), who)
    client_request.post("/bookings/new", form(2, point="P09"), who, 422)
    stranger = "community@320412102001"
    page = client_request.post("/bookings/new/find", {"q": "C001"}, stranger, 200)
    assert "张国丰" not in main(page)
    page = client_request.post("/bookings/new", form(2), stranger, 422)
    assert "管辖范围" in main(page)
    assert len(booked()) == 1


def test_an_operator_books_at_the_own_point_whatever_the_form_says(district, client_request):
    client_request.post("/bookings/new", form(point="P02"), "operator", 422)
    assert booked() == []


def test_good_days_are_booked_and_bad_ones_told(district, client_request):
    with writing():
        made.book("P02", 1, day=DAY + timedelta(days=2))
    days = ["2024-05-08", "2024-05-09", "2024-05-10", "2024-05-13"]
    more = {"asked_by": "family", "asked_name": "女儿", "marks": ["low_salt"], "wish": "饭少一点"}
    client_request.post("/bookings/new", form(days=days, **more), "operator")
    page = client_request.get("/bookings?day=20240509", "operator")
    assert [one.served_on.day for one in booked()] == [10, 9, 13]
    text = main(page)
    assert "已为张*丰订好2餐：5月9日、5月13日" in text
    assert "5月8日没有订上：午餐已于5月8日09:00截单" in text
    assert "5月10日没有订上：这一天的午餐已在花园助餐点订过" in text
    assert "低盐、饭少一点" in text and "家属（女儿）" in text


def test_what_was_typed_is_kept_when_nothing_could_be_booked(district, client_request):
    more = {"days": ["2024-05-08"], "mode": "delivery", "wish": "饭少一点", "marks": ["soft"]}
    page = client_request.post("/bookings/new", form(**more), "operator", 422)
    assert "截单" in main(page)
    assert page.find("input", {"name": "wish"})["value"] == "饭少一点"
    checked = {one["value"] for one in page.find_all("input", checked=True)}
    assert {"2024-05-08", "delivery", "soft"} <= checked
    page = client_request.post("/bookings/new", form(days=[]), "operator", 422)
    assert "请勾选要订的日期" in main(page)
    page = client_request.post("/bookings/new", form(wish="13812345678"), "operator", 422)
    assert "不要写电话" in main(page)
    page = client_request.post("/bookings/new", form(asked_by="family"), "operator", 422)
    assert "请选择是哪位家属" in main(page)


def test_every_workday_of_two_weeks_is_one_click(district, client_request):
    client_request.post("/bookings/new", form(days=[], pattern="workdays"), "operator")
    days = [one.served_on for one in booked()]
    assert (len(days), days[0].day, {day.weekday() for day in days}) == (10, 9, {0, 1, 2, 3, 4})


def test_only_the_manager_adds_after_the_cut_off_and_says_so(district, client_request):
    late = form(days=["2024-05-08"], late="y")
    client_request.post("/bookings/new", late, "operator", 422)
    client_request.post("/bookings/new", late | {"late": ""}, "manager", 422)
    assert booked() == []
    client_request.post("/bookings/new", late, "manager")
    assert [one.after_cutoff for one in booked()] == [True]


def test_a_form_sent_twice_books_once(district, client_request):
    client_request.post("/bookings/new", form(), "operator")
    client_request.post("/bookings/new", form(), "operator", 422)
    assert len(booked()) == 1


def test_dishes_of_public_menus_may_be_chosen(district, client_request):
    with writing():
        made.menu(day=DAY + timedelta(days=1))
    page = client_request.post(
        "/bookings/new/for", {"credential": form()["credential"]}, "operator", 200
    )
    dishes = [one["value"] for one in page.find("select", {"name": "dish"}).find_all("option")]
    assert dishes == ["", "素什锦套餐", "小馄饨"]
    client_request.post("/bookings/new", form(dish="小馄饨"), "operator")
    assert "小馄饨" in main(client_request.get("/bookings?day=20240509", "operator"))


def test_the_list_tells_totals_time_left_and_what_became_of_each(district, today, client_request):
    with writing():
        for resident, mode in ((1, "dine_in"), (2, "delivery"), (3, "dine_in")):
            made.book("P01", resident, mode=mode)
        gone = made.book("P01", 4)
        add_fact(4, NewFact("departure", "deceased", DAY, None, "测试"), SHELL)
    today(CUTOFF - timedelta(minutes=25))  # 08:35
    text = main(client_request.get("/bookings", "operator"))
    assert "午餐还有25分钟截单" in text
    assert "共4份，堂食3，送餐1" in text
    assert "老人已去世，请取消" in text
    today(NOW + timedelta(hours=4))
    tills.serve("K1", "C001", served_at=tills.a_day(8))
    page = client_request.get("/bookings?state=open", "manager")  # the operator's session is over
    rows = [row.get_text() for row in page.select("tbody tr") if row.find("a")]
    assert len(rows) == 3 and all("已用餐" not in row for row in rows)
    assert sum("预订未用餐" in row for row in rows) == 2
    text = main(client_request.get("/bookings?state=served", "manager"))
    assert "共1份" in text and "张*丰" in text
    with writing():
        services.cancel(db.session.get(Booking, gone.id), "订错了", SHELL, EARLY)
    assert "已取消1份" in main(client_request.get("/bookings?state=cancelled", "manager"))
    assert "今天还没有预订" in main(client_request.get("/bookings", "operator@P02"))


def test_one_booking_tells_its_story_and_links_to_the_meal(district, client_request):
    with writing():
        first = made.book("P01", 1)
        services.cancel(first, "改日期或改菜", SHELL, EARLY)
        again = made.book("P01", 1, mode="take_away")
    line = tills.serve("K1", "C001", served_at=NOW)
    page = client_request.get(f"/bookings/{again.id}", "operator")
    assert "改日期或改菜" in main(page)
    assert page.find("a", href=f"/servings/{line.sequence}")
    assert not page.find("a", href=f"/bookings/{again.id}/cancel")
    client_request.get(f"/bookings/{again.id}", "operator@P02", 403)


def test_cancelling_asks_for_a_reason_and_after_the_cut_off_for_the_manager(
    district, today, client_request
):
    with writing():
        one, other = made.book("P01", 1), made.book("P01", 2)
    url, reason = f"/bookings/{one.id}/cancel", {"why": "老人不来了"}
    client_request.post(url, {}, "operator", 422)
    client_request.post(url, {"why": "其他"}, "operator", 422)
    page = client_request.post(url, reason, "operator", 422)
    assert "减单" in main(page)
    page = client_request.get(url, "manager")
    assert "记为减单" in main(page)
    client_request.post(url, reason, "manager")
    today(EARLY)
    client_request.post(f"/bookings/{other.id}/cancel", reason, "operator")
    assert [bool(each.cancelled_at) for each in booked()] == [True, True]


# --- the kitchen ---


def test_the_sheet_and_its_paper_say_the_same_and_hold_no_names(district, client_request):
    with writing():
        made.book("S01", 1, note="low_salt|饭少一点")
        made.book("S02", 2, mode="delivery")
        cut = made.book("S02", 4)
        services.book(made.order("S01", 3), DAY, SHELL, CUTOFF, late=True)
        services.cancel(cut, "老人不来了", SHELL, CUTOFF, late=True)
    url = "/bookings/kitchen?kitchen=K01&day=20240508&meal=lunch"
    text = main(client_request.get(url, "district"))
    answer = client_request.client("manager@K01").get(url.replace("kitchen?", "kitchen.pdf?"))
    paper = re.sub(r"\s+", "", words_of(answer.data))
    assert answer.mimetype == "application/pdf"
    for words in ("应备份数3份", "+1−1", "加单+1", "减单−1", "低盐", "饭少一点", "东分餐点"):
        assert words in text, words
    for words in ("应备份数3份", "加1份，减1份", "加单+1", "低盐1", "BC-K01-20240508-2", "送往"):
        assert words in paper, words
    for name in ("张国丰", "张*丰", "欧阳"):
        assert name not in paper + text


def test_a_serving_point_sees_its_own_part_of_the_kitchens_sheet(district, client_request):
    with writing():
        made.book("S01", 1)
        made.book("S02", 2)
    page = client_request.get("/bookings/kitchen?day=20240508", HERE)
    assert "应备份数1份" in main(page)
    assert "西分餐点" not in main(page)
    assert "只列本辖区" in main(page)
    client_request.get("/bookings/kitchen?kitchen=P02", HERE, 403)
    client_request.get("/bookings/kitchen?kitchen=nowhere", HERE, 404)


# --- receiving ---


def test_the_board_leads_from_what_was_sent_to_its_check(district, client_request):
    with writing():
        made.book("S01", 1)
    home = client_request.get("/", HERE)
    assert "今天午餐还没有收餐验收" in main(home)
    sent = {"point": "S01", "meal": "lunch", "portions": "30", "cooked": "10:20", "left": "1035"}
    client_request.post("/bookings/dispatch/K01", sent, "manager@K01")
    page = client_request.get("/bookings/receiving", HERE)
    assert "还有1餐没有验收" in main(page)
    link = page.select_one("td a.btn-accent")["href"]
    client_request.post(link, GOOD, HERE)
    assert "都验收了" in main(client_request.get("/bookings/receiving", HERE))
    assert "收餐验收" not in main(client_request.get("/", HERE))
    db.session.rollback()
    one = db.session.scalars(select(MealReceipt)).one()
    page = client_request.get(f"/bookings/receiving/checks/{one.id}", "inspector")
    assert "合格" in main(page) and "65.5℃" in main(page) and "烧熟后45分钟" in main(page)
    client_request.get(f"/bookings/receiving/checks/{one.id}", "operator@S02", 403)


def test_a_cold_meal_is_saved_only_with_what_was_done(district, client_request):
    cold = GOOD | {"expected": "30", "cooked": "10:20", "core": "52"}
    url = f"{URL}?day=20240508&meal=lunch"
    page = client_request.post(url, cold, HERE, 422)
    assert "有问题没有处理：温度不够" in main(page)
    assert page.find("input", {"name": "core"})["value"] == "52"
    client_request.post(url, cold | {"measures": ["reheated"], "reheated": "65"}, HERE, 422)
    client_request.post(url, cold | {"measures": ["reheated"], "reheated": "72.5"}, HERE)
    page = client_request.get("/bookings/receiving/checks/1", HERE)
    assert "中心温度52.0℃，应不低于60℃" in main(page)
    assert "再加热，复热后中心温度72.5℃" in main(page)
    again = GOOD | {"expected": "30", "cooked": "10:20", "core": "62"}
    client_request.post(f"{URL}?corrects=1", again, HERE)
    assert "由新的一条代替" in main(client_request.get("/bookings/receiving/checks/1", HERE))
    assert db.session.scalar(select(func.count()).select_from(MealReceipt)) == 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("core", "热"),
        ("core", "200"),
        ("arrived", "25:00"),
        ("portions", "三十"),
        ("seal", ""),
        ("arrived", "12:30"),
        ("expected", ""),
    ],
)
def test_what_was_not_measured_or_makes_no_sense_is_not_saved(
    district, client_request, field, typed
):
    answers = GOOD | {"expected": "30", "cooked": "10:20"} | {field: typed}
    client_request.post(f"{URL}?day=20240508&meal=lunch", answers, HERE, 422)
    assert db.session.scalar(select(func.count()).select_from(MealReceipt)) == 0


def test_a_load_is_corrected_until_it_is_checked(district, client_request):
    sent = {"point": "S01", "meal": "lunch", "portions": "30", "cooked": "10:20", "left": "10:35"}
    who = "manager@K01"
    client_request.post("/bookings/dispatch/K01", sent, who)
    page = client_request.get("/bookings/dispatch/K01?corrects=1", who)
    assert page.find("input", {"name": "portions"})["value"] == "30"
    client_request.post("/bookings/dispatch/K01?corrects=1", sent | {"portions": "28"}, who)
    page = client_request.get("/bookings/receiving", who)
    assert "28份" in main(page) and "30份" not in main(page)
    client_request.post("/bookings/dispatch/K01", sent | {"left": "10:10"}, who, 422)
    client_request.get("/bookings/dispatch/K01?corrects=9", who, 404)
    client_request.get("/bookings/dispatch/K01", HERE, 403)
    assert db.session.scalar(select(func.count()).select_from(MealDispatch)) == 2


def test_a_point_that_supplies_nobody_is_told_so(district, client_request):
    page = client_request.get("/bookings/dispatch/P01", "manager")
    assert "没有由这里供餐的分餐点" in main(page)
    assert "这一天没有要收的餐" in main(client_request.get("/bookings/receiving", "manager"))
