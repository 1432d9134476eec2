"""Entering what a point holds; a paper is renewed by another one, a wrong one is withdrawn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.services import put_point
from mealsvc.places.units import refusals
from mealsvc.places.units.models import UnitDocument, UnitEvent
from mealsvc.places.units.rules import DOCUMENTS, EVENTS, RULES
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record

DISTRICT = "district"  # the trail's subject where there is no point
LICENCE = "licence"


def enter_document(
    point: MealPoint | None, values: Mapping[str, Any], by: Actor, now: datetime
) -> UnitDocument:
    """Enters a paper of a point (kind, number, issuer, valid_from, valid_to, note), or a rule of
    the district itself. A licence that lasts longer than the point's becomes the point's own.

    Raises `UnknownKind`, `NotForPoints`, `NeedsLastDay`, `PeriodBackwards`, `SameDocument`.
    """
    kind = values.get("kind", "")
    _check_document(point, kind, values)
    if same_document(point, values) is not None:
        raise refusals.SameDocument(name=DOCUMENTS[kind].name)
    if point is not None and kind == LICENCE:
        _keep_present_licence(point, by, now)
    document = _document(point, values, by, now)
    if point is not None and kind == LICENCE:
        _follow_licence(point, document, by)
    return document


def withdraw_document(document: UnitDocument, why: str, by: Actor, now: datetime) -> None:
    """Takes a wrong entry out of account; a point falls back on the licence that is left.

    Raises `AlreadyWithdrawn`.
    """
    _withdraw(document, why, now)
    point = db.session.get(MealPoint, document.point_id) if document.point_id else None
    record(by, "units.withdraw_document", _subject(point), {"document": document.id})
    if point is None or document.kind != LICENCE or not _is_of_point(point, document):
        return
    left = db.session.scalars(
        select(UnitDocument)
        .where(
            UnitDocument.point_id == point.id,
            UnitDocument.kind == LICENCE,
            UnitDocument.withdrawn_at.is_(None),
        )
        .order_by(UnitDocument.valid_to.desc(), UnitDocument.id.desc())
        .limit(1)
    ).first()
    number, last = (left.number, left.valid_to) if left else ("", None)
    put_point({"code": point.code, "licence_no": number, "licence_expires_on": last}, by)


def note_event(point: MealPoint, values: Mapping[str, Any], by: Actor, now: datetime) -> UnitEvent:
    """Notes a drill, or hours of volunteers (kind, held_on, hours, people, note).

    Raises `UnknownKind`, `InTheFuture`, `NeedsHours`.
    """
    kind = values.get("kind", "")
    if kind not in EVENTS:
        raise refusals.UnknownKind()
    if values["held_on"] > local_date(now):
        raise refusals.InTheFuture()
    if kind == "volunteer_hours" and not (values.get("hours") or 0) > 0:
        raise refusals.NeedsHours()
    event = UnitEvent(
        point_id=point.id,
        kind=kind,
        held_on=values["held_on"],
        hours=values.get("hours"),
        people=values.get("people"),
        note=values.get("note") or "",
        entered_at=now,
        entered_by=str(by),
    )
    db.session.add(event)
    db.session.flush()
    detail = {"event": event.id, "kind": kind, "held_on": event.held_on, "hours": event.hours}
    record(by, "units.note_event", point.code, detail)
    return event


def withdraw_event(event: UnitEvent, why: str, by: Actor, now: datetime) -> None:
    """Takes a wrong entry out of account. Raises `AlreadyWithdrawn`."""
    _withdraw(event, why, now)
    point = db.session.get(MealPoint, event.point_id)
    record(by, "units.withdraw_event", _subject(point), {"event": event.id})


def same_document(point: MealPoint | None, values: Mapping[str, Any]) -> UnitDocument | None:
    """The paper in account that has the same kind, number and days."""
    fixed = {name: values.get(name) for name in ("kind", "valid_from", "valid_to")}
    return db.session.scalars(
        select(UnitDocument).filter_by(
            point_id=point.id if point else None,
            number=values.get("number") or "",
            withdrawn_at=None,
            **fixed,
        )
    ).first()


def _check_document(point: MealPoint | None, kind: str, values: Mapping[str, Any]) -> None:
    if kind not in DOCUMENTS:
        raise refusals.UnknownKind()
    if point is None and kind not in RULES:
        raise refusals.NotForPoints()
    first, last = values.get("valid_from"), values.get("valid_to")
    if DOCUMENTS[kind].dated and last is None:
        raise refusals.NeedsLastDay(name=DOCUMENTS[kind].name)
    if first and last and last < first:
        raise refusals.PeriodBackwards()


def _document(
    point: MealPoint | None, values: Mapping[str, Any], by: Actor, now: datetime
) -> UnitDocument:
    document = UnitDocument(
        point_id=point.id if point else None,
        kind=values["kind"],
        number=values.get("number") or "",
        issuer=values.get("issuer") or "",
        valid_from=values.get("valid_from"),
        valid_to=values.get("valid_to"),
        note=values.get("note") or "",
        entered_at=now,
        entered_by=str(by),
    )
    db.session.add(document)
    db.session.flush()
    detail = {
        "document": document.id,
        "kind": document.kind,
        "number": document.number,
        "valid_from": document.valid_from,
        "valid_to": document.valid_to,
    }
    record(by, "units.enter_document", _subject(point), detail)
    return document


def _keep_present_licence(point: MealPoint, by: Actor, now: datetime) -> None:
    """What the point's record says of its licence becomes a paper too, so that nothing is lost."""
    last = point.licence_expires_on
    if last is None:
        return
    known = select(UnitDocument.id).filter_by(
        point_id=point.id, kind=LICENCE, valid_to=last, withdrawn_at=None
    )
    if db.session.scalar(known.limit(1)) is None:
        values = {"kind": LICENCE, "number": point.licence_no, "valid_to": last}
        _document(point, values | {"note": "由助餐点档案转入"}, by, now)


def _follow_licence(point: MealPoint, document: UnitDocument, by: Actor) -> None:
    """The point's record names the licence that lasts longest."""
    present = point.licence_expires_on or date.min
    if document.valid_to is not None and document.valid_to >= present:
        values = {"licence_no": document.number, "licence_expires_on": document.valid_to}
        put_point({"code": point.code, **values}, by)


def _is_of_point(point: MealPoint, document: UnitDocument) -> bool:
    return point.licence_expires_on == document.valid_to


def _withdraw(row: Any, why: str, now: datetime) -> None:
    if row.withdrawn_at is not None:
        raise refusals.AlreadyWithdrawn()
    row.withdrawn_at, row.withdrawn_why = now, why
    db.session.flush()


def _subject(point: MealPoint | None) -> str:
    return point.code if point else DISTRICT
