"""What a reviewer's pages read: a month's lines for the signals, what is new, and the past."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.places.rules import POINT
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import Decision, Serving
from mealsvc.settings.services import value_on
from mealsvc.settlement.models import LineHold, ReturnedLine, SettlementBatch
from mealsvc.settlement.rules import less_held
from mealsvc.settlement.signals import DEPARTED, Limits, Line, Point, Signal, signals_of

PATTERN_MONTHS, MEMORY_MONTHS, AT_ONCE = 6, 12, 2_000
_Undo = aliased(Serving)


@dataclass(frozen=True, slots=True)
class News:
    """What was not here in the months before: elders, tills, operators, prices (with counts)."""

    elders: int
    devices: tuple[tuple[str, int], ...]
    operators: tuple[tuple[str, int], ...]
    prices: tuple[tuple[str, int, int], ...]  # meal, fen, how often


@dataclass(frozen=True, slots=True)
class Review:
    """A point's month as a reviewer needs it."""

    signals: list[Signal]
    news: News
    sequences: tuple[int, ...]  # of the lines that a sample is drawn from


def months_back(month: Month, number: int) -> Month:
    """The month so many months earlier."""
    for _ in range(number):
        month = month.previous
    return month


def earlier_entries(month: Month, point_id: int) -> dict[Month, dict[str, Any]]:
    """What was submitted for up to six months before, by month, the latest first."""
    rows = db.session.execute(
        select(SettlementBatch.month, SettlementBatch.document, SettlementBatch.held_fen)
        .where(
            SettlementBatch.point_id == point_id,
            SettlementBatch.month.between(
                months_back(month, PATTERN_MONTHS).key, month.previous.key
            ),
        )
        .order_by(SettlementBatch.month.desc())
    )
    return {
        Month.from_key(row.month): less_held(json.loads(row.document), row.held_fen or 0)
        for row in rows
    }


def review_of(month: Month, place: MealPoint) -> Review:
    """The month's signals and news: some queries, whatever the number of lines."""
    firsts = _first_days(month, place.id)
    new = frozenset(who for who, day in firsts.items() if day in month)
    lines = month_lines(month, place.id)
    point = _point(month, place, firsts, new)
    return Review(
        signals_of(lines, point),
        _news(month, place.id, len(new & {one.resident for one in lines})),
        tuple(one.sequence for one in lines),
    )


def month_lines(month: Month, point_id: int) -> list[Line]:
    """The servings that settle in the month and stand, in the ledger's order: one pass."""
    gone = _departures(month, point_id)
    undone = (
        select(_Undo.sequence)
        .where(_Undo.reverses == Serving.sequence, _Undo.settle_month == month.key)
        .correlate(Serving)
        .exists()
    )
    rows = db.session.execute(
        select(
            Serving.sequence,
            Serving.served_at,
            Serving.served_on,
            Serving.recorded_at,
            Serving.meal,
            Serving.mode,
            Serving.method,
            Serving.resident_id,
            Serving.device,
            Serving.operator,
            Serving.subsidy_fen,
            Serving.late,
        )
        .where(_settles(month, point_id), Serving.reverses.is_(None), ~undone)
        .order_by(Serving.sequence)
        .execution_options(yield_per=AT_ONCE)
    )
    return [
        Line(
            row.sequence,
            row.served_at,
            row.served_on,
            row.recorded_at,
            row.meal,
            row.mode,
            row.method == "manual",
            row.resident_id,
            row.device or row.operator,
            row.subsidy_fen > 0,
            row.late,
            next(
                (kind for kind, since in gone.get(row.resident_id, ()) if since(row.served_on)), ""
            ),
        )
        for row in rows
    ]


def lines_shown(month: Month, point_id: int, sequences: Collection[int] | None) -> Any:
    """The month's lines for a list, with names, holds and the latest hold's state."""
    undo = select(_Undo.sequence).where(_Undo.reverses == Serving.sequence).correlate(Serving)
    last = (
        select(func.max(LineHold.id))
        .where(LineHold.sequence == Serving.sequence)
        .correlate(Serving)
        .scalar_subquery()
    )
    rows = (
        select(Serving, Resident.name, LineHold, undo.exists().label("undone"))
        .join(Resident, Resident.id == Serving.resident_id)
        .outerjoin(LineHold, LineHold.id == last)
        .where(_settles(month, point_id))
        .order_by(Serving.sequence)
    )
    return rows if sequences is None else rows.where(Serving.sequence.in_(sequences))


