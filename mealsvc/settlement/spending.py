"""What a year's months take out of each source: submitted months as frozen, the others so far."""

import json
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally, FrozenMonth
from mealsvc.settlement.acts import PREVIEW
from mealsvc.settlement.models import BudgetLine, SettlementBatch
from mealsvc.settlement.services import district, settlement_of


@dataclass
class Spending:
    """Fen by source, adjustments included; `submitted` is frozen, `open` may still change."""

    submitted: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)


def spending_of(year: int) -> Spending:
    """What the months of a year cost each source: one query of batches, one computation for each
    month that is still open somewhere.
    """
    spending, span = Spending(), (year * 100 + 1, year * 100 + 12)
    stored = select(SettlementBatch.document).where(SettlementBatch.month.between(*span))
    for document in db.session.scalars(stored):
        _add(spending.submitted, json.loads(document))
    for key in _open_months(*span):
        for entry in settlement_of(Month.from_key(key))["points"]:
            if entry["status"] == PREVIEW:
                _add(spending.open, entry)
    return spending


def budget_of(year: int) -> dict[str, int]:
    """What each source gives the district for the year, in fen."""
    lines = select(BudgetLine.source, BudgetLine.amount_fen).where(
        BudgetLine.district == district(), BudgetLine.year == year
    )
    return dict(db.session.execute(lines).all())


def budget_years() -> list[int]:
    """The years that have a budget, the latest first."""
    years = select(BudgetLine.year).where(BudgetLine.district == district()).distinct()
    return list(db.session.scalars(years.order_by(BudgetLine.year.desc())))


def _open_months(first: int, last: int) -> list[int]:
    frozen = select(FrozenMonth.month).where(
        FrozenMonth.point_id == DailyTally.point_id, FrozenMonth.month == DailyTally.settle_month
    )
    months = select(DailyTally.settle_month).where(
        DailyTally.settle_month.between(first, last), ~frozen.exists()
    )
    return sorted(set(db.session.scalars(months.distinct())))


def _add(into: Counter[str], entry: dict) -> None:
    for name in ("funding", "adjustment_funding"):
        into.update(entry[name])
