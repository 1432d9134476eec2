"""The verbs of steps that are taken for many points at once."""

from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.settlement import jobs
from mealsvc.settlement.models import BatchJob
from tests.factories.claim_verbs import submitted
from tests.factories.verb import BY, Verb

MAY = Month(2024, 5)


def _waiting() -> None:
    submitted()
    _added()


def _added() -> BatchJob:
    return jobs.add_job("first_review", MAY, ["P01"], "同意", BY, clock.now())


def _job() -> BatchJob:
    return db.session.scalars(select(BatchJob)).one()


def _stopped() -> None:
    hold = jobs.hold_of(_job().id)
    assert hold is not None
    with hold:
        jobs.ask_to_stop(_job(), BY)


REVIEW_VERBS = {
    "settlement.jobs.add_job": Verb(("settlement.job",), _added, submitted),
    "settlement.jobs.start": Verb(
        ("settlement.first_review",), lambda: jobs.start(_job().id, BY), _waiting, alone=True
    ),
    "settlement.jobs.ask_to_stop": Verb(("settlement.job_stop",), _stopped, _waiting),
}
