"""Visits: made, noticed, begun, given to other inspectors, cancelled; `planning` makes plans,
`signing` closes a visit."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.divisions import within
from mealsvc.kernel.meals import local_date
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import status_on
from mealsvc.plumbing.db import db
from mealsvc.settings.calendar import add_working_days
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist.services import checklist_on
from mealsvc.supervision.visits import inspectors as register
from mealsvc.supervision.visits import refusals, rules, traits
from mealsvc.supervision.visits.models import Inspector, Visit, VisitInspector, VisitPlan
from mealsvc.supervision.visits.planning import (
    decide_plan,
    plan_of,
    plan_visit,
    read_chosen,
    withdraw_plan,
)
from mealsvc.trail.services import record

__all__ = [
    "begin",
    "cancel",
    "change_inspectors",
    "decide_plan",
    "earliest_noticed",
    "make_visit",
    "move",
    "notice",
    "open_visit",
    "plan_visit",
    "recuse",
    "withdraw_plan",
]


def make_visit(
    point: MealPoint,
    kind: str,
    mode: str,
    planned_on: date,
    inspectors: Sequence[int],
    lead: int | None,
    by: Actor,
    now: datetime,
    *,
    plan_id: int | None = None,
    key: str = "",
    reason: str = "",
    unannounced: bool = False,
    late: bool = False,
) -> Visit:
    """Arranges a visit to a point; the same `key` again gives the same visit.

    `late`: it has taken place and is entered from paper, so its day may be past. Raises
    `PlanNeeded`, `NotInPlan`, `OutsidePeriod`, `AlreadyArranged`, `PastDay`, `PointNotOpen`,
    `OverCap`, `ReasonNeeded`, and what is wrong with the inspectors.
    """
    if key and (known := db.session.scalar(select(Visit).where(Visit.key == key))):
        return known
    if planned_on < local_date(now) and not late:
        raise refusals.PastDay()
    if unannounced and not reason:
        raise refusals.ReasonNeeded()
    if status_on(planned_on, point.opened_on, point.closed_on, False) != "operating":
        raise refusals.PointNotOpen(point=point.name, day=chinese_date(planned_on))
    _check_plan(point, kind, planned_on, plan_id)
    going = _going(point, kind, inspectors, lead)
    if rules.KINDS[kind].planned:
        check_cap(point, planned_on)
    visit = Visit(
        key=key or str(uuid4()),
        plan_id=plan_id,
        point_id=point.id,
        kind=kind,
        mode=mode,
        checklist=checklist_on(planned_on).version,
        traits=traits.written(traits.traits_of([point.id], planned_on)[point.id]),
        reason=reason,
        planned_on=planned_on,
        unannounced=unannounced,
        status=rules.PLANNED,
        made_by=str(by),
        made_at=now,
    )
    db.session.add(visit)
    db.session.flush()
    _send(visit, going, lead)
    told = {"kind": kind, "mode": mode, "on": str(planned_on), "plan": plan_id, "late": late}
    record(by, "visits.make", f"visit/{visit.id}", {"point": point.code, **told})
    return visit


def notice(visit_id: int, by: Actor, now: datetime) -> Visit:
    """Takes the notice's number: it goes out in time, or along where the visit is unannounced.

    Raises `NoNoticeNeeded`, `TooShortNotice`, `NotOpen`.
    """
    visit = open_visit(visit_id)
    kind, today = rules.KINDS[visit.kind], local_date(now)
    if not kind.planned:
        raise refusals.NoNoticeNeeded(kind=kind.name)
    if visit.notice_number:
        return visit
    days = int(value_on("visit.notice_days", today))
    first = earliest_noticed(today)
    if not visit.unannounced and visit.planned_on < first:
        raise refusals.TooShortNotice(days=days, first=chinese_date(first))
    visit.notice_number = take_number("notice", today.year, value_on(WORD, today))
    visit.noticed_at = now
    visit.status = rules.NOTICED
    db.session.flush()
    record(by, "visits.notice", f"visit/{visit.id}", {"notice": visit.notice_number})
    return visit


def earliest_noticed(today: date) -> date:
    """The first day for which a notice that goes out today is in time."""
    return add_working_days(today, int(value_on("visit.notice_days", today)))


def move(
    visit_id: int, planned_on: date, unannounced: bool, reason: str, by: Actor, now: datetime
) -> Visit:
    """Puts a visit that was not noticed on another day, or makes it one without notice."""
    visit = open_visit(visit_id)
    if visit.status != rules.PLANNED:
        raise refusals.NotOpen(state=rules.STATUS_NAMES[visit.status])
    if planned_on < local_date(now):
        raise refusals.PastDay()
    if unannounced and not reason:
        raise refusals.ReasonNeeded()
    if visit.plan_id is not None:
        _check_period(plan_of(visit.plan_id), planned_on)
    before = str(visit.planned_on)
    visit.planned_on, visit.unannounced = planned_on, unannounced
    visit.reason = reason or visit.reason
    db.session.flush()
    told = {"before": before, "after": str(planned_on), "unannounced": unannounced}
    record(by, "visits.move", f"visit/{visit.id}", told)
    return visit


def begin(visit_id: int, by: Actor, now: datetime) -> Visit:
    """Notes that the inspectors are at the point."""
    visit = open_visit(visit_id)
    if visit.status != rules.UNDER_WAY:
        visit.status, visit.started_at = rules.UNDER_WAY, now
        db.session.flush()
        record(by, "visits.begin", f"visit/{visit.id}", {})
    return visit


def change_inspectors(
    visit_id: int, inspectors: Sequence[int], lead: int | None, by: Actor, now: datetime
) -> Visit:
    """Sends other inspectors; who was recused stays on the record."""
    visit = open_visit(visit_id)
    point = db.session.get_one(MealPoint, visit.point_id)
    going = _going(point, visit.kind, inspectors, lead)
    rows = _rows(visit.id)
    gone = {row.inspector_id for row in rows if row.recused_why}
    if back := [one.name for one in going if one.id in gone]:
        raise refusals.Recused(names="、".join(back), reason="本次检查中已回避")
    for row in rows:
        if not row.recused_why:
            db.session.delete(row)
    db.session.flush()
    _send(visit, going, lead)
    record(by, "visits.inspectors", f"visit/{visit.id}", {"inspectors": [one.id for one in going]})
    return visit


def recuse(visit_id: int, inspector_id: int, why: str, by: Actor, now: datetime) -> Visit:
    """An inspector keeps away from this visit; she stays on the record with the reason."""
    visit = open_visit(visit_id)
    row = db.session.get(VisitInspector, (visit.id, inspector_id))
    if row is None:
        raise refusals.NoInspector(inspector=inspector_id)
    if not why:
        raise refusals.WhyNeeded()
    row.recused_why, row.lead = why, False
    db.session.flush()
    record(by, "visits.recuse", f"visit/{visit.id}", {"inspector": inspector_id})
    return visit


def cancel(visit_id: int, why: str, by: Actor, now: datetime) -> Visit:
    """Cancels a visit that was not signed, with the reason; it no longer counts against the cap."""
    visit = open_visit(visit_id)
    if not why:
        raise refusals.WhyNeeded()
    visit.status, visit.cancelled_why = rules.CANCELLED, why
    db.session.flush()
    record(by, "visits.cancel", f"visit/{visit.id}", {})
    return visit


def open_visit(visit_id: int) -> Visit:
    """A visit that is neither signed nor cancelled. Raises `NoVisit`, `NotOpen`."""
    visit = db.session.get(Visit, visit_id, populate_existing=True)
    if visit is None:
        raise refusals.NoVisit()
    if visit.status not in rules.OPEN:
        raise refusals.NotOpen(state=rules.STATUS_NAMES[visit.status])
    return visit


def check_cap(point: MealPoint, day: date) -> None:
    """Refuses one more administrative inspection of a point beyond the year's cap."""
    cap = int(value_on("visit.cap_a_year", day))
    count = counted_in_year(point.id, day.year)
    if count >= cap:
        raise refusals.OverCap(point=point.name, year=day.year, count=count, cap=cap)


