"""What the pages and papers of clawbacks read."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving
from mealsvc.settlement.acts import STATE_NAMES
from mealsvc.settlement.clawback_models import Clawback, ClawbackLine
from mealsvc.settlement.models import BatchAct, SettlementAdjustment, SettlementBatch


def lines_shown(one: Clawback) -> list[Any]:
    """The lines of a clawback as pages and papers show them, each with its reversal's month."""
    reversal = aliased(Serving)
    return list(
        db.session.execute(
            select(
                ClawbackLine.sequence,
                ClawbackLine.paid_month,
                ClawbackLine.amount_fen,
                Serving.key,
                Serving.served_on,
                Serving.meal,
                Resident.name,
                reversal.key.label("reversal"),
                reversal.settle_month,
            )
            .join(Serving, Serving.sequence == ClawbackLine.sequence)
            .join(Resident, Resident.id == Serving.resident_id)
            .outerjoin(reversal, reversal.sequence == ClawbackLine.reversal)
            .where(ClawbackLine.clawback_id == one.id)
            .order_by(ClawbackLine.sequence)
        )
    )


def offsets_of(one: Clawback, lines: Sequence[Any]) -> list[dict[str, Any]]:
    """In which months the reversals (and what was paid back) count, and in which order each of
    these months was paid.
    """
    sums: dict[int, int] = {}
    for line in lines:
        if line.settle_month is not None:
            sums[line.settle_month] = sums.get(line.settle_month, 0) - line.amount_fen
    if one.state == "repaid":
        given_back = select(
            SettlementAdjustment.settle_month, SettlementAdjustment.amount_fen
        ).where(
            SettlementAdjustment.sequence.in_([line.sequence for line in lines]),
            SettlementAdjustment.kind == "repaid",
        )
        for row in db.session.execute(given_back):
            sums[row.settle_month] = sums.get(row.settle_month, 0) + row.amount_fen
    batches = {
        batch.month: batch
        for batch in db.session.scalars(
            select(SettlementBatch).where(
                SettlementBatch.point_id == one.point_id, SettlementBatch.month.in_(sums)
            )
        )
    }
    orders = _orders({batch.id for batch in batches.values()})
    return [
        {
            "month": Month.from_key(key),
            "fen": fen,
            "state": STATE_NAMES[batch.status] if (batch := batches.get(key)) else "未提交",
            "order": orders.get(batch.id, "") if batch else "",
        }
        for key, fen in sorted(sums.items())
    ]


def _orders(batch_ids: set[int]) -> dict[int, str]:
    """The payment order that each of these batches is in."""
    found: dict[int, str] = {}
    acts = select(BatchAct).where(
        BatchAct.batch_id.in_(batch_ids), BatchAct.act.in_(("order", "recall"))
    )
    for act in db.session.scalars(acts.order_by(BatchAct.id)):
        found[act.batch_id] = json.loads(act.detail)["order"] if act.act == "order" else ""
    return found
