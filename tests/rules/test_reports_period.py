"""The time of a report: how it is written, what came before it, and what it is called."""

from datetime import date

import pytest

from mealsvc.reports.period import Period, PeriodTooLong


@pytest.mark.parametrize(
    ("written", "first", "last", "chinese"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31), "2024年第四季度"),
        ("2024-05-03_2024-05-09", date(2024, 5, 3), date(2024, 5, 9), "2024年5月3日至5月9日"),
        ("2023-12-30_2024-01-02", date(2023, 12, 30), date(2024, 1, 2), "2023年12月30日至2024年1月2日"),
    ],
)  # fmt: skip
def test_a_period_reads_as_it_is_written(written, first, last, chinese):
    period = Period.parse(written)
    assert (period.first_day, period.last_day) == (first, last)
    assert (str(period), period.chinese) == (written, chinese)


def test_days_that_are_a_month_or_a_quarter_are_one():
    assert str(Period.parse("2024-05-01_2024-05-31")) == "2024-05"
    assert str(Period.parse("2024-04-01_2024-06-30")) == "2024-Q2"
    assert Period.parse("2024-05-01_2024-07-31").quarter is None


@pytest.mark.parametrize(
    ("written", "before"),
    [
        ("2024-03", "2024-02"),
        ("2024-01", "2023-12"),
        ("2024-Q1", "2023-Q4"),
        ("2024-Q3", "2024-Q2"),
        ("2024-05-08_2024-05-14", "2024-05-01_2024-05-07"),
    ],
)
def test_the_time_before_is_of_the_same_kind_and_length(written, before):
    assert str(Period.parse(written).previous) == before


@pytest.mark.parametrize("written", ["2024-13", "2024-Q5", "2024", "", "2024-05-01", "24-Q1"])
def test_what_is_no_period_is_no_period(written):
    with pytest.raises(ValueError):
        Period.parse(written)


def test_a_period_lasts_a_year_at_most_and_does_not_run_backwards():
    assert Period(date(2024, 1, 1), date(2024, 12, 31)).length == 366
    for first, last in (
        (date(2023, 1, 1), date(2024, 1, 2)),
        (date(2024, 5, 2), date(2024, 5, 1)),
        (date(9999, 12, 1), date(9999, 12, 31)),
    ):
        with pytest.raises(PeriodTooLong):
            Period(first, last)


def test_months_that_are_cut_are_not_whole():
    period = Period.parse("2024-03-15_2024-05-31")
    assert [str(month) for month in period.months] == ["2024-03", "2024-04", "2024-05"]
    assert [str(month) for month in period.whole_months] == ["2024-04", "2024-05"]


@pytest.mark.parametrize(
    ("written", "days"),
    [("2024-05", 20), ("2024-Q2", 60), ("2024-05-01_2024-05-07", 5), ("2024-05-01_2024-05-30", 20)],
)
def test_days_a_month_are_scaled_to_the_period(written, days):
    assert Period.parse(written).scaled(20) == days
