"""Ages in the four ways in which a policy may count them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.kernel.ages import COUNTS_FROM, age_on

BIRTHS = st.dates(date(1899, 1, 1), date(1970, 12, 31))
DAYS = st.dates(date(1980, 1, 1), date(2100, 12, 31))

# Each row: born on, mode, the first day on which the age counts, that age.
FIRST_DAYS = [
    # An ordinary birthday counts on the day itself.
    ("1964-05-06", "birthday", "2024-05-06", 60),
    # … or on the day after it.
    ("1964-05-06", "next_day", "2024-05-07", 60),
    # … or from the first of the birth month.
    ("1964-05-06", "month", "2024-05-01", 60),
    # … or from the first of the month after.
    ("1964-05-06", "next_month", "2024-06-01", 60),
    # The last day of a month rolls into the next one.
    ("1964-05-31", "next_day", "2024-06-01", 60),
    # New Year's Eve rolls into the next year, by a day and by a month.
    ("1963-12-31", "next_day", "2024-01-01", 60),
    ("1963-12-31", "next_month", "2024-01-01", 60),
    ("1963-12-31", "month", "2023-12-01", 60),
    # Born on the first: the month begins with the birthday.
    ("1964-05-01", "month", "2024-05-01", 60),
    # 29 February in a leap year is an ordinary day.
    ("1944-02-29", "birthday", "2024-02-29", 80),
    ("1944-02-29", "next_day", "2024-03-01", 80),
    ("1944-02-29", "month", "2024-02-01", 80),
    ("1944-02-29", "next_month", "2024-03-01", 80),
    # 29 February in a common year counts on 1 March, the day after on 2 March.
    ("1944-02-29", "birthday", "2023-03-01", 79),
    ("1944-02-29", "next_day", "2023-03-02", 79),
    # … while the birth month stays February.
    ("1944-02-29", "month", "2023-02-01", 79),
    ("1944-02-29", "next_month", "2023-03-01", 79),
    # 2100 is a common year though it divides by four.
    ("2040-02-29", "birthday", "2100-03-01", 60),
    # Born on 28 February, the next day is 29 February in a leap year, else 1 March.
    ("1944-02-28", "next_day", "2024-02-29", 80),
    ("1943-02-28", "next_day", "2023-03-01", 80),
]


@pytest.mark.parametrize(("born", "mode", "first", "age"), FIRST_DAYS)
def test_an_age_begins_on_its_first_day_and_not_the_day_before(born, mode, first, age):
    birth_on, day = date.fromisoformat(born), date.fromisoformat(first)
    assert age_on(birth_on, day, mode) == age
    assert age_on(birth_on, day - timedelta(days=1), mode) == age - 1


def test_the_birthday_itself_is_the_default():
    assert age_on(date(1964, 5, 6), date(2024, 5, 6)) == 60


def test_an_age_is_never_below_zero():
    assert age_on(date(2024, 5, 6), date(2024, 5, 6), "next_day") == 0
    assert age_on(date(2024, 5, 6), date(2020, 1, 1)) == 0


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError):
        age_on(date(1964, 5, 6), date(2024, 5, 6), "quarter")


@given(BIRTHS, DAYS)
def test_the_next_day_mode_runs_one_day_behind_the_birthday(birth_on, day):
    after = day + timedelta(days=1)
    assert age_on(birth_on, after, "next_day") == age_on(birth_on, day, "birthday")


@given(BIRTHS, DAYS)
def test_modes_that_count_earlier_never_give_a_lower_age(birth_on, day):
    ages = {mode: age_on(birth_on, day, mode) for mode in COUNTS_FROM}
    assert ages["next_month"] <= ages["next_day"] <= ages["birthday"] <= ages["month"]
    assert ages["month"] - ages["next_month"] <= 1


@given(BIRTHS, DAYS, st.sampled_from(COUNTS_FROM))
def test_a_day_more_adds_one_year_at_most(birth_on, day, mode):
    assert age_on(birth_on, day + timedelta(days=1), mode) - age_on(birth_on, day, mode) in (0, 1)
