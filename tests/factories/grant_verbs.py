"""The verbs of star grades and construction grants."""

from datetime import date

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.payments import grants
from mealsvc.payments.grant_models import GrantStage
from mealsvc.places import grades
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from tests.factories import grants as made
from tests.factories.menus import place
from tests.factories.verb import BY, Verb

REVIEWED = (grants.first_review, grants.recheck, grants.approve)


def _stage() -> GrantStage:
    return db.session.scalars(select(GrantStage).where(GrantStage.number == 1)).one()


def _reached(steps: int) -> None:
    """A claimed grant whose first stage has been through so many reviews."""
    made.building_policy()
    made.claimed(Actor("system", "店长"))
    for nth, verb in enumerate(REVIEWED[:steps]):
        verb(_stage(), "同意", Actor("system", f"{nth}"), clock.now())


def _returned() -> None:
    _reached(0)
    grants.send_back(_stage(), "first_review", "决算不清", Actor("system", "镇"), clock.now())


def _ordered() -> None:
    _reached(3)
    grants.mark_ordered([_stage().id], "BF-1", Actor("system", "制单"), clock.now())


GRANT_VERBS = {
    "places.grades.give_grade": Verb(
        ("places.grade",),
        lambda: grades.give_grade(place(), 3, date(2024, 5, 1), "评定", BY, clock.now()),
    ),
    "payments.grants.claim_grant": Verb(
        ("grants.apply",), lambda: made.claimed(BY), made.building_policy
    ),
    "payments.grants.restate": Verb(
        ("grants.apply",), lambda: grants.restate(_stage(), made.CLAIM, BY, clock.now()), _returned
    ),
    "payments.grants.apply_stage": Verb(
        ("grants.apply",), lambda: grants.apply_stage(_stage(), "决算", BY, clock.now()), _returned
    ),
    "payments.grants.first_review": Verb(
        ("grants.first_review",),
        lambda: grants.first_review(_stage(), "", BY, clock.now()),
        lambda: _reached(0),
    ),
    "payments.grants.recheck": Verb(
        ("grants.recheck",),
        lambda: grants.recheck(_stage(), "", BY, clock.now()),
        lambda: _reached(1),
    ),
    "payments.grants.approve": Verb(
        ("grants.approve",),
        lambda: grants.approve(_stage(), "", BY, clock.now()),
        lambda: _reached(2),
    ),
    "payments.grants.send_back": Verb(
        ("grants.return",),
        lambda: grants.send_back(_stage(), "recheck", "决算不清", BY, clock.now()),
        lambda: _reached(1),
    ),
    "payments.grants.mark_ordered": Verb(
        ("grants.order",),
        lambda: grants.mark_ordered([_stage().id], "BF-1", BY, clock.now()),
        lambda: _reached(3),
    ),
    "payments.grants.mark_recalled": Verb(
        ("grants.recall",),
        lambda: grants.mark_recalled([_stage().id], "BF-1", BY, clock.now()),
        _ordered,
    ),
    "payments.grants.mark_paid": Verb(
        ("grants.pay",),
        lambda: grants.mark_paid([_stage().id], "BF-1", date(2024, 6, 1), BY, clock.now()),
        _ordered,
    ),
}
