"""What couriers and their office record: handed over, no answer, called, reported, closed, returned.

A meal is served when it is handed over: `deliver` records the serving then and there, so nothing
is subsidised before. Every verb takes the form's key: sent twice, it counts once.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from mealsvc.bookings.models import Booking
from mealsvc.deliveries import refusals
from mealsvc.deliveries.models import CookingTime, DeliveryEvent
from mealsvc.deliveries.queries import answer_minutes, door_of, progress_at
from mealsvc.deliveries.rules import (
    DELIVERED,
    RECEIVERS,
    RETURNED,
    Alert,
    Progress,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.signatures import is_signature
from mealsvc.menus.models import MenuItem
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writer
from mealsvc.residents.rules import is_reason
from mealsvc.servings.rules import Order
from mealsvc.servings.services import Receipt, record_serving
from mealsvc.servings.till import usual_price
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Handover:
    """What the courier says of a meal handed over. `expected_fen` is what the page said to take;
    `outcome` says how an unanswered door ended.
    """

    key: str
    receiver: str
    temperature: int | None = None
    signature: str = ""
    outcome: str = ""
    note: str = ""
    expected_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The event, and what was recorded; `receipt` is None for a form sent again."""

    event: DeliveryEvent
    receipt: Receipt | None


def order_for(booking: Booking, point: str, who: Actor, now: datetime) -> Order:
    """The serving that handing over this meal now would be."""
    turn = db.session.scalar(
        select(func.count()).where(
            DeliveryEvent.booking_id == booking.id, DeliveryEvent.kind == "delivered"
        )
    )
    return Order(
        f"D-{booking.id}" + (f"-{turn + 1}" if turn else ""),  # again only after a reversal
        point,
        vault().token(booking.resident_id),
        now,
        booking.meal,
        "delivery",
        _price(booking, now),
        "manual",
        operator=who.name if who.kind == "user" else "",
        device=who.name if who.kind == "device" else "",
        note="送餐上门，签收见送餐记录",
    )


def deliver(booking_id: int, handover: Handover, by: Actor, now: datetime) -> Delivered:
    """Records that the meal was handed over, and with it the serving.

    Raises the refusals of the till, `AlreadyDelivered`, `AlertStillOpen` while nobody has said how
    an unanswered door ended, `AmountChanged` when the elder would pay something else, and
    `NotToday` for a meal of another day.
    """
    if known := _known(handover.key, booking_id, "delivered"):
        return Delivered(known, None)
    booking, progress = _booking(booking_id), progress_at(booking_id)
    if booking.served_on != local_date(now):
        raise refusals.NotToday()  # the serving would be one of today's meals
    _check_handover(handover, progress)
    point = db.session.get_one(MealPoint, booking.point_id)
    order = order_for(booking, point.code, by, now)
    if order.price_fen is None:
        raise refusals.NoPrice()
    receipt = record_serving(writer(), order, by, now)
    if handover.expected_fen is not None and receipt.self_pay_fen != handover.expected_fen:
        raise refusals.AmountChanged()
    if progress.alarmed:
        _close(booking, f"{handover.key}-end", handover.outcome, handover.note, by, now)
    event = _add(
        booking,
        handover.key,
        "delivered",
        by,
        now,
        sequence=receipt.sequence,
        temperature=handover.temperature,
        receiver=handover.receiver,
        signature=vault().seal(handover.signature) if handover.signature else None,
    )
    return Delivered(event, receipt)


def _check_handover(handover: Handover, progress: Progress) -> None:
    if progress.meal == DELIVERED:
        raise refusals.AlreadyDelivered()
    if progress.alarmed and not handover.outcome:
        raise refusals.AlertStillOpen()
    if handover.signature and not is_signature(handover.signature):
        raise refusals.BadSignature()
    if handover.receiver not in RECEIVERS:
        raise refusals.BadSignature()


def note_no_answer(booking_id: int, key: str, by: Actor, now: datetime) -> DeliveryEvent:
    """Nobody opened the door: begins the loop of calling, reporting and closing."""
    if known := _known(key, booking_id, "no_answer"):
        return known
    booking, progress = _booking(booking_id), progress_at(booking_id)
    if progress.meal == DELIVERED:
        raise refusals.AlreadyDelivered()
    if progress.alarmed:
        raise refusals.AlertOpen()
    return _add(booking, key, "no_answer", by, now)


def note_call(booking_id: int, key: str, result: str, by: Actor, now: datetime) -> DeliveryEvent:
    """Somebody called the elder or the family: reached or unreached."""
    if known := _known(key, booking_id, "called", result):
        return known
    booking, _ = _alert_of(booking_id)
    return _add(booking, key, "called", by, now, result=result)


