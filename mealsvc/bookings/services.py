"""The verbs of whoever books: several days at once or one, and taking a booking back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from mealsvc.bookings import refusals
from mealsvc.bookings.models import Booking
from mealsvc.bookings.queries import Menu, booked_by_day, offered, timetable
from mealsvc.bookings.rules import (
    ASKED_BY,
    RELATIONS,
    Facts,
    Timetable,
    check,
    check_asked,
    hours_of,
    moment,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import MEALS, MODES, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.places.rules import KITCHEN, POINT, status_on
from mealsvc.plumbing.db import db
from mealsvc.residents.enrolment import ref_of
from mealsvc.residents.models import ResidentFact
from mealsvc.servings.models import Serving
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Order:
    """What is booked: where, for whom, which meal, how it is taken, who asked for it."""

    point: MealPoint
    resident_id: int
    meal: str
    mode: str
    dish: str = ""
    asked_by: str = "self"
    asked_name: str = ""
    note: str = ""


class Outcome(NamedTuple):
    """What became of one day of a series: the booking, or why there is none."""

    day: date
    booking: Booking | None
    refusal: Refusal | None


class _Scene(NamedTuple):
    """Everything read for a series, by day."""

    died_on: date | None
    suspended: Sequence[Any]
    earlier: Mapping[date, str]
    served: frozenset[date]
    offered: Mapping[tuple[date, str], Menu]
    booked: Mapping[date, int]


def book(order: Order, day: date, by: Actor, now: datetime, late: bool = False) -> Booking:
    """Books one meal; `late` lets it in after the cut-off, as an addition (加单)."""
    (outcome,) = book_series(order, [day], by, now, late)
    if outcome.refusal is not None:
        raise outcome.refusal
    assert outcome.booking is not None
    return outcome.booking


def book_series(
    order: Order, days: Sequence[date], by: Actor, now: datetime, late: bool = False
) -> list[Outcome]:
    """Books the meal of each day that can be booked; of every other day tells why it is not."""
    _check_order(order)
    days = list(dict.fromkeys(days))
    times, outcomes, scene = timetable(), [], _read(order, days)
    for day in days:
        try:
            booking = _booked(order, day, scene, times, now, late, by)
        except Refusal as refusal:
            outcomes.append(Outcome(day, None, refusal))
        else:
            outcomes.append(Outcome(day, booking, None))
    db.session.flush()
    for outcome in outcomes:
        if outcome.booking is not None:
            _note("bookings.book", order.point.code, outcome.booking, by)
    return outcomes


def cancel(booking: Booking, reason: str, by: Actor, now: datetime, late: bool = False) -> None:
    """Takes a booking back; `late` lets it out after the cut-off, as a reduction (减单)."""
    if booking.cancelled_at is not None:
        raise refusals.CancelledAlready()
    here = Serving.point_id == booking.point_id
    if _served_days(booking.resident_id, booking.meal, [booking.served_on], here):
        raise refusals.ServedAlready(meal=MEALS[booking.meal])
    closes_at = timetable().closes_at(booking.served_on, booking.meal)
    if now >= closes_at and not late:
        raise refusals.AfterCutoff(meal=MEALS[booking.meal], at=moment(closes_at))
    booking.cancelled_at, booking.cancelled_by = now, by.name
    booking.cancel_reason = reason
    db.session.flush()
    point = db.session.get_one(MealPoint, booking.point_id)
    _note("bookings.cancel", point.code, booking, by, after_cutoff=now >= closes_at)


def _check_order(order: Order) -> None:
    for what, value, known in (
        ("餐次", order.meal, MEALS),
        ("方式", order.mode, MODES),
        ("谁要求的", order.asked_by, ASKED_BY),
    ):
        if value not in known:
            raise refusals.BadOrder(what=f"{what}“{value}”无法识别")
    if order.point.kind == KITCHEN and not order.point.seats:
        raise refusals.KitchenOnly(point=order.point.name)
    check_asked(order.asked_by, order.asked_name)


def _booked(
    order: Order,
    day: date,
    scene: _Scene,
    times: Timetable,
    now: datetime,
    late: bool,
    by: Actor,
) -> Booking:
    point, menu = order.point, scene.offered.get((day, order.meal), Menu("", []))
    stopped = any(
        row.from_on <= day and (not row.to_on or day <= row.to_on) for row in scene.suspended
    )
    facts = Facts(
        scene.died_on is not None and scene.died_on <= day,
        status_on(day, point.opened_on, point.closed_on, stopped) == "operating",
        hours_of(point),
        scene.earlier.get(day),
        day in scene.served,
        menu.names,
        scene.booked.get(day, 0),
        point.daily_capacity,
        times.closes_at(day, order.meal),
    )
    last = times.last_day(local_date(now))
    after = check(day, order.meal, order.dish, facts, now, last, late)
    booking = Booking(
        point_id=point.id,
        resident_id=order.resident_id,
        served_on=day,
        meal=order.meal,
        mode=order.mode,
        dish="" if order.dish == menu.set_meal else order.dish,
        asked_by=order.asked_by,
        asked_name=order.asked_name,
        note=order.note,
        booked_at=now,
        booked_by=by.name,
        after_cutoff=after,
    )
    db.session.add(booking)
    return booking


def _read(order: Order, days: Sequence[date]) -> _Scene:
    first, last = min(days), max(days)
    point_id, resident_id = order.point.id, order.resident_id
    stops = select(PointSuspension.from_on, PointSuspension.to_on).where(
        PointSuspension.point_id == point_id,
        PointSuspension.scope == POINT,
        PointSuspension.from_on <= last,
    )
    died = select(ResidentFact.from_on).where(
        ResidentFact.resident_id == resident_id,
        ResidentFact.kind == "departure",
        ResidentFact.value == "deceased",
    )
    earlier = (
        select(Booking.served_on, MealPoint.name)
        .join(MealPoint, MealPoint.id == Booking.point_id)
        .where(
            Booking.resident_id == resident_id,
            Booking.served_on.in_(days),
            Booking.meal == order.meal,
            Booking.cancelled_at.is_(None),
        )
    )
    return _Scene(
        db.session.scalar(died.order_by(ResidentFact.from_on).limit(1)),
        db.session.execute(stops).all(),
        dict(db.session.execute(earlier).all()),
        _served_days(resident_id, order.meal, days),
        offered(point_id, first, last),
        booked_by_day(point_id, first, last),
    )


def _served_days(
    resident_id: int, meal: str, days: Sequence[date], *where: ColumnElement[bool]
) -> frozenset[date]:
    """The days on which the resident had this meal, at whatever price; anywhere, unless told."""
    lines = select(Serving.served_on, Serving.sequence, Serving.reverses).where(
        Serving.served_on.in_(days),
        Serving.resident_id == resident_id,
        Serving.meal == meal,
        *where,
    )
    rows = db.session.execute(lines).all()
    undone = {row.reverses for row in rows}
    return frozenset(
        row.served_on for row in rows if row.reverses is None and row.sequence not in undone
    )


def _note(action: str, point: str, booking: Booking, by: Actor, **more: Any) -> None:
    detail = {
        "point": point,
        "resident": ref_of(booking.resident_id),
        "served_on": booking.served_on,
        "meal": booking.meal,
        "mode": booking.mode,
        "asked_by": booking.asked_by,
        "asked_name": booking.asked_name if booking.asked_name in RELATIONS else "",
        "after_cutoff": booking.after_cutoff,
    }
    if action == "bookings.cancel":
        detail["reason"] = booking.cancel_reason.partition("：")[0]  # what was added is personal
    record(by, action, str(booking.id), detail | more)
