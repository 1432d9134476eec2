"""Money of the next open month that is no ledger line, put beside the ledger."""

from datetime import datetime

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db, writer
from mealsvc.servings.lookup import frozen_months
from mealsvc.servings.models import Serving
from mealsvc.servings.rules import settling_month
from mealsvc.settlement.models import SettlementAdjustment
from mealsvc.settlement.proving import ADJUSTED, row_digest
from mealsvc.trail.services import record


def adjust(
    sequence: int, kind: str, amount_fen: int, funding: str, why: str, by: Actor, now: datetime
) -> SettlementAdjustment:
    """Adds an adjustment for this line to the next month that is open for its point, with a row of
    its own in the trail.
    """
    line = db.session.get_one(Serving, sequence)
    frozen = frozen_months(writer(), [line.point_id])[line.point_id]
    month, _ = settling_month(line.served_on, frozen)
    adjustment = SettlementAdjustment(
        point_id=line.point_id,
        settle_month=month,
        kind=kind,
        amount_fen=amount_fen,
        funding=funding,
        sequence=sequence,
        why=why[:300],
        made_by=str(by),
        made_at=now,
    )
    db.session.add(adjustment)
    db.session.flush()
    detail = {
        "adjustment": adjustment.id,
        "kind": kind,
        "amount_fen": amount_fen,
        "settle_month": month,
        "row": row_digest(adjustment, ADJUSTED),
    }
    record(by, "settlement.adjust", str(sequence), detail)
    return adjustment
