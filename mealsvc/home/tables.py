"""The figures put in rows and compared: what pages show of the tally's sums."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from mealsvc.home import figures
from mealsvc.kernel.months import Month
from mealsvc.plumbing.outlook import Sums

PointSums = Mapping[tuple[Month, int], Sums]


@dataclass
class MonthRow:
    """One month: its sums, and each part's (code, name, sums) in order of code."""

    month: Month
    sums: Sums = field(default_factory=Sums)
    parts: list[tuple[str, str, Sums]] = field(default_factory=list)


@dataclass
class DayRow:
    """One day: servings by meal, and the day's sums."""

    day: date
    meals: dict[str, int] = field(default_factory=dict)
    sums: Sums = field(default_factory=Sums)


def compared(
    month: Month, by_point: PointSums, days: Mapping[date, Sums], ids: Sequence[int]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The facts of a month and of the month before it; None where that one is empty."""
    found = {}
    for one in (month, month.previous):
        sums = sum((sums for (of, _), sums in by_point.items() if of == one), Sums())
        active = [day for day, that in days.items() if day in one and that.servings]
        average = (sums.servings * 2 + len(active)) // (2 * len(active)) if active else 0
        found[one] = asdict(sums) | {"average_day": average}
    lines = {one: facts["lines"] for one, facts in found.items() if facts["servings"]}
    elders = figures.elders_served(ids, lines)
    for one, facts in found.items():
        facts["elders_served"] = elders.get(one, 0)
    before = found[month.previous]
    return found[month], before if before["servings"] else None


def months_back(month: Month, number: int) -> Month:
    """The month so many months before."""
    for _ in range(number):
        month = month.previous
    return month


def months_table(by_point: PointSums, names: Mapping[int, tuple[str, str]]) -> list[MonthRow]:
    """The latest month first; points of one name (a town) are added up."""
    rows: dict[Month, dict[tuple[str, str], Sums]] = {}
    for (month, point), sums in by_point.items():
        parts = rows.setdefault(month, {})
        parts[names[point]] = parts.get(names[point], Sums()) + sums
    return [
        MonthRow(
            month,
            sum(parts.values(), Sums()),
            [(code, name, sums) for (code, name), sums in sorted(parts.items())],
        )
        for month, parts in sorted(rows.items(), reverse=True)
    ]


def days_table(by_meal: Mapping[tuple[date, str], Sums]) -> list[DayRow]:
    """The days of a month in order, each with its meals."""
    rows: dict[date, DayRow] = {}
    for (day, meal), sums in sorted(by_meal.items()):
        row = rows.setdefault(day, DayRow(day))
        row.meals[meal] = sums.servings
        row.sums = row.sums + sums
    return [row for row in rows.values() if row.sums.servings]


def summed_by_meal(days: Sequence[DayRow]) -> dict[str, int]:
    """Servings of all these days, meal by meal."""
    summed: dict[str, int] = {}
    for row in days:
        for meal, number in row.meals.items():
            summed[meal] = summed.get(meal, 0) + number
    return summed
