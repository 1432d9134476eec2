"""Rules of facts: each finds exactly its lines, and nothing where nothing is wrong."""

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules import delivery, departures, evidence, people, places, prices
from mealsvc.auditing.scanning.rules.district import SAME_DIGITS, SAME_NAME, Twin
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import DELIVERY, DINNER, LUNCH, Departure
from tests.support.seen_months import FIRST, LAST, NOON, district, month

LIMITS = Limits()
HALF_HOUR, FAR = 1800, 3100.0


def found(rule, seen, limits=LIMITS):
    """The sequences that a rule holds, and whether it said anything at all."""
    anomalies = list(rule(seen, limits))
    return sorted(one for each in anomalies for one in each.sequences), len(anomalies)


def eats(*days, who=1, **more):
    return [{"resident": who, "day": FIRST + day, **more} for day in days]


@pytest.mark.parametrize(
    ("kind", "subsidy", "from_day", "to_day", "a01", "a13"),
    [
        ("deceased", 300, 2, None, [2, 3], []),
        ("deceased", 0, 2, None, [2, 3], []),
        ("deceased", 300, 2, 2, [2, 3], []),  # nobody comes back from that
        ("deceased", 300, 4, None, [], []),
        ("moved_out", 300, 2, None, [2, 3], []),
        ("moved_out", 300, 2, 2, [2], []),
        ("moved_out", 0, 2, None, [], []),  # a guest at full price
        ("institution", 300, 1, 2, [], [1, 2]),
        ("institution", 0, 1, 3, [], []),
    ],
)
def test_who_had_left_is_found_from_that_day_on(kind, subsidy, from_day, to_day, a01, a13):
    until = None if to_day is None else FIRST + to_day
    left = [Departure(1, kind, FIRST + from_day, until, "名单")]
    seen = month(eats(1, 2, 3, subsidy=subsidy) + eats(1, 2, 3, who=2), departures=left)
    assert found(departures.gone, seen)[0] == a01
    assert found(departures.in_institution, seen)[0] == a13


def test_what_todays_facts_would_decide_otherwise_is_found_unless_a_departure_says_so():
    left = [Departure(2, "moved_out", FIRST, None)]
    seen = month(
        eats(1) + eats(1, who=2) + eats(1, who=3),
        departures=left,
        redecided={1: "under_age", 2: "out_of_scope", 3: "moved_out"},
    )
    (one,) = departures.not_entitled(seen, LIMITS)
    assert (one.sequences, one.severity, one.evidence) == (
        (1,),
        "block",
        {"reasons": {"under_age": 1}},
    )


def test_a_second_subsidised_meal_of_one_slot_is_found_and_a_full_price_one_is_not():
    rows = eats(1) + eats(1, second=NOON + 60) + eats(1, second=NOON + 90, subsidy=0)
    assert found(departures.twice, month(rows))[0] == [2]
    assert found(departures.twice, month(eats(1) + eats(1, meal=DINNER)))[0] == []


def test_lines_of_foreign_devices_and_denied_lines_are_found():
    seen = month(eats(1, 2, 3), foreign_devices=frozenset({2}), denied=frozenset({3, 99}))
    assert found(departures.foreign_device, seen)[0] == [2]
    assert found(evidence.denied, seen)[0] == [3]


def apart(seconds, metres, home=(9, 1), **late):
    """One elder at two points; `home` are the month's servings at each."""
    rows = [
        {"resident": 1, "at": 1, "second": NOON},
        {"resident": 1, "at": 2, "second": NOON + seconds, "meal": DINNER, **late},
    ]
    visits = [(1, 1, home[0], 0), (1, 2, home[1], 0)]
    return district(rows, [(1, "WJ001", 0.0, 0.0), (2, "WJ002", metres, 0.0)], visits)


