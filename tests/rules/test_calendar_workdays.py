"""Working days as plain arithmetic: forwards, backwards, over holidays and worked weekends."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.workdays import Workdays

# The first week of May 2024 as announced: 1–5 May off, Sunday 28 April and Saturday 11 May worked.
MAY_DAY = Workdays(
    {date(2024, 5, day): False for day in range(1, 6)}
    | {date(2024, 4, 28): True, date(2024, 5, 11): True}
)
DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2024, 4, 26), 1, date(2024, 4, 28)),
        (date(2024, 4, 30), 1, date(2024, 5, 6)),
        (date(2024, 5, 10), 1, date(2024, 5, 11)),
        (date(2024, 5, 11), 1, date(2024, 5, 13)),
        (date(2024, 5, 2), 0, date(2024, 5, 2)),
        (date(2024, 5, 6), -1, date(2024, 4, 30)),
        (date(2024, 4, 29), -2, date(2024, 4, 26)),
    ],
)
def test_the_nth_working_day_steps_over_holidays_and_takes_worked_weekends(day, number, expected):
    assert MAY_DAY.add(day, number) == expected


@given(DAYS, st.integers(1, 120))
def test_adding_and_counting_agree(day, number):
    end = MAY_DAY.add(day, number)
    assert MAY_DAY.is_working(end)
    assert MAY_DAY.between(day, end) == number
    assert MAY_DAY.between(end, day) == -number


@given(DAYS, st.integers(1, 120))
def test_backwards_undoes_forwards_from_a_working_day(day, number):
    start = MAY_DAY.add(day, 1)
    assert MAY_DAY.add(MAY_DAY.add(start, number), -number) == start


def test_without_names_of_days_the_week_rules():
    plain = Workdays()
    assert plain.between(date(2024, 4, 29), date(2024, 5, 6)) == 5
    assert not plain.is_working(date(2024, 5, 4))
