"""Measures: suspension of a point's subsidy or meals, the end of its agreement, and resumption."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.services import put_point, resume_point, suspend_point, suspension_on
from mealsvc.plumbing.db import db
from mealsvc.supervision.findings import refusals, rules
from mealsvc.supervision.findings.acts import end, next_number, note, signed
from mealsvc.supervision.findings.models import Finding, Measure
from mealsvc.trail.services import record

_DAY = timedelta(days=1)


def suspend(
    kind: str,
    point: MealPoint,
    from_on: date,
    facts: str,
    basis: str,
    by: Actor,
    now: datetime,
    finding_id: int | None = None,
) -> Measure:
    """Decides a measure: `subsidy` or `point` is suspended, or the agreement ended (`terminate`).

    The till obeys from `from_on` on. Nobody decides on what they inspected themselves.
    """
    if from_on < local_date(now):
        raise refusals.PastMeasure()
    finding = _finding_of(finding_id, point)
    if any(signed(visit, by) for visit in _visits_behind(finding, point)):
        raise refusals.OneSigned()
    number = next_number("measure", local_date(now))
    suspension_id = _stop(kind, point, from_on, number, by)
    measure = Measure(
        number=number,
        kind=kind,
        point_id=point.id,
        finding_id=finding_id,
        suspension_id=suspension_id,
        from_on=from_on,
        facts=facts,
        basis=basis,
        decided_at=now,
        decided_by=str(by),
    )
    db.session.add(measure)
    if finding is not None:
        act = "terminate" if kind == "terminate" else f"suspend_{kind}"
        note([finding.id], act, {"measure": number, "from": str(from_on)}, by, now)
        if kind == "terminate" and finding.state == "open":
            end(finding, "closed", now)
    db.session.flush()
    told = {"point": point.code, "kind": kind, "from": str(from_on)}
    record(by, "measures.decide", number, told)
    return measure


def resume(measure_id: int, resumed_on: date, why: str, by: Actor, now: datetime) -> Measure:
    """Ends a suspension from a day on, under a number of its own and with the reason."""
    measure = db.session.get_one(Measure, measure_id)
    if measure.kind == "terminate":
        raise refusals.NotResumable()
    if measure.resumed_at is not None:
        raise refusals.MeasureEnded()
    today = local_date(now)
    if resumed_on < max(today, measure.from_on):
        raise refusals.ResumedEarly()
    finding = measure.finding_id and db.session.get(Finding, measure.finding_id)
    if finding and signed(finding.visit_id, by):
        raise refusals.OneSigned()
    point = db.session.get_one(MealPoint, measure.point_id)
    if measure.from_on >= resumed_on:  # lifted before a day was over: the till's row goes
        measure.suspension_id = None
        db.session.flush()
    resume_point(point, resumed_on, by, measure.kind, decided=True)
    number = measure.resume_number = next_number("resume", today)
    measure.resumed_on, measure.resumed_why = resumed_on, why
    measure.resumed_at, measure.resumed_by = now, str(by)
    if measure.finding_id is not None:
        told = {"measure": measure.number, "number": number}
        note([measure.finding_id], "resumed", told, by, now)
    db.session.flush()
    told = {"point": point.code, "kind": measure.kind, "on": str(resumed_on)}
    record(by, "measures.resume", number, told)
    return measure


def measures_behind(suspensions: Collection[int]) -> dict[int, tuple[int, str]]:
    """Of these suspensions (ids) those that a measure decided: its row and number."""
    if not suspensions:
        return {}
    rows = select(Measure.suspension_id, Measure.id, Measure.number)
    found = db.session.execute(rows.where(Measure.suspension_id.in_(suspensions)))
    return {suspension: (row, number) for suspension, row, number in found if suspension}


def _finding_of(finding_id: int | None, point: MealPoint) -> Finding | None:
    if finding_id is None:
        return None
    finding = db.session.get_one(Finding, finding_id)
    if finding.point_id != point.id:
        raise refusals.NothingChosen()
    return finding


def _visits_behind(finding: Finding | None, point: MealPoint) -> Collection[int | None]:
    """The visit that a decision rests on; of one that names no finding, those of all open ones."""
    if finding is not None:
        return [finding.visit_id]
    still = Finding.state.not_in(rules.ENDED)
    rows = select(Finding.visit_id).where(Finding.point_id == point.id, still).distinct()
    return db.session.scalars(rows).all()


def _stop(kind: str, point: MealPoint, from_on: date, number: str, by: Actor) -> int | None:
    """Tells the till; gives the row of the suspension, None where the point is closed for good."""
    name = rules.MEASURES[kind]
    if kind == "terminate":
        if point.closed_on is not None and point.closed_on < from_on:
            raise refusals.AlreadyStopped(what="停业")
        put_point({"code": point.code, "closed_on": from_on - _DAY}, by)
        return None
    known = suspension_on(point.id, from_on, kind)
    if known is None:
        return suspend_point(point, from_on, f"{name}决定 {number}", by, kind).id
    if known.to_on is not None or measures_behind([known.id]):
        raise refusals.AlreadyStopped(what=name)
    return known.id  # the point had stopped of itself; from now on only a decision ends it
