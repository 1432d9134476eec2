"""Dining standards (N31–N35) by point: menus in time, set meals, nutrition, diet meals, variety.

A week belongs to the period that its Monday lies in. N31 asks whether the first menu of the week was
published before that Monday; N32 counts the menus with dishes of the agreed kinds; N33 the weighed
lunches; N34 the days with a low-salt, low-sugar or soft dish; N35 the big and small meat dishes on
days with servings, by fortnights from the period's first day.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from mealsvc.menus.rules import marks, monday_of
from mealsvc.supervision.prices import menu_queries
from mealsvc.supervision.prices.menu_rules import (
    PARTS,
    Band,
    Lunch,
    band_of,
    fortnight_of,
    in_time,
    missing_of,
)

Ids = Collection[int] | None
LUNCH = "lunch"
BAND = (
    "menu.lunch_salt_g",
    "menu.lunch_vegetables_g",
    "nutrition.protein_dishes_g",
    "nutrition.kinds",
)


@dataclass(slots=True)
class MenuStandards:
    """The counts of a point, or of several together, in a period."""

    weeks_published: int = 0
    weeks_operating: int = 0
    sets_complete: int = 0
    sets: int = 0
    days_in_band: int = 0
    days_with_weights: int = 0
    days_without_weights: int = 0
    diet_days: int = 0
    operating_days: int = 0
    main_distinct: int = 0
    main_served: int = 0

    def __add__(self, other: "MenuStandards") -> "MenuStandards":
        names = [one.name for one in fields(self)]
        return MenuStandards(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(slots=True)
class MenuRecords:
    """What lies behind one point's counts: weeks with their first publication, menus with missing
    parts, lunches, days without a diet choice, main dishes that came again in a fortnight."""

    weeks: list[tuple[date, datetime | None, bool]] = field(default_factory=list)
    incomplete: list[tuple[date, str, tuple[str, ...]]] = field(default_factory=list)
    lunches: list[Lunch] = field(default_factory=list)
    no_diet: list[date] = field(default_factory=list)
    repeated: list[tuple[date, str, int]] = field(default_factory=list)


Found = dict[int, tuple[MenuStandards, MenuRecords]]
Days = dict[int, set[date]]


def menu_facts(from_on: date, to_on: date, point_ids: Ids = None) -> dict[int, MenuStandards]:
    """The counts of each point that served or had a menu."""
    return {point: counts for point, (counts, _) in menu_records(from_on, to_on, point_ids).items()}


def menu_records(from_on: date, to_on: date, point_ids: Ids = None) -> Found:
    """The counts with their records: a few questions for any number of points and days."""
    last = monday_of(to_on) + timedelta(days=6)
    days = menu_queries.operating_days(from_on, last, point_ids)
    found: Found = defaultdict(lambda: (MenuStandards(), MenuRecords()))
    published = menu_queries.first_published(from_on, last, point_ids)
    _weeks(found, days, published, from_on, to_on)
    _diets(found, days, menu_queries.diet_days(from_on, to_on, point_ids), from_on, to_on)
    agreed = menu_queries.thresholds("menu.set_meal_parts", from_on, to_on)
    band = _band_on(from_on, to_on)
    for menu in menu_queries.menus(from_on, to_on, point_ids):
        counts, records = found[menu.point_id]
        _set_meal(counts, records, menu, marks(agreed(menu.served_on)))
        if menu.meal == LUNCH:
            _nutrition(counts, records, menu, band(menu.served_on))
    _variety(found, days, menu_queries.main_dishes(from_on, to_on, point_ids), from_on)
    return dict(found)


def total(facts: Iterable[MenuStandards]) -> MenuStandards:
    """The counts of several points together."""
    return sum(facts, MenuStandards())


def _weeks(
    found: Found,
    days: Days,
    first: dict[tuple[int, date], datetime],
    from_on: date,
    to_on: date,
) -> None:
    for point, served in days.items():
        for monday in sorted({monday_of(day) for day in served}):
            if from_on <= monday <= to_on:
                counts, records = found[point]
                published = first.get((point, monday))
                ahead = in_time(published, monday)
                counts.weeks_operating += 1
                counts.weeks_published += ahead
                records.weeks.append((monday, published, ahead))


def _diets(
    found: Found, days: Days, offered: set[tuple[int, date]], from_on: date, to_on: date
) -> None:
    for point, served in days.items():
        for day in sorted(day for day in served if from_on <= day <= to_on):
            counts, records = found[point]
            counts.operating_days += 1
            if (point, day) in offered:
                counts.diet_days += 1
            else:
                records.no_diet.append(day)


def _set_meal(
    counts: MenuStandards, records: MenuRecords, menu: Any, agreed: tuple[str, ...]
) -> None:
    there = [part for part, dishes in zip(PARTS, menu[3:8], strict=True) if dishes]
    missing = missing_of(agreed, there)
    counts.sets += 1
    counts.sets_complete += not missing
    if missing:
        records.incomplete.append((menu.served_on, menu.meal, missing))


def _nutrition(counts: MenuStandards, records: MenuRecords, menu: Any, band: Band) -> None:
    """A sum of which a part is unknown is no sum; without a single weight nothing is known."""

    def of(grams: float | None, unknown: int) -> float | None:
        return None if unknown or not menu.weights else round(grams or 0.0, 2)

    lunch = Lunch(
        menu.served_on,
        menu.kinds,
        of(menu.salt, menu.salt_unknown),
        of(menu.greens, menu.greens_unknown),
        of(menu.protein, menu.protein_unknown),
        band,
    )
    records.lunches.append(lunch)
    counts.days_without_weights += not lunch.weighed
    counts.days_with_weights += lunch.weighed
    counts.days_in_band += lunch.inside


def _variety(found: Found, days: Days, mains: Iterable[Any], from_on: date) -> None:
    seen: dict[tuple[int, date, str], int] = defaultdict(int)
    for point, day, name in mains:
        if day in days.get(point, ()):
            seen[point, fortnight_of(day, from_on), name] += 1
    for (point, start, name), times in sorted(seen.items()):
        counts, records = found[point]
        counts.main_distinct += 1
        counts.main_served += times
        if times > 1:
            records.repeated.append((start, name, times))


def _band_on(from_on: date, to_on: date) -> Callable[[date], Band]:
    read = [menu_queries.thresholds(key, from_on, to_on) for key in BAND]

    @cache
    def on(day: date) -> Band:
        return band_of(*(of(day) for of in read))

    return on
