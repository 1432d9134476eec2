"""The day close (日结): what the ledger has for a point's day, what the drawer holds, and why they differ.

A close is never changed. What reaches the ledger afterwards shows as later than the close, and
closing again makes the next number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, exists, func, select

from mealsvc.accounts.models import Device
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL, MEALS, MODES, local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DayClose, Serving
from mealsvc.servings.refusals import DayMoved, DifferenceUnexplained, FutureDay
from mealsvc.trail.services import record

CLOSED = "days.close"
LONGEST_EXPLANATION = 200
REFUNDS_LOOK_BACK = timedelta(days=62)  # a month that was submitted takes no refund at the counter
SILENCE = timedelta(minutes=15)

_net = case((Serving.reverses.is_(None), 1), else_=-1)
_subsidised = case((Serving.subsidy_fen > 0, 1), (Serving.subsidy_fen < 0, -1), else_=0)
_SUMS = (
    _net,
    _subsidised,
    case((Serving.reverses.is_(None), 0), else_=1),
    Serving.price_fen,
    Serving.subsidy_fen,
    Serving.self_pay_fen,
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Net counts and amounts (fen) of some lines of a day; `lines` and `reversals` count rows."""

    servings: int = 0
    subsidised: int = 0
    reversals: int = 0
    price_fen: int = 0
    subsidy_fen: int = 0
    self_pay_fen: int = 0
    lines: int = 0

    @property
    def full_price(self) -> int:
        return self.servings - self.subsidised

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in Sums.__slots__))


@dataclass(frozen=True, slots=True)
class Part:
    """One meal taken in one way."""

    meal: str
    mode: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Day:
    """A point's day as the ledger has it, up to its line `last_sequence` (0: none)."""

    parts: tuple[Part, ...]
    last_sequence: int

    @property
    def total(self) -> Sums:
        return sum((part.sums for part in self.parts), Sums())


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found in the drawer and on other ways of paying, and why that is not the sum."""

    drawer_fen: int
    other_fen: int
    explanation: str = ""

    @property
    def fen(self) -> int:
        return self.drawer_fen + self.other_fen


@dataclass(frozen=True, slots=True)
class Waiting:
    """What may still change a day: a device's queue (`pending`), or that it has not been heard of."""

    device: str
    pending: int
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Unclosed:
    """A day with lines that no close has counted: all of them, or those after the last close."""

    day: date
    lines: int
    closed_before: bool


def is_closed(point_id: int, day: date) -> bool:
    """Whether the point has closed this day at least once."""
    mine = (DayClose.point_id == point_id, DayClose.served_on == day)
    return bool(db.session.scalar(select(exists().where(*mine))))


def day_of(point_id: int, day: date, *, after: int = 0, up_to: int | None = None) -> Day:
    """The day's lines by meal and mode; only those after, or up to, a line of the ledger."""
    sums = (cast(func.sum(one), BigInteger) for one in _SUMS)
    rows = (
        select(Serving.meal, Serving.mode, *sums, func.count(), func.max(Serving.sequence))
        .where(Serving.point_id == point_id, Serving.served_on == day, Serving.sequence > after)
        .group_by(Serving.meal, Serving.mode)
    )
    if up_to is not None:
        rows = rows.where(Serving.sequence <= up_to)
    found = sorted(db.session.execute(rows), key=lambda row: _place(row[0], row[1]))
    parts = tuple(Part(row[0], row[1], Sums(*row[2:9])) for row in found)
    return Day(parts, max((row[9] for row in found), default=0))


def close_day(
    point: MealPoint, day: date, counted: Counted, seen: tuple[int, int], by: Actor, now: datetime
) -> DayClose:
    """Closes the day. `seen` is what the person was shown: the number of the close to come, and the
    last line of the ledger.

    The same form sent twice closes once. Raises `FutureDay`, `DayMoved` when the ledger went on
    meanwhile, `DifferenceUnexplained`.
    """
    if day > local_date(now):
        raise FutureDay()
    latest = latest_close(point.id, day)
    if latest is not None and _same(latest, counted, seen):
        return latest
    found = day_of(point.id, day)
    number = latest.number + 1 if latest else 1
    if seen != (number, found.last_sequence):
        raise DayMoved()
    total = found.total
    if counted.fen != total.self_pay_fen and not counted.explanation:
        raise DifferenceUnexplained()
    close = DayClose(
        point_id=point.id,
        served_on=day,
        number=number,
        servings=total.servings,
        subsidised=total.subsidised,
        price_fen=total.price_fen,
        subsidy_fen=total.subsidy_fen,
        self_pay_fen=total.self_pay_fen,
        drawer_fen=counted.drawer_fen,
        other_fen=counted.other_fen,
        explanation=counted.explanation,
        last_sequence=found.last_sequence,
        closed_at=now,
        closed_by=by.name,
    )
    db.session.add(close)
    told = ("servings", "self_pay_fen", "drawer_fen", "other_fen", "last_sequence")
    detail = {name: getattr(close, name) for name in told}
    record(by, CLOSED, f"{point.code}/{day}/{number}", detail)
    db.session.flush()
    return close