def to_object(rows: Any) -> Any:
    """Of `lines_shown`, those that bring the point money and are not taken back or held."""
    back = select(_Undo.sequence).where(_Undo.reverses == Serving.sequence).correlate(Serving)
    held = (
        select(LineHold.id)
        .where(LineHold.sequence == Serving.sequence, LineHold.outcome.is_(None) | LineHold.carved)
        .correlate(Serving)
    )
    return rows.where(Serving.subsidy_fen > 0, ~back.exists(), ~held.exists())


def held_sequences(month: Month, point_id: int) -> list[int]:
    """The lines of the month that are, or were, held."""
    held = select(LineHold.sequence).where(
        LineHold.month == month.key, LineHold.point_id == point_id
    )
    return sorted(set(db.session.scalars(held)))


def holds_of(month: Month, point_id: int) -> Any:
    """The month's holds with their lines and names, the open ones first."""
    return (
        select(LineHold, Serving, Resident.name)
        .join(Serving, Serving.sequence == LineHold.sequence)
        .join(Resident, Resident.id == Serving.resident_id)
        .where(LineHold.month == month.key, LineHold.point_id == point_id)
        .order_by(LineHold.outcome.is_not(None), LineHold.id)
    )


def open_holds(seen: Any) -> Any:
    """All holds without an end at points that somebody sees, the oldest first."""
    return (
        select(LineHold, Serving, Resident.name, MealPoint.code, MealPoint.name.label("point_name"))
        .join(Serving, Serving.sequence == LineHold.sequence)
        .join(Resident, Resident.id == Serving.resident_id)
        .join(MealPoint, MealPoint.id == LineHold.point_id)
        .where(seen, LineHold.outcome.is_(None))
        .order_by(LineHold.id)
    )


def lines_by_sequence(sequences: Collection[int]) -> dict[int, Any]:
    """These lines with their elders' names."""
    rows = db.session.execute(
        select(Serving, Resident.name)
        .join(Resident, Resident.id == Serving.resident_id)
        .where(Serving.sequence.in_(sequences))
        .order_by(Serving.sequence)
    )
    return {row.Serving.sequence: row for row in rows}


def returned_now(objections: Sequence[ReturnedLine]) -> dict[int, ReturnedLine]:
    """The objections by line."""
    return {one.sequence: one for one in objections if one.sequence is not None}


def _settles(month: Month, point_id: int) -> Any:
    own = Serving.served_on.between(month.first_day, month.last_day)
    return (
        (Serving.point_id == point_id) & (Serving.settle_month == month.key) & (own | Serving.late)
    )


def _first_days(month: Month, point_id: int) -> dict[int, date]:
    """When each elder first ate here within a year before the month's end."""
    since = months_back(month, MEMORY_MONTHS).first_day
    rows = db.session.execute(
        select(Serving.resident_id, func.min(Serving.served_on))
        .where(
            Serving.point_id == point_id,
            Serving.served_on.between(since, month.last_day),
            Serving.reverses.is_(None),
        )
        .group_by(Serving.resident_id)
    )
    return dict(rows.all())


def _point(month: Month, place: MealPoint, firsts: dict[int, date], new: frozenset[int]) -> Point:
    by_month = Counter(Month.of(day) for day in firsts.values())
    began = min(by_month, default=month)  # everybody is new in the first month that is known
    pattern = [months_back(month, back) for back in range(1, PATTERN_MONTHS + 1)]
    return Point(
        limits=_limits(month.last_day),
        hours=_hours(place),
        seats=place.seats,
        daily_capacity=place.daily_capacity,
        shut=_shut(place),
        servings_before=[one["servings"] for one in earlier_entries(month, place.id).values()],
        newcomers_before=[by_month[one] for one in pattern if one > began],
        newcomers=new if began < month else frozenset(),
    )


