"""The verbs of papers, people and events of units."""

from datetime import date

from mealsvc.places.units import services, staffing
from mealsvc.places.units.models import StaffMember, StaffPaper, UnitDocument, UnitEvent
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from tests.factories import units
from tests.factories.verb import BY, OTHER, Verb

DAY = date(2024, 5, 6)
AGREEMENT = {"kind": "agreement", "number": "X-1", "valid_to": date(2099, 12, 31)}
COOK = {"name": "演示甲", "post": "cook", "handles_food": True, "joined_on": DAY}
HEALTH = {"kind": "health", "issued_on": DAY}
DRILL = {"kind": "drill", "held_on": DAY}


def _document() -> None:
    services.enter_document(units.point(), AGREEMENT, OTHER, clock.now())


def _member() -> None:
    staffing.add_member(units.point(), COOK, OTHER)


def _paper() -> None:
    _member()
    staffing.enter_paper(_one(StaffMember), HEALTH, OTHER, clock.now())


def _event() -> None:
    services.note_event(units.point(), DRILL, OTHER, clock.now())


def _one(model):
    return db.session.query(model).one()


UNIT_VERBS = {
    "places.units.services.enter_document": Verb(
        ("units.enter_document",),
        lambda: services.enter_document(units.point(), AGREEMENT, BY, clock.now()),
    ),
    "places.units.services.withdraw_document": Verb(
        ("units.withdraw_document",),
        lambda: services.withdraw_document(_one(UnitDocument), "录错", BY, clock.now()),
        _document,
    ),
    "places.units.services.note_event": Verb(
        ("units.note_event",),
        lambda: services.note_event(units.point(), DRILL, BY, clock.now()),
    ),
    "places.units.services.withdraw_event": Verb(
        ("units.withdraw_event",),
        lambda: services.withdraw_event(_one(UnitEvent), "录错", BY, clock.now()),
        _event,
    ),
    "places.units.staffing.add_member": Verb(
        ("units.add_member",), lambda: staffing.add_member(units.point(), COOK, BY)
    ),
    "places.units.staffing.change_member": Verb(
        ("units.change_member",),
        lambda: staffing.change_member(_one(StaffMember), {"left_on": DAY}, BY),
        _member,
    ),
    "places.units.staffing.enter_paper": Verb(
        ("units.enter_paper",),
        lambda: staffing.enter_paper(_one(StaffMember), HEALTH, BY, clock.now()),
        _member,
    ),
    "places.units.staffing.withdraw_paper": Verb(
        ("units.withdraw_paper",),
        lambda: staffing.withdraw_paper(_one(StaffPaper), "录错", BY, clock.now()),
        _paper,
    ),
}
