"""Reading deliveries: a day's stops in their order, one stop, doors that nobody opened."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import aliased

from mealsvc.bookings.models import Booking, MealDispatch, MealReceipt
from mealsvc.bookings.rules import wishes_of
from mealsvc.deliveries.models import CookingTime, DeliveryEvent, DeliveryRound, RoundStop
from mealsvc.deliveries.rules import Event, Limits, Progress, diet_names, parse_window, progress_of
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import Serving
from mealsvc.settings.services import value_on

MOST = 1_000  # stops of one point and day; no point carries out as many

_Undo = aliased(Serving)
_Later = aliased(DeliveryEvent)
_moved = (
    select(ResidentFact.value)
    .where(
        ResidentFact.resident_id == Resident.id,
        ResidentFact.kind == "residence",
        ResidentFact.from_on <= Booking.served_on,
    )
    .order_by(ResidentFact.from_on.desc())
    .limit(1)
    .correlate(Resident, Booking)
    .scalar_subquery()
)
HOME: ColumnElement[str] = func.coalesce(
    _moved, func.nullif(Resident.residence_division, ""), Resident.hukou_division
)
"""Where a booking's resident lives on its day."""
_STOPS: Any = (
    select(
        Booking,
        Resident.name,
        Resident.sex,
        HOME.label("home"),
        RoundStop.position,
        RoundStop.diet,
        DeliveryRound.id.label("round_id"),
        DeliveryRound.name.label("round_name"),
        MealPoint.code.label("point"),
        MealPoint.name.label("point_name"),
        MealPoint.division.label("point_division"),
    )
    .join(Resident, Resident.id == Booking.resident_id)
    .join(MealPoint, MealPoint.id == Booking.point_id)
    .outerjoin(
        RoundStop,
        (RoundStop.point_id == Booking.point_id) & (RoundStop.resident_id == Booking.resident_id),
    )
    .outerjoin(DeliveryRound, DeliveryRound.id == RoundStop.round_id)
    .where(Booking.mode == "delivery")
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One booked delivery with its place in a round and what happened so far."""

    booking: Booking
    name: str
    sex: str
    home: str
    place: str
    point: str
    point_name: str
    point_division: str
    round_id: int
    round_name: str
    position: int
    diet: list[str]
    rows: Sequence[DeliveryEvent]
    progress: Progress

    @property
    def remark(self) -> str:
        """What was added to the wishes in words."""
        return wishes_of(self.booking.note)[1]

    @property
    def ref(self) -> str:
        return f"R{self.booking.resident_id:06d}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A door that nobody opened, as the list shows it."""

    stop: Stop
    is_open: bool


def stops_of(point_id: int, day: date, meal: str | None = None) -> list[Stop]:
    """A point's deliveries of a day in the order of its rounds; who has no round comes last."""
    rows = _STOPS.where(
        Booking.point_id == point_id, Booking.served_on == day, Booking.cancelled_at.is_(None)
    )
    if meal is not None:
        rows = rows.where(Booking.meal == meal)
    order = (DeliveryRound.name.is_(None), DeliveryRound.name, RoundStop.position, Booking.id)
    return _stops(db.session.execute(rows.order_by(*order).limit(MOST)).all())


def stop_of(booking_id: int) -> Stop | None:
    """One delivery, cancelled or not; None for anything else."""
    found = _stops(db.session.execute(_STOPS.where(Booking.id == booking_id)).all())
    return found[0] if found else None


def _stops(rows: Iterable[Any]) -> list[Stop]:
    found = list(rows)
    events = events_of([row.Booking.id for row in found])
    names = division_names({row.home for row in found})
    return [
        Stop(
            row.Booking,
            row.name,
            row.sex,
            row.home,
            names.get(row.home, ""),
            row.point,
            row.point_name,
            row.point_division,
            row.round_id or 0,
            row.round_name or "",
            row.position or 0,
            _marks(row.diet or "", row.Booking.note),
            [event for event, _ in events.get(row.Booking.id, ())],
            progress_of(_told(pair) for pair in events.get(row.Booking.id, ())),
        )
        for row in found
    ]


def _marks(diet: str, note: str) -> list[str]:
    """What the box carries: the marks of the round, and the wishes of this booking."""
    held = diet_names(f"{diet};{note.partition('|')[0]}")
    return held + [wish for wish in wishes_of(note)[0] if wish not in held]


def events_of(bookings: Collection[int]) -> dict[int, list[tuple[DeliveryEvent, bool]]]:
    """Events by booking in the order they came, each with whether its line was reversed."""
    undone = exists().where(_Undo.reverses == DeliveryEvent.sequence).correlate(DeliveryEvent)
    rows = (
        select(DeliveryEvent, undone.label("undone"))
        .where(DeliveryEvent.booking_id.in_(bookings))
        .order_by(DeliveryEvent.id)
    )
    found: dict[int, list[tuple[DeliveryEvent, bool]]] = {}
    for event, is_undone in db.session.execute(rows):
        found.setdefault(event.booking_id, []).append((event, bool(is_undone)))
    return found


def progress_at(booking_id: int) -> Progress:
    """Where one delivery stands, as the database has it now."""
    return progress_of(_told(pair) for pair in events_of([booking_id]).get(booking_id, ()))


def as_rule(event: DeliveryEvent, undone: bool = False) -> Event:
    """A row as the rules see it."""
    signed = event.signature is not None
    return Event(
        event.kind, event.at, event.result, event.temperature, event.receiver, signed, undone
    )


def _told(pair: tuple[DeliveryEvent, bool]) -> Event:
    return as_rule(*pair)


def door_of(resident_id: int) -> tuple[str, str]:
    """Address and phone in clear: for whoever stands before this door, and for the route sheet."""
    return doors_of([resident_id]).get(resident_id, ("", ""))


def doors_of(residents: Collection[int]) -> dict[int, tuple[str, str]]:
    """Address and phone in clear, by resident."""
    keys = vault()
    rows = select(Resident.id, Resident.address, Resident.phone).where(Resident.id.in_(residents))
    return {
        row.id: (
            keys.open(row.address) if row.address else "",
            keys.open(row.phone) if row.phone else "",
        )
        for row in db.session.execute(rows)
    }


def limits_on(day: date, meal: str) -> Limits:
    """The thresholds as they hold on a day."""
    return Limits(
        parse_window(value_on(f"delivery.window_{meal}", day)),
        round(float(value_on("hold.hot_c", day)) * 10),
        int(value_on("hold.danger_minutes", day)),
        int(value_on("deliver.eat_by_hours_hot", day)) * 60,
    )


def answer_minutes(day: date) -> int:
    """After how long somebody has to be told of a door that nobody opened."""
    return int(value_on("delivery.no_answer_minutes", day))


def cooked_at(point_id: int, day: date, meal: str) -> datetime | None:
    """When the meal was cooked: as noted for its deliveries, else as its kitchen's papers say."""
    for table in (CookingTime, MealReceipt, MealDispatch):
        mine = (table.point_id == point_id, table.served_on == day, table.meal == meal)
        rows = select(table.cooked_at).where(*mine, table.cooked_at.is_not(None))
        found = db.session.scalar(rows.order_by(table.id.desc()).limit(1))
        if found is not None:
            return found
    return None


def rounds_of(point_id: int) -> Sequence[DeliveryRound]:
    """The rounds of a point, those in use first."""
    rows = select(DeliveryRound).where(DeliveryRound.point_id == point_id)
    return db.session.scalars(
        rows.order_by(DeliveryRound.active.desc(), DeliveryRound.name).limit(MOST)
    ).all()


def members_of(point_id: int, round_id: int | None = None) -> Sequence[Any]:
    """Who stands in a point's rounds: `RoundStop`, name and community, in order."""
    rows = (
        select(RoundStop, Resident.name, Resident.residence_division, Resident.hukou_division)
        .join(Resident, Resident.id == RoundStop.resident_id)
        .where(RoundStop.point_id == point_id)
        .order_by(RoundStop.round_id, RoundStop.position, RoundStop.resident_id)
    )
    if round_id is not None:
        rows = rows.where(RoundStop.round_id == round_id)
    return db.session.execute(rows.limit(MOST)).all()


def without_round(point_id: int, since: date) -> Sequence[Any]:
    """Residents with a delivery booked from that day on who stand in no round of the point."""
    placed = select(RoundStop.resident_id).where(RoundStop.point_id == point_id)
    booked = select(Booking.resident_id).where(
        Booking.point_id == point_id,
        Booking.served_on >= since,
        Booking.mode == "delivery",
        Booking.cancelled_at.is_(None),
    )
    rows = select(Resident).where(Resident.id.in_(booked), Resident.id.not_in(placed))
    return db.session.scalars(rows.order_by(Resident.sort_key, Resident.id).limit(MOST)).all()


def may_see(principal: Principal) -> ColumnElement[bool]:
    """The deliveries somebody may see: of the own point, else of those who live in the scope."""
    if principal.at_point:
        return MealPoint.code == principal.scope
    return HOME.startswith(principal.scope, autoescape=True)


def alarms(seen: ColumnElement[bool]) -> Any:
    """Doors that nobody opened, those still open first, the latest first."""
    ended = (
        exists()
        .where(
            _Later.booking_id == DeliveryEvent.booking_id,
            _Later.kind.in_(("closed", "no_answer")),
            _Later.id > DeliveryEvent.id,
        )
        .correlate(DeliveryEvent)
    )
    return (
        select(DeliveryEvent.booking_id, DeliveryEvent.at, ended.label("ended"))
        .join(Booking, Booking.id == DeliveryEvent.booking_id)
        .join(Resident, Resident.id == Booking.resident_id)
        .join(MealPoint, MealPoint.id == Booking.point_id)
        .where(DeliveryEvent.kind == "no_answer", seen)
        .order_by(ended, DeliveryEvent.at.desc())
    )


def shown(rows: Sequence[Any]) -> list[Alarm]:
    """These alarms with their stops, in the same order."""
    wanted = [row.booking_id for row in rows]
    stops = {
        stop.booking.id: stop
        for stop in _stops(db.session.execute(_STOPS.where(Booking.id.in_(wanted))).all())
    }
    return [Alarm(stops[row.booking_id], not row.ended) for row in rows]


def open_alarms(seen: ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many doors wait for an answer, and since when the first of them."""
    rows = alarms(seen).order_by(None).subquery()
    counted = select(func.count(), func.min(rows.c.at)).where(~rows.c.ended)
    number, since = db.session.execute(counted).one()
    return number, since


def points_on(seen: ColumnElement[bool], day: date, meal: str) -> Any:
    """The points that deliver this meal, each with its bookings and what became of them."""

    def some(kind: str) -> ColumnElement[bool]:
        undone = exists().where(_Undo.reverses == DeliveryEvent.sequence).correlate(DeliveryEvent)
        return (
            exists()
            .where(DeliveryEvent.booking_id == Booking.id, DeliveryEvent.kind == kind, ~undone)
            .correlate(Booking)
        )

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    return (
        select(
            MealPoint.code,
            MealPoint.name,
            func.count().label("whole"),
            number(some("delivered")).label("delivered"),
            number(some("returned") & ~some("delivered")).label("returned"),
        )
        .join(Booking, Booking.point_id == MealPoint.id)
        .where(
            seen,
            Booking.served_on == day,
            Booking.meal == meal,
            Booking.mode == "delivery",
            Booking.cancelled_at.is_(None),
        )
        .group_by(MealPoint.code, MealPoint.name)
        .order_by(MealPoint.code)
    )
