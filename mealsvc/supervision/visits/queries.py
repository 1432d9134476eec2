"""Reading visits for pages, for signing, for draws, and for what is to be done."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.meals import LOCAL, local_date, meal_at
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.servings.models import Serving
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits import rules
from mealsvc.supervision.visits.models import (
    Inspector,
    Visit,
    VisitInspector,
    VisitPhoto,
    VisitPlan,
    VisitResult,
)
from mealsvc.supervision.visits.planning import DISTRICT_DIGITS

COUNTED = ("dine_in", "take_away")


@dataclass(frozen=True, slots=True)
class Last:
    """The last signed visit to a point, and the last grade that it was given."""

    visit_id: int
    day: date
    grade: str


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """What the list of visits is narrowed to; empty texts don't narrow."""

    point: str = ""
    kind: str = ""
    state: str = ""
    grade: str = ""
    month: Month | None = None


def served_by(point_id: int, at: datetime) -> int:
    """Servings of that minute's meal and day that the system had at the point by then: eaten there
    or taken away, not reversed, served at or before `at`.
    """
    undone = aliased(Serving)
    return (
        db.session.scalar(
            select(func.count()).where(
                Serving.point_id == point_id,
                Serving.served_on == local_date(at),
                Serving.meal == meal_at(at.astimezone(LOCAL).time()),
                Serving.mode.in_(COUNTED),
                Serving.served_at <= at,
                Serving.reverses.is_(None),
                ~exists().where(undone.reverses == Serving.sequence),
            )
        )
        or 0
    )


def visits_seen_by(principal: Principal) -> ColumnElement[bool]:
    """The visits that somebody may see (joined with their point).

    Who is inspected does not learn of a visit before its notice, of one without notice not before
    it has begun; a town does not see others' visits without notice before they have begun.
    """
    begun = Visit.status.in_((rules.UNDER_WAY, rules.SIGNED))
    if principal.at_point:
        announced = and_(Visit.status == rules.NOTICED, ~Visit.unannounced)
        return and_(points_seen_by(principal), or_(begun, announced))
    if len(principal.scope) > DISTRICT_DIGITS:
        own = Visit.made_by == f"user:{principal.login}"
        return and_(
            points_seen_by(principal), or_(begun, ~Visit.unannounced, own, _goes(principal))
        )
    return points_seen_by(principal)


def found_visits(principal: Principal, wanted: VisitFilter) -> Any:
    """Visits with their points, the latest day first."""
    rows = (
        select(Visit, MealPoint)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(visits_seen_by(principal))
        .order_by(Visit.planned_on.desc(), Visit.id.desc())
    )
    if wanted.point:
        name = MealPoint.name.contains(wanted.point, autoescape=True)
        rows = rows.where(name | (MealPoint.code == wanted.point))
    if wanted.kind:
        rows = rows.where(Visit.kind == wanted.kind)
    if wanted.state:
        rows = rows.where(Visit.status == wanted.state)
    if wanted.grade:
        rows = rows.where(Visit.grade == wanted.grade)
    if wanted.month:
        rows = rows.where(Visit.planned_on.between(wanted.month.first_day, wanted.month.last_day))
    return rows


def open_in(principal: Principal, month: Month) -> Sequence[Any]:
    """The visits of a month that are still to be made or were made, by day, for the calendar."""
    rows = found_visits(principal, VisitFilter(month=month)).where(Visit.status != rules.CANCELLED)
    return db.session.execute(
        rows.order_by(None).order_by(Visit.planned_on, Visit.id).limit(500)
    ).all()


def inspectors_of(visit_ids: Collection[int]) -> dict[int, list[Any]]:
    """Who goes on each visit (id, name, card_no, office, division, login, lead, recused_why), who leads first."""
    rows = db.session.execute(
        select(
            VisitInspector.visit_id,
            Inspector.id,
            Inspector.name,
            Inspector.card_no,
            Inspector.office,
            Inspector.division,
            Inspector.login,
            VisitInspector.lead,
            VisitInspector.recused_why,
        )
        .join(Inspector, Inspector.id == VisitInspector.inspector_id)
        .where(VisitInspector.visit_id.in_(visit_ids))
        .order_by(VisitInspector.lead.desc(), Inspector.id)
    )
    found: dict[int, list[Any]] = {each: [] for each in visit_ids}
    for row in rows:
        found[row.visit_id].append(row)
    return found


def results_of(visit_id: int) -> dict[str, VisitResult]:
    """What was found, by item."""
    rows = db.session.scalars(select(VisitResult).where(VisitResult.visit_id == visit_id))
    return {row.item: row for row in rows}


