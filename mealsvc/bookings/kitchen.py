"""What each kitchen has to cook: bookings counted by dish, serving point, mode and wish.

A point that another one supplies is cooked for there; every point has exactly one kitchen, so each
booking is counted once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.bookings.models import Booking
from mealsvc.bookings.queries import set_meal_names, timetable
from mealsvc.bookings.rules import wishes_of
from mealsvc.kernel.meals import MODES
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import KITCHEN
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally

SET_MEAL_OF_THE_DAY = "当日套餐"
WEEKS = 4
_Kitchen = aliased(MealPoint)


class Change(NamedTuple):
    """One portion more or less after the cut-off."""

    at: datetime
    point: str
    added: bool
    dish: str
    mode: str


@dataclass
class PointCount:
    """A serving point's portions: by mode, and how many more are likely to walk in (estimate)."""

    code: str
    name: str
    modes: Counter[str] = field(default_factory=Counter)
    walk_in: int | None = None

    @property
    def total(self) -> int:
        return self.modes.total()


@dataclass
class Count:
    """One kitchen's sheet for one meal of one day."""

    kitchen: MealPoint
    day: date
    meal: str
    closes_at: datetime
    whole: bool  # False: only some of the kitchen's points, those that the reader may see
    points: dict[int, PointCount]
    dishes: dict[str, Counter[int]] = field(default_factory=dict)
    wishes: Counter[str] = field(default_factory=Counter)
    remarks: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(point.total for point in self.points.values())

    @property
    def added(self) -> int:
        return sum(change.added for change in self.changes)

    @property
    def cut(self) -> int:
        return len(self.changes) - self.added

    @property
    def at_cutoff(self) -> int:
        """Portions that were booked when the meal was closed."""
        return self.total - self.added + self.cut

    @property
    def walk_in(self) -> int | None:
        """How many are likely to come without a booking; None where nothing is known."""
        known = [point.walk_in for point in self.points.values() if point.walk_in is not None]
        return sum(known) if known else None

    def by_mode(self, mode: str) -> int:
        return sum(point.modes[mode] for point in self.points.values())


def kitchen_of(point: MealPoint) -> MealPoint:
    """Where a point's meals are cooked: the point that supplies it, else the point itself."""
    found = db.session.scalar(select(MealPoint).where(MealPoint.code == point.supplier))
    return found or point


def kitchens_of(seen: ColumnElement[bool]) -> Sequence[MealPoint]:
    """The kitchens of the points that somebody sees, in order of code."""
    codes = (
        select(func.coalesce(_Kitchen.code, MealPoint.code))
        .select_from(MealPoint)
        .outerjoin(_Kitchen, _Kitchen.code == MealPoint.supplier)
        .where(seen)
    )
    rows = select(MealPoint).where(MealPoint.code.in_(codes)).order_by(MealPoint.code)
    return db.session.scalars(rows).all()


def points_of(kitchen: MealPoint, *where: ColumnElement[bool]) -> Sequence[MealPoint]:
    """The points for which this kitchen cooks, in order of code; itself among them if it does."""
    eats_there = kitchen.kind != KITCHEN or kitchen.seats
    own = MealPoint.id == kitchen.id if eats_there and kitchen_of(kitchen) is kitchen else None
    supplied = and_(MealPoint.supplier == kitchen.code, MealPoint.id != kitchen.id)
    mine = supplied if own is None else or_(own, supplied)
    rows = select(MealPoint).where(mine, *where)
    return db.session.scalars(rows.order_by(MealPoint.code)).all()


def count_of(
    kitchen: MealPoint, day: date, meal: str, seen: ColumnElement[bool] | None = None
) -> Count:
    """The sheet; `seen` narrows it to those of the kitchen's points that the reader may see."""
    points = points_of(kitchen, *(() if seen is None else (seen,)))
    closes_at = timetable().closes_at(day, meal)
    rows = {point.id: PointCount(point.code, point.name) for point in points}
    sheet = Count(kitchen, day, meal, closes_at, seen is None, rows)
    mine = (Booking.point_id.in_(rows), Booking.served_on == day, Booking.meal == meal)
    names = set_meal_names(list(rows), day, meal)
    _count(sheet, mine, _title(names.values()))
    _changes(sheet, mine, _title(names.values()))
    for point_id, average in _averages(list(rows), day, meal).items():
        rows[point_id].walk_in = max(0, average - rows[point_id].total)
    return sheet


def _title(names: Iterable[str]) -> str:
    """What the day's set meal is called on the sheet."""
    known = set(names)
    return f"{SET_MEAL_OF_THE_DAY}（{known.pop()}）" if len(known) == 1 else SET_MEAL_OF_THE_DAY


def _count(sheet: Count, mine: Sequence[Any], set_meal: str) -> None:
    columns = (Booking.point_id, Booking.dish, Booking.mode, Booking.note)
    found = select(*columns, func.count().label("portions")).where(*mine)
    rows = db.session.execute(found.where(Booking.cancelled_at.is_(None)).group_by(*columns))
    for row in rows:
        point = sheet.points[row.point_id]
        point.modes[row.mode] += row.portions
        sheet.dishes.setdefault(row.dish or set_meal, Counter())[row.point_id] += row.portions
        marks, remark = wishes_of(row.note)
        sheet.wishes.update(dict.fromkeys(marks, row.portions))
        if remark:
            sheet.remarks[point.name, remark] += row.portions
    sheet.dishes = dict(
        sorted(sheet.dishes.items(), key=lambda dish: (dish[0] != set_meal, -dish[1].total()))
    )


def _changes(sheet: Count, mine: Sequence[Any], set_meal: str) -> None:
    """What came after the cut-off; a portion added and taken back again is no change."""
    valid = Booking.cancelled_at.is_(None)
    added = and_(Booking.after_cutoff.is_(True), valid)
    cut = and_(Booking.after_cutoff.is_(False), Booking.cancelled_at >= sheet.closes_at)
    for one in db.session.scalars(select(Booking).where(*mine, or_(added, cut))):
        at = one.cancelled_at or one.booked_at
        name = sheet.points[one.point_id].name
        change = Change(at, name, one.after_cutoff, one.dish or set_meal, MODES[one.mode])
        sheet.changes.append(change)
    sheet.changes.sort()


def _averages(point_ids: Sequence[int], day: date, meal: str) -> dict[int, int]:
    """Servings on the same weekday of the last weeks, on average over the days that had any."""
    days = [day - timedelta(weeks=number) for number in range(1, WEEKS + 1)]
    rows = (
        select(
            DailyTally.point_id,
            DailyTally.served_on,
            func.sum(DailyTally.lines - DailyTally.reversals).label("servings"),
        )
        .where(
            DailyTally.settle_month >= Month.of(days[-1]).key,
            DailyTally.point_id.in_(point_ids),
            DailyTally.served_on.in_(days),
            DailyTally.meal == meal,
        )
        .group_by(DailyTally.point_id, DailyTally.served_on)
    )
    served: dict[int, list[int]] = {}
    for row in db.session.execute(rows):
        if row.servings:
            served.setdefault(row.point_id, []).append(int(row.servings))
    return {
        point: (2 * sum(found) + len(found)) // (2 * len(found)) for point, found in served.items()
    }
