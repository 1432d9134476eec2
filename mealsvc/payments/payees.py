"""Whose account a point is paid to: entered by one person, confirmed by another."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.payments import refusals
from mealsvc.payments.models import Payee
from mealsvc.payments.rules import account_number
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.settlement.batches import person_id, same_person
from mealsvc.settlement.proving import kept
from mealsvc.trail.services import record

PURPOSE = "payee-account"


def propose_payee(
    point: MealPoint, holder: str, bank: str, account: str, basis: str, by: Actor, now: datetime
) -> Payee:
    """Enters an account (a first one, or a change); it counts once somebody else confirms it."""
    digits = account_number(account)
    if digits is None:
        raise refusals.BadAccount()
    index = vault().index(PURPOSE, digits)
    present = payees_of([point.id]).get(point.id)
    if present and (present.holder, present.bank, present.account_index) == (holder, bank, index):
        raise refusals.SameAccount()
    waiting = waiting_of([point.id]).get(point.id)
    if waiting is not None:
        waiting.outcome, waiting.decided_by, waiting.decided_at = "replaced", str(by), now
        db.session.flush()
    last = db.session.scalar(select(func.max(Payee.version)).where(Payee.point_id == point.id))
    payee = Payee(
        point_id=point.id,
        version=(last or 0) + 1,
        holder=holder,
        bank=bank,
        account=vault().seal(f"{point.id}/{digits}"),
        account_index=index,
        account_last4=digits[-4:],
        basis=basis,
        proposed_by=str(by),
        proposed_person=person_id(by),
        proposed_at=now,
    )
    db.session.add(payee)
    db.session.flush()
    rows = [kept(one) for one in (waiting, payee) if one is not None]
    detail = {"payee": payee.id, "version": payee.version, "kept": rows}
    record(by, "payees.propose", point.code, detail)
    return payee


def confirm_payee(payee_id: int, by: Actor, now: datetime) -> Payee:
    """Another person has compared the account with its papers: it counts from now on."""
    return _decide(payee_id, "confirmed", "", by, now)


def reject_payee(payee_id: int, reason: str, by: Actor, now: datetime) -> Payee:
    """The account does not fit its papers; what was confirmed before stays in force."""
    return _decide(payee_id, "rejected", reason, by, now)


def reveal_account(payee_id: int, by: Actor) -> str:
    """The whole account number, for whoever compares it; leaves a row in the trail."""
    payee = db.session.get_one(Payee, payee_id)
    record(by, "payees.reveal", _code(payee), {"payee": payee.id})
    return account_of(payee)


def account_of(payee: Payee) -> str:
    """The whole account number. It is sealed together with its point: bytes that somebody has
    copied here from another point's row are refused.
    """
    point, _, digits = vault().open(payee.account).partition("/")
    if point != str(payee.point_id) or vault().index(PURPOSE, digits) != payee.account_index:
        raise refusals.PayeeDamaged(point=_code(payee))
    return digits


def payees_of(point_ids: Collection[int]) -> dict[int, Payee]:
    """The account that counts for each of these points: the latest that was confirmed."""
    latest = (
        select(func.max(Payee.id))
        .where(Payee.point_id.in_(point_ids), Payee.outcome == "confirmed")
        .group_by(Payee.point_id)
    )
    found = db.session.scalars(select(Payee).where(Payee.id.in_(latest)))
    return {payee.point_id: payee for payee in found}


def waiting_of(point_ids: Collection[int]) -> dict[int, Payee]:
    """The account of each of these points that waits to be confirmed."""
    found = db.session.scalars(
        select(Payee).where(Payee.point_id.in_(point_ids), Payee.outcome.is_(None))
    )
    return {payee.point_id: payee for payee in found}


def shared_by(payees: Collection[Payee]) -> dict[int, list[str]]:
    """For each of these accounts that a point of another unit uses too (confirmed or waiting):
    the names of those points. An account that is out of use does not count.
    """
    indexes = {payee.account_index for payee in payees}
    rows = db.session.execute(
        select(Payee, MealPoint.name, MealPoint.operator_id)
        .join(MealPoint, MealPoint.id == Payee.point_id)
        .where(
            Payee.account_index.in_(indexes),
            Payee.outcome.is_(None) | (Payee.outcome == "confirmed"),
        )
    ).all()
    counts = payees_of({row.Payee.point_id for row in rows})
    users: dict[bytes, dict[int, tuple[str, int | None]]] = defaultdict(dict)
    for payee, name, operator in rows:
        if payee.outcome is None or counts[payee.point_id].id == payee.id:
            users[payee.account_index][payee.point_id] = (name, operator)
    return {payee.id: names for payee in payees if (names := _others(payee, users))}


def _others(payee: Payee, users: Mapping[bytes, Mapping[int, tuple[str, int | None]]]) -> list[str]:
    same = users[payee.account_index]
    own = same.get(payee.point_id)
    if own is None:
        return []
    return [
        name
        for point_id, (name, operator) in sorted(same.items())
        if point_id != payee.point_id and (operator is None or operator != own[1])
    ]


def _decide(payee_id: int, outcome: str, reason: str, by: Actor, now: datetime) -> Payee:
    payee = db.session.get_one(Payee, payee_id)
    if payee.outcome is not None:
        raise refusals.PayeeDecided()
    if same_person(payee.proposed_by, payee.proposed_person, by, payee.proposed_at):
        raise refusals.OwnPayee()
    payee.outcome, payee.reason = outcome, reason
    payee.decided_by, payee.decided_at = str(by), now
    db.session.flush()
    action = "payees.confirm" if outcome == "confirmed" else "payees.reject"
    detail = {"payee": payee.id, "version": payee.version, "kept": [kept(payee)]}
    record(by, action, _code(payee), detail)
    return payee


def _code(payee: Payee) -> str:
    return db.session.get_one(MealPoint, payee.point_id).code
