"""What a time cost: whole months by point and source, the year's budget, and how fast it was paid."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.months import Month
from mealsvc.payments.models import PaymentLine, PaymentOrder
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.reports.oversight_facts import BatchFacts, Money
from mealsvc.reports.period import Period
from mealsvc.servings.models import DailyTally, FrozenMonth
from mealsvc.settlement.acts import FIXED, PREVIEW
from mealsvc.settlement.budget_lines import lines_of
from mealsvc.settlement.models import BatchAct, NoticeBatch, SettlementBatch
from mealsvc.settlement.services import claims_of
from mealsvc.settlement.spending import PAID, Cost, by_line, fixed_costs

Lines = Mapping[tuple[str, str], int]


class Claim(NamedTuple):
    """A point's month as it was submitted, or as the ledger gives it now."""

    point_id: int
    month: int
    status: str
    document: Mapping[str, Any]


def claims(period: Period, places: Mapping[int, MealPoint]) -> list[Claim]:
    """The settlement of every whole month of the time, and of the last day's year before it."""
    keys = sorted({*(month.key for month in period.whole_months), *_year_keys(period)})
    stored = [
        Claim(row.point_id, row.month, row.status, json.loads(row.document))
        for row in db.session.execute(
            select(
                SettlementBatch.point_id,
                SettlementBatch.month,
                SettlementBatch.status,
                SettlementBatch.document,
            ).where(SettlementBatch.month.in_(keys), SettlementBatch.point_id.in_(places))
        )
    ]
    return stored + list(_open_claims(period, places))


def _year_keys(period: Period) -> range:
    last = Month.of(period.last_day)
    return range(last.year * 100 + 1, last.key + 1)


def _open_claims(period: Period, places: Mapping[int, MealPoint]) -> Iterator[Claim]:
    """What is not submitted yet, computed month by month: usually the last one or two only."""
    wanted = [month.key for month in period.whole_months]
    frozen = select(FrozenMonth.month).where(
        FrozenMonth.point_id == DailyTally.point_id, FrozenMonth.month == DailyTally.settle_month
    )
    rows = db.session.execute(
        select(DailyTally.settle_month, DailyTally.point_id)
        .where(DailyTally.settle_month.in_(wanted), ~frozen.exists())
        .distinct()
    )
    waiting: dict[int, dict[int, MealPoint]] = defaultdict(dict)
    for month, point_id in rows:
        waiting[month][point_id] = places[point_id]
    for month, points in sorted(waiting.items()):
        for point_id, claim in claims_of(Month.from_key(month), points).items():
            yield Claim(point_id, month, PREVIEW, claim)


def money_of(period: Period, found: list[Claim], codes: Mapping[int, str]) -> dict[str, Money]:
    """The whole months of the time: what they cost each source, and what the elders paid."""
    wanted = [month.key for month in period.whole_months]
    net = func.sum(DailyTally.lines - DailyTally.reversals)
    ledger = {
        row.point_id: (int(row[1]), int(row[2]))
        for row in db.session.execute(
            select(DailyTally.point_id, net, func.sum(DailyTally.self_pay_fen))
            .where(DailyTally.settle_month.in_(wanted), ~DailyTally.late)
            .group_by(DailyTally.point_id)
        )
    }
    by_point: dict[int, list[Mapping[str, Any]]] = {point_id: [] for point_id in ledger}
    for claim in found:
        if claim.month in wanted:
            by_point.setdefault(claim.point_id, []).append(claim.document)
    return {
        codes[point_id]: Money(
            *_first(ledger.get(point_id, (0, 0))),
            *(sum(one[name] for one in documents) for name in _AMOUNTS),
            self_pay_fen=ledger.get(point_id, (0, 0))[1],
            funding=_sum_up(documents),
        )
        for point_id, documents in by_point.items()
    }


_AMOUNTS = ("subsidy_fen", "delivery_fen", "operating_fen")


def _first(pair: tuple[int, int]) -> tuple[int]:
    return (pair[0],)


