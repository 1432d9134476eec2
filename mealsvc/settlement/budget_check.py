"""Nothing is approved beyond the budget without a decision that says so."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settlement import refusals
from mealsvc.settlement.batches import held_in
from mealsvc.settlement.budget_lines import lines_of
from mealsvc.settlement.budget_rows import line_label
from mealsvc.settlement.budgeting import Excess, beyond
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.services import division_of
from mealsvc.settlement.spending import committed_by_line, funding_of

NO_BUDGET = "none"


def excess_of(year: int, division: str, claim: Mapping[str, int]) -> list[Excess] | None:
    """The sources of a claim that go beyond their budget of the year; None if the district has
    entered no budget for it at all.
    """
    lines = lines_of(year)
    if not lines:
        return None
    return beyond(lines, committed_by_line(year, lines), division, claim)


def batch_excess(batch: SettlementBatch) -> list[Excess] | None:
    """As `excess_of`, for a month as it would be approved now."""
    place = db.session.get_one(MealPoint, batch.point_id)
    funding = funding_of(json.loads(batch.document), held_in(batch).funding)
    return excess_of(Month.from_key(batch.month).year, division_of(batch, place), funding)


def check_budget(batch: SettlementBatch, decision: str) -> dict[str, Any]:
    """What the approval notes about the budget: nothing if it suffices, that there is none, or the
    decision (超预算决定) and what it lets pass. Raises `BudgetExceeded` where one is missing.
    """
    found = batch_excess(batch)
    if found is None:
        return {"budget": NO_BUDGET}
    if not found:
        return {}
    if not decision:
        raise refusals.BudgetExceeded(
            month=Month.from_key(batch.month).chinese,
            point=json.loads(batch.heading)["name"],
            lines="；".join(sentences(found)),
        )
    noted = [
        {
            "source": one.source,
            "division": one.division,
            "budget_fen": one.budget_fen,
            "committed_fen": one.committed_fen,
            "claim_fen": one.claim_fen,
            "missing_fen": one.missing_fen,
        }
        for one in found
    ]
    return {"decision": decision, "beyond": noted}


def sentences(found: Sequence[Excess]) -> list[str]:
    """Each excess in words, amounts in yuan."""
    return [_sentence(one) for one in found]


def _sentence(one: Excess) -> str:
    place = db.session.get(Division, one.division)
    label = line_label(one.source, one.division, place.name if place else one.division)
    claim, missing = display(one.claim_fen), display(one.missing_fen)
    if one.budget_fen is None:
        return f"{label}没有安排预算，本次{claim}元全部没有来源"
    return (
        f"{label}预算{display(one.budget_fen)}元，已批准{display(one.committed_fen)}元，"
        f"本次{claim}元，差{missing}元"
    )
