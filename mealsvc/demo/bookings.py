"""The demo's bookings: those of its last day as they were made the day before, and the next three
days'; what the central kitchen sent on the last day, and how it arrived."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from mealsvc.bookings import receiving, services
from mealsvc.bookings.kitchen import count_of
from mealsvc.bookings.models import Booking
from mealsvc.bookings.rules import Arrival, written_note
from mealsvc.demo import history
from mealsvc.demo.district import KITCHEN, POINTS
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Credential
from mealsvc.servings.lookup import identify
from mealsvc.servings.models import Serving
from mealsvc.servings.rules import Order

SEED = 20240530
SUPPLIED = tuple(point.code for point in POINTS if point.supplier)
OF_THE_LAST_DAY = ("WJ001", *SUPPLIED)
SHARE = 0.6  # of those who came had booked
AHEAD, A_DAY = 3, 12  # days ahead, elders of a point and day
WISHES = (("low_salt",), ("soft",), ("no:鱼",), ("low_sugar", "soft"), (), (), (), (), ())
ASKED = (("self", ""), ("self", ""), ("family", "女儿"), ("family", "儿子"), ("staff", ""))
# code -> portions missing, core temperature in tenths, what was done, temperature once heated again
ARRIVED: dict[str, tuple[int, int, tuple[str, ...], int | None]] = {
    "WJ004": (0, 668, (), None),
    "WJ006": (2, 641, ("topped_up",), None),
    "WJ009": (0, 545, ("reheated",), 736),  # too cold
}


def put_last_day(day: history.Day, by: Actor) -> None:
    """Books most of those who will come, some who will not, and changes after the cut-off."""
    random = Random(SEED)
    for code in OF_THE_LAST_DAY:
        point = _point(code)
        coming = [one for one in day.orders if one.point == code and one.meal == "lunch"]
        if code not in SUPPLIED:  # there couriers' meals are booked with their rounds
            coming = [one for one in coming if one.mode != "delivery"]
        people = _people(coming)
        booked = random.sample(coming, int(len(coming) * SHARE))
        for one in booked:
            _book(point, people[one.credential], one.mode, day.day, random, by)
        here = set(_people(day.orders).values())
        absent = [who for who in _guests(point, day.day) if who not in here][:3]
        gone = [_book(point, who, "dine_in", day.day, random, by) for who in absent]
        after = _at(day.day, time(9, 20))
        late = next((one for one in coming if one not in booked), None)
        if late is not None:
            _book(point, people[late.credential], late.mode, day.day, random, by, after)
        for one in gone[:1]:
            if one is not None:
                services.cancel(one, "老人不来了", by, after, late=True)
    _carry_over(day.day, by)


def put_coming_days(by: Actor, now: datetime) -> None:
    """Lunches of the next days for elders who came in the demo's last weeks."""
    random, today = Random(SEED + 1), local_date(now)
    for known in POINTS:
        point = _point(known.code)
        guests = _guests(point, history.LAST)
        for number in range(1, AHEAD + 1):
            for who in random.sample(guests, min(A_DAY, len(guests))):
                mode = random.choice(("dine_in", "dine_in", "take_away", "delivery"))
                _book(point, who, mode, today + timedelta(days=number), random, by, now)


def _carry_over(day: date, by: Actor) -> None:
    """The kitchen sends what is booked and what is likely to walk in; each point checks it."""
    cooks = _point(KITCHEN.code)
    cooked, left, here = (_at(day, at) for at in (time(10, 5), time(10, 20), time(10, 45)))
    counts = {one.code: one for one in count_of(cooks, day, "lunch").points.values()}
    for number, code in enumerate(SUPPLIED, 1):
        point, count = _point(code), counts[code]
        portions = count.total + (count.walk_in or 0)
        box, seal = f"保温箱{number}号", f"YH{day:%m%d}{number:02d}"
        load = receiving.Sending(cooks, point, day, "lunch", portions, cooked, left, box, seal)
        sent = receiving.send(load, by, left)
        missing, core, measures, heated = ARRIVED[code]
        found = Arrival(portions, portions - missing, cooked, here, core, True, True)
        check = receiving.Checking(
            point, day, "lunch", found, sent, measures, heated, checked_by="演示操作员"
        )
        receiving.receive(check, by, here)


def _book(
    point: MealPoint,
    who: int,
    mode: str,
    day: date,
    random: Random,
    by: Actor,
    now: datetime | None = None,
) -> Booking | None:
    """One lunch; nothing where it cannot be booked (gone since, or booked already)."""
    asked_by, asked_name = random.choice(ASKED)
    note = written_note(random.choice(WISHES), "")
    order = services.Order(point, who, "lunch", mode, "", asked_by, asked_name, note)
    at = now or _at(day - timedelta(days=1), time(15, 0))
    with suppress(Refusal):
        return services.book(order, day, by, at, late=True)
    return None


def _people(orders: Sequence[Order]) -> dict[str, int]:
    """The residents of these credentials."""
    digests: dict[bytes, str] = {}
    for order in orders:
        as_card, as_id, _ = identify(order.credential)
        digests |= {as_card: order.credential, as_id: order.credential}
    rows = select(Credential.digest, Credential.resident_id).where(Credential.digest.in_(digests))
    return {digests[digest]: who for digest, who in db.session.execute(rows)}


def _guests(point: MealPoint, day: date) -> list[int]:
    """Who ate there in the two weeks before a day."""
    rows = (
        select(Serving.resident_id)
        .distinct()
        .where(
            Serving.point_id == point.id,
            Serving.served_on.between(day - timedelta(days=14), day - timedelta(days=1)),
        )
        .order_by(Serving.resident_id)
    )
    return list(db.session.scalars(rows))


def _point(code: str) -> MealPoint:
    found = point_by_code(code)
    assert found is not None
    return found


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, LOCAL).astimezone(UTC)