def counted_in_year(point_id: int, year: int) -> int:
    """Administrative inspections of a point in a year, made or still to be made."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Visit.point_id == point_id,
                Visit.kind == rules.ADMIN,
                Visit.status != rules.CANCELLED,
                Visit.planned_on.between(date(year, 1, 1), date(year, 12, 31)),
            )
        )
        or 0
    )


def _check_plan(point: MealPoint, kind: str, day: date, plan_id: int | None) -> None:
    if plan_id is None:
        if rules.KINDS[kind].planned:
            raise refusals.PlanNeeded()
        return
    plan = plan_of(plan_id)
    if plan.status != "approved":
        raise refusals.PlanNeeded()
    if plan.kind != kind or point.code not in read_chosen(plan).assigned:
        raise refusals.NotInPlan(point=point.name, plan=plan.number)
    _check_period(plan, day)
    arranged = select(Visit.id).where(
        Visit.plan_id == plan.id, Visit.point_id == point.id, Visit.status != rules.CANCELLED
    )
    if db.session.scalar(arranged.limit(1)) is not None:
        raise refusals.AlreadyArranged(point=point.name)


def _check_period(plan: VisitPlan, day: date) -> None:
    if not plan.from_on <= day <= plan.to_on:
        raise refusals.OutsidePeriod(
            first=chinese_date(plan.from_on), last=chinese_date(plan.to_on)
        )


def _going(
    point: MealPoint, kind: str, inspectors: Sequence[int], lead: int | None
) -> list[Inspector]:
    """Who goes there: enough of them, of an office that covers the point, nobody recused."""
    asked = rules.KINDS[kind]
    if asked.own:
        if inspectors:
            raise refusals.OwnPeopleOnly()
        return []
    going = register.chosen(inspectors)
    if len(going) < (2 if asked.two else 1):
        raise refusals.TwoInspectors(kind=asked.name)
    if lead not in {one.id for one in going}:
        raise refusals.LeadNotAmong()
    if strangers := [one.name for one in going if not within(point.division, one.division)]:
        raise refusals.Elsewhere(names="、".join(strangers), point=point.name)
    away = register.recusals(point)
    if names := [one.name for one in going if one.id in away]:
        reason = next(away[one.id] for one in going if one.id in away)
        raise refusals.Recused(names="、".join(names), reason=reason)
    return going


def _send(visit: Visit, going: Sequence[Inspector], lead: int | None) -> None:
    db.session.add_all(
        VisitInspector(visit_id=visit.id, inspector_id=one.id, lead=one.id == lead) for one in going
    )
    db.session.flush()


def _rows(visit_id: int) -> Sequence[VisitInspector]:
    return db.session.scalars(
        select(VisitInspector).where(VisitInspector.visit_id == visit_id)
    ).all()