@pytest.mark.parametrize(
    ("seconds", "metres", "held"),
    [
        (HALF_HOUR - 1, FAR, [2]),
        (HALF_HOUR, FAR, []),  # the limit itself is allowed
        (HALF_HOUR - 1, 3000.0, []),
        (HALF_HOUR + 60, 25_000.0, [2]),  # nobody drives that fast in town
        (4 * 3600, 25_000.0, []),
        (120, 1500.0, [2]),  # left the table after two minutes
        (1200, 1500.0, []),
        (60, 200.0, []),  # next door
        (HALF_HOUR - 1, float("nan"), []),
    ],
)
def test_two_points_closer_in_time_than_travel_allows(seconds, metres, held):
    assert found(places.two_points, apart(seconds, metres))[0] == held


def test_the_strangers_line_is_held_and_both_only_where_neither_point_is_home():
    assert found(places.two_points, apart(600, FAR, home=(9, 1)))[0] == [2]
    assert found(places.two_points, apart(600, FAR, home=(1, 9)))[0] == [1]
    assert found(places.two_points, apart(600, FAR, home=(1, 1)))[0] == [1, 2]


def test_a_delivered_meal_may_be_taken_in_by_somebody_else_over_short_ways():
    assert found(places.two_points, apart(120, 1500.0, mode=DELIVERY))[0] == []
    assert found(places.two_points, apart(120, FAR, mode=DELIVERY))[0] == [2]


def test_two_meals_at_two_points_with_ample_time_accuse_nobody():
    assert found(places.two_points, apart(5 * 3600, 8000.0, home=(5, 5))) == ([], 0)


def twins(why, older_days, younger_days, later=60):
    rows = [{"resident": 1, "at": 1, "day": FIRST + day} for day in older_days]
    rows += [
        {"resident": 2, "at": 1, "day": FIRST + day, "second": NOON + later} for day in younger_days
    ]
    visits = [(1, 1, len(older_days), 0), (2, 1, len(younger_days), 0)]
    return district(rows, [(1, "WJ001", 0, 0)], visits, twins=[Twin(1, 2, why)])


@pytest.mark.parametrize(
    ("why", "older", "younger", "held"),
    [
        (SAME_DIGITS, [1, 5], [2], [3]),
        (SAME_DIGITS, [], [2], []),  # the older card is not used
        (SAME_NAME, [1, 2, 3, 4], [2, 3, 4], [5, 6, 7]),
        (SAME_NAME, [1, 2, 3, 4], [4, 5, 6, 7], []),  # two people of one name
    ],
)
def test_lines_of_a_double_registration_are_held_where_one_mouth_is_fed_twice(
    why, older, younger, held
):
    anomalies = list(people.duplicates(twins(why, older, younger), LIMITS))
    assert [list(one.sequences) for one in anomalies] == [held]


def test_staff_among_the_elders_is_found_by_its_subsidised_meals():
    seen = month(eats(1) + eats(1, subsidy=0) + eats(1, who=2), point={"staff": frozenset({1})})
    assert found(people.staff_meals, seen)[0] == [1]


def test_a_bill_not_above_the_subsidy_is_found():
    rows = eats(1, price=300) + eats(2, price=301) + eats(3, price=200, subsidy=0)
    assert found(prices.swallowed, month(rows))[0] == [1]


def priced(days, price, who, **more):
    return [row for day in days for one in who for row in eats(day, who=one, price=price, **more)]


def test_elders_charged_more_than_others_are_found_and_choice_from_a_menu_is_not():
    rows = priced(range(5), 1600, range(1, 9)) + priced(range(5), 1300, range(20, 24), subsidy=0)
    assert found(prices.dearer_for_elders, month(rows))[0] == list(range(1, 41))
    mixed = [{**row, "price": 1000 + 100 * (place % 7)} for place, row in enumerate(rows)]
    assert found(prices.dearer_for_elders, month(mixed))[0] == []


def risen(start, to=1500, guests=None):
    """Elders' lunches at 13 yuan, from a day on at another price; guests perhaps at theirs."""
    rows = priced(range(start), 1300, range(1, 7)) + priced(range(start, 31), to, range(1, 7))
    if guests is not None:
        rows += priced(range(31), guests, range(20, 23), subsidy=0)
    return rows


