"""Two rounds of P01 with deliveries booked for 6 May 2024, made through the services."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from mealsvc.bookings import services as bookings
from mealsvc.bookings.models import Booking
from mealsvc.deliveries import rounds, services
from mealsvc.deliveries.models import DeliveryEvent, DeliveryRound, RoundStop
from mealsvc.deliveries.services import Handover
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.resident_id import normalise
from mealsvc.menus.services import SET_MEAL, put_item
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.enrolment import Enrolment, enrol_batch
from tests.factories import tills
from tests.factories.tills import COMMUNITY, SHELL

TODAY = date(2024, 5, 6)
NOON = datetime(2024, 5, 6, 3, 10, tzinfo=UTC)  # 11:10 in Shanghai, within the window
COURIER = Actor("user", "courier", "192.0.2.9")
HOUSE, PHONE = "花园新村77幢丙单元901室", "00012340777"


def minutes(number: float) -> datetime:
    """So many minutes after `NOON`."""
    return NOON + timedelta(minutes=number)


def small_rounds() -> dict[str, int]:
    """The small district, 东线 with 张国丰 (address and phone) and 欧阳秀英, 张桂芳 on no round;
    their bookings by name.
    """
    tills.small_district()
    with writing():
        name, birth, serial, card = tills.ELDERS[0]
        known = Enrolment(
            normalise(tills.id_number(birth, serial)), name, COMMUNITY, COMMUNITY, HOUSE, PHONE,
            card_no=card,
        )  # fmt: skip
        enrol_batch([known], SHELL, NOON, source="测试")
        point = the_point()
        put_menu()
        made = {elder[0]: book(place, TODAY).id for place, elder in enumerate(tills.ELDERS[:3], 1)}
        east = rounds.add_round(point, "东线", "王师傅", SHELL)
        rounds.assign(east, point, [1, 2], TODAY, SHELL)
    return made


def put_menu() -> None:
    """The set meal of `TODAY` for 12 yuan; inside `writing()`."""
    menu = {"served_on": TODAY, "meal": "lunch", "name": "套餐", "kind": SET_MEAL}
    put_item(the_point().id, "P01", {**menu, "price_fen": 1200}, SHELL, NOON)


def a_days_stops(now: datetime) -> dict[str, int]:
    """A round of P01 with one stop to be made, one shut door and one made; the bookings."""
    point, day = the_point(), local_date(now)
    with writing():
        east = rounds.add_round(point, "东线", "王师傅", SHELL)
        order = dict(zip(("waiting", "shut", "done"), (1, 3, 4), strict=True))
        made = {name: book(resident, day).id for name, resident in order.items()}
        rounds.assign(east, point, [1, 3, 4], day, SHELL)
        db.session.get_one(RoundStop, (point.id, 1)).diet = "low_salt;no:鱼"
        services.note_cooking(point, day, "lunch", now - timedelta(hours=1), SHELL, now)
        services.note_no_answer(made["shut"], "shut", COURIER, now - timedelta(minutes=20))
        signed = Handover("done", "family", 580, "10,10 200,150;300,20 400,200")
        services.deliver(made["done"], signed, COURIER, now)
    return made


def the_point(code: str = "P01") -> MealPoint:
    found = point_by_code(code)
    assert found is not None
    return found


def book(
    resident: int, day: date, meal: str = "lunch", point: str = "P01", note: str = ""
) -> Booking:
    """A delivery booked the day before; inside `writing()`."""
    order = bookings.Order(the_point(point), resident, meal, "delivery", note=note)
    return bookings.book(order, day, SHELL, NOON - timedelta(days=1), late=True)


def deliver(booking: int, key: str = "E1", at: datetime = NOON, **facts):
    """Hands a meal over; what came of it."""
    with writing():
        return services.deliver(booking, Handover(key, "self", **facts), COURIER, at)


def step(verb, booking: int, key: str, *facts, at: datetime = NOON, **more):
    """One of the other steps."""
    with writing():
        return verb(booking, key, *facts, COURIER, at, **more)


def the_round() -> DeliveryRound:
    """The first round that there is."""
    return db.session.scalars(select(DeliveryRound).order_by(DeliveryRound.id)).all()[0]


def kinds(booking: int) -> list[str]:
    """What happened with a delivery, in order."""
    rows = select(DeliveryEvent.kind).where(DeliveryEvent.booking_id == booking)
    return list(db.session.scalars(rows.order_by(DeliveryEvent.id)))
