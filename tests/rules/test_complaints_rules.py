"""Which step a complaint can take, when it is late, and how satisfaction is weighed."""

from datetime import date
from fractions import Fraction

import pytest

from mealsvc.supervision.complaints import rules
from mealsvc.supervision.complaints.rules import Rated

MAY = {
    "new": {"assigned"},
    "assigned": {"assigned", "answered", "called"},
    "answered": {"returned", "closed", "called"},
    "closed": {"called"},
}
AFTER = {"assigned": "assigned", "answered": "answered", "returned": "assigned", "closed": "closed"}


@pytest.mark.parametrize("state", rules.STATES)
@pytest.mark.parametrize("act", rules.ACTS)
def test_each_state_takes_these_steps_and_no_other(state, act):
    assert rules.may_start(act, state) is (act in MAY[state])
    if act in MAY[state]:
        assert rules.state_after(act, state) == AFTER.get(act, state)


@pytest.mark.parametrize(
    ("closed_on", "today", "late"),
    [
        (None, 13, False),
        (None, 14, True),
        (date(2024, 5, 13), 31, False),
        (date(2024, 5, 14), 31, True),
    ],
)
def test_a_complaint_is_late_once_its_last_day_is_over(closed_on, today, late):
    assert rules.is_overdue(date(2024, 5, 13), closed_on, date(2024, 5, today)) is late


@pytest.mark.parametrize(
    ("points", "weighted"),
    [
        ([], None),
        ([Rated(0, 0, 500)], None),  # nobody answered there
        ([Rated(4, 3, 0)], None),  # nobody ate there
        ([Rated(4, 3, 100)], Fraction(3, 4)),
        ([Rated(4, 4, 100), Rated(2, 0, 300)], Fraction(1, 4)),
        ([Rated(4, 4, 100), Rated(0, 0, 300)], 1),
    ],
)
def test_satisfaction_weighs_each_point_by_its_servings(points, weighted):
    assert rules.weighted(points) == weighted


@pytest.mark.parametrize(
    ("cases", "servings", "rate"), [(0, 100, 0), (3, 20_000, 1.5), (1, 0, None)]
)
def test_cases_are_counted_for_every_ten_thousand_servings(cases, servings, rate):
    assert rules.per_ten_thousand(cases, servings) == rate
