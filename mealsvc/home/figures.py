"""Figures of the ledger, all from the database's own daily tally: set-based, bounded by months.

Meals count in the month in which they were eaten; what came late settles elsewhere and is left
out. Amounts are integer fen, net of reversals.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import Sums
from mealsvc.servings.models import DailyTally, Serving

NET = DailyTally.lines - DailyTally.reversals
# A decision that subsidises never gives 0 fen, so a row without subsidy has no subsidised lines left.
SUBSIDISED = case((DailyTally.subsidy_fen != 0, NET), else_=0)
_CACHE, _MOST_KEPT = "elders", 500


def _sum(column: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


SUMS = (
    _sum(NET),
    _sum(SUBSIDISED),
    _sum(DailyTally.subsidy_fen),
    _sum(DailyTally.self_pay_fen),
    _sum(DailyTally.lines + DailyTally.reversals),
)


def tallied(columns: Sequence[Any], points: Sequence[int], first: Month, last: Month) -> Any:
    """Sums of these points from month to month, grouped by `columns`."""
    return (
        select(*columns, *SUMS)
        .where(
            DailyTally.settle_month.between(first.key, last.key),
            DailyTally.point_id.in_(points),
            ~DailyTally.late,
        )
        .group_by(*columns)
        .order_by(*columns)
    )


def grouped(statement: Any) -> Iterator[tuple[tuple[Any, ...], Sums]]:
    """Each group's key with its sums."""
    for row in db.session.execute(statement):
        yield tuple(row[: -len(SUMS)]), Sums(*row[-len(SUMS) :])


def by_month_and_point(
    points: Sequence[int], first: Month, last: Month
) -> dict[tuple[Month, int], Sums]:
    """What each point served in each month."""
    statement = tallied((DailyTally.settle_month, DailyTally.point_id), points, first, last)
    return {(Month.from_key(key), point): sums for (key, point), sums in grouped(statement)}


def by_point_and_meal(
    points: Sequence[int], first: Month, last: Month
) -> Iterator[tuple[tuple[Any, ...], Sums]]:
    """What each point served of each meal of each day, with (point, day, meal)."""
    columns = (DailyTally.point_id, DailyTally.served_on, DailyTally.meal)
    return grouped(tallied(columns, points, first, last))


def by_day(points: Sequence[int], first: Month, last: Month) -> dict[date, Sums]:
    """What these points together served on each day, in order of days."""
    statement = tallied((DailyTally.served_on,), points, first, last)
    return {day: sums for (day,), sums in grouped(statement)}


def by_day_and_meal(points: Sequence[int], month: Month) -> dict[tuple[date, str], Sums]:
    """What these points together served on each day, meal by meal."""
    statement = tallied((DailyTally.served_on, DailyTally.meal), points, month, month)
    return {(day, meal): sums for (day, meal), sums in grouped(statement)}


def latest_month(points: Sequence[int]) -> Month | None:
    """The latest month with servings of these points."""
    own = select(DailyTally.settle_month).where(DailyTally.point_id.in_(points), ~DailyTally.late)
    key = db.session.scalar(own.order_by(DailyTally.settle_month.desc()).limit(1))
    return None if key is None else Month.from_key(key)


def elders_served(points: Sequence[int], lines: dict[Month, int]) -> dict[Month, int]:
    """Distinct residents with a serving left, by month.

    `lines` counts each month's lines at these points: a month's ledger only grows, so a count of
    elders is kept as long as it stands.
    """
    kept = current_app.extensions["mealsvc.caches"].setdefault(_CACHE, {})
    found, missing = {}, []
    for month, number in lines.items():
        known = kept.get((month, tuple(points)))
        if known is not None and known[0] == number:
            found[month] = known[1]
        else:
            missing.append(month)
    if missing:
        counted = _count_elders(points, missing)
        if len(kept) > _MOST_KEPT:
            kept.clear()
        for month in missing:
            found[month] = counted.get(month, 0)
            kept[month, tuple(points)] = (lines[month], found[month])
    return found


def _count_elders(points: Sequence[int], months: Sequence[Month]) -> dict[Month, int]:
    first, last = min(months), max(months)
    each = (
        select(Serving.settle_month, Serving.resident_id)
        .where(
            Serving.served_on.between(first.first_day, last.last_day),
            Serving.point_id.in_(points),
            ~Serving.late,
        )
        .group_by(Serving.settle_month, Serving.resident_id)
        .having(func.sum(case((Serving.reverses.is_(None), 1), else_=-1)) > 0)
        .subquery()
    )
    counted = select(each.c.settle_month, func.count()).group_by(each.c.settle_month)
    return {Month.from_key(key): number for key, number in db.session.execute(counted)}


def last_days(days: dict[date, Sums], last: date, number: int = 14) -> list[tuple[date, int]]:
    """The servings of so many days up to `last`, days without any included; oldest first."""
    span = [last - timedelta(days=back) for back in range(number - 1, -1, -1)]
    return [(day, days[day].servings if day in days else 0) for day in span]
