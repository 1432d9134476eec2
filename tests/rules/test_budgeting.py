"""Which line pays, what goes beyond it, and what the rest of a year will cost."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from mealsvc.kernel.months import Month
from mealsvc.settlement.budget_rows import Limits, Row, foreseen
from mealsvc.settlement.budget_words import about, basis_of_forecast, change_word
from mealsvc.settlement.budgeting import beyond, charged_to, paying
from mealsvc.settlement.forecasting import Forecast, base_months, forecast, pattern_of

DISTRICT, HUTANG, NIUTANG = "320412", "320412100", "320412101"
POINT = f"{HUTANG}001"
LINES = {(DISTRICT, "town"): 1_000, (HUTANG, "town"): 300, (DISTRICT, "lottery"): 50}


def span(first, last, weekdays=range(7)):
    """The days from one to the other that fall on these weekdays."""
    count = (last - first).days + 1
    days = (first + timedelta(days=at) for at in range(count))
    return {day for day in days if day.weekday() in weekdays}


def test_the_longest_matching_division_pays():
    assert charged_to([DISTRICT, HUTANG], POINT) == HUTANG
    assert charged_to([DISTRICT, HUTANG], f"{NIUTANG}001") == DISTRICT
    assert charged_to([NIUTANG], POINT) is None
    assert paying(LINES, "town", POINT) == HUTANG
    assert paying(LINES, "lottery", POINT) == DISTRICT
    assert paying(LINES, "charity", POINT) == ""


def test_a_line_pays_to_its_last_fen_and_not_one_more():
    committed = {(HUTANG, "town"): 200, (DISTRICT, "town"): 5_000}
    assert beyond(LINES, committed, POINT, {"town": 100}) == []
    (found,) = beyond(LINES, committed, POINT, {"town": 101})
    assert (found.source, found.division, found.budget_fen) == ("town", HUTANG, 300)
    assert (found.committed_fen, found.claim_fen, found.missing_fen) == (200, 101, 1)


def test_a_source_without_a_line_is_not_funded():
    (found,) = beyond(LINES, {("", "charity"): 70}, POINT, {"charity": 30, "lottery": 50})
    assert (found.source, found.division, found.budget_fen, found.missing_fen) == (
        "charity",
        "",
        None,
        30,
    )


@pytest.mark.parametrize("fen", [0, -500])
def test_money_that_comes_back_is_never_beyond(fen):
    assert beyond(LINES, {(HUTANG, "town"): 9_999}, POINT, {"town": fen, "charity": fen}) == []


def test_the_base_is_the_last_three_full_months_with_meals():
    served = span(date(2024, 1, 10), date(2024, 5, 17)) - span(date(2024, 3, 1), date(2024, 3, 31))
    assert base_months(served, date(2024, 5, 17)) == [
        Month(2024, 1),
        Month(2024, 2),
        Month(2024, 4),
    ]
    assert base_months(served, date(2024, 5, 31))[-1] == Month(2024, 5)
    assert base_months(set(), date(2024, 5, 31)) == []


def test_a_steady_year_goes_on_as_it_began_in_a_leap_year():
    """Weekdays only: 100 fen for each of the 21, 22 and 20 weekdays of February to April."""
    served = span(date(2024, 2, 1), date(2024, 4, 30), range(5))
    pattern = pattern_of(served, date(2024, 4, 30))
    assert pattern.shares == (1, 1, 1, 1, 1, 0, 0)
    assert pattern.opened == {Month(2024, 2): 21, Month(2024, 3): 21, Month(2024, 4): 22}
    costs = {month: 100 * days for month, days in pattern.opened.items()}
    found = forecast(2024, costs, costs, pattern)
    weekdays = len(span(date(2024, 5, 1), date(2024, 12, 31), range(5)))
    assert found is not None
    assert found.expected_fen == found.low_fen == found.high_fen == 100 * weekdays
    assert found.by_month()[5] == 100 * 23
    assert sum(found.by_month().values()) == found.expected_fen
    # May has 23 weekdays: 2300 last to its end, and the next serving day is 3 June, a Monday
    assert found.short_on(2_300) == date(2024, 6, 3)
    assert found.short_on(2_299) == date(2024, 5, 31)
    assert found.short_on(100 * weekdays) is None


def test_the_leap_day_is_a_day_to_come():
    served = span(date(2023, 11, 1), date(2024, 1, 31))
    costs = {Month(2023, 11): 3_000, Month(2023, 12): 3_100, Month(2024, 1): 3_100}
    found = forecast(2024, costs, costs, pattern_of(served, date(2024, 1, 31)))
    assert found is not None
    assert found.by_month()[2] == 2_900
    assert found.expected_fen == 100 * 335


def test_the_range_is_that_of_the_months():
    served = span(date(2024, 1, 1), date(2024, 3, 31))
    costs = {Month(2024, 1): 31 * 50, Month(2024, 2): 29 * 100, Month(2024, 3): 31 * 210}
    found = forecast(2024, costs, costs, pattern_of(served, date(2024, 3, 31)))
    assert found is not None
    assert (found.low_fen, found.high_fen) == (275 * 50, 275 * 210)
    assert found.expected_fen == round(275 * sum(costs.values()) / 91)
    assert found.short_on(210, worst=True) == date(2024, 4, 2)
    assert found.short_on(210) == date(2024, 4, 2)
    assert found.short_on(209, worst=True) == date(2024, 4, 1)


def test_last_year_tells_the_season_within_bounds():
    """Last July cost half of last spring, last August nothing."""
    served = span(date(2024, 4, 1), date(2024, 6, 30))
    pattern = pattern_of(served, date(2024, 6, 30))
    now = {month: 100 * days for month, days in pattern.opened.items()}
    last = {Month(2023, month): 1_000 * Month(2023, month).last_day.day for month in range(4, 13)}
    last[Month(2023, 7)] = 600 * 31
    last[Month(2023, 8)] = 0
    found = forecast(2024, now | last, {*now, *last}, pattern)
    assert found is not None
    assert found.by_month()[7] == 60 * 31
    assert found.by_month()[8] == 50 * 31
    assert found.by_month()[9] == 100 * 30
    without_april = forecast(2024, now | last, {*now, *last} - {Month(2023, 4)}, pattern)
    assert without_april is not None
    assert without_april.by_month()[7] == 100 * 31


def test_less_than_two_months_forecast_nothing():
    served = span(date(2024, 4, 10), date(2024, 5, 20))
    pattern = pattern_of(served, date(2024, 5, 20))
    assert forecast(2024, {Month(2024, 4): 100}, {Month(2024, 4)}, pattern) is None
    assert forecast(2024, {}, set(), pattern_of(set(), date(2024, 5, 20))) is None
    told = basis_of_forecast(SimpleNamespace(over=False, pattern=pattern, seasonal=False))
    assert "数据不足" in told


def test_a_year_that_is_over_costs_no_more():
    served = span(date(2024, 10, 1), date(2024, 12, 31))
    costs = {Month(2024, month): 3_000 for month in (10, 11, 12)}
    found = forecast(2024, costs, costs, pattern_of(served, date(2024, 12, 31)))
    assert found is not None
    assert (found.expected_fen, found.high_fen, found.short_on(0)) == (0, 0, None)


def test_money_that_came_back_is_no_negative_forecast():
    served = span(date(2024, 2, 1), date(2024, 3, 31))
    found = forecast(
        2024, {Month(2024, 2): -500}, {Month(2024, 2)}, pattern_of(served, date(2024, 3, 31))
    )
    assert found is not None
    assert (found.low_fen, found.expected_fen, found.high_fen) == (0, 0, 0)


LIMITS = Limits(date(2024, 5, 31), 90, 90)
JUNE_ON = tuple((date(2024, 6, 1) + timedelta(days=at), 1.0) for at in range(214))


def row(budget, used, rates=None, line=DISTRICT):
    found = Row("district", DISTRICT, "武进区", budget, {"paid": used}, (line, "district"))
    return foreseen(found, rates and Forecast(rates, JUNE_ON), LIMITS)


@pytest.mark.parametrize(
    ("budget", "used", "rates", "tone", "chip"),
    [
        (100_000, 50_000, None, None, None),
        (100_000, 90_000, None, "warn", "已用90%"),
        (100_000, 89_999, None, None, None),
        (100_000, 100_001, (1.0, 1.0, 1.0), "bad", "已超预算"),
        (100_000, 50_000, (100.0, 100.0, 100.0), None, None),
        (100_000, 50_000, (1_000.0, 900.0, 1_100.0), "bad", "预计7月21日用完"),
        (100_000, 50_000, (300.0, 300.0, 300.0), "warn", "预计11月14日用完"),
        (100_000, 50_000, (200.0, 150.0, 300.0), "warn", "最早11月14日用完"),
        (None, 1, None, "warn", "未安排预算"),
        (None, 0, None, None, None),
    ],
)
def test_a_line_is_marked_by_the_worst_there_is_to_mind(budget, used, rates, tone, chip):
    warned = row(budget, used, rates).warned
    assert (warned and warned.tone, warned and warned.chip) == (tone, chip)


def test_a_row_tells_what_is_left_and_the_year():
    found = row(100_000, 40_000, (100.0, 50.0, 200.0))
    assert (found.left_fen, found.percent) == (60_000, 40)
    assert found.year_fen == (40_000 + 21_400, 40_000 + 10_700, 40_000 + 42_800)
    assert row(None, 5).left_fen is None


def test_a_forecast_shows_no_more_than_it_knows():
    told = [about(fen) for fen in (None, 123_456, 999_949, 12_345_678, 1_234_567_890)]
    assert told == ["—", "1,200", "10,000", "12.3万", "1,235万"]
    assert [change_word(*pair) for pair in ((None, 5), (5, 6), (6, 5))] == ["核定", "追加", "调减"]
