"""What is read for a month from kitchen to plate: a handful of grouped queries, however many points."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from mealsvc.auditing.reconciling import rules
from mealsvc.auditing.reconciling.rules import Meal, Mismatch, PointFacts
from mealsvc.bookings.models import Booking, MealDispatch, MealReceipt
from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import KITCHEN
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally, Serving
from mealsvc.settings.services import value_on
from mealsvc.settlement.models import LineHold, SettlementBatch
from mealsvc.supervision.logs.models import LogEntry, Purchase
from mealsvc.supervision.logs.rules import ONLY_SERVE

Key = tuple[int, date, str]  # point, day, meal
MOST_POINTS = 2_000
OFTEN = 3  # so often at a point in a month, it is told once
_SUMMED = ("served", "reversed", "subsidy_fen", "booked", "samples")


class Found(NamedTuple):
    """A mismatch with where and when; `day` None: of the whole month."""

    point: PointFacts
    day: date | None
    mismatch: Mismatch


@dataclass
class Row:
    """A point's day, or its month: sums over meals. None: nothing recorded of that."""

    served: int = 0
    reversed: int = 0
    subsidy_fen: int = 0
    booked: int = 0
    samples: int = 0
    meals: int = 0
    sampled: int = 0
    sent: int | None = None
    received: int | None = None
    held: int = 0
    found: int = 0

    def add(self, told: Meal, cooks: bool) -> None:
        """`cooks`: samples are due where meals are cooked."""
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(told, name))
        self.meals += bool(cooks and told.served)
        self.sampled += bool(cooks and told.served and told.samples)
        for name in ("sent", "received"):
            value = getattr(told, name)
            if value is not None:
                setattr(self, name, (getattr(self, name) or 0) + value)


@dataclass
class Kitchen:
    """A central kitchen's month: what it sent, and what arrived of it."""

    name: str
    code: str
    sent: int = 0
    received: int = 0
    points: set[int] = field(default_factory=set)


@dataclass
class Reconciled:
    """A month from kitchen to plate."""

    month: Month
    points: dict[int, PointFacts]
    days: dict[tuple[int, date], Row]
    months: dict[int, Row]
    found: list[Found]
    kitchens: list[Kitchen]
    rice: dict[int, float]
    batches: dict[int, str]

    @property
    def total(self) -> Row:
        """All points together."""
        added = Row()
        for row in self.months.values():
            for name in (*_SUMMED, "meals", "sampled", "held", "found"):
                setattr(added, name, getattr(added, name) + getattr(row, name))
            for name in ("sent", "received"):
                value = getattr(row, name)
                if value is not None:
                    setattr(added, name, (getattr(added, name) or 0) + value)
        return added


def reconcile(month: Month, seen: ColumnElement[bool]) -> Reconciled:
    """A month of the points that somebody sees: ten queries."""
    points = db.session.scalars(
        select(MealPoint).where(seen).order_by(MealPoint.code).limit(MOST_POINTS)
    ).all()
    ids = [point.id for point in points]
    sent, kitchens = _sent(ids, month)
    received = _portions(MealReceipt, MealReceipt.portions, MealReceipt.point_id, ids, month)
    meals = _meals(ids, month, sent, received)
    facts = _facts(points, meals)
    rice = _rice(ids, month)
    report = Reconciled(
        month,
        facts,
        defaultdict(Row),
        {point_id: Row() for point_id in facts},
        [],
        kitchens,
        rice,
        _batches(ids, month),
    )
    for (point_id, day, meal), told in sorted(meals.items(), key=lambda one: one[0]):
        cooks = facts[point_id].cooks
        report.days[point_id, day].add(told, cooks)
        report.months[point_id].add(told, cooks)
        for one in rules.mismatches(facts[point_id], meal, told):
            report.found.append(Found(facts[point_id], day, one))
            report.days[point_id, day].found += 1
            report.months[point_id].found += 1
    _add_holds(report, ids)
    _add_rice(report)
    _add_arrivals(report)
    report.found.sort(key=_rank)
    return report


def _rank(one: Found) -> Any:
    """What nobody can explain first, then by size and plausibility."""
    return not one.mismatch.firm, -one.mismatch.weight, one.point.code, one.day or date.min


