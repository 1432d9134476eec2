"""The verbs about scans and leads, with what each needs before it."""

from mealsvc.auditing.scanning import jobs, services
from mealsvc.auditing.scanning.looking import Scanned
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writer
from mealsvc.servings.models import Serving
from mealsvc.servings.services import record_serving
from tests.factories import tills
from tests.factories.scans import scanned, story
from tests.factories.verb import BY, OTHER, Verb

SCANNING = "auditing.scanning."
MAY = Month(2024, 5)


def _line() -> int:
    record_serving(writer(), tills.order("K1"), OTHER, clock.now())
    return db.session.query(Serving.sequence).scalar()


def _scanned() -> Scanned:
    return services.look(MAY)


def _lead() -> None:
    services.keep(scanned(story(lines=(_line(),))), OTHER, clock.now())


def _dismissed() -> None:
    _lead()
    services.dismiss_lead(1, "QUEUE：排队集中", OTHER, clock.now())


def _started() -> None:
    jobs.start(MAY, BY)
    jobs.wait()


SCAN_VERBS: dict[str, Verb] = {
    SCANNING + "services.keep": Verb(
        ("leads.scan",), lambda: services.keep(_scanned(), BY, clock.now()), _line
    ),
    SCANNING + "services.dismiss_lead": Verb(
        ("leads.dismiss",), lambda: services.dismiss_lead(1, "排队集中", BY, clock.now()), _lead
    ),
    SCANNING + "services.reopen_lead": Verb(
        ("leads.reopen",),
        lambda: services.reopen_lead(1, "又有新情况", BY, clock.now()),
        _dismissed,
    ),
    SCANNING + "services.note_denial": Verb(
        ("leads.deny",),
        lambda: services.note_denial(
            db.session.query(Serving.sequence).scalar(), "call", "HF-1", BY, clock.now()
        ),
        _line,
    ),
    SCANNING + "jobs.start": Verb(("leads.scan",), _started, _line, alone=True),
    SCANNING + "jobs.scan_now": Verb(
        ("leads.scan",), lambda: jobs.scan_now(MAY, BY), _line, alone=True
    ),
}