def latest_close(point_id: int, day: date) -> DayClose | None:
    """The close that counts: the one with the highest number."""
    mine = (DayClose.point_id == point_id, DayClose.served_on == day)
    return db.session.scalar(
        select(DayClose).where(*mine).order_by(DayClose.number.desc()).limit(1)
    )


def close_of(point_id: int, day: date, number: int) -> DayClose | None:
    """One close by its number."""
    return db.session.get(DayClose, (point_id, day, number))


def after_close(close: DayClose) -> Sums:
    """What reached the ledger for the day after it was closed."""
    return day_of(close.point_id, close.served_on, after=close.last_sequence).total


def refunds_for_earlier_days(point_id: int, day: date) -> int:
    """What was paid back over the counter on this day (fen) for meals of earlier days."""
    begins = datetime.combine(day, time(), LOCAL)
    rows = select(cast(func.coalesce(func.sum(-Serving.self_pay_fen), 0), BigInteger)).where(
        Serving.point_id == point_id,
        Serving.served_on.between(day - REFUNDS_LOOK_BACK, day - timedelta(days=1)),
        Serving.reverses.is_not(None),
        Serving.recorded_at >= begins,
        Serving.recorded_at < begins + timedelta(days=1),
    )
    return db.session.scalar(rows) or 0


def waiting_devices(point_code: str, day: date, now: datetime) -> list[Waiting]:
    """Tills of the point that keep meals not yet uploaded, or were not heard of since the day."""
    mine = (Device.point_code == point_code, Device.revoked_at.is_(None))
    heard = Device.reported_at.is_not(None)
    return [
        Waiting(one.name, one.pending or 0, one.reported_at)
        for one in db.session.scalars(select(Device).where(*mine, heard).order_by(Device.name))
        if one.reported_at and (one.pending or _unheard(one.reported_at, day, now))
    ]


def _unheard(reported_at: datetime, day: date, now: datetime) -> bool:
    if day == local_date(now):
        return now - reported_at > SILENCE
    return local_date(reported_at) <= day


def closes_seen(seen: Any, first: date, last: date, point: str = "") -> Select[Any]:
    """The closes of days from `first` to `last` that somebody sees, the latest first; `later` counts
    the lines that reached the ledger after each, `superseded` says that a newer one exists."""
    newer = DayClose.__table__.alias()
    later = (
        select(func.count())
        .where(
            Serving.point_id == DayClose.point_id,
            Serving.served_on == DayClose.served_on,
            Serving.sequence > DayClose.last_sequence,
        )
        .correlate(DayClose)
        .scalar_subquery()
    )
    superseded = (
        exists()
        .where(
            newer.c.point_id == DayClose.point_id,
            newer.c.served_on == DayClose.served_on,
            newer.c.number > DayClose.number,
        )
        .correlate(DayClose)
    )
    rows: Any = (
        select(
            DayClose,
            MealPoint.code,
            MealPoint.name,
            later.label("later"),
            superseded.label("superseded"),
        )
        .join(MealPoint, MealPoint.id == DayClose.point_id)
        .where(seen, DayClose.served_on.between(first, last))
    )
    if point:
        rows = rows.where(MealPoint.code == point)
    return rows.order_by(DayClose.served_on.desc(), MealPoint.code, DayClose.number.desc())


def unclosed_days(point_id: int, first: date, last: date) -> Sequence[Unclosed]:
    """Days of the point, the earliest first, with lines that no close has counted."""
    latest = (
        select(DayClose.served_on, func.max(DayClose.last_sequence).label("counted"))
        .where(DayClose.point_id == point_id, DayClose.served_on.between(first, last))
        .group_by(DayClose.served_on)
        .subquery()
    )
    rows = db.session.execute(
        select(Serving.served_on, func.count(), func.max(latest.c.counted))
        .outerjoin(latest, latest.c.served_on == Serving.served_on)
        .where(
            Serving.point_id == point_id,
            Serving.served_on.between(first, last),
            Serving.sequence > func.coalesce(latest.c.counted, 0),
        )
        .group_by(Serving.served_on)
        .order_by(Serving.served_on)
    )
    return [Unclosed(day, lines, counted is not None) for day, lines, counted in rows]


def _same(latest: DayClose, counted: Counted, seen: tuple[int, int]) -> bool:
    """Whether this is the very form that made the latest close, sent again."""
    return seen == (latest.number, latest.last_sequence) and counted == Counted(
        latest.drawer_fen, latest.other_fen, latest.explanation
    )


def _place(meal: str, mode: str) -> tuple[int, int]:
    return list(MEALS).index(meal), list(MODES).index(mode)