def together(found: Sequence[Found]) -> list[Found]:
    """What repeats at a point day after day as one, so that the rest is not buried."""
    groups: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for one in found:
        groups[one.point.code, one.mismatch.kind].append(one)
    shown: list[Found] = []
    for same in groups.values():
        if len(same) < OFTEN or same[0].mismatch.firm:
            shown += same
        else:
            days = len({one.day for one in same})
            joined = rules.repeated([one.mismatch for one in same], days)
            shown.append(Found(same[0].point, None, joined))
    return sorted(shown, key=_rank)


def _meals(
    ids: Collection[int], month: Month, sent: dict[Key, int], received: dict[Key, int]
) -> dict[Key, Meal]:
    served = {(one[0], one[1], one[2]): one for one in _served(ids, month)}
    booked = _booked(ids, month)
    samples = _samples(ids, month)
    return {
        key: Meal(
            *(map(int, served[key][3:]) if key in served else (0, 0, 0)),
            booked=booked.get(key, 0),
            sent=sent.get(key),
            received=received.get(key),
            samples=samples.get(key, 0),
        )
        for key in {*served, *booked, *sent, *received}
        if key[2] in MEALS
    }


def _served(ids: Collection[int], month: Month) -> Iterator[Any]:
    """Net servings, reversals and subsidy by point, day and meal, from the daily tally."""
    sums = (
        DailyTally.lines - DailyTally.reversals,
        DailyTally.reversals,
        DailyTally.subsidy_fen,
    )
    columns = (DailyTally.point_id, DailyTally.served_on, DailyTally.meal)
    rows = (
        select(*columns, *(func.sum(one) for one in sums))
        .where(
            DailyTally.settle_month >= month.key,
            DailyTally.point_id.in_(ids),
            DailyTally.served_on.between(month.first_day, month.last_day),
        )
        .group_by(*columns)
    )
    yield from db.session.execute(rows)


def _booked(ids: Collection[int], month: Month) -> dict[Key, int]:
    columns = (Booking.point_id, Booking.served_on, Booking.meal)
    rows = (
        select(*columns, func.count())
        .where(
            Booking.served_on.between(month.first_day, month.last_day),
            Booking.point_id.in_(ids),
            Booking.cancelled_at.is_(None),
        )
        .group_by(*columns)
    )
    return {(row[0], row[1], row[2]): row[3] for row in db.session.execute(rows)}


def _samples(ids: Collection[int], month: Month) -> dict[Key, int]:
    columns = (LogEntry.point_id, LogEntry.day, LogEntry.meal)
    rows = (
        select(*columns, func.count())
        .where(
            LogEntry.kind == "sample",
            LogEntry.day.between(month.first_day, month.last_day),
            LogEntry.point_id.in_(ids),
            LogEntry.withdrawn_at.is_(None),
        )
        .group_by(*columns)
    )
    return {(row[0], row[1], row[2]): row[3] for row in db.session.execute(rows)}


def _portions(
    model: Any, portions: Any, place: Any, ids: Collection[int], month: Month
) -> dict[Key, int]:
    """Portions by place, day and meal, of the rows that no later row corrects."""
    later = aliased(model)
    columns = (place, model.served_on, model.meal)
    rows = (
        select(*columns, func.sum(portions))
        .where(
            place.in_(ids),
            model.served_on.between(month.first_day, month.last_day),
            ~select(later.id).where(later.corrects == model.id).exists(),
        )
        .group_by(*columns)
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in db.session.execute(rows)}


def _sent(ids: Collection[int], month: Month) -> tuple[dict[Key, int], list[Kitchen]]:
    """What was sent to each point, and each kitchen's sum of it."""
    later = aliased(MealDispatch)
    columns = (
        MealDispatch.kitchen_id,
        MealDispatch.point_id,
        MealDispatch.served_on,
        MealDispatch.meal,
    )
    rows = (
        select(*columns, func.sum(MealDispatch.portions).label("portions"))
        .where(
            MealDispatch.point_id.in_(ids),
            MealDispatch.served_on.between(month.first_day, month.last_day),
            ~select(later.id).where(later.corrects == MealDispatch.id).exists(),
        )
        .group_by(*columns)
    )
    sent: Counter[Key] = Counter()
    sums: dict[int, Kitchen] = {}
    for row in db.session.execute(rows):
        sent[row.point_id, row.served_on, row.meal] += int(row.portions)
        kitchen = sums.setdefault(row.kitchen_id, Kitchen("", ""))
        kitchen.sent += int(row.portions)
        kitchen.points.add(row.point_id)
    named = select(MealPoint.id, MealPoint.name, MealPoint.code).where(MealPoint.id.in_(sums))
    for row in db.session.execute(named) if sums else ():
        sums[row.id].name, sums[row.id].code = row.name, row.code
    return dict(sent), sorted(sums.values(), key=lambda one: one.code)


