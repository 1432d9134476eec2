"""What the next payment order of a point comes to.

A point whose month comes to less than nothing is paid nothing, and the rest is carried to its next
line, source by source; so the order of a point's lines is that of the money.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from mealsvc.kernel.months import Month
from mealsvc.payments import grants
from mealsvc.payments.models import Payee, PaymentLine, PaymentOrder
from mealsvc.payments.payees import payees_of
from mealsvc.payments.rules import Money, pay_out
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settlement.batches import held_in
from mealsvc.settlement.models import SettlementBatch


@dataclass(frozen=True, slots=True)
class Due:
    """What one month of a point, or one stage of a grant, comes to in the next order."""

    point: MealPoint
    purpose: str
    payable: Money
    carried: Money
    payee: Payee | None
    batch: SettlementBatch | None = None
    stage_id: int | None = None

    @property
    def paid(self) -> Money:
        return pay_out(self.payable, self.carried)

    @property
    def left(self) -> Money:
        """What is carried on: never above nothing."""
        return self.payable + self.carried - self.paid


def dues_of(batch_ids: Collection[int]) -> list[Due]:
    """What these months come to, in order of point and month: what one leaves, the next carries."""
    rows = db.session.execute(
        select(SettlementBatch, MealPoint)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.id.in_(batch_ids))
        .order_by(MealPoint.code, SettlementBatch.month)
    ).all()
    points = {point.id for _, point in rows}
    carried, payees = balances_of(points), payees_of(points)
    dues = []
    for batch, point in rows:
        due = Due(
            point,
            f"{Month.from_key(batch.month).chinese}老年助餐补贴",
            money_of(batch),
            carried.get(point.id, Money()),
            payees.get(point.id),
            batch,
        )
        carried[point.id] = due.left
        dues.append(due)
    return dues


def stage_dues_of(stage_ids: Collection[int] | None) -> list[Due]:
    """What these approved stages of grants come to (None: all that can be paid); nothing is set
    off against them.
    """
    stages = [one for one in grants.payable_stages() if stage_ids is None or one.id in stage_ids]
    ids = {one.point_id for one in stages}
    payees = payees_of(ids)
    points = {
        point.id: point
        for point in db.session.scalars(select(MealPoint).where(MealPoint.id.in_(ids)))
    }
    return [
        Due(
            points[one.point_id],
            f"建设补贴{one.number}（{one.name}）",
            Money(one.amount_fen, one.funding),
            Money(),
            payees.get(one.point_id),
            stage_id=one.id,
        )
        for one in stages
    ]


def money_of(batch: SettlementBatch) -> Money:
    """What an approved month is worth: its claim less what was carved out of it."""
    claim, held = json.loads(batch.document), held_in(batch)
    own = Money(batch.payable_fen, claim["funding"])
    return own + Money(0, claim["adjustment_funding"]) - Money(held.fen, held.funding)


def balances_of(point_ids: Collection[int]) -> dict[int, Money]:
    """What each of these points still has to have set off: what its last line left."""
    latest = (
        select(func.max(PaymentLine.id))
        .join(PaymentOrder, PaymentOrder.id == PaymentLine.order_id)
        .where(
            PaymentLine.point_id.in_(point_ids),
            PaymentLine.batch_id.is_not(None),
            PaymentOrder.state != "recalled",
        )
        .group_by(PaymentLine.point_id)
    )
    lines = db.session.scalars(select(PaymentLine).where(PaymentLine.id.in_(latest)))
    return {line.point_id: left_of(line) for line in lines}


def left_of(line: PaymentLine) -> Money:
    """What a line carries on to the point's next one."""
    return (
        Money(line.payable_fen, json.loads(line.payable_funding))
        + Money(line.carried_fen, json.loads(line.carried_funding))
        - Money(line.amount_fen, json.loads(line.funding))
    )
