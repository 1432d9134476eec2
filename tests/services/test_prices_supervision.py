"""What was charged beside what was filed and posted, read from the ledger, net of reversals."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from mealsvc.menus.queries import meal_menu
from mealsvc.menus.services import publish
from mealsvc.plumbing.db import writing
from mealsvc.servings.services import reverse_serving
from mealsvc.supervision.prices import queries, rules
from mealsvc.supervision.prices.rules import PriceFact
from tests.factories import menus, tills
from tests.factories.menus import place
from tests.factories.tills import LUNCH, SHELL

DAY, NEXT = date(2024, 5, 6), date(2024, 5, 7)
MAY = (date(2024, 5, 1), date(2024, 5, 31))
MORNING = datetime(2024, 5, 5, 1, tzinfo=UTC)


@pytest.fixture
def district(app):
    tills.small_district()


def ate(key, card, price_fen, day=6, **more):
    return tills.serve(key, card, price_fen=price_fen, served_at=tills.a_day(day), **more)


def test_each_price_of_a_day_stands_beside_what_was_filed_and_posted(district):
    menus.filed(1200, DAY, MORNING)
    menus.filed(1000, NEXT, MORNING, name="小份套餐", public_fen=1300)
    menus.filed(1100, DAY, MORNING, meal="dinner")
    with writing():
        menus.cook(DAY, MORNING)
        publish(place(), [meal_menu(1, DAY, "lunch")], SHELL, MORNING)
        menus.cook(NEXT, MORNING)  # not made public
    ate("A1", "C001", 1200)
    ate("A2", "C002", 1200)
    ate("A3", "C003", 1000, day=7)
    ate("A4", "C004", 900, point="P02")
    assert queries.price_facts(*MAY) == [
        PriceFact(1, DAY, "lunch", 1200, 2, 1200, 1500, 1500, (1200,)),
        PriceFact(1, NEXT, "lunch", 1000, 1, 1200, 1300, 1500, ()),
        PriceFact(2, DAY, "lunch", 900, 1),
    ]
    assert [fact.servings for fact in queries.price_facts(DAY, DAY, [1])] == [2]
    assert queries.price_facts(*MAY, []) == []


def test_what_was_taken_back_counts_nowhere(district):
    ate("A1", "C001", 1200)
    ate("A2", "C002", 1200)
    with writing() as connection:
        reverse_serving(connection, "B1", "A1", "误操作", None, SHELL, LUNCH)
    assert [fact.servings for fact in queries.price_facts(*MAY)] == [1]
    assert sum(row.servings for row in queries.self_pay(*MAY)) == 1
    with writing() as connection:
        reverse_serving(connection, "B2", "A2", "误操作", None, SHELL, LUNCH)
    assert queries.price_facts(*MAY) == [] and queries.self_pay(*MAY) == []


def test_a_price_charged_before_or_above_its_filing_is_undeclared(district):
    ate("A1", "C001", 1300)  # before anything was filed
    ate("A2", "C002", 1300, day=7)
    ate("A3", "C003", 1500, day=7)
    for number, day in enumerate((8, 9)):
        ate(f"A{4 + number}", "C004", 1200, day=day)
    menus.filed(1200, date(2024, 5, 8), MORNING)
    with_filing = queries.undeclared(*MAY)
    assert [(one.kind, one.price_fen, len(one.days)) for one in with_filing] == [
        ("unfiled", 1300, 2),
        ("unfiled", 1500, 1),
    ]
    assert rules.undeclared_changes(with_filing) == 2
    assert queries.undeclared(date(2024, 5, 8), MAY[1]) == []
    found = queries.elder_to_public(*MAY)
    assert (found.mean, found.servings, found.unmatched) == (Fraction(1200, 1500), 2, 3)


def test_a_filing_that_ended_covers_nothing_any_more(district):
    from mealsvc.menus.filing import end_price

    menus.filed(1200, DAY, MORNING)
    with writing():
        end_price(place(), "lunch", "标准套餐", NEXT, "停售", SHELL, MORNING)
    ate("A1", "C001", 1200)
    ate("A2", "C002", 1200, day=7)
    [one] = queries.undeclared(*MAY)
    assert (one.kind, one.days) == ("unfiled", ((NEXT, 1),))


def test_posted_prices_are_measured_by_the_filing_of_that_day(district):
    with writing():
        for day in (DAY, NEXT):
            menus.cook(day, MORNING)
            publish(place(), [meal_menu(1, day, "lunch")], SHELL, MORNING)
    menus.filed(1200, NEXT, MORNING)
    posted = queries.posted_prices(*MAY)
    assert [(one.served_on, one.price_fen, one.differs) for one in posted] == [
        (DAY, 1200, True),
        (NEXT, 1200, False),
    ]


def test_self_pay_counts_subsidised_meals_by_age_and_tier(district):
    ate("A1", "C001", 1200)  # 72 years
    ate("A2", "C002", 1200)  # 82 years
    ate("A3", "C001", 1200, day=6, meal="dinner")
    ate("A4", "C003", 1200)  # 54 years: full price
    rows = queries.self_pay(*MAY)
    assert {(row.age, row.servings, row.self_pay_fen) for row in rows} == {
        (72, 2, 2 * 900),
        (82, 1, 800),
    }
    assert {row.tier for row in rows} == {"普惠60档", "普惠80档"}


def test_late_meals_count_on_the_day_they_were_eaten(district):
    from mealsvc.kernel.months import Month
    from mealsvc.settlement.services import submit

    ate("A1", "C001", 1200)
    with writing():
        submit(Month(2024, 5), None, SHELL, LUNCH + timedelta(days=30))
    ate("A2", "C002", 1200)
    assert [fact.servings for fact in queries.price_facts(*MAY)] == [2]