def note_report(booking_id: int, key: str, told: str, by: Actor, now: datetime) -> DeliveryEvent:
    """The village (community) or the family was told of the door that nobody opened."""
    if known := _known(key, booking_id, "reported", told):
        return known
    booking, _ = _alert_of(booking_id)
    return _add(booking, key, "reported", by, now, result=told)


def close_alert(
    booking_id: int,
    key: str,
    outcome: str,
    note: str,
    by: Actor,
    now: datetime,
    informed: bool = False,
) -> DeliveryEvent:
    """Somebody saw to it: how it ended. `informed`: who closes it is whom one would report to.

    Raises `ReportFirst` when nobody was reached in time and nobody has been told.
    """
    if known := _known(key, booking_id, "closed", outcome):
        return known
    booking, alert = _alert_of(booking_id)
    limit = answer_minutes(booking.served_on)
    if alert.must_report(now, limit) and not informed:
        raise refusals.ReportFirst(minutes=limit)
    return _close(booking, key, outcome, note, by, now)


def return_meal(booking_id: int, key: str, by: Actor, now: datetime) -> DeliveryEvent:
    """The meal went back: nothing was served, nothing is subsidised. An alert stays open."""
    if known := _known(key, booking_id, "returned"):
        return known
    booking, progress = _booking(booking_id), progress_at(booking_id)
    if progress.meal == DELIVERED:
        raise refusals.AlreadyDelivered()
    if progress.meal == RETURNED:
        raise refusals.AlreadyReturned()
    return _add(booking, key, "returned", by, now)


def reveal_phone(booking_id: int, by: Actor) -> str:
    """The elder's phone in clear; the trail tells who asked."""
    booking = _booking(booking_id)
    _, phone = door_of(booking.resident_id)
    record(by, "deliveries.phone", _subject(booking), {"fields": ["phone"]})
    return phone


def note_cooking(
    point: MealPoint, day: date, meal: str, cooked_at: datetime, by: Actor, now: datetime
) -> None:
    """Notes when the meal to be delivered was cooked; a later row corrects an earlier one."""
    if cooked_at > now or local_date(cooked_at) != day:
        raise refusals.BadCookingTime()
    db.session.add(
        CookingTime(
            point_id=point.id,
            served_on=day,
            meal=meal,
            cooked_at=cooked_at,
            recorded_at=now,
            recorded_by=str(by),
        )
    )
    db.session.flush()
    detail = {"meal": meal, "served_on": day, "cooked_at": cooked_at}
    record(by, "deliveries.cooked", point.code, detail)


def _price(booking: Booking, now: datetime) -> int | None:
    """What the dish booked costs on the day's menu, else what such a meal costs."""
    dish = select(MenuItem.price_fen).where(
        MenuItem.point_id == booking.point_id,
        MenuItem.served_on == booking.served_on,
        MenuItem.meal == booking.meal,
        MenuItem.name == booking.dish,
        MenuItem.withdrawn_at.is_(None),
    )
    own = db.session.scalar(dish) if booking.dish else None
    return own or usual_price(booking.point_id, booking.meal, now)


def _booking(booking_id: int) -> Booking:
    booking = db.session.get(Booking, booking_id)
    if booking is None or booking.mode != "delivery" or booking.cancelled_at is not None:
        raise refusals.NotADelivery()
    return booking


def _alert_of(booking_id: int) -> tuple[Booking, Alert]:
    """The booking, cancelled or not: an unanswered door stays one."""
    booking, alert = db.session.get(Booking, booking_id), progress_at(booking_id).alert
    if booking is None or alert is None or not alert.is_open:
        raise refusals.NoAlert()
    return booking, alert


def _known(key: str, booking_id: int, kind: str, result: str = "") -> DeliveryEvent | None:
    """The event of this key, if the same step of the same delivery was sent before."""
    event = db.session.scalar(select(DeliveryEvent).where(DeliveryEvent.key == key))
    same = (booking_id, kind, result)
    if event is not None and (event.booking_id, event.kind, event.result) != same:
        raise refusals.KeyConflict()
    return event


def _close(
    booking: Booking, key: str, outcome: str, note: str, by: Actor, now: datetime
) -> DeliveryEvent:
    if outcome == "other" and not is_reason(note):
        raise refusals.SayWhat()
    return _add(booking, key, "closed", by, now, result=outcome, note=note)


def _add(
    booking: Booking, key: str, kind: str, by: Actor, now: datetime, **facts: object
) -> DeliveryEvent:
    event = DeliveryEvent(
        key=key,
        booking_id=booking.id,
        kind=kind,
        at=now,
        recorded_at=now,
        by=str(by),
        device=by.name if by.kind == "device" else "",
        **facts,
    )
    db.session.add(event)
    db.session.flush()
    told = {"result": event.result} if event.result else {}
    record(by, f"deliveries.{kind}", _subject(booking), told)
    return event


def _subject(booking: Booking) -> str:
    return f"booking:{booking.id}"
