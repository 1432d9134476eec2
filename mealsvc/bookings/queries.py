"""Reading bookings: one point's meal, lists by filter with their totals, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.bookings.models import Booking
from mealsvc.bookings.rules import KEYS, Timetable
from mealsvc.menus.models import MenuDay, MenuItem
from mealsvc.menus.rules import SET_MEAL
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.residents.search import lies_in
from mealsvc.servings.models import Serving
from mealsvc.settings.models import Setting
from mealsvc.settings.values import DEFAULTS

STATES = {
    "valid": "全部有效",
    "open": "还没用餐",
    "served": "已用餐",
    "late": "截单后加单",
    "cancelled": "已取消",
}
_Undo = aliased(Serving)
_served = (
    select(func.max(Serving.sequence))
    .where(
        Serving.served_on == Booking.served_on,
        Serving.resident_id == Booking.resident_id,
        Serving.meal == Booking.meal,
        Serving.point_id == Booking.point_id,
        Serving.reverses.is_(None),
        ~exists().where(_Undo.reverses == Serving.sequence).correlate(Serving),
    )
    .correlate(Booking)
    .scalar_subquery()
)
_deceased = (
    exists()
    .where(
        ResidentFact.resident_id == Booking.resident_id,
        ResidentFact.kind == "departure",
        ResidentFact.value == "deceased",
        ResidentFact.from_on <= Booking.served_on,
    )
    .correlate(Booking)
)
_ROWS: Any = (
    select(
        Booking,
        MealPoint.code.label("point"),
        MealPoint.name.label("point_name"),
        MealPoint.division,
        Resident.name,
        Resident.birth_on,
        _served.label("served"),
        _deceased.label("deceased"),
    )
    .join(MealPoint, MealPoint.id == Booking.point_id)
    .join(Resident, Resident.id == Booking.resident_id)
)


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """What a list of bookings is narrowed to; empty texts don't narrow."""

    day: date
    point: str = ""
    meal: str = ""
    mode: str = ""
    state: str = "valid"


class Menu(NamedTuple):
    """What may be ordered for one meal: the day's set meal ("" if there is none), and all names."""

    set_meal: str
    names: list[str]


def booked(point_id: int, day: date, meal: str, mode: str | None = None) -> Sequence[Booking]:
    """The bookings of a point for one meal that were not cancelled, in the order they came."""
    rows = select(Booking).where(
        Booking.point_id == point_id,
        Booking.served_on == day,
        Booking.meal == meal,
        Booking.cancelled_at.is_(None),
    )
    if mode is not None:
        rows = rows.where(Booking.mode == mode)
    return db.session.scalars(rows.order_by(Booking.id)).all()


def bookings_seen_by(principal: Principal) -> ColumnElement[bool]:
    """The bookings within somebody's scope: at a point there, or of a resident who is at home there."""
    if principal.at_point:
        return MealPoint.code == principal.scope
    here = MealPoint.division.startswith(principal.scope, autoescape=True)
    return here if len(principal.scope) <= 6 else or_(here, lies_in(principal.scope))


def found_bookings(seen: ColumnElement[bool], wanted: BookingFilter) -> Select[Any]:
    """The bookings of a day that somebody sees, narrowed, in order of meal, point and name."""
    rows = _ROWS.where(seen, *_narrowed(wanted))
    return rows.order_by(Booking.meal.desc(), MealPoint.code, Resident.sort_key, Booking.id)


def totals(seen: ColumnElement[bool], wanted: BookingFilter) -> list[Any]:
    """Counts of a filter by meal, mode and dish."""
    columns = (Booking.meal, Booking.mode, Booking.dish)
    rows = (
        select(*columns, func.count().label("portions"))
        .join(MealPoint, MealPoint.id == Booking.point_id)
        .join(Resident, Resident.id == Booking.resident_id)
        .where(seen, *_narrowed(wanted))
        .group_by(*columns)
    )
    return list(db.session.execute(rows.order_by(*columns)).all())


