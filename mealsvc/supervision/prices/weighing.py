"""Portions that were weighed: the points' own log entries, and item STD-02 of inspections."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import outlook
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.prices.menu_queries import thresholds

KIND = "weighing"
DEVIATION = "visit.portion_deviation"


class Weighing(NamedTuple):
    """One portion beside what it should weigh: an entry of the point's log, or a visit's.

    `most` is the deviation in percent that was allowed on that day.
    """

    point_id: int
    day: date
    dish: str
    grams: float
    standard_grams: float
    most: float
    entry_id: int | None = None
    visit_id: int | None = None

    @property
    def percent(self) -> float:
        """Too heavy or too light, in percent of what it should weigh."""
        return 100 * (self.grams - self.standard_grams) / self.standard_grams

    @property
    def within(self) -> bool:
        gap = abs(self.grams - self.standard_grams)
        return gap * 100 <= self.most * self.standard_grams + 1e-9


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many portions were weighed, and how many of them kept to the deviation allowed."""

    portions: int = 0
    within: int = 0

    def __add__(self, other: "Weighed") -> "Weighed":
        return Weighed(self.portions + other.portions, self.within + other.within)


def entries(from_on: date, to_on: date, point_ids: Collection[int]) -> list[Weighing]:
    """Every portion weighed at these points, by point and day."""
    allowed = thresholds(DEVIATION, from_on, to_on)
    columns = (LogEntry.point_id, LogEntry.day, LogEntry.subject, LogEntry.facts, LogEntry.id)
    rows = select(*columns).where(
        LogEntry.kind == KIND,
        LogEntry.day.between(from_on, to_on),
        LogEntry.withdrawn_at.is_(None),
        LogEntry.point_id.in_(point_ids),
    )
    found = []
    for point, day, dish, text, entry in db.session.execute(rows):
        facts = json.loads(text)
        grams, menu = float(facts["grams"]), float(facts["menu_grams"])
        found.append(Weighing(point, day, dish, grams, menu, float(allowed(day)), entry))
    visits = outlook().weighed_on_visits(from_on, to_on, point_ids)
    for point, day, grams, standard, visit in visits:
        most = float(allowed(day))
        found.append(Weighing(point, day, "检查抽称", grams, standard, most, visit_id=visit))
    return sorted(found, key=lambda one: (one.point_id, one.day, one.dish))


def weighed(from_on: date, to_on: date, point_ids: Collection[int]) -> dict[int, Weighed]:
    """The counts of each point that weighed, or was weighed at."""
    found: dict[int, Weighed] = defaultdict(Weighed)
    for one in entries(from_on, to_on, point_ids):
        found[one.point_id] += Weighed(1, int(one.within))
    return dict(found)


def total(counts: Iterable[Weighed]) -> Weighed:
    """The counts of several points together."""
    return sum(counts, Weighed())
