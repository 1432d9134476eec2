"""Logs of P01 on 6 May 2024, made through the services: a menu of five dishes, a staff of two."""

from datetime import UTC, date, datetime, timedelta

from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.places.units.models import StaffMember
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.logs import services
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.logs.services import Row
from tests.factories import menus, tills

DAY = date(2024, 5, 6)
NOON = datetime(2024, 5, 6, 3, 10, tzinfo=UTC)  # 11:10 in Shanghai
EVENING = datetime(2024, 5, 6, 13, 0, tzinfo=UTC)
COOK = Actor("user", "cook", "192.0.2.9")
STAFF = ("甲师傅", "乙师傅")
DISHES = tuple(name for name, kind, *_ in menus.DISHES if kind != "套餐")


def hours(number: float) -> datetime:
    """So many hours after `NOON`."""
    return NOON + timedelta(hours=number)


def kitchen(served: bool = True) -> None:
    """The small district; P01 has a lunch menu of five dishes, two people, one serving today."""
    tills.small_district()
    with writing():
        menus.cook(DAY, NOON)
        hire()
    if served:
        tills.serve("K1", served_at=hours(-0.5))


def hire(code: str = "P01") -> None:
    """Two cooks on the staff; inside `writing()`."""
    for name in STAFF:
        db.session.add(
            StaffMember(
                point_id=the_point(code).id, name=name, post="cook", handles_food=True,
                joined_on=date(2024, 1, 1),
            )
        )  # fmt: skip
    db.session.flush()


def the_point(code: str = "P01") -> MealPoint:
    found = point_by_code(code)
    assert found is not None
    return found


def log(
    kind: str, key: str, at: datetime = NOON, now: datetime | None = None, **values
) -> LogEntry:
    """Logs one entry at P01."""
    point = the_point(values.pop("point", "P01"))
    db.session.rollback()
    with writing():
        return services.log(point, kind, {"at": at, **values}, key, COOK, now or at)


def sample(key: str = "S1", dish: str = "红烧肉", grams: float = 130, **values) -> LogEntry:
    """A sample of lunch."""
    given = {"meal": "lunch", "subject": dish, "grams": grams, "temp_c": 4, "person": "甲师傅"}
    return log("sample", key, **(given | values))


def old_sample(point: MealPoint, day: date, now: datetime) -> LogEntry:
    """A sample of any day; inside `writing()`."""
    at = datetime(day.year, day.month, day.day, 3, 0, tzinfo=UTC)
    facts = {"grams": 130, "person": "甲师傅", "place": "留样柜"}
    row = Row(point, Draft("sample", day, "lunch", "红烧肉", at, facts), f"OLD-{point.code}")
    assert services.log_batch([row], COOK, now, any_day=True) == [services.CREATED]
    return db.session.query(LogEntry).filter_by(key=row.key).one()


def a_full_day() -> None:
    """Everything that is due at P01 on `DAY`, in range."""
    for number, name in enumerate(STAFF):
        log("morning_check", f"M{number}", subject=name, result="normal")
    for number, name in enumerate(DISHES):
        sample(f"S{number}", name)
    log("core_temp", "C1", meal="lunch", subject="红烧肉", temp_c=80)
    log("hold_temp", "H1", meal="lunch", subject="红烧肉", temp_c=65)
    for number in range(2):
        at = hours(-2 + number)
        log("cold_store", f"F{number}", at, subject="冷藏柜", device="chiller", temp_c=4)
    log(
        "disinfection", "D1", meal="lunch", subject="餐饮具", method="steam", temp_c=100, minutes=15
    )
    log("daily_control", "Z1", items={"STF-02": "ok"}, person="甲师傅")