def photos_of(visit_id: int) -> dict[str, list[Any]]:
    """Photos (id, taken_at) by item."""
    found: dict[str, list[Any]] = {}
    rows = db.session.execute(
        select(VisitPhoto.item, Photo.id, Photo.taken_at)
        .join(Photo, Photo.id == VisitPhoto.photo_id)
        .where(VisitPhoto.visit_id == visit_id)
        .order_by(VisitPhoto.item, Photo.id)
    )
    for row in rows:
        found.setdefault(row.item, []).append(row)
    return found


def last_visits(point_ids: Collection[int], day: date) -> dict[int, Last]:
    """The last signed visit to each point up to a day, self-checks apart."""
    rank = (
        func.row_number()
        .over(partition_by=Visit.point_id, order_by=(Visit.planned_on.desc(), Visit.id.desc()))
        .label("rank")
    )
    newest = (
        select(Visit.id, Visit.point_id, Visit.planned_on, Visit.grade, rank)
        .where(
            Visit.point_id.in_(point_ids),
            Visit.status == rules.SIGNED,
            Visit.kind != rules.SELF,
            Visit.planned_on <= day,
        )
        .subquery()
    )
    rows = db.session.execute(select(newest).where(newest.c.rank == 1))
    return {row.point_id: Last(row.id, row.planned_on, row.grade) for row in rows}


def visited_since(day: date) -> ColumnElement[bool]:
    """Whether a point had a signed visit, self-checks apart, from that day on (of `MealPoint`)."""
    return exists().where(
        Visit.point_id == MealPoint.id,
        Visit.status == rules.SIGNED,
        Visit.kind != rules.SELF,
        Visit.planned_on >= day,
    )


def admin_counts(point_ids: Collection[int], year: int) -> dict[int, int]:
    """Administrative inspections of each point in a year, made or still to be made."""
    rows = db.session.execute(
        select(Visit.point_id, func.count())
        .where(
            Visit.point_id.in_(point_ids),
            Visit.kind == rules.ADMIN,
            Visit.status != rules.CANCELLED,
            Visit.planned_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(Visit.point_id)
    )
    return dict(rows.all())


def earlier_visits(point_id: int, since: date, until: date) -> list[rules.Earlier]:
    """Signed visits to a point, with the highest office that took part and the items checked."""
    rows = db.session.execute(
        select(
            Visit.id, Visit.number, Visit.planned_on, func.min(Inspector.division).label("office")
        )
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .join(Inspector, Inspector.id == VisitInspector.inspector_id)
        .where(
            Visit.point_id == point_id,
            Visit.status == rules.SIGNED,
            Visit.planned_on.between(since, until),
        )
        .group_by(Visit.id, Visit.number, Visit.planned_on)
        .order_by(Visit.planned_on.desc())
        .limit(50)
    ).all()
    items: dict[int, set[str]] = {row.id: set() for row in rows}
    checked = select(VisitResult.visit_id, VisitResult.item).where(
        VisitResult.visit_id.in_(items), VisitResult.result != "NA"
    )
    for visit_id, item in db.session.execute(checked):
        items[visit_id].add(item)
    return [
        rules.Earlier(
            row.planned_on, row.office, frozenset(items[row.id]), row.id, row.number or ""
        )
        for row in rows
    ]


def visits_of_plan(plan_id: int) -> dict[int, Visit]:
    """The visits that were made from a plan and not cancelled, by point."""
    rows = db.session.scalars(
        select(Visit).where(Visit.plan_id == plan_id, Visit.status != rules.CANCELLED)
    )
    return {row.point_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class ToDo:
    """What waits: plans to be approved, administrative inspections without their notice."""

    plans: int = 0
    notices: int = 0


def to_do(principal: Principal, today: date) -> ToDo:
    """What waits for this person: plans that others made, inspections that need their notice."""
    return ToDo(_plans_waiting(principal), _notices_waiting(principal, today))


def _plans_waiting(principal: Principal) -> int:
    if not principal.can("visits.approve"):
        return 0
    own = f"user:{principal.login}"
    count = select(func.count()).where(
        VisitPlan.status == "draft",
        VisitPlan.made_by != own,
        VisitPlan.division.startswith(principal.scope, autoescape=True),
    )
    return db.session.scalar(count) or 0


def _notices_waiting(principal: Principal, today: date) -> int:
    if not principal.can("visits.plan"):
        return 0
    waiting = (
        select(func.count())
        .select_from(Visit)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(
            points_seen_by(principal),
            Visit.kind == rules.ADMIN,
            Visit.status == rules.PLANNED,
            Visit.planned_on >= today,
        )
    )
    return db.session.scalar(waiting) or 0


def measured_of(result: VisitResult) -> dict[str, str]:
    """The measured values of an item, as they were kept."""
    return json.loads(result.measured)


def _goes(principal: Principal) -> ColumnElement[bool]:
    return exists().where(
        VisitInspector.visit_id == Visit.id,
        VisitInspector.inspector_id == Inspector.id,
        Inspector.login == principal.login,
    )
