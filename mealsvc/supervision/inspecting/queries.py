"""Which visits an inspector has to make, who may conduct one, and what was saved of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from mealsvc.kernel.meals import LOCAL
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.supervision.visits import rules as visiting
from mealsvc.supervision.visits.models import Inspector, Visit, VisitDraft, VisitInspector

COMING_DAYS = 30
MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Person:
    """One of a visit's inspectors."""

    id: int
    name: str
    card_no: str
    office: str
    login: str | None
    lead: bool
    recused_why: str


def visit_at(visit_id: int) -> tuple[Visit, MealPoint] | None:
    """A visit and its point."""
    row = db.session.execute(
        select(Visit, MealPoint)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(Visit.id == visit_id)
    ).one_or_none()
    return row and (row.Visit, row.MealPoint)


def people_of(visit_id: int) -> list[Person]:
    """The visit's inspectors, who leads first."""
    rows = db.session.execute(
        select(
            Inspector.id,
            Inspector.name,
            Inspector.card_no,
            Inspector.office,
            Inspector.login,
            VisitInspector.lead,
            VisitInspector.recused_why,
        )
        .join(VisitInspector, VisitInspector.inspector_id == Inspector.id)
        .where(VisitInspector.visit_id == visit_id)
        .order_by(VisitInspector.lead.desc(), Inspector.id)
    )
    return [Person(*row) for row in rows]


def conducts(login: str, people: Sequence[Person]) -> bool:
    """Whether this account may inspect: one of the visit's inspectors who does not keep away, or
    anybody with the right where none of them has an account.
    """
    if any(one.login == login for one in people):
        return not keeps_away(login, people)
    return not any(one.login for one in people)


def keeps_away(login: str, people: Sequence[Person]) -> bool:
    """Whether this account is that of an inspector who was recused from the visit."""
    own = [one for one in people if one.login == login]
    return bool(own) and all(one.recused_why for one in own)


def visits_of(principal: Principal, today: date) -> list[Row]:
    """The open visits of this inspector up to `COMING_DAYS` ahead, overdue ones too, and what she
    signed today; the earliest first.
    """
    return list(
        db.session.execute(
            select(
                Visit.id,
                Visit.kind,
                Visit.mode,
                Visit.planned_on,
                Visit.status,
                Visit.unannounced,
                Visit.grade,
                Visit.score,
                MealPoint.code,
                MealPoint.name,
                MealPoint.address,
                VisitDraft.saved_at,
            )
            .join(MealPoint, MealPoint.id == Visit.point_id)
            .outerjoin(VisitDraft, VisitDraft.visit_id == Visit.id)
            .where(_mine(principal), _shown(today))
            .order_by(Visit.planned_on, Visit.id)
            .limit(MOST_SHOWN)
        )
    )


def to_do(principal: Principal, today: date) -> int:
    """How many visits of this inspector are planned for today or overdue."""
    open_now = (Visit.status.in_(visiting.OPEN), Visit.planned_on <= today)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Visit)
            .join(MealPoint, MealPoint.id == Visit.point_id)
            .where(_mine(principal), *open_now)
        )
        or 0
    )


def draft_of(visit_id: int) -> tuple[VisitDraft, dict[str, Any]] | None:
    """What was saved so far, opened."""
    row = db.session.get(VisitDraft, visit_id, populate_existing=True)
    return row and (row, json.loads(vault().open(row.document)))


def _mine(principal: Principal):
    """Within the scope, and one of its inspectors, or nobody of them has an account."""
    named = (
        select(VisitInspector.visit_id)
        .join(Inspector, Inspector.id == VisitInspector.inspector_id)
        .where(VisitInspector.visit_id == Visit.id)
    )
    own = named.where(Inspector.login == principal.login, VisitInspector.recused_why == "")
    anybody = named.where(Inspector.login.is_not(None))
    return and_(points_seen_by(principal), or_(own.exists(), ~anybody.exists()))


def _shown(today: date):
    soon = today + timedelta(days=COMING_DAYS)
    begun = datetime.combine(today, datetime.min.time(), LOCAL)
    return or_(
        and_(Visit.status.in_(visiting.OPEN), Visit.planned_on <= soon),
        and_(Visit.status == visiting.SIGNED, Visit.signed_at >= begun),
    )