def _narrowed(wanted: BookingFilter) -> list[ColumnElement[bool]]:
    cancelled = Booking.cancelled_at.is_not(None)
    found = [Booking.served_on == wanted.day]
    found.append(cancelled if wanted.state == "cancelled" else ~cancelled)
    for column, value in (
        (MealPoint.code, wanted.point),
        (Booking.meal, wanted.meal),
        (Booking.mode, wanted.mode),
    ):
        if value:
            found.append(column == value)
    states = {
        "open": _served.is_(None),
        "served": _served.is_not(None),
        "late": Booking.after_cutoff.is_(True),
    }
    return [*found, states[wanted.state]] if wanted.state in states else found


def booking_row(number: int) -> Any:
    """One booking with its point, resident and serving; None if there is none."""
    return db.session.execute(_ROWS.where(Booking.id == number)).first()


def same_meal(one: Booking) -> Sequence[Any]:
    """All bookings that this resident ever had for this meal of this day, the first first."""
    mine = (
        Booking.resident_id == one.resident_id,
        Booking.served_on == one.served_on,
        Booking.meal == one.meal,
    )
    return db.session.execute(_ROWS.where(*mine).order_by(Booking.id)).all()


def timetable() -> Timetable:
    """The settings of bookings with all their days."""
    rows = select(Setting.key, Setting.effective_from, Setting.value).where(Setting.key.in_(KEYS))
    values: dict[str, list[tuple[date, str]]] = {key: [] for key in KEYS}
    for key, since, value in db.session.execute(rows.order_by(Setting.effective_from.desc())):
        values[key].append((since, value))
    for default in DEFAULTS:
        if default.key in values:
            values[default.key].append((date.min, default.value))
    return Timetable(values)


def booked_by_day(point_id: int, first: date, last: date) -> dict[date, int]:
    """How many portions of a point are booked on each day, all meals together."""
    rows = (
        select(Booking.served_on, func.count())
        .where(
            Booking.point_id == point_id,
            Booking.served_on.between(first, last),
            Booking.cancelled_at.is_(None),
        )
        .group_by(Booking.served_on)
    )
    return dict(db.session.execute(rows).all())


def offered(point_id: int, first: date, last: date) -> dict[tuple[date, str], Menu]:
    """What may be ordered by day and meal from the public menus: the day's set meal first."""
    is_set = MenuItem.kind == SET_MEAL
    rows = (
        select(MenuItem.served_on, MenuItem.meal, MenuItem.name, MenuItem.kind)
        .join(
            MenuDay,
            and_(
                MenuDay.point_id == MenuItem.point_id,
                MenuDay.served_on == MenuItem.served_on,
                MenuDay.meal == MenuItem.meal,
            ),
        )
        .where(
            MenuItem.point_id == point_id,
            MenuItem.served_on.between(first, last),
            MenuItem.withdrawn_at.is_(None),
            or_(is_set, MenuItem.price_fen.is_not(None)),
        )
        .order_by(MenuItem.served_on, MenuItem.meal, is_set.desc(), MenuItem.id)
    )
    found: dict[tuple[date, str], Menu] = {}
    for day, meal, name, kind in db.session.execute(rows):
        menu = found.setdefault((day, meal), Menu(name if kind == SET_MEAL else "", []))
        menu.names.append(name)
    return found


def set_meal_names(point_ids: Sequence[int], day: date, meal: str) -> dict[int, str]:
    """What the day's set meal is called at each of these points."""
    rows = (
        select(MenuItem.point_id, MenuItem.name)
        .where(
            MenuItem.point_id.in_(point_ids),
            MenuItem.served_on == day,
            MenuItem.meal == meal,
            MenuItem.kind == SET_MEAL,
            MenuItem.withdrawn_at.is_(None),
        )
        .order_by(MenuItem.id.desc())
    )
    return dict(db.session.execute(rows).all())