@pytest.mark.parametrize(
    ("start", "to", "guests", "policy", "held"),
    [
        (10, 1500, None, 15, True),  # within a week before the policy
        (10, 1500, None, 18, False),  # with notice, long before
        (10, 1500, None, 9, False),  # after it began
        (10, 1420, None, 15, False),  # within ten percent
        (27, 1500, None, None, True),  # just before the month is claimed
        (10, 1500, None, None, False),  # at any other time
        (10, 1500, 1300, None, True),  # but only for the subsidised
        (10, 1500, 1500, None, False),
    ],
)
def test_prices_lifted_before_a_policy_or_claim_or_only_for_the_subsidised(
    start, to, guests, policy, held
):
    starts = () if policy is None else (FIRST + policy,)
    seen = month(risen(start, to, guests), policy_starts=starts)
    wanted = np.sort(seen.lines.sequence[(seen.lines.price == to) & (seen.lines.subsidy > 0)])
    assert found(prices.lifted, seen)[0] == (wanted.tolist() if held else [])


def test_a_filed_rise_just_before_a_policy_holds_the_lines_charged_at_it():
    filed = ((LUNCH, FIRST - 90, 1300), (LUNCH, FIRST + 2, 1500))
    rows = priced(range(3), 1500, [1])
    near = month(rows, policy_starts=(FIRST + 5,), point={"filed": filed})
    assert found(prices.lifted, near)[0] == [3]
    assert found(prices.lifted, month(rows, policy_starts=(LAST,), point={"filed": filed}))[0] == []


def test_days_without_logs_are_told_without_lines_and_only_where_logs_are_kept():
    full = frozenset({"sample", "morning_check"})
    logged = {FIRST: full, FIRST + 1: frozenset({"sample"}), FIRST + 2: full}
    (one,) = evidence.unlogged(month(eats(0, 1, 2), point={"logged": logged}), LIMITS)
    assert (one.sequences, one.days) == ((), (FIRST + 1,))
    assert found(evidence.unlogged, month(eats(0, 1, 2))) == ([], 0)


@pytest.mark.parametrize(("taken", "told"), [(100_000, 0), (99_000, 0), (98_900, 1), (101_100, 1)])
def test_the_drawer_is_compared_with_the_records(taken, told):
    seen = month(eats(0), point={"drawers": ((FIRST, 100_000, taken),)})
    assert found(evidence.drawer, seen) == ([], told)


def test_an_inspectors_count_holds_the_excess_recorded_by_that_minute():
    rows = [row for who in range(1, 11) for row in eats(*range(6), who=who, second=NOON + who)]
    rows += eats(5, who=99, second=NOON + 20) + eats(5, who=98, second=NOON + 21)
    counts = ((FIRST + 5, NOON + 60, 10, 12),)
    assert found(evidence.headcount, month(rows, point={"headcounts": counts}))[0] == [61, 62]
    near = ((FIRST + 5, NOON + 60, 11, 12),)
    assert found(evidence.headcount, month(rows, point={"headcounts": near})) == ([], 0)


def test_deliveries_without_signature_and_at_odd_hours_are_found():
    rows = eats(1, 2, 3, mode=DELIVERY)
    told = {1: {"signed": True}, 2: {"signed": False, "receiver": False}}
    assert found(delivery.unproven, month(rows, delivered=told))[0] == [2]
    assert found(delivery.unproven, month(rows)) == ([], 0)
    usual = [row for who in range(1, 6) for row in eats(*range(8), who=who, mode=DELIVERY)]
    night = [
        row for who in (90, 91) for row in eats(6, 7, who=who, mode=DELIVERY, second=20 * 3600)
    ]
    assert found(delivery.at_odd_hours, month(usual + night))[0] == [41, 42, 43, 44]
    late_round = [
        row for who in range(1, 6) for row in eats(9, who=who, mode=DELIVERY, second=15 * 3600)
    ]
    assert found(delivery.at_odd_hours, month(usual + late_round)) == ([], 0)


def test_two_daily_eaters_of_one_name_who_come_at_their_own_times_are_two_people():
    seen = twins(SAME_NAME, range(20), range(20), later=900)
    assert found(people.duplicates, seen)[0] == []
