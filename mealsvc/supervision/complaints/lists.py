"""The lists of complaints that people see within their scope, and what waits for them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.supervision.complaints.models import Complaint, ComplaintAct

OPEN = ("new", "assigned", "answered")
LEVEL_OF = {"manager": "point", "town": "town", "district": "district"}
"""Which level somebody answers for, by role; nobody else answers."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open complaints within a scope: all, those past their day, and those that wait for me."""

    open: int
    overdue: int
    mine: int


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done, with its words opened."""

    act: str
    words: str
    at: Any
    by: str


def complaints_seen(
    seen: ColumnElement[bool], *, state: str = "", kind: str = "", point: str = ""
) -> Select[Any]:
    """Complaint, name and code of the point: the open ones first, those due earliest on top."""
    rows: Any = (
        select(Complaint, MealPoint.name, MealPoint.code)
        .join(MealPoint, MealPoint.id == Complaint.point_id)
        .where(seen)
        .order_by(
            case((Complaint.state == "closed", 1), else_=0),
            case((Complaint.state == "closed", None), else_=Complaint.due_on).asc().nulls_last(),
            Complaint.id.desc(),
        )
    )
    if kind:
        rows = rows.where(Complaint.kind == kind)
    if point:
        rows = rows.where(MealPoint.code == point)
    if state == "open":
        return rows.where(Complaint.state.in_(OPEN))
    return rows.where(Complaint.state == state) if state else rows


def overdue_on(today: date) -> ColumnElement[bool]:
    """Open after its last day."""
    return Complaint.state.in_(OPEN) & (Complaint.due_on < today)


def within_months(first: date, last: date) -> ColumnElement[bool]:
    return Complaint.received_on.between(first, last)


def waiting(principal: Principal, today: date) -> Waiting:
    """One question for the workbench and the head of the list."""
    level = LEVEL_OF.get(principal.role, "")
    mine = (Complaint.state == "assigned") & (Complaint.assigned_to == level)
    if principal.can("complaints.close"):
        mine = mine | Complaint.state.in_(("new", "answered"))
    row = db.session.execute(
        select(func.count(), _count(Complaint.due_on < today), _count(mine))
        .join(MealPoint, MealPoint.id == Complaint.point_id)
        .where(Complaint.state.in_(OPEN), points_seen_by(principal))
    ).one()
    return Waiting(int(row[0]), int(row[1] or 0), int(row[2] or 0))


def to_do(principal: Principal, today: date) -> int:
    """How many complaints wait for this person."""
    return waiting(principal, today).mine


def acts_of(complaint_id: int) -> list[Act]:
    """What was done about a complaint, in order, in clear."""
    rows = select(ComplaintAct).filter_by(complaint_id=complaint_id).order_by(ComplaintAct.id)
    return [
        Act(row.act, vault().open(row.words) if row.words else "", row.at, row.by)
        for row in db.session.scalars(rows)
    ]


def _count(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))
