"""The demo's papers of units: certificates and documents valid in May 2024, a few of them not.

What ran out is renewed after the month that is shown, so that pages of a later day are not all red.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from mealsvc.demo import district
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.units import rules, services, staffing
from mealsvc.plumbing.db import db, writing

SEED = 31
YEAR, LATE = timedelta(days=365), timedelta(days=5)
MADE_UP = "演示数据"
SHOWN = date(2024, 5, 31)
CREWS: dict[str, tuple[str, ...]] = {
    "central_kitchen": (
        "manager",
        "officer",
        "cook",
        "cook",
        "cook",
        "helper",
        "helper",
        "courier",
    ),
    "community_canteen": ("manager", "officer", "cook", "cook", "helper", "cashier"),
    "institution_canteen": ("manager", "officer", "cook", "helper", "cashier"),
    "partner_restaurant": ("officer", "cook", "helper", "cashier"),
    "serving_point": ("manager", "server", "server", "courier"),
    "neighbour_table": ("cook",),
}
NO_FOOD = ("manager", "cashier")
# What is not in order: (point, kind) with the last day it holds, or None where it is not there.
OFF: dict[tuple[str, str], date | None] = {
    ("WJ003", "liability"): date(2024, 5, 20),
    ("WJ006", "fire"): date(2024, 6, 28),
    ("WJ007", "waste"): None,
    ("WJ009", "agreement"): date(2024, 6, 14),
    ("WJ010", "health_declaration"): date(2024, 7, 7),
}
OLD_HEALTH = {("WJ003", 2): date(2023, 5, 10), ("WJ008", 1): date(2023, 6, 8)}  # issued on
RENEWED = date(2024, 6, 24)  # what had run out by then
NOT_TRAINED = {("WJ005", 3), ("WJ007", 4)}
NO_DRILL = {"WJ009"}
RULES_LACKING = {"WJ006": 2, "WJ008": 3, "WJ009": 4, "WJ010": 7}


def put_units(by: Actor, now: datetime) -> None:
    """Papers, people, trainings, drills and hours of volunteers of every demo point."""
    random = Random(SEED)
    points = db.session.scalars(select(MealPoint).order_by(MealPoint.code)).all()
    with writing():
        for number, code in enumerate(rules.RULES, 1):
            values = {"number": f"演示制度〔2023〕{number}号", "valid_from": date(2023, 4, 1)}
            services.enter_document(None, {"kind": code, **values, "issuer": MADE_UP}, by, now)
    first = 1
    for point in points:
        opened = point.opened_on or date(2023, 4, 1)
        with writing():
            _papers(point, opened, random, by, now)
            first = _people(point, opened, first, random, by, now)
            _events(point, opened, random, by, now)


def _papers(point: MealPoint, opened: date, random: Random, by: Actor, now: datetime) -> None:
    for kind in rules.required(point.kind, point.catering_mode):
        if kind == "licence" or OFF.get((point.code, kind), opened) is None:
            continue  # the licence stands in the point's record
        for first, last in _terms(point.code, kind, opened, local_date(now)):
            values = {
                "kind": kind,
                "number": f"演示{random.randint(100000, 999999)}",
                "issuer": MADE_UP,
                "valid_from": first,
                "valid_to": last,
            }
            services.enter_document(point, values, by, now)
    for code in rules.RULES[RULES_LACKING.get(point.code, 0) :]:
        values = {"kind": code, "issuer": MADE_UP, "valid_from": opened}
        services.enter_document(point, values, by, now)


def _terms(code: str, kind: str, opened: date, today: date) -> Iterator[tuple[date, date | None]]:
    """A paper that is not out of order lasts well beyond the month that is shown."""
    lasting = date(max(today, SHOWN).year + 1, 12, 31)
    last = OFF.get((code, kind))
    if not rules.DOCUMENTS[kind].dated:
        yield opened, None
    elif last is None:
        yield opened, lasting
    else:
        yield last - YEAR, last
        renewed = max(last + LATE, RENEWED)
        if today > renewed:
            yield renewed, lasting


def _people(
    point: MealPoint, opened: date, first: int, random: Random, by: Actor, now: datetime
) -> int:
    crew = CREWS.get(point.kind, ())
    for place, post in enumerate(crew):
        joined = opened if place < 3 else opened + timedelta(days=random.randint(0, 60))
        member = staffing.add_member(point, _person(first + place, post, joined), by)
        if member.handles_food:
            _certificates(member, (point, place), joined, by, now)
        if post == "officer":
            values = {
                "kind": "officer",
                "number": f"演示任{first + place:03d}",
                "issued_on": joined,
            }
            staffing.enter_paper(member, values, by, now)
    gone = staffing.add_member(point, _person(first + len(crew), "helper", opened), by)
    left = {"left_on": opened + timedelta(days=random.randint(60, 140))}
    staffing.change_member(gone, left, by)
    return first + len(crew) + 1


def _person(number: int, post: str, joined: date) -> dict[str, object]:
    return {
        "name": f"演示员工{number:02d}",
        "post": post,
        "handles_food": post not in NO_FOOD,
        "volunteer": False,
        "joined_on": joined,
    }


def _certificates(
    member: staffing.StaffMember,
    where: tuple[MealPoint, int],
    joined: date,
    by: Actor,
    now: datetime,
) -> None:
    """A health certificate each year, a training as often as the kind of point demands."""
    point, place = where
    last = max(SHOWN, local_date(now))
    old = OLD_HEALTH.get((point.code, place))
    day = old or joined
    while day <= last:
        number = f"演示健{member.id:03d}-{day.year}"
        staffing.enter_paper(
            member, {"kind": "health", "number": number, "issued_on": day}, by, now
        )
        day = RENEWED if day == old else rules.months_later(day, 11)
    months = 6 if point.kind in rules.SPECIFIC else 12
    day = joined
    while day <= last:
        staffing.enter_paper(member, {"kind": "training", "issued_on": day}, by, now)
        if (point.code, place) in NOT_TRAINED:
            return
        day = rules.months_later(day, months) - timedelta(days=7)


def _events(point: MealPoint, opened: date, random: Random, by: Actor, now: datetime) -> None:
    if point.code not in NO_DRILL:
        held = opened + timedelta(days=random.randint(20, 60))
        while held <= max(SHOWN, local_date(now)):
            drill = {"held_on": held, "people": random.randint(4, 9), "note": "演示：食物中毒处置"}
            services.note_event(point, {"kind": "drill", **drill}, by, now)
            held += timedelta(days=random.randint(300, 360))
    if point.code == district.KITCHEN.code:
        return
    for month in range(1, 6):
        hours = random.randint(8, 40) + 0.5 * random.randint(0, 1)
        values = {"held_on": date(2024, month, 20), "hours": hours, "people": random.randint(2, 6)}
        services.note_event(
            point, {"kind": "volunteer_hours", **values, "note": "演示：送餐和助餐"}, by, now
        )
