"""The verbs of complaints and satisfaction."""

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.supervision.complaints import services
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.complaints.services import Said, Stars
from tests.factories.complaints import POINT, SHELL
from tests.factories.menus import place
from tests.factories.verb import BY, Verb

SAID = Said("taste", "counter", "（测试）饭太硬", "测试家属")


def _receive(by=SHELL) -> None:
    services.receive(place(), SAID, "K-00000001", by, clock.now())


def _assigned() -> None:
    _receive()
    services.assign(_id(), "point", "请核实", SHELL, clock.now())


def _answered() -> None:
    _assigned()
    services.answer(_id(), "已经改了", "point", POINT, clock.now())


def _id() -> int:
    return db.session.query(Complaint.id).scalar()


def _rate() -> None:
    services.rate(place(), Stars(5, dish=5), "counter", "K-00000001", BY, clock.now())


COMPLAINT_VERBS = {
    "supervision.complaints.services.receive": Verb(("complaints.receive",), lambda: _receive(BY)),
    "supervision.complaints.services.assign": Verb(
        ("complaints.assigned",),
        lambda: services.assign(_id(), "town", "", BY, clock.now()),
        _receive,
    ),
    "supervision.complaints.services.answer": Verb(
        ("complaints.answered",),
        lambda: services.answer(_id(), "已经改了", "point", BY, clock.now()),
        _assigned,
    ),
    "supervision.complaints.services.send_back": Verb(
        ("complaints.returned",),
        lambda: services.send_back(_id(), "请补充", BY, clock.now()),
        _answered,
    ),
    "supervision.complaints.services.close": Verb(
        ("complaints.closed",),
        lambda: services.close(_id(), True, "同意", BY, clock.now()),
        _answered,
    ),
    "supervision.complaints.services.note_call": Verb(
        ("complaints.called",),
        lambda: services.note_call(_id(), "满意", BY, clock.now()),
        _answered,
    ),
    "supervision.complaints.services.reveal_contact": Verb(
        ("complaints.reveal",),
        lambda: services.reveal_contact(_id(), BY),
        _receive,
        reads=True,
    ),
    "supervision.complaints.services.rate": Verb(("complaints.rate",), _rate),
}
