"""Bookings, the kitchens' counts, and what is sent and received."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from mealsvc.bookings import kitchen, queries, receiving, refusals, services
from mealsvc.bookings.models import Booking, MealReceipt
from mealsvc.kernel.meals import MODES
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.services import put_point, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.residents.services import NewFact, add_fact
from mealsvc.servings.services import reverse_serving
from mealsvc.settings.services import change_setting
from mealsvc.settlement.services import settlement_of
from mealsvc.trail.models import TrailEvent
from tests.factories import bookings as made
from tests.factories import tills
from tests.factories.bookings import ARRIVED, CUTOFF, DAY, EARLY, NOW
from tests.factories.residents import number_of, person
from tests.factories.tills import SHELL


@pytest.fixture
def district(app):
    tills.small_district()
    with writing():
        made.supplied_points()


def refused(order, day=DAY, now=EARLY, late=False) -> str:
    with pytest.raises(Refusal) as found, writing():
        services.book(order, day, SHELL, now, late)
    return found.value.code


def test_a_booking_says_where_who_when_and_who_asked(district):
    with writing():
        one = made.book(asked_by="family", asked_name="女儿", mode="take_away", note="low_salt")
    db.session.rollback()
    assert queries.booked(one.point_id, DAY, "lunch") == [one]
    assert queries.booked(one.point_id, DAY, "lunch", "delivery") == []
    assert queries.booked(one.point_id, DAY, "dinner") == []
    row = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "bookings.book")).one()
    assert row.subject == str(one.id)
    assert '"asked_name": "女儿"' in row.detail
    assert "R000001" in row.detail
    assert "low_salt" not in row.detail
    assert "张国丰" not in row.detail


def test_a_name_instead_of_a_relation_stays_out_of_the_trail(district):
    with writing():
        made.book(asked_by="family", asked_name="王小芳")
    row = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "bookings.book")).one()
    assert "王小芳" not in row.detail


def test_a_second_booking_of_the_meal_is_refused_at_every_point_and_says_where_the_first_is(
    district,
):
    with writing():
        made.book("P01")
    for code in ("P01", "P02"):
        with pytest.raises(refusals.BookedAlready, match="丰乐助餐点"), writing():
            made.book(code)
    with writing():
        made.book("P02", meal="dinner")
        made.book("P02", resident=2)


def test_the_database_itself_keeps_one_booking_for_a_resident_day_and_meal(district):
    with writing():
        first = made.book("P01")
    copy = {c.name: getattr(first, c.name) for c in Booking.__table__.columns if c.name != "id"}
    with pytest.raises(IntegrityError), writing():
        db.session.add(Booking(**copy | {"point_id": made.point("P02").id}))
    with writing():
        services.cancel(db.session.get(Booking, first.id), "订错了", SHELL, EARLY)
    with writing():
        db.session.add(Booking(**copy))


def test_the_day_of_death_and_after_it_nothing_is_booked(district):
    with writing():
        add_fact(1, NewFact("departure", "deceased", DAY, None, "测试"), SHELL)
    assert refused(made.order()) == "resident_deceased"
    with writing():
        made.book(day=DAY - timedelta(days=1), meal="dinner")


def test_a_closed_suspended_or_kitchen_point_takes_no_bookings(district):
    with writing():
        put_point({"code": "P02", "name": "花园助餐点", "closed_on": date(2024, 5, 7)}, SHELL)
        suspend_point(made.point("P01"), DAY, "停电", SHELL)
    assert refused(made.order("P02")) == "point_not_operating"
    assert refused(made.order("P01")) == "point_not_operating"
    assert refused(made.order("K01")) == "kitchen_only"
    assert refused(made.order("S01", meal="dinner")) == "meal_not_served"


def test_the_daily_capacity_counts_all_meals_and_a_cancelled_place_is_free_again(district):
    with writing():
        put_point({"code": "P01", "name": "丰乐助餐点", "daily_capacity": 2}, SHELL)
        first = made.book(resident=1)
        made.book(resident=2, meal="dinner")
    assert refused(made.order(resident=3)) == "no_room"
    with writing():
        services.cancel(first, "老人不来了", SHELL, EARLY)
        made.book(resident=3)


def test_after_the_cut_off_only_an_addition_gets_in_and_only_a_reduction_out(district):
    with writing():
        one = made.book()
    assert refused(made.order(resident=2), now=CUTOFF) == "after_cutoff"
    with writing():
        late = services.book(made.order(resident=2), DAY, SHELL, CUTOFF, late=True)
    assert (one.after_cutoff, late.after_cutoff) == (False, True)
    with pytest.raises(refusals.AfterCutoff), writing():
        services.cancel(one, "老人不来了", SHELL, CUTOFF)
    with writing():
        services.cancel(db.session.get(Booking, one.id), "老人不来了", SHELL, CUTOFF, late=True)


def test_a_cut_off_may_be_changed_from_a_day_on(district):
    with writing():
        change_setting("booking.cutoff_lunch", "08:30", "测试", DAY, True, SHELL, date(2024, 5, 7))
    assert refused(made.order(), now=CUTOFF - timedelta(minutes=30)) == "after_cutoff"


def test_of_a_series_every_good_day_is_kept_and_every_bad_one_told(district):
    days = [DAY + timedelta(days=number) for number in range(-3, 20)]
    with writing():
        put_point({"code": "P01", "name": "丰乐助餐点", "closed_on": date(2024, 5, 15)}, SHELL)
        made.book("P02", day=DAY + timedelta(days=1))
        outcomes = services.book_series(made.order(), [*days, days[5]], SHELL, EARLY)
    kept = {one.day.day for one in outcomes if one.booking}
    told = Counter(one.refusal.code for one in outcomes if one.refusal)
    assert kept == {8, 10, 11, 12, 13, 14, 15}
    # 5, 6 May are past and lunch of the 7th is closed at 10:00; the 9th is booked elsewhere
    assert told == {
        "past_day": 2, "after_cutoff": 1, "booked_already": 1, "point_not_operating": 6,
        "too_far_ahead": 6,
    }  # fmt: skip
    assert len(outcomes) == len(days)
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 8


def test_the_days_set_meal_has_no_name_and_another_dish_must_be_on_the_menu_of_that_day(district):
    with writing():
        made.menu()
        usual = made.book(resident=1, dish="老年套餐")
        other = made.book(resident=2, dish="素什锦套餐")
        dish = made.book(resident=3, dish="小馄饨")
    assert [one.dish for one in (usual, other, dish)] == ["", "素什锦套餐", "小馄饨"]
    assert refused(made.order(resident=4, dish="红烧肉")) == "dish_not_offered"
    assert refused(made.order(resident=4, dish="小馄饨"), DAY + timedelta(1)) == "dish_not_offered"


def row_of(number: int):
    db.session.rollback()
    return queries.booking_row(number)


def test_a_booking_is_served_by_an_unreversed_line_of_that_meal_at_that_point(district):
    with writing():
        one = made.book()
    line = tills.serve("K1", "C001", served_at=tills.a_day(8))
    assert row_of(one.id).served == line.sequence
    assert refused(made.order(), now=EARLY) == "booked_already"
    with pytest.raises(refusals.ServedAlready), writing():
        services.cancel(one, "老人不来了", SHELL, EARLY)
    with writing() as connection:
        reverse_serving(connection, "R1", "K1", "登错人", None, SHELL, clock.now())
    assert row_of(one.id).served is None


def test_a_meal_eaten_elsewhere_does_not_serve_the_booking(district):
    with writing():
        one = made.book("P02")
    tills.serve("K1", "C001", served_at=tills.a_day(8))
    assert row_of(one.id).served is None
    assert refused(made.order("P02"), now=EARLY) == "booked_already"
    with writing():
        services.cancel(db.session.get(Booking, one.id), "老人不来了", SHELL, EARLY)
    assert refused(made.order("P02")) == "served_already"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE booking SET dish = 'x'",
        "UPDATE booking SET point_id = 2",
        "DELETE FROM booking",
        "UPDATE meal_dispatch SET portions = 1",
        "DELETE FROM meal_dispatch",
        "UPDATE meal_receipt SET core_temp_tenths = 700",
        "DELETE FROM meal_receipt",
    ],
)
def test_the_database_refuses_to_change_what_was_written(district, change):
    with writing():
        made.book("P01")
        made.receive(made.send())
    with pytest.raises(DBAPIError), writing() as connection:
        connection.execute(text(change))


def test_a_booking_is_cancelled_once(district):
    with writing():
        one = made.book()
        services.cancel(one, "订错了", SHELL, EARLY)
    with pytest.raises(refusals.CancelledAlready), writing():
        services.cancel(one, "订错了", SHELL, EARLY)
    for change in ("SET cancelled_at = NULL", "SET cancel_reason = 'x'"):
        with pytest.raises(DBAPIError), writing() as connection:
            connection.execute(text(f"UPDATE booking {change}"))


# --- the kitchens' counts ---


def count(code: str = "K01") -> kitchen.Count:
    db.session.rollback()
    return kitchen.count_of(made.point(code), DAY, "lunch")


def test_each_booking_is_counted_once_in_the_kitchen_that_cooks_it(district):
    with writing():
        for resident, code in ((1, "S01"), (2, "S02"), (3, "P01"), (4, "S01")):
            made.book(code, resident, mode="delivery" if resident == 4 else "dine_in")
    assert (count("K01").total, count("P01").total, count("P02").total) == (3, 1, 0)
    assert count("S01").total == 3 - 3  # a serving point cooks nothing itself
    points = {one.name: dict(one.modes) for one in count().points.values()}
    assert points == {"东分餐点": {"dine_in": 1, "delivery": 1}, "西分餐点": {"dine_in": 1}}


def test_the_kitchen_count_is_the_bookings_to_the_last_one_whatever_happens(district):
    """Also after cancellations and changes after the cut-off, by dish, point and mode."""
    random = Random(3)
    with writing():
        enrol_batch(
            [person(number, f"老人{number}") for number in range(20, 80)],
            SHELL,
            EARLY,
            source="测试",
        )
        for code in ("S01", "S02"):
            made.menu(code)
    mine: list[Booking] = []
    for resident in range(5, 65):
        code, mode = random.choice(("S01", "S02", "P01")), random.choice(list(MODES))
        dish = random.choice(("", "小馄饨")) if code != "P01" else ""
        late = random.random() < 0.2
        with writing():
            order = made.order(code, resident, mode=mode, dish=dish)
            mine.append(services.book(order, DAY, SHELL, CUTOFF if late else EARLY, late))
    for one in random.sample(mine, 25):
        late = one.after_cutoff or random.random() < 0.5
        with writing():
            services.cancel(one, "老人不来了", SHELL, CUTOFF if late else EARLY, late)
    valid = [one for one in mine if one.cancelled_at is None]
    kitchens = [count(code) for code in ("K01", "P01", "P02")]
    assert sum(one.total for one in kitchens) == len(valid) == 35
    for one in kitchens:
        dishes = sum((points for points in one.dishes.values()), Counter())
        assert dishes == Counter(
            {id_: point.total for id_, point in one.points.items() if point.total}
        )
        assert sum(one.by_mode(mode) for mode in MODES) == one.total
        here = [b for b in mine if b.point_id in one.points]
        before = [b for b in here if not b.after_cutoff]
        at_cutoff = [b for b in before if b.cancelled_at is None or b.cancelled_at >= CUTOFF]
        assert one.at_cutoff == len(at_cutoff)
    assert [one.code for one in kitchen.kitchens_of(text("1 = 1"))] == ["K01", "P01", "P02"]


def test_wishes_are_counted_without_names(district):
    with writing():
        made.book("S01", 1, note="low_salt;no:鱼|饭少一点")
        made.book("S02", 2, note="low_salt")
    found = count()
    assert found.wishes == {"低盐": 2, "鱼过敏": 1}
    assert found.remarks == {("东分餐点", "饭少一点"): 1}


def test_the_walk_in_estimate_is_the_same_weekdays_average_less_what_is_booked(district):
    cards = ("C001", "C002", "C003", "C004")
    for week, guests in ((1, 4), (2, 3)):  # nothing in the two weeks before
        at = tills.a_day(8) - timedelta(weeks=week)
        for card in cards[:guests]:
            tills.serve(f"{week}-{card}", card, point="S01", served_at=at)
        tills.serve(f"{week}-other", "C004", point="P01", served_at=at - timedelta(days=1))
    assert count().walk_in == 4  # 3.5, rounded half up
    with writing():
        made.book("S01", 1)
    assert count().walk_in == 3
    assert count("P02").walk_in is None


def test_a_meal_of_a_central_kitchen_counts_once_where_it_is_eaten(district):
    with writing():
        made.book("S01", 1)
        sent = made.send(portions=30)
        made.receive(sent)
    tills.serve("K1", "C001", point="S01", served_at=tills.a_day(8))
    db.session.rollback()
    document = settlement_of(Month(2024, 5))
    assert {one["point"]: one["servings"] for one in document["points"]} == {"S01": 1}
    assert document["total"]["servings"] == 1


# --- what is sent and received ---


def test_a_load_is_checked_once_and_corrected_by_a_further_row(district):
    with writing():
        sent = made.send()
        first = made.receive(sent)
    with pytest.raises(refusals.CheckedAlready), writing():
        made.receive(sent)
    again = made.checking(sent, portions=29, measures=("topped_up",))
    with writing():
        second = receiving.receive(again, SHELL, NOW, corrects=first)
    with pytest.raises(refusals.CorrectedAlready), writing():
        receiving.receive(again, SHELL, NOW, corrects=first)
    db.session.rollback()
    (entry,) = receiving.board([made.point("S01")], DAY)
    assert [one.id for one in entry.checks] == [second.id]
    assert (second.faults, second.measure, first.faults) == ("short", "topped_up", "")
    assert not entry.waits


def test_a_load_too_cold_needs_its_measure_and_the_temperature_after_heating(district):
    with writing():
        sent = made.send()
    for more in ({}, {"measures": ("reheated",)}, {"measures": ("relabelled",)}):
        with pytest.raises(Refusal), writing():
            made.receive(sent, core_temp_tenths=520, **more)
    with writing():
        row = made.receive(sent, core_temp_tenths=520, measures=("reheated",), reheated_tenths=735)
    assert (row.faults, row.measure, row.reheated_tenths) == ("too_cold", "reheated", 735)


def test_the_limits_are_those_of_the_settings(district):
    with writing():
        change_setting("hold.hot_c", "66", "测试", DAY, True, SHELL, date(2024, 5, 7))
    with pytest.raises(refusals.NoMeasure), writing():
        made.receive(core_temp_tenths=655)


def test_measures_are_not_kept_where_nothing_was_wrong(district):
    with writing():
        row = made.receive(measures=("reheated",), reheated_tenths=700)
    assert (row.measure, row.reheated_tenths) == ("", None)


@pytest.mark.parametrize(
    "more",
    [
        {"arrived_at": NOW + timedelta(minutes=6)},
        {"cooked_at": ARRIVED + timedelta(minutes=1)},
        {"arrived_at": made.LEFT - timedelta(minutes=1)},
    ],
)
def test_nothing_arrives_in_the_future_before_it_was_cooked_or_before_it_left(district, more):
    with writing():
        sent = made.send()
    with pytest.raises(refusals.BadTimes), writing():
        made.receive(sent, **more)


def test_a_kitchen_sends_only_to_those_it_supplies_and_corrects_only_what_was_not_checked(district):
    for code in ("P01", "K01"):
        with pytest.raises(refusals.NotSupplied), writing():
            made.send(code)
    with writing():
        first = made.send(portions=30)
        second = receiving.send(made.sending(portions=32), SHELL, NOW, corrects=first)
    with pytest.raises(refusals.CorrectedAlready), writing():
        receiving.send(made.sending(portions=33), SHELL, NOW, corrects=first)
    with writing():
        made.receive(second, expected=32, portions=32)
    with pytest.raises(refusals.CheckedAlready), writing():
        receiving.send(made.sending(portions=0), SHELL, NOW, corrects=second)


def test_a_load_sent_off_twice_by_a_double_tap_is_one(district):
    with writing():
        first = made.send()
    with pytest.raises(refusals.SentAlready), writing():
        made.send()
    with writing():
        made.send(container="箱2")
        receiving.send(made.sending(portions=0), SHELL, NOW, corrects=first)
        made.send()  # taken back before: it may go again


def test_a_load_that_the_kitchen_corrected_meanwhile_is_not_checked_as_it_was(district):
    with writing():
        old = made.send(portions=40)
        new = receiving.send(made.sending(portions=30), SHELL, NOW, corrects=old)
    with pytest.raises(refusals.SentAnew), writing():
        made.receive(old)
    with writing():
        made.receive(new)


def test_what_was_written_about_a_cancelled_meal_stays_out_of_the_trail(district):
    with writing():
        one = made.book()
        services.cancel(one, "住院或外出：在市一院做手术", SHELL, EARLY)
    assert one.cancel_reason == "住院或外出：在市一院做手术"
    rows = select(TrailEvent.detail).where(TrailEvent.action == "bookings.cancel")
    detail = db.session.scalars(rows).one()
    assert "住院或外出" in detail
    assert "手术" not in detail


def test_a_load_taken_back_is_no_longer_waited_for(district):
    with writing():
        first = made.send()
    assert [one.waits for one in receiving.board([made.point("S01")], DAY)] == [True]
    with writing():
        receiving.send(made.sending(portions=0), SHELL, NOW, corrects=first)
    db.session.rollback()
    assert [one.waits for one in receiving.board([made.point("S01")], DAY)] == [False]


def test_booked_meals_wait_for_their_check_also_without_a_dispatch(district):
    with writing():
        made.book("S01")
    (entry,) = receiving.board([made.point("S01"), made.point("P01")], DAY)
    assert (entry.booked, entry.waits) == (1, True)
    with writing():
        made.receive(None, portions=1, expected=1)
    db.session.rollback()
    (entry,) = receiving.board([made.point("S01")], DAY)
    assert not entry.waits
    with pytest.raises(refusals.CheckedAlready), writing():
        made.receive(None)
    assert db.session.scalar(select(func.count()).select_from(MealReceipt)) == 1


def test_the_number_of_an_elder_is_nowhere_in_what_a_booking_left(district):
    with writing():
        made.book(note="|饭少一点")
    number = tills.ID_NUMBERS["张国丰"]
    rows = db.session.scalars(select(TrailEvent).where(TrailEvent.action.startswith("bookings.")))
    assert not [row for row in rows if number in row.detail or "饭少" in row.detail]
    assert number != number_of(1).number
