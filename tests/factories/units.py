"""Papers, people and events of a point, made by the verbs themselves."""

from datetime import date, timedelta

from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code, put_point
from mealsvc.places.units import rules, services, staffing
from mealsvc.places.units.models import StaffMember, UnitDocument
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from tests.factories.tills import SHELL

LONG = date(2099, 12, 31)


def point(code="P01", kind="", **values) -> MealPoint:
    """The point; with a kind, made first."""
    if kind:
        known = {"code": code, "name": f"{code}助餐点", "kind": kind, "division": "320412100001"}
        with writing():
            put_point(known | values, SHELL)
    found = point_by_code(code)
    assert found is not None
    return found


def hold(place: MealPoint, kind: str, last=LONG, first=None, number="N1") -> UnitDocument:
    """The point holds a paper until a day."""
    values = {"kind": kind, "number": number, "valid_from": first, "valid_to": last}
    with writing():
        return services.enter_document(place, values, SHELL, clock.now())


def work(
    place: MealPoint, name="演示甲", post="cook", joined=date(2023, 5, 1), **facts
) -> StaffMember:
    """Somebody works there, touching food unless told otherwise."""
    values = {"name": name, "post": post, "handles_food": True, "joined_on": joined}
    with writing():
        return staffing.add_member(place, values | facts, SHELL)


def certify(member: StaffMember, kind: str, issued: date, last=None) -> None:
    """A certificate, an appointment or a training of somebody."""
    values = {"kind": kind, "issued_on": issued, "valid_to": last}
    with writing():
        staffing.enter_paper(member, values, SHELL, clock.now())


def drill(place: MealPoint, held_on: date) -> None:
    with writing():
        values = {"kind": "drill", "held_on": held_on}
        services.note_event(place, values, SHELL, clock.now())


def in_order(place: MealPoint, day: date) -> StaffMember:
    """The point lacks nothing on this day, nor for half a year; its one cook."""
    for kind in rules.required(place.kind, place.catering_mode):
        hold(place, kind, LONG if rules.DOCUMENTS[kind].dated else None)
    cook = work(place, joined=day - timedelta(days=300))
    for kind in ("health", "training", "officer"):
        certify(cook, kind, day - timedelta(days=1), LONG if kind == "officer" else None)
    drill(place, day - timedelta(days=1))
    return cook


def one_of_each(code: str) -> dict[str, int]:
    """A paper, somebody with a certificate, and a drill of a point: their numbers."""
    place, today = point(code), local_date(clock.now())
    document = hold(place, "agreement")
    member = work(place, joined=date(2024, 1, 2))
    with writing():
        health = {"kind": "health", "issued_on": date(2024, 1, 2)}
        paper = staffing.enter_paper(member, health, SHELL, clock.now())
        event = services.note_event(place, {"kind": "drill", "held_on": today}, SHELL, clock.now())
    assert paper is not None
    return {
        "document_id": document.id,
        "member_id": member.id,
        "paper_id": paper.id,
        "event_id": event.id,
    }
