"""Payment orders (拨付单): what is ordered, recalled, and noted as paid."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.payments import grants, refusals
from mealsvc.payments.dues import Due, dues_of, left_of, stage_dues_of
from mealsvc.payments.models import PaymentLine, PaymentOrder
from mealsvc.payments.payees import account_of
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import EPOCH, db
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import person_id, same_person
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.proving import kept
from mealsvc.settlement.steps import check_turn, take
from mealsvc.trail.services import record

STATES = {"ordered": "待拨付", "paid": "已拨付", "recalled": "已撤回"}


def order_payment(
    batch_ids: Collection[int],
    stage_ids: Collection[int],
    note: str,
    total_fen: int | None,
    by: Actor,
    now: datetime,
) -> PaymentOrder:
    """Orders what these approved months and stages come to. `total_fen` is what whoever orders
    has seen.

    Raises `NothingToPay`, `PayeeMissing`, `MakerIsProposer`, `TotalChanged`, and what a step of
    the chain raises.
    """
    dues = dues_of(batch_ids) + stage_dues_of(stage_ids)
    if not dues:
        raise refusals.NothingToPay()
    for due in dues:
        if due.batch is not None:
            check_turn(ACTS["order"], due.batch, by)
    _check_payees(dues, by)
    total = sum(due.paid.fen for due in dues)
    if total_fen is not None and total != total_fen:
        raise refusals.TotalChanged()
    year = local_date(now).year
    order = PaymentOrder(
        number=_next_number(year),
        year=year,
        state="ordered",
        total_fen=total,
        line_count=len(dues),
        note=note,
        made_by=str(by),
        made_person=person_id(by),
        made_at=now,
    )
    db.session.add(order)
    db.session.flush()
    for due in dues:
        if due.paid.fen and due.payee:
            account_of(due.payee)  # refuses one that was tampered with
        db.session.add(_line(order, due))
        if due.batch is not None:
            take(ACTS["order"], due.batch, by, now, note, {"order": order.number})
    db.session.flush()
    grants.mark_ordered(stages_of(order), order.number, by, now)
    detail = {
        "total_fen": total,
        "lines": len(dues),
        "kept": [kept(order, lines_of(order))],
    }
    record(by, "payments.order", order.number, detail)
    return order


def recall_order(order_id: int, reason: str, by: Actor, now: datetime) -> PaymentOrder:
    """Takes an order back before it is paid; its months are approved again."""
    order = _open_order(order_id)
    _refuse_later(order)
    for batch in batches_of(order):
        take(ACTS["recall"], batch, by, now, reason, {"order": order.number})
    grants.mark_recalled(stages_of(order), order.number, by, now)
    order.state, order.end_note = "recalled", reason
    order.ended_by, order.ended_at = str(by), now
    db.session.flush()
    detail = {"total_fen": order.total_fen, "kept": [kept(order, lines_of(order))]}
    record(by, "payments.recall", order.number, detail)
    return order


def record_payment(
    order_id: int, paid_on: date, voucher: str, by: Actor, now: datetime
) -> PaymentOrder:
    """Notes that the treasury has paid an order; another person than who ordered it."""
    order = _open_order(order_id)
    if same_person(order.made_by, order.made_person, by, order.made_at):
        raise refusals.OwnOrder()
    first = local_date(order.made_at)
    if not first <= paid_on <= local_date(now):
        raise refusals.BadPaymentDay(first=chinese_date(first))
    if order.total_fen and not voucher:
        raise refusals.VoucherMissing()
    for batch in batches_of(order):
        take(ACTS["pay"], batch, by, now, "", {"order": order.number, "paid_on": str(paid_on)})
    grants.mark_paid(stages_of(order), order.number, paid_on, by, now)
    order.state, order.paid_on, order.voucher = "paid", paid_on, voucher
    order.ended_by, order.ended_at = str(by), now
    db.session.flush()
    detail = {
        "total_fen": order.total_fen,
        "paid_on": str(paid_on),
        "kept": [kept(order, lines_of(order))],
    }
    record(by, "payments.pay", order.number, detail)
    return order


def batches_of(order: PaymentOrder) -> Sequence[SettlementBatch]:
    """The months that an order pays, in its order."""
    return db.session.scalars(
        select(SettlementBatch)
        .join(PaymentLine, PaymentLine.batch_id == SettlementBatch.id)
        .where(PaymentLine.order_id == order.id)
        .order_by(PaymentLine.id)
    ).all()


def lines_of(order: PaymentOrder) -> Sequence[PaymentLine]:
    """What an order pays, line by line."""
    own = select(PaymentLine).where(PaymentLine.order_id == order.id)
    return db.session.scalars(own.order_by(PaymentLine.id)).all()


def stages_of(order: PaymentOrder) -> list[int]:
    """The stages of grants that an order pays."""
    found = select(PaymentLine.stage_id).where(
        PaymentLine.order_id == order.id, PaymentLine.stage_id.is_not(None)
    )
    return [one for one in db.session.scalars(found) if one is not None]


def _check_payees(dues: Sequence[Due], by: Actor) -> None:
    paid = [due for due in dues if due.paid.fen > 0]
    missing = [due.point.name for due in paid if due.payee is None]
    if missing:
        names = "、".join(dict.fromkeys(missing[:5]))
        more = f"等{len(missing)}个助餐点" if len(missing) > 5 else ""
        raise refusals.PayeeMissing(points=names + more)
    first: dict[tuple[str, int | None], Due] = {}
    for due in sorted(paid, key=_proposed_at):
        if due.payee is not None:
            first.setdefault((due.payee.proposed_by, due.payee.proposed_person), due)
    for (actor, person), due in first.items():
        if same_person(actor, person, by, _proposed_at(due)):
            raise refusals.MakerIsProposer(point=due.point.name)


def _proposed_at(due: Due) -> datetime:
    return due.payee.proposed_at if due.payee else EPOCH


def _line(order: PaymentOrder, due: Due) -> PaymentLine:
    return PaymentLine(
        order_id=order.id,
        point_id=due.point.id,
        batch_id=due.batch and due.batch.id,
        stage_id=due.stage_id,
        payee_id=due.payee and due.payee.id,
        purpose=due.purpose,
        payable_fen=due.payable.fen,
        payable_funding=_json(due.payable.funding),
        carried_fen=due.carried.fen,
        carried_funding=_json(due.carried.funding),
        amount_fen=due.paid.fen,
        funding=_json(due.paid.funding),
    )


def _json(funding: Mapping[str, int]) -> str:
    return json.dumps(dict(funding))


def _next_number(year: int) -> str:
    known = db.session.scalar(
        select(func.count()).select_from(PaymentOrder).where(PaymentOrder.year == year)
    )
    return f"BF-{year}-{(known or 0) + 1:04d}"


def _open_order(order_id: int) -> PaymentOrder:
    order = db.session.get_one(PaymentOrder, order_id)
    if order.state != "ordered":
        raise refusals.OrderEnded(number=order.number, state=STATES[order.state])
    return order


def _refuse_later(order: PaymentOrder) -> None:
    """What a later order carried on from this one cannot be taken back beneath it."""
    lines = db.session.scalars(
        select(PaymentLine).where(
            PaymentLine.order_id == order.id, PaymentLine.batch_id.is_not(None)
        )
    )
    carrying = {
        one.point_id for one in lines if one.carried_funding != "{}" or left_of(one).funding
    }
    later = db.session.execute(
        select(PaymentOrder.number, MealPoint.name)
        .join(PaymentLine, PaymentLine.order_id == PaymentOrder.id)
        .join(MealPoint, MealPoint.id == PaymentLine.point_id)
        .where(
            PaymentOrder.id > order.id,
            PaymentOrder.state != "recalled",
            PaymentLine.batch_id.is_not(None),
            PaymentLine.point_id.in_(carrying),
        )
        .order_by(PaymentOrder.id.desc())
        .limit(1)
    ).first()
    if later is not None:
        raise refusals.LaterOrder(number=later.number, point=later.name)
