"""Which policy governs a meal, and why a meal is recorded at full price."""

from datetime import date, timedelta

import pytest

from mealsvc.policies.rules import (
    REASONS,
    SUSPENDED,
    CategoryFact,
    Departure,
    Usage,
    decide,
    governing,
    overlap,
)
from tests.factories.policies import meal, percent_rule, policy, resident, rule

DAY = date(2024, 5, 6)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
FRESH = Usage()


def reason(facts=None, policies=None, usage=FRESH, eaten=None):
    policies = [policy()] if policies is None else policies
    return decide(eaten or meal(DAY), facts or resident(), policies, usage).reason


DEPARTURES = [
    # Who left on that very day eats at full price.
    (Departure("moved_out", DAY), "moved_out"),
    # The day before, nothing has happened yet.
    (Departure("moved_out", AFTER), None),
    # The last day of an absence still counts.
    (Departure("moved_out", BEFORE, DAY), "moved_out"),
    # The day after it does not.
    (Departure("moved_out", BEFORE - timedelta(days=9), BEFORE), None),
    # The same for somebody who lives in an institution: first day, last day, and around them.
    (Departure("institution", DAY), "in_institution"),
    (Departure("institution", AFTER), None),
    (Departure("institution", DAY, DAY), "in_institution"),
    (Departure("institution", date(2020, 1, 1), BEFORE), None),
    # A death is refused before anything is decided; it is no reason for the full price.
    (Departure("deceased", BEFORE), None),
]


@pytest.mark.parametrize(("departure", "expected"), DEPARTURES)
def test_who_is_away_eats_at_full_price_from_the_first_to_the_last_day(departure, expected):
    assert reason(resident(departures=[departure])) == expected


def test_an_earlier_absence_does_not_hide_a_later_one():
    ended = Departure("moved_out", date(2020, 1, 1), date(2020, 2, 1))
    assert reason(resident(departures=[ended, Departure("moved_out", DAY)])) == "moved_out"


PERIODS = [
    # Both ends of the period are inside.
    ({"effective_from": DAY}, None),
    ({"effective_from": AFTER}, "no_policy"),
    ({"effective_from": BEFORE, "effective_to": DAY}, None),
    ({"effective_from": BEFORE, "effective_to": BEFORE}, "no_policy"),
]


@pytest.mark.parametrize(("period", "expected"), PERIODS)
def test_a_policy_is_in_effect_from_its_first_to_its_last_day(period, expected):
    assert reason(policies=[policy(**period)]) == expected


def test_in_the_gap_between_two_policies_there_is_none():
    old = policy(effective_from=date(2023, 1, 1), effective_to=BEFORE)
    new = policy(effective_from=AFTER)
    assert reason(policies=[old, new]) == "no_policy"
    assert reason(policies=[]) == "no_policy"


AREAS = [
    # The hukou's division starts with the policy's.
    ({}, "320412100001", None, None),
    # The district itself, registered no more precisely.
    ({}, "320412", None, None),
    # Another district.
    ({}, "320411100001", None, "out_of_scope"),
    # Less precise than the policy's division.
    ({"division": "320412100"}, "320412", None, "out_of_scope"),
    # A part that somebody else runs.
    ({"exclude": ("320412001", "320412104")}, "320412104003", None, "out_of_scope"),
    # Its neighbour is not excluded.
    ({"exclude": ("320412001", "320412104")}, "320412103003", None, None),
    # Where people live decides nothing under a hukou policy.
    ({}, "320411100001", "320412100001", "out_of_scope"),
    # Under a residence policy only that decides.
    ({"scope": "residence"}, "320411100001", "320412100001", None),
    ({"scope": "residence"}, "320412100001", "320411100001", "out_of_scope"),
    # Nobody knows where she lives.
    ({"scope": "residence"}, "320412100001", None, "out_of_scope"),
    # The exclusion looks at the residence too.
    (
        {"scope": "residence", "exclude": ("320412104",)},
        "320412100001",
        "320412104001",
        "out_of_scope",
    ),
]


@pytest.mark.parametrize(("fields", "hukou", "residence", "expected"), AREAS)
def test_a_policy_covers_its_division_without_the_excluded_parts(
    fields, hukou, residence, expected
):
    assert reason(resident(hukou=hukou, residence=residence), [policy(**fields)]) == expected


def test_the_longest_division_wins_in_whatever_order_the_policies_come():
    district, town = policy(code="DISTRICT"), policy(code="TOWN", division="320412100")
    for policies in ([district, town], [town, district]):
        assert governing(policies, resident(), DAY) is town
        assert governing(policies, resident(hukou="320412110001"), DAY) is district


