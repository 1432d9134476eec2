"""Means, spreads, deviations and ratios of prices; menus in time, fortnights, the nutrition band."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from mealsvc.supervision.prices import menu_rules, rules
from mealsvc.supervision.prices.rules import Posted, PriceFact, SelfPay

DAY = date(2024, 5, 6)
BAND = menu_rules.band_of("2", "120", "60-80", "4")


def fact(price_fen, servings=1, *, day=DAY, elder=1200, public=1500, top=1500, posted=(), point=1):
    return PriceFact(point, day, "lunch", price_fen, servings, elder, public, top, posted)


@pytest.mark.parametrize(
    ("prices", "servings", "mean", "cv"),
    [
        ([], 0, None, None),
        ([(1200, 0)], 0, None, None),
        ([(1200, 3)], 3, 1200, 0.0),
        ([(1000, 1), (1400, 1)], 2, 1200, 200 / 1200),
        ([(1000, 3), (1400, 1)], 4, 1100, (30000**0.5) / 1100),
    ],
)
def test_mean_and_spread_weigh_every_serving_the_same(prices, servings, mean, cv):
    found = rules.spread(prices)
    assert (found.servings, found.mean_fen) == (servings, mean)
    assert found.cv is None if cv is None else float(found.cv) == pytest.approx(cv)


@pytest.mark.parametrize(
    ("one", "kinds"),
    [
        (fact(1200), ()),
        (fact(1000, public=None), ()),  # below the filed price: a discount of the operator's
        (fact(1201, public=None), ("above_filed",)),
        (fact(1500, public=None), ("above_filed",)),  # as much as the public, not more
        (fact(1501, public=None), ("above_filed", "above_public")),
        (fact(1200, elder=None, public=None, top=None), ("unfiled",)),
        (fact(1200, posted=(1000, 1100)), ("above_posted",)),
        (fact(1100, public=None, posted=(1000, 1100)), ()),
    ],
)
def test_a_price_deviates_from_what_was_filed_posted_and_public_that_day(one, kinds):
    assert one.kinds == kinds


def test_deviations_gather_the_days_of_one_price_and_count_it_once():
    later = date(2024, 5, 9)
    facts = [
        fact(1300, 4, public=None),
        fact(1300, 5, day=later, elder=None, public=None, top=None),  # the filing has ended
        fact(1300, 1, point=2, public=None),
        fact(1200, 9),
        fact(1350, 0, public=None),  # taken back: nobody paid it
    ]
    found = rules.deviations(facts)
    assert [(one.kind, one.point_id, one.servings) for one in found] == [
        ("unfiled", 1, 5),
        ("above_filed", 1, 4),
        ("above_filed", 2, 1),
    ]
    assert (found[0].first_on, found[0].against_fen) == (later, None)
    assert (found[1].days, found[1].against_fen) == (((DAY, 4),), 1200)
    assert rules.undeclared_changes(found) == 2  # point 1's 13 yuan, point 2's 13 yuan


def test_a_posted_price_must_be_one_that_was_filed():
    posted = [
        Posted(1, DAY, "lunch", 1200, (1000, 1200)),
        Posted(1, DAY, "dinner", 1100, (1000, 1200)),
        Posted(2, DAY, "lunch", 1200, ()),
    ]
    found = rules.deviations([], posted)
    assert [(one.kind, one.point_id, one.meal, one.against_fen) for one in found] == [
        ("posted_off", 1, "dinner", 1200),
        ("posted_off", 2, "lunch", None),
    ]
    assert rules.undeclared_changes(found) == 0


def test_elder_against_public_price_counts_filed_prices_only():
    found = rules.elder_ratio(
        [fact(1200, 3), fact(1000, 1, public=1000), fact(1600, 2, public=None)]
    )
    assert found.mean == Fraction(3 * 1200 + 1000, 3 * 1500 + 1000)
    assert (found.servings, found.worst, found.unmatched, found.above) == (4, 1, 2, 2)
    assert rules.elder_ratio([]).mean is None


def test_self_pay_is_averaged_by_age_band_and_tier():
    rows = [
        SelfPay(1, 69, "乙档", 2, 1800),
        SelfPay(1, 70, "甲档", 1, 800),
        SelfPay(1, 90, "甲档", 1, 400),
        SelfPay(1, 59, "甲档", 1, 1000),
    ]
    assert rules.mean_paid(rows) == (5, 800)
    bands = {name: rules.mean_paid(own) for name, own in rules.by_key(rows, "band").items()}
    assert bands == {
        "60岁以下": (1, 1000),
        "60—69岁": (2, 900),
        "70—79岁": (1, 800),
        "90岁以上": (1, 400),
    }
    assert list(rules.by_key(rows, "tier")) == sorted(("乙档", "甲档"))
    assert rules.mean_paid([]) == (0, None)


@pytest.mark.parametrize(
    ("published", "ahead"),
    [
        (None, False),
        (datetime(2024, 5, 5, 15, 59, 59, tzinfo=UTC), True),  # Sunday 23:59:59 in Shanghai
        (datetime(2024, 5, 5, 16, tzinfo=UTC), False),  # Monday 0:00
    ],
)
def test_a_menu_is_in_time_before_monday_begins_in_shanghai(published, ahead):
    assert menu_rules.in_time(published, DAY) is ahead


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (date(2024, 5, 1), 1),
        (date(2024, 5, 14), 1),
        (date(2024, 5, 15), 15),
        (date(2024, 5, 31), 29),
    ],
)
def test_fortnights_are_counted_from_the_first_day_of_the_period(day, starts):
    assert menu_rules.fortnight_of(day, date(2024, 5, 1)) == date(2024, 5, starts)


@pytest.mark.parametrize(
    ("values", "inside", "warned"),
    [
        ((4, 2.0, 120.0, 60.0), True, []),
        ((4, 2.0, 120.0, 80.0), True, []),
        ((3, 2.0, 120.0, 70.0), False, ["品种"]),
        ((4, 2.1, 120.0, 70.0), False, ["用盐"]),
        ((4, 2.0, 119.0, 70.0), False, ["蔬菜"]),
        ((4, 2.0, 120.0, 59.0), False, ["肉鱼蛋"]),
        ((4, 2.0, 120.0, 210.0), True, []),
        ((4, None, 120.0, 70.0), False, []),  # not weighed: no judgement, and not inside
    ],
)
def test_a_lunch_has_a_light_for_each_figure_and_none_is_red(values, inside, warned):
    lunch = menu_rules.Lunch(DAY, *values, BAND)
    assert lunch.inside is inside
    assert [light.name for light in lunch.lights if light.tone == "warn"] == warned
    assert {light.tone for light in lunch.lights} <= {"good", "warn"}
    assert lunch.weighed is (None not in values)
