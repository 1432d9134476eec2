"""Meals that a till without network showed as saved and that ended otherwise: noted, then settled.

A till's word to an elder cannot be taken back silently: each difference waits here for the manager.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.text import is_storable
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Credential, Resident
from mealsvc.servings.lookup import identify
from mealsvc.servings.models import Serving, ServingKey, UploadConflict
from mealsvc.servings.refusals import (
    AlreadySettled,
    NoSuchSettlement,
    NotThatDay,
    UnknownResident,
)
from mealsvc.servings.rules import Order
from mealsvc.servings.services import Receipt, receipt_under, record_serving, reverse_serving
from mealsvc.servings.till import new_key
from mealsvc.trail.services import record

NOTED, SETTLED = "conflicts.note", "conflicts.settle"
FULL_PRICE, AMOUNT, REFUSED, CLOCK = "full_price", "amount", "refused", "clock"
LARGEST_FEN = 10**12
OUTCOMES = {
    FULL_PRICE: "按全价登记",
    AMOUNT: "金额有变化",
    REFUSED: "没有登记",
    CLOCK: "日期待确认",
}


COLLECT, REFUND, ABSORB, REVERSE = "collect", "refund", "absorb", "reverse"
VOID, PAID, RECORD = "void", "paid", "record"
SETTLEMENTS = {
    COLLECT: "向老人补收差额",
    REFUND: "退还老人差额",
    ABSORB: "由助餐点承担",
    REVERSE: "冲正这一餐",
    VOID: "作废（没有用餐）",
    PAID: "已当场收全价，不补贴",
    RECORD: "按确认的日期登记",
}
LOOK_BACK = 7  # days before a meal's arrival on which it may have been eaten


@dataclass(frozen=True, slots=True)
class Shown:
    """What the elder was told without network, and how far the till's clock was trusted."""

    self_pay_fen: int
    offset_ms: int | None = None


def conflict_of(key: str) -> UploadConflict | None:
    """What was noted under this key."""
    return db.session.get(UploadConflict, key)


def find_conflict(key: str) -> UploadConflict | None:
    """The same for a key that somebody typed into an address."""
    return conflict_of(key) if is_storable(key) else None


def outcome_of(receipt: Receipt, shown: Shown) -> str | None:
    """How a recorded meal differs from what the elder was shown; None where it does not."""
    if receipt.self_pay_fen == shown.self_pay_fen:
        return None
    return (
        AMOUNT
        if receipt.reason is None or receipt.self_pay_fen < shown.self_pay_fen
        else FULL_PRICE
    )


def is_recorded(key: str) -> bool:
    """Whether the ledger has a line under this key."""
    return db.session.get(ServingKey, key) is not None


def note_conflict(
    order: Order,
    outcome: str,
    code: str,
    shown: Shown,
    receipt: Receipt | None,
    by: Actor,
    now: datetime,
) -> UploadConflict:
    """Keeps the difference for the manager; what was noted under this key before stays as it is."""
    noted = conflict_of(order.key)
    if noted is not None:
        return noted
    conflict = UploadConflict(
        key=order.key,
        point=order.point,
        resident_id=receipt.resident_id if receipt else resident_of(order.credential),
        served_at=order.served_at,
        meal=order.meal,
        mode=order.mode,
        method=order.method,
        price_fen=_kept(order.price_fen),
        shown_self_pay_fen=shown.self_pay_fen,
        self_pay_fen=receipt.self_pay_fen if receipt else None,
        outcome=outcome,
        code=code,
        operator=order.operator,
        device=order.device,
        clock_offset_ms=shown.offset_ms,
        arrived_at=now,
        note=order.note,
    )
    db.session.add(conflict)
    record(by, NOTED, order.key, {"point": order.point, "outcome": outcome, "code": code})
    db.session.flush()
    return conflict


def _kept(price_fen: int | None) -> int:
    """The price as a table can hold it: what is no price is 0."""
    return price_fen if price_fen is not None and 0 < price_fen <= LARGEST_FEN else 0


def resident_of(credential: str) -> int | None:
    """The elder of a token, card or ID number, as far as she is known."""
    as_card, as_id, number = identify(credential)
    if number is not None:
        return db.session.scalar(select(Resident.id).where(Resident.id == number))
    mine = (Credential.digest.in_((as_card, as_id)), Credential.status == "active")
    return db.session.scalar(select(Credential.resident_id).where(*mine))


def count_open(point: str) -> int:
    """How many uploads of the point wait for the manager."""
    mine = (UploadConflict.point == point, UploadConflict.settled_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(UploadConflict).where(*mine)) or 0