def test_who_a_town_excludes_falls_back_to_the_district():
    town = policy(code="TOWN", division="320412100", exclude=("320412100001",))
    district = policy(code="DISTRICT")
    assert governing([town, district], resident(), DAY) is district


def test_a_town_policy_that_has_ended_leaves_the_district():
    town = policy(code="TOWN", division="320412100", effective_to=BEFORE)
    district = policy(code="DISTRICT")
    assert governing([town, district], resident(), DAY) is district


def test_at_one_length_the_policy_of_the_hukou_wins():
    hukou = policy(code="HUKOU")
    residence = policy(code="RESIDENCE", division="320411", scope="residence")
    facts = resident(residence="320411001001")
    for policies in ([hukou, residence], [residence, hukou]):
        assert governing(policies, facts, DAY) is hukou


BIRTHDAYS = [
    # Sixty on the very day.
    ("birthday", date(1964, 5, 6), None),
    ("birthday", date(1964, 5, 7), "under_age"),
    # The day after the birthday.
    ("next_day", date(1964, 5, 5), None),
    ("next_day", date(1964, 5, 6), "under_age"),
    # From the first of the birth month.
    ("month", date(1964, 5, 31), None),
    ("month", date(1964, 6, 1), "under_age"),
    # From the first of the month after.
    ("next_month", date(1964, 4, 30), None),
    ("next_month", date(1964, 5, 1), "under_age"),
]


@pytest.mark.parametrize(("counts_from", "birth_on", "expected"), BIRTHDAYS)
def test_an_age_counts_from_the_day_that_the_policy_says(counts_from, birth_on, expected):
    sixty = policy(min_age=60, age_counts_from=counts_from)
    assert reason(resident(birth_on), [sixty]) == expected


LEAP_DAYS = [
    # Born on 29 February 1960, 63 in 2023: on 1 March, on 2 March, on 1 February, on 1 March.
    ("birthday", date(2023, 2, 28), date(2023, 3, 1)),
    ("next_day", date(2023, 3, 1), date(2023, 3, 2)),
    ("month", date(2023, 1, 31), date(2023, 2, 1)),
    ("next_month", date(2023, 2, 28), date(2023, 3, 1)),
    # In a leap year the 29th itself.
    ("birthday", date(2024, 2, 28), date(2024, 2, 29)),
    ("next_day", date(2024, 2, 29), date(2024, 3, 1)),
]


@pytest.mark.parametrize(("counts_from", "last", "first"), LEAP_DAYS)
def test_a_leap_day_child_grows_older_on_the_day_that_the_contract_says(counts_from, last, first):
    born = resident(date(1960, 2, 29))
    age = first.year - 1960
    only = policy(min_age=age, age_counts_from=counts_from, effective_from=date(2020, 1, 1))
    assert reason(born, [only], eaten=meal(last)) == "under_age"
    assert reason(born, [only], eaten=meal(first)) is None
    assert decide(meal(last), born, [only], FRESH).age == age - 1


CAPS = [
    # One serving is left today.
    ({"per_day": 2}, Usage(day_count=1), None),
    # None is left.
    ({"per_day": 2}, Usage(day_count=2), "day_cap"),
    ({"per_month": 40}, Usage(month_count=39), None),
    ({"per_month": 40}, Usage(month_count=40), "month_cap"),
    # Without a cap any count is fine.
    ({}, Usage(day_count=99, month_count=999), None),
    # One meal is subsidised once, caps or not.
    ({}, Usage(slot_taken=True), "already_served"),
]


@pytest.mark.parametrize(("fields", "usage", "expected"), CAPS)
def test_caps_count_what_was_subsidised_before(fields, usage, expected):
    assert reason(policies=[policy(**fields)], usage=usage) == expected


PRICES = [
    # One fen above the floor is a subsidy of one fen.
    (rule(), 101, None),
    # At the floor and below nothing is left.
    (rule(), 100, "price_too_low"),
    (rule(), 99, "price_too_low"),
    # Every rule gives nothing.
    (rule(amount_fen=0, funding={"district": 0}), 1200, "price_too_low"),
    # A percentage that its own maximum makes nothing.
    (percent_rule(percent=20, max_fen=0), 1200, "price_too_low"),
    # No rule is for her, however low the price.
    (rule(min_age=73), 1200, "no_rule"),
    (rule(min_age=73), 50, "no_rule"),
]


