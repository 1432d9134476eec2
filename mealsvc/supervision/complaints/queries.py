"""Complaints and ratings as pages and reports read them, set-based."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import BigInteger, case, cast, extract, func, select

from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally
from mealsvc.supervision.complaints import rules
from mealsvc.supervision.complaints.models import Complaint, Rating
from mealsvc.supervision.complaints.rules import Counts, Rated
from mealsvc.supervision.logs.models import LogEntry

Ids = Collection[int] | None
INCIDENT = "incident"


@dataclass(frozen=True)
class Ratings:
    """What diners say in a period, by point; a point without answers is left out."""

    by_point: Mapping[int, Rated] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return sum(one.n for one in self.by_point.values())

    @property
    def satisfied(self) -> int:
        """Answers of 4 and 5 stars."""
        return sum(one.satisfied for one in self.by_point.values())

    @property
    def share(self) -> Fraction | None:
        """Satisfied ÷ answers, each answer the same."""
        return Fraction(self.satisfied, self.n) if self.n else None

    @property
    def weighted(self) -> Fraction | None:
        """Z45: the points' shares weighted by their servings."""
        return rules.weighted(self.by_point.values())


def counts(from_on: date, to_on: date, point_ids: Ids = None) -> dict[int, Counts]:
    """Complaints received, due and closed in time, and incidents logged, of each point with any.

    `due` are those whose last day lies in the period: only they can be in time or late in it.
    """
    received = Complaint.received_on.between(from_on, to_on)
    due = Complaint.due_on.between(from_on, to_on)
    rows = (
        select(
            Complaint.point_id,
            _count(received),
            _count(due),
            _count(due & (Complaint.closed_on <= Complaint.due_on)),
            _count(received & Complaint.upheld.is_(True)),
        )
        .where(received | due, *_within(Complaint, point_ids))
        .group_by(Complaint.point_id)
    )
    found = {point: Counts(*map(int, numbers)) for point, *numbers in db.session.execute(rows)}
    for point, incidents in _incidents(from_on, to_on, point_ids).items():
        found[point] = found.get(point, Counts()) + Counts(incidents=incidents)
    return dict(sorted(found.items()))


def ratings(from_on: date, to_on: date, point_ids: Ids = None) -> Ratings:
    """What diners say, with the servings of each point on the same days as its weight."""
    happy = _count(Rating.stars >= rules.SATISFIED)
    rows = (
        select(Rating.point_id, func.count(), happy)
        .where(Rating.rated_on.between(from_on, to_on), *_within(Rating, point_ids))
        .group_by(Rating.point_id)
        .order_by(Rating.point_id)
    )
    served = servings_by_point(from_on, to_on, point_ids)
    return Ratings(
        {
            point: Rated(int(n), int(satisfied), served.get(point, 0))
            for point, n, satisfied in db.session.execute(rows)
        }
    )


def ratings_by_month(
    from_on: date, to_on: date, point_ids: Ids = None
) -> dict[tuple[int, int], Rated]:
    """Answers by point and month (202405)."""
    month = extract("year", Rating.rated_on) * 100 + extract("month", Rating.rated_on)
    rows = (
        select(Rating.point_id, month, func.count(), _count(Rating.stars >= rules.SATISFIED))
        .where(Rating.rated_on.between(from_on, to_on), *_within(Rating, point_ids))
        .group_by(Rating.point_id, month)
    )
    return {
        (point, int(key)): Rated(int(n), int(satisfied))
        for point, key, n, satisfied in db.session.execute(rows)
    }


def cases_per_ten_thousand(
    from_on: date, to_on: date, point_ids: Ids = None
) -> tuple[int, int, Fraction | None]:
    """N18: complaints received and incidents, servings, and the first per 10,000 of the second."""
    found = counts(from_on, to_on, point_ids).values()
    cases = sum(one.received + one.incidents for one in found)
    served = sum(servings_by_point(from_on, to_on, point_ids).values())
    return cases, served, rules.per_ten_thousand(cases, served)


def servings_by_point(from_on: date, to_on: date, point_ids: Ids = None) -> dict[int, int]:
    """Servings of each point that has any on these days, net, late ones included."""
    net = cast(func.sum(DailyTally.lines - DailyTally.reversals), BigInteger)
    rows = (
        select(DailyTally.point_id, net)
        .where(
            DailyTally.settle_month >= from_on.year * 100 + from_on.month,
            DailyTally.served_on.between(from_on, to_on),
            *_within(DailyTally, point_ids),
        )
        .group_by(DailyTally.point_id)
        .having(net > 0)
    )
    return {point: int(count) for point, count in db.session.execute(rows)}


def _incidents(from_on: date, to_on: date, point_ids: Ids) -> dict[int, int]:
    rows = (
        select(LogEntry.point_id, func.count())
        .where(
            LogEntry.day.between(from_on, to_on),
            LogEntry.kind == INCIDENT,
            LogEntry.withdrawn_at.is_(None),
            *_within(LogEntry, point_ids),
        )
        .group_by(LogEntry.point_id)
    )
    found: dict[int, int] = defaultdict(int)
    for point, incidents in db.session.execute(rows):
        found[point] = int(incidents)
    return found


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _within(table: Any, point_ids: Ids) -> tuple[Any, ...]:
    return () if point_ids is None else (table.point_id.in_(point_ids),)
