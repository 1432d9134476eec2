"""The verbs of boundaries and of calls from a list."""

from mealsvc.coverage.mapping import boundaries
from mealsvc.coverage.outreach import services
from mealsvc.coverage.outreach.queries import Listed
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from tests.factories import contacts
from tests.factories.tills import TOWN
from tests.factories.verb import BY, OTHER, Verb


def _put(by):
    outlines, report = boundaries.read_boundaries(contacts.outline())
    return boundaries.keep(outlines, report, "测试", by, clock.now())


def _with_phone() -> None:
    db.session.get(Resident, 1).phone = vault().seal("13900001111")


def _line() -> Listed:
    """As if the first elder stood on a list."""
    return Listed("quiet", db.session.get(Resident, 1))


CONTACT_VERBS = {
    "coverage.mapping.boundaries.keep": Verb(("coverage.put_boundaries",), lambda: _put(BY)),
    "coverage.mapping.boundaries.drop_boundary": Verb(
        ("coverage.drop_boundary",),
        lambda: boundaries.drop_boundary(TOWN, BY),
        lambda: _put(OTHER),
    ),
    "coverage.outreach.services.reveal": Verb(
        ("outreach.reveal",), lambda: services.reveal(_line(), BY), _with_phone, reads=True
    ),
    "coverage.outreach.services.note_call": Verb(
        ("outreach.call",),
        lambda: services.note_call(_line(), "reached", "（测试）", BY, clock.now()),
    ),
}
