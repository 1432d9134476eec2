"""Cases from the opening to the money: who may do what when, what is held, refused and taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mealsvc.auditing.cases import money, queries, refusals, services, sums, verdict
from mealsvc.auditing.cases.models import AuditCase, CaseAct, CaseQuestion
from mealsvc.auditing.scanning.models import Lead
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import clawbacks, holding
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.models import LineHold
from mealsvc.settlement.refusals import OwnHold
from mealsvc.settlement.services import settlement_of
from mealsvc.trail.models import TrailEvent
from tests.factories import cases as made
from tests.factories import claims, tills
from tests.factories.claims import MAY, NOW, person

LATER = NOW + timedelta(days=30)
SUBSIDY = 300


def held_fen() -> int:
    db.session.rollback()
    return settlement_of(MAY, "P01")["points"][0]["held_fen"]


def worth() -> int:
    return made.lines_of(db.session.scalar(select(AuditCase.id)))[0].subsidy_fen


def test_a_grave_case_holds_its_lines_until_the_verdict_and_an_ordinary_one_does_not(app):
    lines = made.submitted(4)
    case = made.opened(lines[:3])
    assert held_fen() == 3 * worth() > 0
    assert [one.hold_id is not None for one in made.lines_of(case.id)] == [True] * 3
    other = made.opened(lines[3:], "case")
    assert held_fen() == 3 * worth()
    with writing():
        services.hold(other.id, made.town(), NOW)
    assert held_fen() == 4 * worth()
