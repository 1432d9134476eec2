"""Entering who works at a point, the certificates and trainings of each, and who left."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.units import refusals
from mealsvc.places.units.models import StaffMember, StaffPaper
from mealsvc.places.units.rules import POSTS, STAFF_PAPERS, lasting
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.trail.services import record

FACTS = ("name", "post", "handles_food", "volunteer", "joined_on", "left_on")


def add_member(point: MealPoint, values: Mapping[str, Any], by: Actor) -> StaffMember:
    """Adds somebody who works at a point (`FACTS`). Raises `UnknownKind`, `SamePerson`, …"""
    _check(values)
    if member_of(point, values["name"], values["joined_on"]) is not None:
        raise refusals.SamePerson()
    member = StaffMember(point_id=point.id, **{name: values.get(name) for name in FACTS})
    member.handles_food, member.volunteer = bool(member.handles_food), bool(member.volunteer)
    db.session.add(member)
    db.session.flush()
    record(by, "units.add_member", point.code, {"member": member.id, "post": member.post})
    return member


def change_member(member: StaffMember, values: Mapping[str, Any], by: Actor) -> bool:
    """Corrects facts, or notes the day on which somebody left; whether anything changed.

    The trail tells which facts changed, and what they were but for the name.
    """
    changed = {
        name: values[name]
        for name in FACTS
        if name in values and getattr(member, name) != values[name]
    }
    if not changed:
        return False
    _check({name: getattr(member, name) for name in FACTS} | changed)
    before = {name: getattr(member, name) for name in changed if name != "name"}
    for name, value in changed.items():
        setattr(member, name, value)
    db.session.flush()
    detail = {"member": member.id, "changed": sorted(changed), "before": before}
    record(by, "units.change_member", _code(member), detail)
    return True


def enter_paper(
    member: StaffMember, values: Mapping[str, Any], by: Actor, now: datetime
) -> StaffPaper | None:
    """Enters a certificate, an appointment or a training (kind, number, issued_on, valid_to, note);
    None when the very same is there. A health certificate lasts as long as the law says if its last
    day is not given.

    Raises `UnknownKind`, `IssuedLater`, `PeriodBackwards`.
    """
    kind, issued, last = values.get("kind", ""), values["issued_on"], values.get("valid_to")
    if kind not in STAFF_PAPERS:
        raise refusals.UnknownKind()
    if issued > local_date(now):
        raise refusals.IssuedLater()
    if kind == "health" and last is None:
        last = lasting(issued, int(value_on("health.months", issued))).last
    if last is not None and last < issued:
        raise refusals.PeriodBackwards()
    fixed = {
        "staff_id": member.id,
        "kind": kind,
        "number": values.get("number") or "",
        "issued_on": issued,
        "valid_to": last,
    }
    same = select(StaffPaper.id).filter_by(withdrawn_at=None, **fixed)
    if db.session.scalar(same.limit(1)) is not None:
        return None
    paper = StaffPaper(note=values.get("note") or "", entered_at=now, entered_by=str(by), **fixed)
    db.session.add(paper)
    db.session.flush()
    detail = {"paper": paper.id, "member": member.id, "kind": kind, "issued_on": issued}
    record(by, "units.enter_paper", _code(member), detail | {"valid_to": last})
    return paper


def withdraw_paper(paper: StaffPaper, why: str, by: Actor, now: datetime) -> None:
    """Takes a wrong entry out of account. Raises `AlreadyWithdrawn`."""
    if paper.withdrawn_at is not None:
        raise refusals.AlreadyWithdrawn()
    paper.withdrawn_at, paper.withdrawn_why = now, why
    db.session.flush()
    member = db.session.get_one(StaffMember, paper.staff_id)
    record(by, "units.withdraw_paper", _code(member), {"paper": paper.id, "member": member.id})


def member_of(point: MealPoint, name: str, joined_on: date) -> StaffMember | None:
    """The member of this name who began on this day."""
    return db.session.scalars(
        select(StaffMember)
        .filter_by(point_id=point.id, name=name, joined_on=joined_on)
        .order_by(StaffMember.id)
        .limit(1)
    ).first()


def _check(values: Mapping[str, Any]) -> None:
    if values["post"] not in POSTS:
        raise refusals.UnknownKind()
    left = values.get("left_on")
    if left is not None and left < values["joined_on"]:
        raise refusals.LeftBeforeJoining()


def _code(member: StaffMember) -> str:
    return db.session.get_one(MealPoint, member.point_id).code
