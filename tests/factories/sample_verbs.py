"""The verbs of samples and call-backs."""

from datetime import timedelta

from sqlalchemy import select

from mealsvc.auditing.sampling import calling, services
from mealsvc.auditing.sampling.calling import Taken
from mealsvc.auditing.sampling.models import AuditSample, SampleItem
from mealsvc.auditing.sampling.rules.answers import Said
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writer
from mealsvc.residents.models import Resident
from mealsvc.servings import services as servings
from tests.factories import tills
from tests.factories.verb import BY, OTHER, Verb
from tests.support.people import account_of


def _served() -> None:
    servings.record_serving(writer(), tills.order("K1"), OTHER, clock.now())
    db.session.scalars(select(Resident)).first().phone = vault().seal("13900001111")
    account_of("district")


def _drawing() -> services.Drawing:
    return services.look(services.Order(Month(2024, 5), "320412", seed="S"))


def _drawn() -> None:
    _served()
    services.keep(_drawing(), OTHER, clock.now())


def _given() -> None:
    _drawn()
    calling.assign(_sample(), [account_of("district")], False, OTHER, clock.now())


def _sample() -> int:
    return db.session.scalars(select(AuditSample.id)).one()


def _line() -> int:
    return db.session.scalars(select(SampleItem.sequence)).one()


def _denied() -> None:
    at = clock.now() + timedelta(minutes=1)
    taken, caller = Taken("call", Said("denied"), "（测试）"), account_of("district")
    calling.answer(_sample(), _line(), taken, caller, BY, at)


SAMPLE_VERBS = {
    "auditing.sampling.services.keep": Verb(
        ("samples.draw",), lambda: services.keep(_drawing(), BY, clock.now()), _served
    ),
    "auditing.sampling.calling.assign": Verb(
        ("samples.assign",),
        lambda: calling.assign(_sample(), [account_of("district")], False, BY, clock.now()),
        _drawn,
    ),
    "auditing.sampling.calling.reveal": Verb(
        ("calls.reveal",),
        lambda: calling.reveal(_sample(), _line(), account_of("district"), BY),
        _given,
        reads=True,
    ),
    "auditing.sampling.calling.answer": Verb(("calls.answer", "leads.deny"), _denied, _given),
}
