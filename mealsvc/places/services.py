"""Keeping the list of divisions, units, points and candidate sites."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import CandidateSite, Division, MealPoint, Operator, PointSuspension
from mealsvc.places.rules import POINT, SUBSIDY
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import outlook
from mealsvc.trail.services import record

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
_ACTIONS = {
    POINT: ("places.suspend", "places.resume"),
    SUBSIDY: ("places.suspend_subsidy", "places.resume_subsidy"),
}


class AlreadySuspended(Refusal):
    """该助餐点在这段时间已经暂停运营，无需重复操作。"""

    code = "already_suspended"


class NotSuspended(Refusal):
    """该助餐点当前没有暂停运营，无需恢复。"""

    code = "not_suspended"


class SuspendedByDecision(Refusal):
    """这次暂停是监督决定，不能在这里恢复。请由有权决定的人在“问题整改—暂停”里办理恢复。"""

    code = "suspended_by_decision"


def put_division(values: Mapping[str, Any], by: Actor) -> str:
    """Adds or updates one division by its `code`; tells created, updated or unchanged."""
    division = db.session.get(Division, values["code"])
    return _put("places.division", Division, division, values, values["code"], by)


def put_candidate(values: Mapping[str, Any], by: Actor) -> str:
    """Adds or updates one candidate site by its `code`."""
    site = db.session.get(CandidateSite, values["code"])
    return _put("places.candidate", CandidateSite, site, values, values["code"], by)


def put_point(values: Mapping[str, Any], by: Actor) -> str:
    """Adds or updates one meal point by its `code`.

    `operator` (name) and `uscc` name its unit: found by credit code, else by name, else added.
    """
    given = dict(values)
    name, uscc = given.pop("operator", None), given.pop("uscc", None)
    if name or uscc:
        given["operator_id"] = _unit(name or uscc or "", uscc or None, by)
    point = point_by_code(given["code"])
    return _put("places.point", MealPoint, point, given, given["code"], by)


def suspend_point(
    point: MealPoint, from_on: date, reason: str, by: Actor, scope: str = POINT
) -> PointSuspension:
    """Stops a point from serving from a day on (暂停运营), until it resumes; with the scope
    `subsidy` it goes on at full price (暂停补贴).
    """
    later = select(PointSuspension.id).where(
        PointSuspension.point_id == point.id,
        PointSuspension.scope == scope,
        PointSuspension.to_on.is_(None) | (PointSuspension.to_on >= from_on),
    )
    if db.session.scalar(later.limit(1)) is not None:
        raise AlreadySuspended()
    row = PointSuspension(point_id=point.id, from_on=from_on, reason=reason, scope=scope)
    db.session.add(row)
    db.session.flush()
    record(by, _ACTIONS[scope][0], point.code, {"from": from_on, "reason": reason})
    return row


def resume_point(
    point: MealPoint, on: date, by: Actor, scope: str = POINT, decided: bool = False
) -> None:
    """Lets a suspended point serve again from this day on; one that never began is taken back.

    What a measure of supervision stopped only a decision lets go on (`decided`).
    """
    suspension = suspension_on(point.id, on, scope)
    if suspension is None:
        raise NotSuspended()
    if not decided and suspension.id in outlook().measures_behind([suspension.id]):
        raise SuspendedByDecision()
    if suspension.from_on >= on:
        db.session.delete(suspension)
    else:
        suspension.to_on = on - timedelta(days=1)
    db.session.flush()
    record(by, _ACTIONS[scope][1], point.code, {"on": on})


def point_by_code(code: str) -> MealPoint | None:
    """The meal point with this code."""
    return db.session.scalar(select(MealPoint).where(MealPoint.code == code))


def scope_exists(scope: str) -> bool:
    """Whether an account's scope is a well-formed division code or a known meal point."""
    return is_division(scope) or point_by_code(scope) is not None


def suspension_on(point_id: int, day: date, scope: str = POINT) -> PointSuspension | None:
    """The suspension of the point (or of its subsidy) that covers this day."""
    return db.session.scalar(
        select(PointSuspension).where(
            PointSuspension.point_id == point_id,
            PointSuspension.scope == scope,
            PointSuspension.from_on <= day,
            PointSuspension.to_on.is_(None) | (PointSuspension.to_on >= day),
        )
    )


def _unit(name: str, uscc: str | None, by: Actor) -> int:
    by_code = Operator.uscc == uscc if uscc else Operator.name == name
    unit = db.session.scalar(select(Operator).where(by_code).order_by(Operator.id).limit(1))
    if unit is None:
        unit = Operator(name=name, uscc=uscc)
        db.session.add(unit)
        db.session.flush()
        record(by, "places.operator", str(unit.id), {"name": name, "uscc": uscc})
    return unit.id


def _put(
    action: str, model: Any, found: Any, values: Mapping[str, Any], subject: str, by: Actor
) -> str:
    changed = {
        name: value
        for name, value in values.items()
        if found is None or getattr(found, name) != value
    }
    if found is not None and not changed:
        return UNCHANGED
    before = {} if found is None else {name: getattr(found, name) for name in changed}
    if found is None:
        found = model(**changed)
        db.session.add(found)
    for name, value in changed.items():
        setattr(found, name, value)
    db.session.flush()
    record(by, action, subject, {"before": before, "after": changed})
    return UPDATED if before else CREATED
