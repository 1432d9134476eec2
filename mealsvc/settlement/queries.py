"""What a settlement's pages read beside the settlement itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlalchemy.orm import aliased

from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.servings.models import DailyTally, FrozenMonth, Serving
from mealsvc.settlement.models import LineHold, SettlementAdjustment, SettlementBatch
from mealsvc.settlement.waiting import HELD


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A point as tables name it."""

    code: str
    name: str
    division: str


def places(seen: ColumnElement[bool]) -> dict[str, PlaceName]:
    """The points that somebody sees, by code."""
    rows = db.session.execute(
        select(MealPoint.code, MealPoint.name, MealPoint.division).where(seen)
    )
    return {row.code: PlaceName(*row) for row in rows}


def late_lines(month: Month, point_id: int) -> Any:
    """The lines that settle here as an adjustment, each with the line that a reversal takes back."""
    original = aliased(Serving)
    return (
        select(
            Serving.sequence,
            Serving.key,
            Serving.served_on,
            Serving.meal,
            Serving.reverses,
            Serving.note,
            Serving.reason,
            Serving.subsidy_fen,
            Serving.delivery_fen,
            Serving.recorded_at,
            Serving.resident_id,
            Resident.name,
            original.key.label("original_key"),
        )
        .join(Resident, Resident.id == Serving.resident_id)
        .outerjoin(original, original.sequence == Serving.reverses)
        .where(Serving.settle_month == month.key, Serving.point_id == point_id, Serving.late)
        .order_by(Serving.sequence)
    )


def months_with_lines(seen: ColumnElement[bool], limit: int = 36) -> list[Month]:
    """The months in which these points have lines or adjustments, the latest first."""
    ids = db.session.scalars(select(MealPoint.id).where(seen)).all()
    found: set[int] = set()
    for table in (DailyTally, SettlementAdjustment):
        keys = select(table.settle_month).where(table.point_id.in_(ids)).distinct()
        found |= set(db.session.scalars(keys.order_by(table.settle_month.desc()).limit(limit)))
    return [Month.from_key(key) for key in sorted(found, reverse=True)[:limit]]


def open_months(seen: ColumnElement[bool], before: date) -> dict[Month, int]:
    """How many of these points have lines or adjustments to submit in each month that ended before
    this day.
    """
    pairs: set[tuple[int, int]] = set()
    for table in (DailyTally, SettlementAdjustment):
        frozen = select(FrozenMonth.month).where(
            FrozenMonth.point_id == table.point_id, FrozenMonth.month == table.settle_month
        )
        rows = db.session.execute(
            select(table.settle_month, table.point_id)
            .join(MealPoint, MealPoint.id == table.point_id)
            .where(table.settle_month < Month.of(before).key, seen, ~frozen.exists())
            .distinct()
        )
        pairs |= {(row.settle_month, row.point_id) for row in rows}
    found: dict[Month, int] = {}
    for key, _ in sorted(pairs):
        month = Month.from_key(key)
        found[month] = found.get(month, 0) + 1
    return found


def desk_counts(seen: ColumnElement[bool]) -> dict[str, tuple[int, Month]]:
    """How many months of these points stand in each state, and the earliest of them; under `held`
    the lines held without an end. What is put away is left out.
    """
    batches = (
        select(SettlementBatch.status, func.count(), func.min(SettlementBatch.month))
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(seen, SettlementBatch.status != "closed")
        .group_by(SettlementBatch.status)
    )
    held = (
        select(literal(HELD), func.count(), func.min(LineHold.month))
        .join(MealPoint, MealPoint.id == LineHold.point_id)
        .where(seen, LineHold.outcome.is_(None))
        .having(func.count() > 0)
    )
    rows = db.session.execute(union_all(batches, held))
    return {row[0]: (row[1], Month.from_key(row[2])) for row in rows}


def newest_record() -> datetime | None:
    """When the newest line of the ledger was recorded."""
    newest = select(Serving.recorded_at).order_by(Serving.sequence.desc()).limit(1)
    return db.session.scalar(newest)
