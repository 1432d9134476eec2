"""How many leads wait for somebody, for the workbench and for the rooms below."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from mealsvc.auditing.scanning.models import Lead, LeadEdition
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db

OPEN = "open"
GRAVE, CASE = ("block", "high"), "case"  # whoever looks at the workbench need not know of `watch`
_latest = (LeadEdition.lead_id == Lead.id) & (LeadEdition.number == Lead.edition)


class Waiting(NamedTuple):
    """How many leads are open; `grave` are those of severity block or high."""

    leads: int
    grave: int


def open_leads_by_point(points: Collection[int]) -> dict[int, int]:
    """How many open leads graver than `watch` there are about each of these points (ids)."""
    rows = (
        select(Lead.point_id, func.count())
        .join(LeadEdition, _latest)
        .where(
            Lead.state == OPEN,
            Lead.point_id.in_(points),
            LeadEdition.severity.in_((*GRAVE, CASE)),
        )
        .group_by(Lead.point_id)
    )
    return {point: number for point, number in db.session.execute(rows) if point is not None}


def waiting(seen: ColumnElement[bool]) -> Waiting:
    """The open leads graver than `watch` about the points that somebody sees (a condition on
    `MealPoint`), in one question."""
    rows = (
        select(LeadEdition.severity, func.count())
        .join(Lead, _latest)
        .join(MealPoint, MealPoint.id == Lead.point_id)
        .where(Lead.state == OPEN, LeadEdition.severity.in_((*GRAVE, CASE)), seen)
        .group_by(LeadEdition.severity)
    )
    counts: dict[str, int] = dict(db.session.execute(rows).all())
    grave = sum(counts.get(one, 0) for one in GRAVE)
    return Waiting(sum(counts.values()), grave)