def _limits(day: date) -> Limits:
    def pair(key: str) -> tuple[int, int]:
        first, second = value_on(key, day).split(",")
        return int(first), int(second)

    burst, gap, new = pair("audit.burst"), pair("audit.burst_gap"), pair("audit.new_elders")
    return Limits(
        manual_percent=Fraction(value_on("audit.manual_share", day)),
        manual_a_day=int(value_on("audit.manual_a_day", day)),
        burst_seconds=burst[0],
        burst_lines=burst[1],
        gap_seconds=gap[0],
        gap_lines=gap[1],
        replay=float(value_on("audit.replay", day)),
        grace=timedelta(minutes=int(value_on("audit.opening_grace_min", day))),
        turns=int(value_on("audit.turns_per_meal", day)),
        even_percent=Fraction(value_on("audit.even_percent", day)),
        volume_percent=int(value_on("audit.volume_percent", day)),
        new_sigmas=new[0],
        new_least=new[1],
    )


def _hours(place: MealPoint) -> dict[str, tuple[time, time]]:
    written = {"lunch": place.lunch_hours, "dinner": place.dinner_hours}
    return {
        meal: (time.fromisoformat(opens), time.fromisoformat(closes))
        for meal, text in written.items()
        for opens, _, closes in [text.partition("-")]
        if closes
    }


def _shut(place: MealPoint) -> Callable[[date], bool]:
    spans = [
        (row.from_on, row.to_on or date.max)
        for row in db.session.execute(
            select(PointSuspension.from_on, PointSuspension.to_on).where(
                PointSuspension.point_id == place.id, PointSuspension.scope == POINT
            )
        )
    ]
    opened, closed = place.opened_on or date.min, place.closed_on or date.max

    def shut(day: date) -> bool:
        return not opened <= day <= closed or any(first <= day <= last for first, last in spans)

    return shut


def _departures(month: Month, point_id: int) -> dict[int, list[tuple[str, Callable[[date], bool]]]]:
    """Of the month's elders: from and to which days they were gone, as is known now."""
    eaters = select(Serving.resident_id).where(_settles(month, point_id)).distinct()
    rows = db.session.execute(
        select(
            ResidentFact.resident_id, ResidentFact.value, ResidentFact.from_on, ResidentFact.to_on
        ).where(
            ResidentFact.kind == "departure",
            ResidentFact.value.in_(DEPARTED),
            ResidentFact.resident_id.in_(eaters),
        )
    )
    gone: dict[int, list[tuple[str, Callable[[date], bool]]]] = {}
    for row in rows:
        gone.setdefault(row.resident_id, []).append((row.value, _span(row.from_on, row.to_on)))
    return gone


def _span(first: date | None, last: date | None) -> Callable[[date], bool]:
    return lambda day: (first or date.min) <= day <= (last or date.max)


def _news(month: Month, point_id: int, elders: int) -> News:
    return News(
        elders,
        _new_values(Serving.device, month, point_id),
        _new_values(Serving.operator, month, point_id),
        _new_prices(month, point_id),
    )


def _new_values(column: Any, month: Month, point_id: int) -> tuple[tuple[str, int], ...]:
    """What this column of the month's lines says that it did not say in the year before."""
    since = months_back(month, MEMORY_MONTHS).first_day
    rows = db.session.execute(
        select(column, func.count())
        .where(Serving.point_id == point_id, Serving.served_on.between(since, month.last_day))
        .where(column != "", Serving.reverses.is_(None))
        .group_by(column)
        .having(func.min(Serving.served_on) >= month.first_day)
        .order_by(column)
    )
    return tuple((row[0], row[1]) for row in rows)


def _new_prices(month: Month, point_id: int) -> tuple[tuple[str, int, int], ...]:
    """Prices taken this month and not in the one before, the most frequent first."""
    rows = db.session.execute(
        select(Serving.meal, Serving.price_fen, func.count())
        .where(
            Serving.point_id == point_id,
            Serving.served_on.between(month.previous.first_day, month.last_day),
            Serving.reverses.is_(None),
        )
        .group_by(Serving.meal, Serving.price_fen)
        .having(func.min(Serving.served_on) >= month.first_day)
        .order_by(func.count().desc(), Serving.meal, Serving.price_fen)
    )
    return tuple((row[0], row[1], row[2]) for row in rows)


def contents_of(decision_ids: Collection[int]) -> dict[int, str]:
    """What these decisions say, by id."""
    rows = select(Decision.id, Decision.content).where(Decision.id.in_(decision_ids))
    return dict(db.session.execute(rows).all())
