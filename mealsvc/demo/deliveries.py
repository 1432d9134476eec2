"""The demo's rounds at three points: its last day as it was carried out, and today's open stops."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from mealsvc.bookings import services as bookings
from mealsvc.bookings.models import Booking
from mealsvc.deliveries import rounds, services
from mealsvc.deliveries.models import RoundStop
from mealsvc.deliveries.rounds import Place
from mealsvc.deliveries.services import Handover
from mealsvc.demo import history
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL, local_date, meal_at
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Credential
from mealsvc.servings.lookup import identify
from mealsvc.servings.rules import Order

SEED = 20240531
POINTS = ("WJ001", "WJ002", "WJ005")
ROUNDS = (("东线", "王师傅"), ("西线", "李师傅"))
MOST = 14  # stops of a point and day
COOKED = time(10, 15)
DIETS = (("low_salt",), ("low_sugar",), ("soft", "low_salt"), ("no:鱼",), (), (), ())
WAITED = timedelta(minutes=20)  # how long one of today's doors has been shut


def set_aside(day: history.Day, carried: list[Order]) -> history.Day:
    """The day without the lunches that couriers will hand over, which are kept in `carried`."""
    if day.day != history.LAST:
        return day
    slips = {slip.reverses for slip in day.reversals}
    room: dict[str, int] = dict.fromkeys(POINTS, MOST)
    kept = []
    for order in day.orders:
        by_courier = order.mode == "delivery" and order.meal == "lunch" and order.key not in slips
        if by_courier and room.get(order.point, 0):
            room[order.point] -= 1
            carried.append(order)
        else:
            kept.append(order)
    return day._replace(orders=kept)


def put_deliveries(carried: Sequence[Order], by: Actor, now: datetime) -> int:
    """Books, plans and hands over what was set aside; today's stops of the same elders stay open.

    Returns how many meals were handed over.
    """
    random, done = Random(SEED), 0
    people = _people(carried)
    for code in POINTS:
        mine = [order for order in carried if order.point == code]
        point = point_by_code(code)
        if point is None or not mine:
            continue
        elders = [people[order.credential] for order in mine]
        booked = {
            elder: _book(point, elder, history.LAST, "lunch", by, _at(history.LAST, time(7, 30)))
            for elder in elders
        }
        _plan(point, elders, random, by)
        done += _carry(point, mine, people, booked, random, by)
        _today(point, elders, by, now)
    return done


def _people(carried: Sequence[Order]) -> dict[str, int]:
    """The residents of these credentials."""
    digests = {}
    for order in carried:
        as_card, as_id, _ = identify(order.credential)
        digests |= {as_card: order.credential, as_id: order.credential}
    rows = select(Credential.digest, Credential.resident_id).where(Credential.digest.in_(digests))
    return {digests[digest]: resident for digest, resident in db.session.execute(rows)}


def _book(point: MealPoint, elder: int, day: date, meal: str, by: Actor, now: datetime) -> Booking:
    order = bookings.Order(point, elder, meal, "delivery", asked_by="family", asked_name="子女")
    return bookings.book(order, day, by, now, late=True)


def _plan(point: MealPoint, elders: Sequence[int], random: Random, by: Actor) -> None:
    """Two rounds in the order proposed, and the diet marks of some."""
    half = (len(elders) + 1) // 2
    for (name, courier), some in zip(ROUNDS, (elders[:half], elders[half:]), strict=True):
        one = rounds.add_round(point, name, courier, by)
        rounds.assign(one, point, some, history.LAST, by)
        held = select(RoundStop.resident_id).where(RoundStop.round_id == one.id)
        order = db.session.scalars(held.order_by(RoundStop.position)).all()
        rounds.put_stops(
            one, point.code, [Place(elder, random.choice(DIETS)) for elder in order], by
        )


def _carry(
    point: MealPoint,
    orders: Sequence[Order],
    people: Mapping[str, int],
    booked: Mapping[int, Booking],
    random: Random,
    by: Actor,
) -> int:
    """Hands the last day's lunches over; at one door nobody answered at first."""
    courier = Actor("device", f"{point.code}-平板")
    cooked = _at(history.LAST, COOKED)
    services.note_cooking(point, history.LAST, "lunch", cooked, by, cooked)
    done = 0
    for number, order in enumerate(sorted(orders, key=lambda one: one.served_at)):
        booking = booked[people[order.credential]]
        if number == 3:
            _nobody_at_first(booking.id, order.served_at - timedelta(minutes=18), courier)
        late = order.served_at - cooked > timedelta(hours=2)
        tenths = random.randint(610, 680) if late or random.random() < 0.4 else None
        receiver = random.choice(("self", "self", "self", "family", "neighbour"))
        handover = Handover(f"DEMO-V-{booking.id}", receiver, tenths)
        services.deliver(booking.id, handover, courier, order.served_at)
        done += 1
    return done


def _nobody_at_first(booking: int, at: datetime, courier: Actor) -> None:
    """Nobody opened, nobody took the phone; the community went to see."""
    key = f"DEMO-N-{booking}"
    services.note_no_answer(booking, f"{key}-1", courier, at)
    services.note_call(booking, f"{key}-2", "unreached", courier, at + timedelta(minutes=1))
    services.note_report(booking, f"{key}-3", "village", courier, at + timedelta(minutes=3))
    office = Actor("user", "community")
    services.close_alert(booking, f"{key}-4", "safe", "", office, at + timedelta(minutes=12))


def _today(point: MealPoint, elders: Sequence[int], by: Actor, now: datetime) -> None:
    """The same elders today: nothing is handed over yet, one door stays shut."""
    meal = meal_at(now.astimezone(LOCAL).time()).replace("breakfast", "lunch")
    today = local_date(now)
    open_stops = []
    for elder in elders:
        with suppress(Refusal):  # gone since, or booked already
            open_stops.append(_book(point, elder, today, meal, by, now))
    if len(open_stops) > 1 and point.code == POINTS[0]:
        knocked = max(now - WAITED, _at(today, time(0, 0)))
        courier = Actor("device", f"{point.code}-平板")
        services.note_no_answer(open_stops[1].id, "DEMO-N-today-1", courier, knocked)
        services.note_call(open_stops[1].id, "DEMO-N-today-2", "unreached", courier, knocked)


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, LOCAL).astimezone(UTC)
