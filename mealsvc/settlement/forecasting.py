"""What the rest of a year will cost a source, with a range and the day it runs short. Pure.

The last full months give an amount for each serving day, the weekdays on which meals were served
give the serving days to come, and last year's months, if they are known, give the season.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mealsvc.kernel.months import Month

BASE_MONTHS, LEAST_MONTHS = 3, 2
SEASON = (0.5, 2.0)  # a month that was the first of a service says nothing about the season


@dataclass(frozen=True, slots=True)
class Pattern:
    """When meals were served: up to which day that is known, in which full months, and on which
    share of their Mondays, Tuesdays and so on.
    """

    as_of: date
    opened: Mapping[Month, int]
    shares: tuple[float, ...]

    @property
    def enough(self) -> bool:
        return len(self.opened) >= LEAST_MONTHS

    def days(self, month: Month) -> float:
        """The serving days that a month has by its calendar."""
        return sum(self.shares[day.weekday()] for day in _days(month))


@dataclass(frozen=True, slots=True)
class Forecast:
    """Fen for each serving day: expected, lowest, highest; `weights` are the days to come."""

    rates: tuple[float, float, float]
    weights: Sequence[tuple[date, float]]

    @property
    def expected_fen(self) -> int:
        return self._rest(0)

    @property
    def low_fen(self) -> int:
        return self._rest(1)

    @property
    def high_fen(self) -> int:
        return self._rest(2)

    def by_month(self, which: int = 0) -> dict[int, int]:
        """What each month still costs: as expected (0), at the lowest (1), at the highest (2)."""
        sums: dict[int, float] = {}
        for day, weight in self.weights:
            sums[day.month] = sums.get(day.month, 0.0) + self.rates[which] * weight
        return {month: round(fen) for month, fen in sums.items()}

    def short_on(self, left_fen: int, *, worst: bool = False) -> date | None:
        """The day on which this much is used up; None if it lasts."""
        rate, used = self.rates[2 if worst else 0], 0.0
        for day, weight in self.weights:
            used += rate * weight
            if round(used) > left_fen:
                return day
        return None

    def _rest(self, which: int) -> int:
        return round(self.rates[which] * sum(weight for _, weight in self.weights))


def base_months(served: Collection[date], as_of: date) -> list[Month]:
    """The last months that are over on `as_of` and had meals, at most three."""
    months = {Month.of(day) for day in served if Month.of(day).last_day <= as_of}
    return sorted(months)[-BASE_MONTHS:]


def pattern_of(served: Collection[date], as_of: date) -> Pattern:
    """The pattern of the last full months, from the days on which meals were served."""
    months = base_months(served, as_of)
    opened = [day for day in set(served) if Month.of(day) in months]
    there = Counter(day.weekday() for month in months for day in _days(month))
    weekdays = Counter(day.weekday() for day in opened)
    shares = tuple(weekdays[one] / there[one] if there[one] else 0.0 for one in range(7))
    counted = Counter(Month.of(day) for day in opened)
    return Pattern(as_of, {month: counted[month] for month in months}, shares)


def forecast(
    year: int, costs: Mapping[Month, int], known: Collection[Month], pattern: Pattern
) -> Forecast | None:
    """What a source pays from the day after `pattern.as_of` to the year's end; None if there are
    too few full months.

    `costs`: fen that the source paid, by month; `known`: the months with costs of any source.
    """
    if not pattern.enough:
        return None
    days = sum(pattern.opened.values())
    rate = sum(costs.get(month, 0) for month in pattern.opened) / days
    each = [costs.get(month, 0) / opened for month, opened in pattern.opened.items()]
    rates = (max(rate, 0.0), max(min(each), 0.0), max(max(each), 0.0))
    seasons: dict[Month, float] = {}
    weights = []
    for day in _rest_of(year, pattern.as_of):
        month = Month.of(day)
        if month not in seasons:
            seasons[month] = season(month, costs, known, pattern)
        if weight := pattern.shares[day.weekday()] * seasons[month]:
            weights.append((day, weight))
    return Forecast(rates, weights)


def knows_season(known: Collection[Month], pattern: Pattern) -> bool:
    """Whether last year had the base months too, so that its seasons can be told."""
    return pattern.enough and {_year_before(one) for one in pattern.opened} <= set(known)


def season(
    month: Month, costs: Mapping[Month, int], known: Collection[Month], pattern: Pattern
) -> float:
    """How last year's same month stood to last year's base months, for each serving day; 1 where
    last year is not known.
    """
    same, base = _year_before(month), [_year_before(one) for one in pattern.opened]
    if same not in known or not knows_season(known, pattern):
        return 1.0
    whole = sum(costs.get(one, 0) for one in base)
    days = (pattern.days(same), sum(pattern.days(one) for one in base))
    if whole <= 0 or not all(days):
        return 1.0
    found = (costs.get(same, 0) / days[0]) / (whole / days[1])
    return min(max(found, SEASON[0]), SEASON[1])


def _rest_of(year: int, as_of: date) -> list[date]:
    first, last = max(as_of + timedelta(days=1), date(year, 1, 1)), date(year, 12, 31)
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def _days(month: Month) -> list[date]:
    first = month.first_day
    return [first + timedelta(days=at) for at in range(month.last_day.day)]


def _year_before(month: Month) -> Month:
    return Month(month.year - 1, month.month)
