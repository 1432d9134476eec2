"""The figures that the report computes from logs, for a period and points: one grouped query each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, distinct, func, select

from mealsvc.menus.models import MenuItem
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.supervision.logs.kinds import READINGS
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.logs.rules import ONLY_SERVE
from mealsvc.supervision.logs.served import meals_served, not_a_set

VALID = LogEntry.withdrawn_at.is_(None)


@dataclass(slots=True)
class LogFacts:
    """One point's figures of a period. Days and meals are those with servings at the point itself.

    N14 `dishes_sampled` / `dishes_served`: dishes of the menus (no set meals) of meals served at
    points that cook, with a valid sample in range. N16 `control_days` / `operating_days`. N17
    `readings_within` / `readings`: core, holding and cold-store temperatures of all days.
    `check_days`, `disinfected_meals`: served days (meals) with a morning check (disinfection).
    `staff_days`: persons found fit in morning checks, added up over all days.
    """

    operating_days: int = 0
    meals: int = 0
    dishes_served: int = 0
    dishes_sampled: int = 0
    control_days: int = 0
    check_days: int = 0
    disinfected_meals: int = 0
    readings: int = 0
    readings_within: int = 0
    staff_days: int = 0
    outside: int = 0


def log_facts(
    from_on: date, to_on: date, point_ids: Collection[int] | None = None
) -> dict[int, LogFacts]:
    """The figures by point; points without servings and entries are left out."""
    found: dict[int, LogFacts] = {}

    def put(names: tuple[str, ...], rows: Any) -> None:
        for point_id, *numbers in db.session.execute(rows):
            facts = found.setdefault(point_id, LogFacts())
            for name, number in zip(names, numbers, strict=True):
                setattr(facts, name, int(number or 0))

    put(("operating_days", "meals"), _operating(from_on, to_on, point_ids))
    put(("dishes_served", "dishes_sampled"), _sampled(from_on, to_on, point_ids))
    for name, kind in (("control_days", "daily_control"), ("check_days", "morning_check")):
        put((name,), _days_with(kind, from_on, to_on, point_ids))
    put(("disinfected_meals",), _meals_with("disinfection", from_on, to_on, point_ids))
    put(("readings", "readings_within"), _readings(from_on, to_on, point_ids))
    put(("staff_days",), _fit(from_on, to_on, point_ids))
    put(("outside",), _outside(from_on, to_on, point_ids))
    return found


def _operating(from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    meals = meals_served(ids, from_on, to_on).subquery()
    days = func.count(distinct(meals.c.served_on))
    return select(meals.c.point_id, days, func.count()).group_by(meals.c.point_id)


def _sampled(from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    """Dishes of meals with servings, and those of them that have a sample in range."""
    meals = meals_served(ids, from_on, to_on).subquery()
    samples = (
        select(LogEntry.point_id, LogEntry.day, LogEntry.meal, LogEntry.subject)
        .where(*_of("sample", from_on, to_on, ids), LogEntry.within.is_(True))
        .distinct()
        .subquery()
    )
    same_meal = and_(
        meals.c.point_id == MenuItem.point_id,
        meals.c.served_on == MenuItem.served_on,
        meals.c.meal == MenuItem.meal,
    )
    same_dish = and_(
        samples.c.point_id == MenuItem.point_id,
        samples.c.day == MenuItem.served_on,
        samples.c.meal == MenuItem.meal,
        samples.c.subject == MenuItem.name,
    )
    return (
        select(MenuItem.point_id, func.count(), func.count(samples.c.subject))
        .join(meals, same_meal)
        .join(MealPoint, MealPoint.id == MenuItem.point_id)
        .outerjoin(samples, same_dish)
        .where(
            MenuItem.served_on.between(from_on, to_on),
            MealPoint.kind.not_in(ONLY_SERVE),
            *not_a_set(),
        )
        .group_by(MenuItem.point_id)
    )


def _days_with(kind: str, from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    meals = meals_served(ids, from_on, to_on).subquery()
    same = and_(meals.c.point_id == LogEntry.point_id, meals.c.served_on == LogEntry.day)
    return (
        select(LogEntry.point_id, func.count(distinct(LogEntry.day)))
        .join(meals, same)
        .where(*_of(kind, from_on, to_on, ids))
        .group_by(LogEntry.point_id)
    )


def _meals_with(kind: str, from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    meals = meals_served(ids, from_on, to_on).subquery()
    columns = (LogEntry.point_id, LogEntry.day, LogEntry.meal)
    logged = select(*columns).where(*_of(kind, from_on, to_on, ids)).distinct().subquery()
    same = and_(
        meals.c.point_id == logged.c.point_id,
        meals.c.served_on == logged.c.day,
        meals.c.meal == logged.c.meal,
    )
    rows = select(logged.c.point_id, func.count()).join(meals, same)
    return rows.group_by(logged.c.point_id)


def _readings(from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    good = func.sum(case((LogEntry.within.is_(True), 1), else_=0))
    return (
        select(LogEntry.point_id, func.count(), good)
        .where(*_of(READINGS, from_on, to_on, ids))
        .group_by(LogEntry.point_id)
    )


def _fit(from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    """Persons found fit; whoever fell ill later that day was not."""
    columns = (LogEntry.point_id, LogEntry.day, LogEntry.subject)
    unfit = func.sum(case((LogEntry.within.is_(False), 1), else_=0))
    persons = (
        select(LogEntry.point_id)
        .where(*_of("morning_check", from_on, to_on, ids), LogEntry.within.is_not(None))
        .group_by(*columns)
        .having(unfit == 0)
        .subquery()
    )
    return select(persons.c.point_id, func.count()).group_by(persons.c.point_id)


def _outside(from_on: date, to_on: date, ids: Collection[int] | None) -> Any:
    return (
        select(LogEntry.point_id, func.count())
        .where(*_of((), from_on, to_on, ids), LogEntry.within.is_(False))
        .group_by(LogEntry.point_id)
    )


def _of(
    kinds: str | tuple[str, ...], from_on: date, to_on: date, ids: Collection[int] | None
) -> list[Any]:
    """Conditions: valid entries of these kinds (none named: all) in the period."""
    names = (kinds,) if isinstance(kinds, str) else kinds
    where: list[Any] = [LogEntry.day.between(from_on, to_on), VALID]
    if names:
        where.append(LogEntry.kind.in_(names))
    if ids is not None:
        where.append(LogEntry.point_id.in_(ids))
    return where
