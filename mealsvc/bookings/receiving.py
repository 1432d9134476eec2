"""What a kitchen sends off and what arrives: registering both, and the day's board of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mealsvc.bookings import refusals
from mealsvc.bookings.kitchen import kitchen_of
from mealsvc.bookings.models import Booking, MealDispatch, MealReceipt
from mealsvc.bookings.queries import timetable
from mealsvc.bookings.rules import (
    FAULTS,
    MEASURES,
    Arrival,
    Limits,
    check_measures,
    faults_of,
    hours_of,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import status_on
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.trail.services import record

TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sending:
    """Portions that leave a kitchen for a point. `portions` 0 takes back what it corrects."""

    kitchen: MealPoint
    point: MealPoint
    day: date
    meal: str
    portions: int
    cooked_at: datetime
    left_at: datetime
    container: str = ""
    seal_no: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checking:
    """A receiving check as somebody filled it in."""

    point: MealPoint
    day: date
    meal: str
    arrival: Arrival
    dispatch: MealDispatch | None = None
    measures: tuple[str, ...] = ()
    reheated_tenths: int | None = None
    note: str = ""
    checked_by: str = ""


@dataclass
class Entry:
    """One meal of one supplied point on the board: what is booked, sent and checked."""

    point: MealPoint
    kitchen: MealPoint
    meal: str
    booked: int = 0
    sent: list[MealDispatch] = field(default_factory=list)
    checks: list[MealReceipt] = field(default_factory=list)

    @property
    def unchecked(self) -> list[MealDispatch]:
        """What was sent and not checked on arrival yet."""
        done = {check.dispatch_id for check in self.checks}
        return [one for one in self.sent if one.id not in done]

    @property
    def portions_sent(self) -> int:
        return sum(one.portions for one in self.sent)

    @property
    def waits(self) -> bool:
        """Whether a check is still to be done."""
        return bool(self.unchecked) or (bool(self.booked) and not self.checks)


def limits_on(day: date) -> Limits:
    """The thresholds of the receiving check."""
    keys = ("hold.hot_c", "cook.core_c", "hold.danger_minutes", "deliver.eat_by_hours_hot")
    return Limits(*(int(value_on(key, day)) for key in keys))


def send(
    one: Sending, by: Actor, now: datetime, corrects: MealDispatch | None = None
) -> MealDispatch:
    """Registers portions sent off, or corrects such a row as long as nothing was checked."""
    if kitchen_of(one.point).id != one.kitchen.id or one.point.id == one.kitchen.id:
        raise refusals.NotSupplied(point=one.point.name)
    if one.portions < (0 if corrects else 1):
        raise refusals.BadOrder(what="份数应是1份以上")
    if not one.cooked_at <= one.left_at <= now + TOLERANCE:
        raise refusals.BadTimes(what="应先烧熟、再发出，发出不能晚于现在")
    if corrects is not None:
        _check_latest(MealDispatch, corrects.id)
        if _checks_of(corrects.id):
            raise refusals.CheckedAlready()
    elif _sent_before(one):
        raise refusals.SentAlready()
    row = MealDispatch(
        kitchen_id=one.kitchen.id,
        point_id=one.point.id,
        served_on=one.day,
        meal=one.meal,
        portions=one.portions,
        cooked_at=one.cooked_at,
        left_at=one.left_at,
        container=one.container,
        seal_no=one.seal_no,
        note=one.note,
        corrects=corrects.id if corrects else None,
        recorded_at=now,
        recorded_by=by.name,
    )
    db.session.add(row)
    db.session.flush()
    detail = {"point": one.point.code, "served_on": one.day, "meal": one.meal}
    detail |= {"portions": one.portions, "corrects": row.corrects}
    record(by, "bookings.send", f"{one.kitchen.code}/{row.id}", detail)
    return row


def receive(
    one: Checking, by: Actor, now: datetime, corrects: MealReceipt | None = None
) -> MealReceipt:
    """Registers a receiving check; what is wrong is found by the rules, the measure is required."""
    arrival, limits = one.arrival, limits_on(one.day)
    _check_times(one, now)
    if corrects is not None:
        _check_latest(MealReceipt, corrects.id)
    elif _checked_before(one):
        raise refusals.CheckedAlready()
    elif one.dispatch is not None and _corrected(MealDispatch, one.dispatch.id):
        raise refusals.SentAnew()
    faults = faults_of(arrival, limits)
    check_measures(faults, one.measures, one.reheated_tenths, limits)
    row = MealReceipt(
        point_id=one.point.id,
        dispatch_id=one.dispatch.id if one.dispatch else None,
        served_on=one.day,
        meal=one.meal,
        expected=arrival.expected,
        portions=arrival.portions,
        cooked_at=arrival.cooked_at,
        arrived_at=arrival.arrived_at,
        core_temp_tenths=arrival.core_temp_tenths,
        seal_ok=arrival.seal_ok,
        label_ok=arrival.label_ok,
        faults=_in_order(faults, FAULTS),
        measure=_in_order(one.measures, MEASURES) if faults else "",
        reheated_tenths=one.reheated_tenths if "reheated" in one.measures and faults else None,
        note=one.note,
        checked_by=one.checked_by,
        corrects=corrects.id if corrects else None,
        recorded_at=now,
        recorded_by=by.name,
    )
    db.session.add(row)
    db.session.flush()
    detail = {"served_on": one.day, "meal": one.meal, "portions": arrival.portions}
    detail |= {"core_temp_tenths": arrival.core_temp_tenths, "faults": row.faults}
    detail |= {"measure": row.measure, "corrects": row.corrects}
    record(by, "bookings.receive", f"{one.point.code}/{row.id}", detail)
    return row


def _check_times(one: Checking, now: datetime) -> None:
    arrival, sent = one.arrival, one.dispatch
    if arrival.arrived_at > now + TOLERANCE:
        raise refusals.BadTimes(what="到餐时间晚于现在")
    if arrival.cooked_at is not None and arrival.cooked_at > arrival.arrived_at:
        raise refusals.BadTimes(what="到餐时间早于烧熟时间")
    if sent is not None and sent.left_at > arrival.arrived_at:
        raise refusals.BadTimes(what="到餐时间早于供餐方登记的发出时间")


def _check_latest(model: Any, number: int) -> None:
    if _corrected(model, number):
        raise refusals.CorrectedAlready()


def _corrected(model: Any, number: int) -> bool:
    return db.session.scalar(select(model.id).where(model.corrects == number)) is not None


def _sent_before(one: Sending) -> bool:
    """Whether the very same load stands already: a tap that counted twice."""
    told = (one.portions, one.cooked_at, one.left_at, one.container, one.seal_no)
    return any(
        row.meal == one.meal
        and told == (row.portions, row.cooked_at, row.left_at, row.container, row.seal_no)
        for row in _latest(MealDispatch, [one.point.id], one.day)
    )


def _checked_before(one: Checking) -> bool:
    """Whether this load was checked already; without a dispatch a meal has one check."""
    if one.dispatch is not None:
        return bool(_checks_of(one.dispatch.id))
    mine = (
        MealReceipt.point_id == one.point.id,
        MealReceipt.served_on == one.day,
        MealReceipt.meal == one.meal,
        MealReceipt.dispatch_id.is_(None),
    )
    return db.session.scalar(select(MealReceipt.id).where(*mine).limit(1)) is not None


def _checks_of(dispatch_id: int) -> bool:
    rows = select(MealReceipt.id).where(MealReceipt.dispatch_id == dispatch_id).limit(1)
    return db.session.scalar(rows) is not None


def _in_order(codes: Iterable[str], known: Iterable[str]) -> str:
    return ";".join(code for code in known if code in set(codes))


def board(points: Sequence[MealPoint], day: date) -> list[Entry]:
    """The meals of a day at those of these points that another one supplies, in order."""
    codes = {point.supplier for point in points if point.supplier}
    found = db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes)))
    kitchens = {kitchen.code: kitchen for kitchen in found}
    supplied = {
        point.id: (point, kitchens[point.supplier])
        for point in points
        if point.supplier in kitchens and point.supplier != point.code
    }
    entries: dict[tuple[int, str], Entry] = {}

    def entry(point_id: int, meal: str) -> Entry:
        point, kitchen = supplied[point_id]
        return entries.setdefault((point_id, meal), Entry(point, kitchen, meal))

    for point, _ in supplied.values():
        if status_on(day, point.opened_on, point.closed_on, False) == "operating":
            for meal, hours in hours_of(point).items():
                if hours:
                    entry(point.id, meal)
    for point_id, meal, number in _booked(supplied, day):
        entry(point_id, meal).booked = number
    for one in _latest(MealDispatch, supplied, day):
        if one.portions:
            entry(one.point_id, one.meal).sent.append(one)
    for one in _latest(MealReceipt, supplied, day):
        entry(one.point_id, one.meal).checks.append(one)
    order = list(MEALS)
    return sorted(entries.values(), key=lambda one: (order.index(one.meal), one.point.code))


def unchecked_meals(points: Sequence[MealPoint], now: datetime) -> list[str]:
    """Today's meals that are on their way, or booked and closed, and not checked on arrival."""
    today, times = local_date(now), timetable()
    waiting = [one for one in board(points, today) if one.waits]
    due = {one.meal for one in waiting if one.sent or now >= times.closes_at(today, one.meal)}
    return [meal for meal in MEALS if meal in due]


def _booked(point_ids: Iterable[int], day: date) -> Sequence[Any]:
    rows = (
        select(Booking.point_id, Booking.meal, func.count())
        .where(
            Booking.point_id.in_(list(point_ids)),
            Booking.served_on == day,
            Booking.cancelled_at.is_(None),
        )
        .group_by(Booking.point_id, Booking.meal)
    )
    return db.session.execute(rows).all()


def _latest(model: Any, point_ids: Iterable[int], day: date) -> Sequence[Any]:
    """The rows of a day that no later row corrects."""
    later = aliased(model)
    rows = select(model).where(
        model.point_id.in_(list(point_ids)),
        model.served_on == day,
        ~select(later.id).where(later.corrects == model.id).exists(),
    )
    return db.session.scalars(rows.order_by(model.id)).all()
