"""A central kitchen with two serving points, and bookings, loads and checks at them."""

from datetime import UTC, date, datetime, timedelta

from mealsvc.bookings import receiving, services
from mealsvc.bookings.models import Booking, MealDispatch, MealReceipt
from mealsvc.bookings.rules import Arrival
from mealsvc.menus.models import MenuDay
from mealsvc.menus.services import put_item
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code, put_point
from mealsvc.plumbing.db import db, writing
from tests.factories import tills
from tests.factories.tills import SHELL

DAY = date(2024, 5, 8)
EARLY = datetime(2024, 5, 7, 2, 0, tzinfo=UTC)  # 10:00 on the day before
CUTOFF = datetime(2024, 5, 8, 1, 0, tzinfo=UTC)  # 09:00 on the day
COOKED = datetime(2024, 5, 8, 2, 20, tzinfo=UTC)
LEFT = COOKED + timedelta(minutes=15)
ARRIVED = COOKED + timedelta(minutes=45)
NOW = COOKED + timedelta(minutes=50)  # 11:10


def supplied_points() -> None:
    """K01 cooks for S01 and S02; inside `writing()`, after `tills.small_district`."""
    for code, name, kind, supplier in (
        ("K01", "中央厨房", "central_kitchen", ""),
        ("S01", "东分餐点", "serving_point", "K01"),
        ("S02", "西分餐点", "serving_point", "K01"),
    ):
        values = {"code": code, "name": name, "kind": kind, "division": tills.COMMUNITY}
        put_point({**values, "supplier": supplier, "lunch_hours": "10:30-12:30"}, SHELL)


def point(code: str = "P01") -> MealPoint:
    """A point that there is."""
    found = point_by_code(code)
    assert found is not None
    return found


def order(code: str = "P01", resident: int = 1, **more: str) -> services.Order:
    """A lunch eaten there, asked for by the elder."""
    usual = {"meal": "lunch", "mode": "dine_in"}
    return services.Order(point(code), resident, **(usual | more))


def book(code: str = "P01", resident: int = 1, day: date = DAY, **more: str) -> Booking:
    """One booking made the day before; inside `writing()`."""
    return services.book(order(code, resident, **more), day, SHELL, EARLY)


def menu(code: str = "P01", day: date = DAY) -> None:
    """A public menu for lunch: two set meals and a dish with a price."""
    common = {"served_on": day, "meal": "lunch", "price_fen": 1200}
    for name, kind in (("老年套餐", "套餐"), ("素什锦套餐", "套餐"), ("小馄饨", "主食")):
        put_item(point(code).id, code, {**common, "name": name, "kind": kind}, SHELL, EARLY)
    shown = {"first_published_at": EARLY, "published_at": EARLY, "published_by": "tests"}
    db.session.add(MenuDay(point_id=point(code).id, served_on=day, meal="lunch", **shown))
    db.session.flush()


def sending(code: str = "S01", portions: int = 30, **more: object) -> receiving.Sending:
    """Portions that left K01 at 10:35."""
    given = {"cooked_at": COOKED, "left_at": LEFT, "container": "箱1", "seal_no": "F001", **more}
    return receiving.Sending(point("K01"), point(code), DAY, "lunch", portions, **given)


def send(code: str = "S01", portions: int = 30, **more: object) -> MealDispatch:
    """Registers a load; inside `writing()`."""
    return receiving.send(sending(code, portions, **more), SHELL, NOW)


def checking(
    sent: MealDispatch | None = None, code: str = "S01", **more: object
) -> receiving.Checking:
    """A check of 30 hot portions; `more` changes what was found, or what was done."""
    found = {"expected": 30, "portions": 30, "cooked_at": COOKED, "arrived_at": ARRIVED}
    found |= {"core_temp_tenths": 655, "seal_ok": True, "label_ok": True}
    done = {name: more.pop(name) for name in ("measures", "reheated_tenths") if name in more}
    return receiving.Checking(point(code), DAY, "lunch", Arrival(**(found | more)), sent, **done)


def receive(sent: MealDispatch | None = None, code: str = "S01", **more: object) -> MealReceipt:
    """Registers a check; inside `writing()`."""
    return receiving.receive(checking(sent, code, **more), SHELL, NOW)


def a_cold_lunch() -> dict[str, int]:
    """Lunches booked at P01 and S01, and a load for S01 that arrived too cold: their numbers."""
    with writing():
        supplied_points()
        menu("S01")
        one = book("P01", 1, note="low_salt;no:鱼|饭少一点", asked_by="family", asked_name="女儿")
        book("S01", 2, mode="delivery")
        book("S01", 3, dish="小馄饨")
        late = services.book(order("S01", 4), DAY, SHELL, CUTOFF, late=True)
        done = {"measures": ("reheated",), "reheated_tenths": 725}
        check = receive(send(), core_temp_tenths=545, **done)
    assert late.after_cutoff
    return {"booked": one.id, "checked": check.id}
