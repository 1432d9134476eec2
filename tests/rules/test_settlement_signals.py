"""What a reviewer is shown: each signal at its threshold, and a sample that can be drawn again."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import pytest

from mealsvc.settlement.ranks import correlation, draw, seed_of
from mealsvc.settlement.signals import Limits, Line, Point, signals_of

LIMITS = Limits(
    manual_percent=Fraction(3),
    manual_a_day=10,
    burst_lines=10,
    burst_seconds=60,
    gap_seconds=4,
    gap_lines=20,
    replay=0.9,
    grace=timedelta(minutes=10),
    turns=3,
    even_percent=Fraction(2),
    volume_percent=30,
    new_sigmas=3,
    new_least=10,
)
POINT = Point(LIMITS, hours={"lunch": (time(10, 30), time(12, 30))})
NOON = datetime(2024, 5, 6, 3, 30, tzinfo=UTC)  # 11:30 in Shanghai


def line(sequence, resident=1, day=6, seconds=0, **fields):
    at = NOON.replace(day=day) + timedelta(seconds=seconds)
    usual = {
        "served_at": at,
        "served_on": date(2024, 5, day),
        "recorded_at": at,
        "meal": "lunch",
        "mode": "dine_in",
        "manual": False,
        "source": "till-1",
        "subsidised": True,
    }
    return Line(sequence=sequence, resident=resident, **(usual | fields))


def crowd(day, number, *, apart=60, order=None, first=0, **fields):
    """So many elders on a day, one every `apart` seconds from 10:45 on."""
    who = order or range(number)
    return [
        line(1000 * day + first + place, resident, day, apart * place - 2700, **fields)
        for place, resident in enumerate(who)
    ]


def honest():
    """Twenty days of about forty elders in another order each day."""
    rng = random.Random(7)
    month = []
    for day in range(1, 21):
        order = rng.sample(range(60), rng.randrange(34, 46))
        month += crowd(day, 0, order=order)
    return month


def codes(lines, point=POINT):
    return {one.code for one in signals_of(lines, point)}


def only(lines, code, point=POINT):
    (found,) = [one for one in signals_of(lines, point) if one.code == code]
    return found


def test_an_honest_month_shows_nothing():
    point = replace(POINT, seats=60, daily_capacity=80, servings_before=[800, 780, 820])
    assert not signals_of(honest(), point)


def test_meals_of_the_dead_are_named_and_full_price_ones_are_not():
    lines = [
        line(1, departed="deceased"),
        line(2, departed="moved_out", day=7),
        line(3, departed="deceased", subsidised=False),
    ]
    found = only(lines, "A01")
    assert (found.severity, found.sequences) == ("high", (1, 2))
    assert "已去世1笔" in found.sentence


@pytest.mark.parametrize(("number", "seen"), [(9, False), (10, True)])
def test_ten_in_a_minute_are_a_burst_and_nine_are_not(number, seen):
    found = crowd(6, number, apart=6)
    assert ("A06" in codes(found)) is seen


def test_two_tills_in_the_same_minute_are_no_burst():
    here = crowd(6, 7, apart=8)
    there = crowd(6, 7, apart=8, first=100, source="till-2")
    assert "A06" not in codes(here + there)


def test_a_list_replayed_on_another_day_shows_whatever_the_hour():
    order = random.Random(1).sample(range(40), 40)
    first, second = crowd(6, 0, order=order), crowd(7, 0, order=order, apart=30)
    found = only(first + second, "A07")
    assert found.severity == "high"
    assert found.sequences == tuple(one.sequence for one in second)
    shuffled = crowd(7, 0, order=sorted(order, key=lambda one: one * 7 % 41))
    assert "A07" not in codes(first + shuffled)
    assert "A07" not in codes(first[:29] + second[:29])


def test_a_day_that_was_entered_at_one_instant_has_no_order_to_compare():
    first, second = crowd(6, 40, apart=0), crowd(7, 40, apart=0)
    assert "A07" not in codes(first + second)


@pytest.mark.parametrize(("minutes", "seen"), [(-70, False), (-71, True), (70, False), (71, True)])
def test_the_meals_hours_hold_with_their_grace(minutes, seen):
    found = codes([line(1, seconds=60 * minutes)])
    assert ("A08" in found) is seen


def test_a_day_without_service_shows_and_a_late_delivery_does_not():
    shut = replace(POINT, shut=lambda day: day == date(2024, 5, 6))
    assert "停业日" in only([line(1)], "A08", shut).sentence
    assert "A08" not in codes([line(1, seconds=7200, mode="delivery")])


def test_entries_by_hand_beyond_their_share_or_their_number_a_day():
    month = honest()
    by_hand = [replace(one, manual=True) for one in month[:: len(month) // 20]]
    few = {one.sequence for one in by_hand[:20]}
    assert "A09" not in codes([replace(one, manual=one.sequence in few) for one in month])
    many = [replace(one, manual=place % 20 == 0) for place, one in enumerate(month)]
    assert len(only(many, "A09").sequences) == sum(one.manual for one in many)
    day = [replace(one, manual=place < 12) for place, one in enumerate(month)]
    assert only(day, "A09").sequences == tuple(one.sequence for one in day[10:12])
    delivered = [replace(one, manual=True, mode="delivery") for one in month]
    assert "A09" not in codes(delivered)


def test_what_is_recorded_after_the_next_day_is_late():
    def recorded(days):
        late = timedelta(days=days)
        return [replace(one, recorded_at=one.recorded_at + late) for one in honest()]

    assert "A09L" not in codes(recorded(1))
    assert len(only(recorded(2), "A09L").sequences) == len(honest())


def test_beyond_seats_and_capacity_the_excess_is_named():
    point = replace(POINT, seats=4, daily_capacity=30)
    found = only(crowd(6, 13) + crowd(6, 20, mode="take_away", first=100), "A10", point)
    assert found.sequences == (6012, 6117, 6118, 6119)
    assert "座位只够12份" in found.sentence
    assert "A10" not in codes(crowd(6, 12) + crowd(6, 18, mode="take_away", first=100), point)


def test_days_that_hardly_differ_are_too_even():
    assert "A11" in codes([one for day in range(1, 17) for one in crowd(day, 40)])
    assert "A11" not in codes([one for day in range(1, 15) for one in crowd(day, 40)])


def test_a_third_more_than_usual_shows_and_so_does_a_third_less():
    lines = [one for day in (6, 7) for one in crowd(day, 50 + day)]
    for usual, seen in ((113, False), (80, True), (170, True)):
        point = replace(POINT, servings_before=[usual] * 3)
        assert ("VOL" in codes(lines, point)) is seen
    assert "VOL" not in codes(lines, replace(POINT, servings_before=[10, 10]))


def test_many_elders_for_the_first_time_show():
    new = frozenset(range(100, 115))
    lines = crowd(6, 0, order=[*range(10), *new])
    usual = replace(POINT, newcomers_before=[3, 4, 5], newcomers=new)
    found = only(lines, "A20", usual)
    assert len(found.sequences) == 15
    assert "平均4.0位" in found.sentence
    assert "A20" not in codes(lines, replace(usual, newcomers=frozenset(list(new)[:9])))
    assert "A20" not in codes(lines, replace(usual, newcomers_before=[]))


def test_what_comes_late_from_another_month_is_no_part_of_its_days():
    old = [replace(one, late=True) for one in crowd(6, 40)]
    point = replace(POINT, seats=4, daily_capacity=4, shut=lambda day: True)
    assert not codes(old, point) & {"A08", "A10", "A11"}


def test_the_gravest_come_first():
    order = list(range(40))
    lines = crowd(6, 0, order=order, apart=2) + crowd(7, 0, order=order, apart=2)
    found = [one.severity for one in signals_of(lines, POINT)]
    assert found == sorted(found, key=["high", "case", "watch"].index)
    assert found[0] == "high"


def test_orders_compare_from_same_to_opposite():
    assert correlation([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1)
    assert correlation([1, 2, 3, 4], [9, 8, 7, 6]) == pytest.approx(-1)
    assert correlation([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9487, abs=1e-4)
    assert correlation([1, 1], [1, 2]) is None


@pytest.mark.parametrize(("lines", "wanted"), [(4, 4), (10, 10), (250, 13), (5000, 60)])
def test_the_sample_is_a_twentieth_between_ten_and_sixty(lines, wanted):
    assert len(draw("seed", range(lines))) == wanted


def test_a_sample_can_be_drawn_again_and_depends_on_the_lines_digest():
    seed = seed_of("2024-05", "P01", "ab12")
    assert seed == "2024-05-P01-ab12"
    drawn = draw(seed, range(1000))
    assert drawn == draw(seed, reversed(range(1000)))
    assert drawn != draw(seed_of("2024-05", "P01", "ab13"), range(1000))
