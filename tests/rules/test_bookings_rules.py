"""When a meal may be booked, and whether what arrived may be served."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mealsvc.bookings import refusals, rules
from mealsvc.bookings.rules import Arrival, Facts, Limits, Timetable

DAY = date(2024, 5, 8)  # a Wednesday
LIMITS = Limits(hot_c=60, reheat_c=70, danger_minutes=120, eat_by_hours=4)
COOKED = datetime(2024, 5, 8, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
GOOD = Arrival(30, 30, COOKED, COOKED + timedelta(minutes=50), 655, True, True)


def local(hour: int, minute: int = 0, day: int = 8) -> datetime:
    return datetime(2024, 5, day, hour, minute, tzinfo=rules.LOCAL).astimezone(UTC)


TIMES = Timetable(
    {
        "booking.cutoff_days": [(date.min, "1,0,0")],
        "booking.days_ahead": [(date.min, "14")],
        "booking.cutoff_breakfast": [(date.min, "18:00")],
        "booking.cutoff_lunch": [(date(2024, 6, 1), "08:30"), (date.min, "09:00")],
        "booking.cutoff_dinner": [(date.min, "14:30")],
    }
)
OPEN = Facts(False, True, {}, None, False, ["素什锦"], 0, 10, TIMES.closes_at(DAY, "lunch"))


def checked(facts=OPEN, day=DAY, meal="lunch", dish="", now=None, late=False) -> bool:
    now = now or local(8, 59)
    return rules.check(day, meal, dish, facts, now, TIMES.last_day(DAY), late)


def test_each_meal_closes_at_its_own_time_breakfast_the_day_before():
    assert TIMES.closes_at(DAY, "breakfast") == local(18, day=7)
    assert TIMES.closes_at(DAY, "lunch") == local(9)
    assert TIMES.closes_at(DAY, "dinner") == local(14, 30)


def test_a_changed_cut_off_holds_from_its_day_on():
    june = TIMES.closes_at(date(2024, 6, 1), "lunch")
    assert june.astimezone(rules.LOCAL).time().isoformat() == "08:30:00"


def test_a_list_of_days_that_is_too_short_counts_as_the_day_itself():
    times = replace(TIMES, values={**TIMES.values, "booking.cutoff_days": [(date.min, "1")]})
    assert times.closes_at(DAY, "dinner") == local(14, 30)


def test_a_meal_is_booked_up_to_the_minute_of_the_cut_off_and_then_only_as_an_addition():
    assert checked() is False
    with pytest.raises(refusals.AfterCutoff, match="5月8日 09:00截单"):
        checked(now=local(9))
    assert checked(now=local(9), late=True) is True


@pytest.mark.parametrize(
    ("facts", "more", "refusal"),
    [
        (OPEN, {"day": date(2024, 5, 7)}, refusals.PastDay),
        (OPEN, {"day": date(2024, 5, 23)}, refusals.TooFarAhead),
        (OPEN._replace(deceased=True), {}, refusals.ResidentDeceased),
        (OPEN._replace(operates=False), {}, refusals.PointNotOperating),
        (OPEN._replace(hours={"lunch": "", "dinner": "16:30-18:00"}), {}, refusals.MealNotServed),
        (OPEN._replace(earlier="花园助餐点"), {}, refusals.BookedAlready),
        (OPEN._replace(served=True), {}, refusals.ServedAlready),
        (OPEN, {"dish": "红烧肉"}, refusals.DishNotOffered),
        (OPEN._replace(booked=10), {}, refusals.NoRoom),
    ],
)
def test_what_cannot_be_booked_is_refused_with_its_reason(facts, more, refusal):
    with pytest.raises(refusal):
        checked(facts, **more)


def test_the_last_day_the_last_place_and_a_dish_of_the_menu_are_still_booked():
    last = OPEN._replace(booked=9)
    assert checked(last, day=date(2024, 5, 22), dish="素什锦") is False


def test_a_point_without_written_hours_serves_every_meal():
    assert checked(OPEN._replace(hours={"lunch": "", "dinner": ""})) is False


def test_a_series_is_every_workday_every_day_or_what_was_ticked():
    last = DAY + timedelta(days=7)
    workdays = rules.days_of("workdays", [], DAY, last)
    assert [day.day for day in workdays] == [8, 9, 10, 13, 14, 15]
    assert len(rules.days_of("daily", [], DAY, last)) == 8
    assert rules.days_of("chosen", [last, DAY, last], DAY, last) == [DAY, last]


def test_who_asked_is_known_and_no_telephone_is_written_down():
    rules.check_asked("family", "女儿")
    rules.check_asked("self", "")
    with pytest.raises(refusals.WhoAsked):
        rules.check_asked("family", "")
    with pytest.raises(refusals.PersonalNumber):
        rules.check_asked("family", "女儿13812345678")


def test_wishes_are_stored_as_codes_in_one_order_and_read_back_in_words():
    note = rules.written_note(["no:鱼", "low_salt", "unknown"], "饭少一点")
    assert note == "low_salt;no:鱼|饭少一点"
    assert rules.wishes_of(note) == (("低盐", "鱼过敏"), "饭少一点")
    assert rules.wishes_of(rules.written_note([], "")) == ((), "")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (25, "还有 25 分钟截单"),
        (125, "还有 2 小时 5 分钟截单"),
        (13 * 60, "5月8日 09:00 截单"),
        (0, "5月8日 09:00 已截单"),
        (-5, "5月8日 09:00 已截单"),
    ],
)
def test_the_time_left_is_told_in_words(minutes, words):
    closes = local(9)
    assert rules.cutoff_words(closes, closes - timedelta(minutes=minutes)) == words


def test_a_meal_is_over_when_the_point_closes():
    assert rules.ends_at(DAY, "lunch", "10:30-12:30") == local(12, 30)
    assert rules.ends_at(DAY, "dinner", "") == local(20)


def test_hot_food_of_the_right_number_with_seal_and_label_passes():
    assert rules.faults_of(GOOD, LIMITS) == ()


def _later(minutes: int) -> datetime:
    return COOKED + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"core_temp_tenths": 600}, ()),
        ({"core_temp_tenths": 599}, ("too_cold",)),
        ({"arrived_at": _later(120), "core_temp_tenths": 550}, ("too_cold",)),
        ({"arrived_at": _later(121), "core_temp_tenths": 550}, ("held_cold", "too_cold")),
        ({"arrived_at": _later(121)}, ()),
        ({"arrived_at": _later(240)}, ()),
        ({"arrived_at": _later(241)}, ("too_old",)),
        ({"seal_ok": False}, ("seal",)),
        ({"label_ok": False}, ("label",)),
        ({"cooked_at": None}, ("label",)),
        ({"portions": 29}, ("short",)),
        ({"portions": 31}, ("over",)),
        ({"portions": 29, "seal_ok": False}, ("seal", "short")),
    ],
)
def test_each_fault_is_found_at_its_limit_the_gravest_first(change, faults):
    one = replace(GOOD, **change)
    assert rules.faults_of(one, LIMITS) == faults
    assert all(rules.fault_words(fault, one, LIMITS) for fault in faults)


def test_a_fault_is_told_with_its_numbers():
    one = replace(GOOD, core_temp_tenths=525, portions=28)
    told = [rules.fault_words(fault, one, LIMITS) for fault in rules.faults_of(one, LIMITS)]
    assert told == ["中心温度 52.5 ℃，应不低于 60 ℃", "应到 30 份，实收 28 份，少 2 份"]


def test_every_fault_needs_a_measure_that_answers_it():
    rules.check_measures((), (), None, LIMITS)
    rules.check_measures(("too_cold", "short"), ("reheated", "reduced"), 700, LIMITS)
    rules.check_measures(("too_old", "short"), ("returned",), None, LIMITS)
    with pytest.raises(refusals.NoMeasure, match="份数少"):
        rules.check_measures(("too_cold", "short"), ("reheated",), 720, LIMITS)
    with pytest.raises(refusals.NoMeasure, match="超过食用时限"):
        rules.check_measures(("too_old", "too_cold"), ("reheated",), 720, LIMITS)


@pytest.mark.parametrize("tenths", [None, 0, 699])
def test_food_heated_again_has_to_reach_its_temperature(tenths):
    with pytest.raises(refusals.NotReheated, match="70℃"):
        rules.check_measures(("too_cold",), ("reheated",), tenths, LIMITS)


@pytest.mark.parametrize(("tenths", "words"), [(625, "62.5"), (-5, "-0.5"), (1000, "100.0")])
def test_temperatures_are_whole_tenths(tenths, words):
    assert rules.degrees(tenths) == words


@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        ("13812345678", True),
        ("打138 1234 5678", True),
        ("138-1234-5678", True),
        ("0572", False),
        ("改到2024-05-09", False),
        ("少放盐，2份", False),
        ("12月24日 10:30", False),
    ],
)
def test_a_telephone_number_is_seen_however_it_is_written(text, is_number):
    assert rules.has_number(text) is is_number