def choices_of(conflict: UploadConflict) -> tuple[str, ...]:
    """How this one may be settled."""
    if conflict.outcome == CLOCK:
        return RECORD, VOID
    if conflict.outcome == REFUSED:
        return VOID, ABSORB, PAID
    if difference_of(conflict) < 0:
        return REFUND, REVERSE
    return COLLECT, ABSORB, REVERSE


def difference_of(conflict: UploadConflict) -> int:
    """What the elder owes beyond what she was shown (fen); below 0 she paid too much."""
    if conflict.self_pay_fen is None:
        return 0
    return conflict.self_pay_fen - conflict.shown_self_pay_fen


def days_of(conflict: UploadConflict) -> list[date]:
    """The days on which a meal with a doubtful clock may have been eaten, the latest first."""
    arrived, claimed = local_date(conflict.arrived_at), local_date(conflict.served_at)
    days = {arrived - timedelta(days=back) for back in range(LOOK_BACK + 1)}
    return sorted(days | ({claimed} if claimed <= arrived else set()), reverse=True)


def settle_conflict(
    connection: Connection,
    conflict: UploadConflict,
    settlement: str,
    day: date | None,
    note: str,
    by: Actor,
    now: datetime,
) -> Receipt | None:
    """Settles a difference, once; the receipt of a meal that was recorded or reversed by it.

    `day` is when a meal with a doubtful clock was eaten. Raises `AlreadySettled`,
    `NoSuchSettlement`, `NotThatDay`, and what recording or reversing refuses.
    """
    db.session.refresh(conflict)
    if conflict.settled_at is not None:
        raise AlreadySettled(
            by=conflict.settled_by, settlement=SETTLEMENTS[conflict.settlement or VOID]
        )
    if settlement not in choices_of(conflict):
        raise NoSuchSettlement()
    receipt = None
    if settlement == RECORD:
        receipt = record_serving(connection, _order_on(conflict, day, now), by, now)
        conflict.self_pay_fen = receipt.self_pay_fen
    elif settlement == REVERSE and not _is_reversed(conflict.key):
        reason = f"断网补传：{note}" if note else "断网补传"
        receipt = reverse_serving(connection, new_key(now), conflict.key, reason, None, by, now)
    _settled(conflict, settlement, note, by, now)
    return receipt


def take_back_unrecorded(key: str, point: str, reason: str, by: Actor, now: datetime) -> None:
    """A meal that was never recorded was taken back at the till: nobody has to settle it any more."""
    conflict = find_conflict(key)
    if conflict is None or conflict.point != point or conflict.settled_at is not None:
        return
    if conflict.outcome in (CLOCK, REFUSED):
        _settled(conflict, VOID, f"收银台已撤销：{reason}", by, now)


def receipt_after(connection: Connection, conflict: UploadConflict) -> Receipt | None:
    """The receipt of a meal whose day the manager has named."""
    if conflict.settlement != RECORD:
        return None
    return receipt_under(connection, conflict.key)


def _settled(
    conflict: UploadConflict, settlement: str, note: str, by: Actor, now: datetime
) -> None:
    conflict.settlement, conflict.settled_at, conflict.settled_by = settlement, now, by.name
    conflict.note = "；".join(filter(None, (conflict.note, note)))
    facts = {"point": conflict.point, "outcome": conflict.outcome, "settlement": settlement}
    record(by, SETTLED, conflict.key, facts)
    db.session.flush()


def _order_on(conflict: UploadConflict, day: date | None, now: datetime) -> Order:
    """The meal as the till asked for it, on the day that the manager names."""
    if day is None or day not in days_of(conflict):
        raise NotThatDay()
    at = conflict.served_at
    if local_date(at) != day:
        clock = at.astimezone(LOCAL).time()
        at = min(datetime.combine(day, clock, LOCAL), conflict.arrived_at)
    who = "" if conflict.resident_id is None else vault().token(conflict.resident_id)
    if not who:
        raise UnknownResident()
    return Order(
        conflict.key,
        conflict.point,
        who,
        at.astimezone(UTC),
        conflict.meal,
        conflict.mode,
        conflict.price_fen,
        conflict.method,
        operator=conflict.operator,
        device=conflict.device,
        note=conflict.note,
    )


def _is_reversed(key: str) -> bool:
    line = select(ServingKey.sequence).where(ServingKey.key == key).scalar_subquery()
    return bool(db.session.scalar(select(Serving.sequence).where(Serving.reverses == line)))
