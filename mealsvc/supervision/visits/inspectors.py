"""The register of inspectors, and from which points or units each of them keeps away (回避)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import actions_of
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint, Operator
from mealsvc.plumbing.db import db
from mealsvc.supervision.visits import refusals
from mealsvc.supervision.visits.models import Inspector, InspectorInterest
from mealsvc.trail.services import record


def add_inspector(
    name: str, card_no: str, office: str, division: str, by: Actor, login: str | None = None
) -> Inspector:
    """Registers an inspector. Raises `InspectorExists`, `NoSuchLogin`."""
    _check_account(card_no, login)
    one = Inspector(name=name, card_no=card_no, office=office, division=division, login=login)
    db.session.add(one)
    db.session.flush()
    record(by, "inspectors.add", f"inspector/{one.id}", {"card": card_no, "office": office})
    return one


def change_inspector(
    inspector_id: int, office: str, login: str | None, active: bool, by: Actor
) -> Inspector:
    """Changes office, account and whether she still inspects; name and card stay."""
    one = _inspector(inspector_id)
    _check_account(one.card_no, login, one.id)
    changed = {"office": office, "login": login, "active": active}
    before = {name: getattr(one, name) for name in changed}
    if before == changed:
        return one
    for name, value in changed.items():
        setattr(one, name, value)
    db.session.flush()
    record(by, "inspectors.change", f"inspector/{one.id}", {"before": before, "after": changed})
    return one


def declare_interest(
    inspector_id: int, point_code: str, unit: str, reason: str, by: Actor, now: datetime
) -> InspectorInterest:
    """Notes that an inspector keeps away from a point (by code) or from a unit (by name)."""
    one = _inspector(inspector_id)
    if not reason:
        raise refusals.WhyNeeded()
    point_id = db.session.scalar(select(MealPoint.id).where(MealPoint.code == point_code))
    unit_id = None if point_code else db.session.scalar(select(Operator.id).filter_by(name=unit))
    if point_id is None and unit_id is None:
        raise refusals.InterestAbout()
    known = select(InspectorInterest.id).where(
        InspectorInterest.inspector_id == one.id,
        InspectorInterest.ended_at.is_(None),
        InspectorInterest.point_id == point_id,  # one of the two is NULL
        InspectorInterest.operator_id == unit_id,
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise refusals.InterestExists()
    interest = InspectorInterest(
        inspector_id=one.id,
        point_id=point_id,
        operator_id=unit_id,
        reason=reason,
        declared_at=now,
        declared_by=str(by),
    )
    db.session.add(interest)
    db.session.flush()
    about = {"point": point_code} if point_id is not None else {"operator": unit_id}
    record(by, "inspectors.interest", f"inspector/{one.id}", {"interest": interest.id, **about})
    return interest


def end_interest(interest_id: int, by: Actor, now: datetime) -> InspectorInterest:
    """Ends a recusal; what was decided under it stays."""
    one = db.session.get(InspectorInterest, interest_id)
    if one is None or one.ended_at is not None:
        raise refusals.InterestEnded()
    one.ended_at = now
    db.session.flush()
    record(by, "inspectors.interest_end", f"inspector/{one.inspector_id}", {"interest": one.id})
    return one


def chosen(inspector_ids: Sequence[int]) -> list[Inspector]:
    """These active inspectors, each once, in the order given. Raises `NoInspector`."""
    found = {
        one.id: one
        for one in db.session.scalars(
            select(Inspector).where(Inspector.id.in_(inspector_ids), Inspector.active)
        )
    }
    for wanted in inspector_ids:
        if wanted not in found:
            raise refusals.NoInspector(inspector=wanted)
    return [found[wanted] for wanted in dict.fromkeys(inspector_ids)]


def recusals(point: MealPoint) -> dict[int, str]:
    """Why inspectors keep away from a point now, by inspector."""
    return recusals_at([point])[point.id]


def recusals_at(points: Collection[MealPoint]) -> dict[int, dict[int, str]]:
    """For each of these points (id) why inspectors keep away from it now, by inspector."""
    units = {point.operator_id for point in points if point.operator_id is not None}
    rows = db.session.scalars(
        select(InspectorInterest)
        .where(
            InspectorInterest.ended_at.is_(None),
            or_(
                InspectorInterest.point_id.in_([point.id for point in points]),
                InspectorInterest.operator_id.in_(units),
            ),
        )
        .order_by(InspectorInterest.id)
    ).all()
    return {
        point.id: {
            row.inspector_id: row.reason
            for row in rows
            if row.point_id == point.id
            or (row.operator_id is not None and row.operator_id == point.operator_id)
        }
        for point in points
    }


def _inspector(inspector_id: int) -> Inspector:
    one = db.session.get(Inspector, inspector_id)
    if one is None:
        raise refusals.NoInspector(inspector=inspector_id)
    return one


def _check_account(card_no: str, login: str | None, own: int | None = None) -> None:
    same = [Inspector.card_no == card_no, *([Inspector.login == login] if login else [])]
    known = db.session.scalars(select(Inspector.id).where(or_(*same))).all()
    if any(each != own for each in known):
        raise refusals.InspectorExists(card=card_no)
    if login:
        role = db.session.scalar(select(Account.role).where(Account.login == login))
        if role is None or "visits.conduct" not in actions_of(role):
            raise refusals.NoSuchLogin(login=login)