@pytest.mark.parametrize(("only", "price_fen", "expected"), PRICES)
def test_a_price_at_the_floor_leaves_nothing_to_subsidise(only, price_fen, expected):
    policies = [policy(only, min_self_pay_fen=100)]
    assert reason(policies=policies, eaten=meal(DAY, price_fen=price_fen)) == expected


def test_a_percentage_of_a_very_small_price_gives_nothing():
    assert reason(policies=[policy(percent_rule(percent=1))], eaten=meal(price_fen=99)) == (
        "price_too_low"
    )
    assert reason(policies=[policy(percent_rule(percent=1))], eaten=meal(price_fen=100)) is None


def test_only_the_meals_of_the_policy_are_subsidised():
    lunch_only = [policy(meals=frozenset({"lunch"}))]
    assert reason(policies=lunch_only) is None
    assert reason(policies=lunch_only, eaten=meal(kind="dinner")) == "meal_not_subsidised"


def test_of_several_reasons_the_first_of_the_list_is_given():
    """Start with everything wrong and put right one thing after the other."""
    facts = {
        "birth_on": date(1970, 1, 1),
        "hukou": "320411100001",
        "departures": [Departure("institution", DAY), Departure("moved_out", DAY)],
    }
    strict = {
        "meals": frozenset({"dinner"}),
        "min_age": 60,
        "per_day": 1,
        "per_month": 1,
        "min_self_pay_fen": 1200,
    }
    only, usage = rule(max_age=59), Usage(True, 1, 1)
    seen = []

    def look():
        seen.append(reason(resident(**facts), [policy(only, **strict)], usage))

    look()
    facts["departures"].pop()
    look()
    facts["departures"].pop()
    look()
    facts["hukou"] = "320412100001"
    look()
    strict["meals"] = frozenset({"lunch"})
    look()
    facts["birth_on"] = date(1960, 1, 1)
    look()
    usage = Usage(False, 1, 1)
    look()
    usage = Usage(False, 0, 1)
    look()
    usage = Usage()
    look()
    only = rule()
    look()
    strict["min_self_pay_fen"] = 0
    look()
    of_the_point = ("no_policy", SUSPENDED)  # the last one is not about the resident
    assert seen == [name for name in REASONS if name not in of_the_point] + [None]


def test_a_full_price_line_names_its_policy_only_if_one_governs():
    lunch_only = policy(meals=frozenset({"lunch"}))
    dinner = decide(meal(kind="dinner"), resident(), [lunch_only], FRESH)
    assert (dinner.policy_code, dinner.subsidy_fen, dinner.self_pay_fen) == ("TEST", 0, 1200)
    assert (dinner.tier, dinner.rules, dinner.delivery, dinner.age) == (None, (), None, 72)
    nobody = decide(meal(), resident(), [], FRESH)
    assert (nobody.policy_code, nobody.self_pay_fen, nobody.age) == (None, 1200, 72)


HELD = [
    # Held on the first and on the last day, and without any date.
    (CategoryFact("TK", DAY, DAY), None),
    (CategoryFact("TK"), None),
    # Not before, not after, and not another category.
    (CategoryFact("TK", AFTER), "no_rule"),
    (CategoryFact("TK", None, BEFORE), "no_rule"),
    (CategoryFact("SN"), "no_rule"),
]


@pytest.mark.parametrize(("fact", "expected"), HELD)
def test_a_category_counts_from_its_first_to_its_last_day(fact, expected):
    targeted = policy(rule(categories=["TK", "DB"]))
    assert reason(resident(categories=[fact]), [targeted]) == expected


OVERLAPS = [
    # One ends the day before the other begins.
    ((date(2023, 1, 1), date(2023, 6, 30)), (date(2023, 7, 1), None), False),
    # One day in common.
    ((date(2023, 1, 1), date(2023, 7, 1)), (date(2023, 7, 1), None), True),
    # Both for ever.
    ((date(2023, 1, 1), None), (date(2024, 1, 1), None), True),
    # One inside the other.
    ((date(2023, 1, 1), None), (date(2024, 1, 1), date(2024, 1, 1)), True),
]


@pytest.mark.parametrize(("first", "second", "expected"), OVERLAPS)
def test_policies_of_one_division_overlap_if_they_share_a_day(first, second, expected):
    one = policy(effective_from=first[0], effective_to=first[1])
    other = policy(effective_from=second[0], effective_to=second[1], scope="residence")
    assert overlap(one, other) is overlap(other, one) is expected
    town = policy(division="320412100", effective_from=second[0], effective_to=second[1])
    assert not overlap(one, town)
