"""Planning the rounds of a point: who is on which, in which order, with which diet marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from mealsvc.deliveries import refusals
from mealsvc.deliveries.models import DeliveryRound, RoundStop
from mealsvc.deliveries.queries import without_round
from mealsvc.deliveries.rules import DIETS, Door, in_order
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.residents.enrolment import ref_of
from mealsvc.residents.models import Resident
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a round as the manager leaves it: who, with which diet marks."""

    resident_id: int
    diet: tuple[str, ...] = ()


def add_round(point: MealPoint, name: str, courier: str, by: Actor) -> DeliveryRound:
    """A new round of a point. Raises `RoundExists`."""
    _check_name(point.id, name, None)
    made = DeliveryRound(point_id=point.id, name=name, courier=courier)
    db.session.add(made)
    db.session.flush()
    record(by, "deliveries.round", f"{point.code}/{name}", {"after": {"status": "active"}})
    return made


def change_round(
    one: DeliveryRound, point: str, name: str, courier: str, active: bool, by: Actor
) -> None:
    """Renames a round, or takes it out of use. Raises `RoundExists`, `RoundInUse`."""
    _check_name(one.point_id, name, one.id)
    if not active and _size(one.id):
        raise refusals.RoundInUse()
    wanted = {"name": name, "courier": courier, "active": active}
    changed = sorted(key for key, value in wanted.items() if getattr(one, key) != value)
    if changed:
        for key in changed:
            setattr(one, key, wanted[key])
        db.session.flush()
        record(by, "deliveries.round", f"{point}/{name}", {"fields": changed})


def put_stops(one: DeliveryRound, point: str, places: Sequence[Place], by: Actor) -> None:
    """The round's order from first to last; who is left out stands in no round any more.

    Raises `BadOrder` when somebody is named who is not on this round, or twice.
    """
    held = {stop.resident_id: stop for stop in _stops(one.id)}
    wanted = [place.resident_id for place in places]
    if len(set(wanted)) != len(wanted) or not held.keys() >= set(wanted):
        raise refusals.BadOrder()
    before = [(stop.resident_id, stop.diet) for stop in held.values()]
    for position, place in enumerate(places, 1):
        stop = held.pop(place.resident_id)
        stop.position = position
        stop.diet = ";".join(code for code in DIETS if code in place.diet)
    for stop in held.values():
        db.session.delete(stop)
    db.session.flush()
    if before != [(stop.resident_id, stop.diet) for stop in _stops(one.id)]:
        _tell(one, point, by)


def assign(
    one: DeliveryRound, point: MealPoint, residents: Sequence[int], since: date, by: Actor
) -> int:
    """Puts residents without a round at its end, in the order proposed; returns how many.

    `since` is the day from which their bookings count. Whoever has a round meanwhile is left there.
    """
    free = {found.id: found for found in without_round(point.id, since)}
    return _append(one, point, [free[number] for number in residents if number in free], by)


def _append(one: DeliveryRound, point: MealPoint, residents: Sequence[Resident], by: Actor) -> int:
    last = _size(one.id)
    for position, door in enumerate(proposed(point, residents), last + 1):
        db.session.add(
            RoundStop(
                point_id=point.id, resident_id=door.id, round_id=one.id, position=position, diet=""
            )
        )
    db.session.flush()
    if residents:
        _tell(one, point.code, by)
    return len(residents)


def proposed(point: MealPoint, residents: Sequence[Resident]) -> list[Door]:
    """By community, and within it always the nearest next, from the point on."""
    doors = [
        Door(one.id, one.residence_division or one.hukou_division, one.lon, one.lat)
        for one in residents
    ]
    start = None if point.lon is None or point.lat is None else (point.lon, point.lat)
    return in_order(doors, start)


def _tell(one: DeliveryRound, point: str, by: Actor) -> None:
    order = [ref_of(stop.resident_id) for stop in _stops(one.id)]
    record(by, "deliveries.order", f"{point}/{one.name}", {"order": order})


def _stops(round_id: int) -> Sequence[RoundStop]:
    rows = select(RoundStop).where(RoundStop.round_id == round_id)
    return db.session.scalars(rows.order_by(RoundStop.position, RoundStop.resident_id)).all()


def _size(round_id: int) -> int:
    """The last position in use, 0 for an empty round."""
    rows = select(func.max(RoundStop.position)).where(RoundStop.round_id == round_id)
    return db.session.scalar(rows) or 0


def _check_name(point_id: int, name: str, own: int | None) -> None:
    rows = select(DeliveryRound.id).where(
        DeliveryRound.point_id == point_id, DeliveryRound.name == name
    )
    found = db.session.scalar(rows)
    if found is not None and found != own:
        raise refusals.RoundExists(name=name)
