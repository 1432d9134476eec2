"""What a lead brings into a case: its lines at one point, as its newest edition has them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mealsvc.auditing.scanning.models import Lead, LeadLine
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving


def lead_lines(
    lead: Lead, point_id: int, first: date = date.min, last: date = date.max
) -> set[int]:
    """The lines of these days that were not reversed in the meantime."""
    days = Serving.served_on.between(first, last)
    return set(db.session.scalars(select(Serving.sequence).where(*_own(lead, point_id), days)))


def in_time(lines: Collection[int]) -> Any:
    """Lines in the order of time, as a select of servings."""
    rows = select(Serving).where(Serving.sequence.in_(lines))
    return rows.order_by(Serving.served_at, Serving.sequence)


def points_of(lead: Lead) -> Sequence[tuple[MealPoint, int]]:
    """The points of a lead with the number of its lines there, the most first."""
    number = func.count().label("number")
    rows = db.session.execute(
        select(MealPoint, number)
        .join(Serving, Serving.point_id == MealPoint.id)
        .join(LeadLine, LeadLine.sequence == Serving.sequence)
        .where(LeadLine.lead_id == lead.id, LeadLine.number == lead.edition)
        .group_by(MealPoint.id)
        .order_by(number.desc(), MealPoint.code)
    )
    return [(row[0], row[1]) for row in rows]


def _own(lead: Lead, point_id: int) -> tuple[Any, ...]:
    reversal = aliased(Serving)
    held = select(LeadLine.sequence).where(
        LeadLine.lead_id == lead.id, LeadLine.number == lead.edition
    )
    undone = select(reversal.sequence).where(reversal.reverses == Serving.sequence).exists()
    return (
        Serving.sequence.in_(held),
        Serving.point_id == point_id,
        Serving.reverses.is_(None),
        ~undone,
    )