def _sum_up(documents: list[Mapping[str, Any]]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for document in documents:
        for source, fen in document["funding"].items():
            totals[source] += fen
    return dict(totals)


def budget_of(
    period: Period, found: list[Claim], places: Mapping[int, MealPoint]
) -> tuple[Lines, Lines, Lines]:
    """The year's budget, what its submitted months so far cost with their adjustments, and what was
    paid for them: by the line that pays."""
    keys, year = _year_keys(period), period.last_day.year
    lines = lines_of(year)
    submitted = [
        _cost(claim, places[claim.point_id])
        for claim in found
        if claim.status != PREVIEW and claim.month in keys
    ]
    paid = [one for one in fixed_costs(year) if one.stage == PAID and one.month in keys]
    return lines, by_line(submitted, lines), by_line(paid, lines)


def _cost(claim: Claim, place: MealPoint) -> Cost:
    sums: dict[str, int] = defaultdict(int)
    for part in ("funding", "adjustment_funding"):
        for source, fen in claim.document[part].items():
            sums[source] += fen
    return Cost(place.code, place.name, place.division, claim.month, claim.status, sums)


def batches_of(period: Period, codes: Mapping[int, str], after_days: int) -> tuple[BatchFacts, ...]:
    """Months that were paid in the time, and those that had waited too long on its last day."""
    approved = (
        select(BatchAct.batch_id, func.max(BatchAct.at, type_=BatchAct.at.type).label("at"))
        .where(BatchAct.act == "approve")
        .group_by(BatchAct.batch_id)
        .subquery()
    )
    paid = (
        select(PaymentLine.batch_id, func.max(PaymentOrder.paid_on).label("paid_on"))
        .join(PaymentOrder, PaymentOrder.id == PaymentLine.order_id)
        .where(PaymentOrder.state == "paid")
        .group_by(PaymentLine.batch_id)
        .subquery()
    )
    noticed = select(NoticeBatch.batch_id).where(NoticeBatch.batch_id == SettlementBatch.id)
    rows = db.session.execute(
        select(
            SettlementBatch.point_id,
            SettlementBatch.month,
            SettlementBatch.payable_fen - func.coalesce(SettlementBatch.held_fen, 0),
            approved.c.at,
            paid.c.paid_on,
            noticed.exists(),
        )
        .join(approved, approved.c.batch_id == SettlementBatch.id)
        .outerjoin(paid, paid.c.batch_id == SettlementBatch.id)
        .where(
            SettlementBatch.status.in_(FIXED),
            (paid.c.paid_on.is_(None)) | (paid.c.paid_on >= period.first_day),
        )
        .order_by(SettlementBatch.month, SettlementBatch.point_id)
    )
    return tuple(
        batch
        for point, month, fen, at, paid_on, shown in rows
        if (batch := _batch(period, codes[point], month, fen, at, paid_on, shown, after_days))
    )


def _batch(
    period: Period,
    point: str,
    month: int,
    fen: int,
    approved_at: datetime,
    paid_on: date | None,
    noticed: bool,
    after_days: int,
) -> BatchFacts | None:
    """None where it was neither paid in the time nor late on its last day."""
    last = period.last_day
    paid_now = paid_on is not None and paid_on in period
    late_from = local_date(approved_at) + timedelta(days=after_days)
    waits = (paid_on is None or paid_on > last) and late_from < last and fen > 0
    if not paid_now and not waits:
        return None
    taken = (paid_on - Month.from_key(month).last_day).days if paid_on and paid_now else None
    return BatchFacts(point, month, fen, taken, bool(noticed), waits)


def ever_approved(period: Period) -> bool:
    """Whether any month was approved before the time was over."""
    end = datetime.combine(period.last_day + timedelta(days=1), time.min, LOCAL)
    found = select(BatchAct.id).where(BatchAct.act == "approve", BatchAct.at < end).limit(1)
    return db.session.scalar(found) is not None
