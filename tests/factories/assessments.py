"""Rounds to weigh up: a small district whose sheets were accepted, points with costs, and trials."""

from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.document import read_policy
from mealsvc.simulation.services import simulate
from mealsvc.survey.assessing import services, trials
from mealsvc.survey.assessing.costing import Cost
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.rules import read
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.intake import doubts_of
from mealsvc.survey.rounds.known import known_of
from mealsvc.survey.rounds.models import SurveyRound
from tests.factories import surveys
from tests.factories.policies import SAMPLE

MAY = Month(2024, 5)
SUPPLY = {
    "B01": "community_canteen", "B02": "40", "B03": "120", "B11": "2", "B12": "1",
    "B21": "100", "B22": "1", "B24": "3", "B26": "3", "B31": "13", "B32": "5", "B34": "10",
    "B35": "6", "B36": "2", "B45": "33", "B41": "39", "B43": "0", "B44": "6",
}  # fmt: skip


def round_with_supply(**changed: str) -> SurveyRound:
    """A round whose sheet B of P01 the district has accepted."""
    row = surveys.opened("AB")
    with writing():
        accept_supply(row, **changed)
    return row


def accept_supply(row: SurveyRound, **changed: str) -> None:
    """The same within a transaction of the caller's."""
    sheet = surveys.sheet_of(row, "B", "P01")
    given, errors = read(FORMS["B"], SUPPLY | changed)
    assert not errors, errors
    doubts = doubts_of("B", given, known_of([sheet], row.as_of)[sheet.id], 10)
    remarks, now = dict.fromkeys(doubts, "按账本填写"), clock.now()
    rounds.fill(sheet, row, given, remarks, "web", surveys.VILLAGE, now)
    for act, by in surveys.OF.items():
        rounds.review(sheet, row, act, by, now)


def point(code: str = "P01") -> MealPoint:
    return db.session.scalars(select(MealPoint).where(MealPoint.code == code)).one()


def cost(fixed: int = 1800, variable: int = 500, other: int = 0, basis: str = "测试账本") -> Cost:
    return Cost(fixed, variable, other, basis)


def entered(by: Actor, month: Month = MAY, fixed: int = 1800, variable: int = 500) -> None:
    """P01 costs so much from that month on."""
    with writing():
        services.put_cost(point(), month, cost(fixed, variable), by, clock.now())


def outcome(months: tuple[Month, ...] = (MAY,)) -> dict[str, Any]:
    """What a replay under a dearer policy comes to."""
    text = SAMPLE.replace("TN-2022", "TRIAL").replace("amount_fen = 400", "amount_fen = 500")
    draft = read_policy(
        text.replace("{ district = 200, town = 200 }", "{ district = 200, town = 300 }")
    )
    return trials.outcome_of(simulate(draft, months, clock.now()), months)