def _facts(points: Sequence[MealPoint], meals: dict[Key, Meal]) -> dict[int, PointFacts]:
    served, booked, samples = Counter[int](), Counter[int](), Counter[int]()
    for (point_id, _, _), told in meals.items():
        served[point_id] += told.served
        booked[point_id] += told.booked
        samples[point_id] += told.samples
    return {
        point.id: PointFacts(
            point.code,
            point.name,
            point.kind not in ONLY_SERVE,
            bool(point.supplier) and point.supplier != point.code,
            rules.books_ahead(booked[point.id], served[point.id]),
            bool(samples[point.id]),
        )
        for point in points
        if point.kind != KITCHEN or served[point.id]
    }


def _rice(ids: Collection[int], month: Month) -> dict[int, float]:
    """Kilograms of rice bought in the month by point."""
    rows = (
        select(Purchase.point_id, func.sum(Purchase.quantity_kg))
        .where(
            Purchase.point_id.in_(ids),
            Purchase.bought_on.between(month.first_day, month.last_day),
            Purchase.item.in_(rules.RICE),
        )
        .group_by(Purchase.point_id)
    )
    return {point_id: float(kg) for point_id, kg in db.session.execute(rows) if kg}


def _batches(ids: Collection[int], month: Month) -> dict[int, str]:
    rows = select(SettlementBatch.point_id, SettlementBatch.status).where(
        SettlementBatch.month == month.key, SettlementBatch.point_id.in_(ids)
    )
    return {row.point_id: row.status for row in db.session.execute(rows)}


def _add_holds(report: Reconciled, ids: Collection[int]) -> None:
    """Lines that are carved out of the month while somebody checks them."""
    rows = (
        select(LineHold.point_id, Serving.served_on, func.count())
        .join(Serving, Serving.sequence == LineHold.sequence)
        .where(
            LineHold.month == report.month.key,
            LineHold.point_id.in_(ids),
            LineHold.outcome.is_(None),
        )
        .group_by(LineHold.point_id, Serving.served_on)
    )
    for point_id, day, number in db.session.execute(rows):
        if point_id in report.months:
            report.months[point_id].held += number
        if (point_id, day) in report.days:
            report.days[point_id, day].held += number


def _add_rice(report: Reconciled) -> None:
    grams = {
        point_id: value
        for point_id, row in report.months.items()
        if (value := rules.grams_a_serving(report.rice.get(point_id, 0.0), row.served))
        and report.points[point_id].cooks
    }
    band = float(value_on("audit.purchase_band", report.month.last_day))
    odd = rules.rice_out_of_band(
        [(str(point_id), value) for point_id, value in grams.items()], band
    )
    for written, (own, usual) in odd.items():
        point_id = int(written)
        row = report.months[point_id]
        one = rules.rice_mismatch(own, usual, row.served, report.rice[point_id])
        report.found.append(Found(report.points[point_id], None, one))
        row.found += 1


def _add_arrivals(report: Reconciled) -> None:
    for kitchen in report.kitchens:
        rows = (report.months.get(point_id) for point_id in kitchen.points)
        kitchen.received = sum(row.received or 0 for row in rows if row is not None)


def modes_of(point_id: int, month: Month) -> dict[date, Counter[str]]:
    """Servings left after reversals by day and mode, of one point."""
    signed = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))
    rows = (
        select(Serving.served_on, Serving.mode, signed)
        .where(
            Serving.point_id == point_id,
            Serving.served_on.between(month.first_day, month.last_day),
        )
        .group_by(Serving.served_on, Serving.mode)
    )
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for day, mode, number in db.session.execute(rows):
        found[day][mode] = int(number)
    return found
