"""The verbs of the assessment: costs of points, and tariffs that were tried."""

from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.survey.assessing import services
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.models import SurveyRound
from tests.factories import assessments, surveys
from tests.factories.verb import BY, OTHER, Verb


def _row() -> SurveyRound:
    return db.session.scalars(select(SurveyRound)).one()


def _put() -> None:
    point, month = assessments.point(), assessments.MAY
    services.put_cost(point, month, assessments.cost(), BY, clock.now())


def _opened() -> None:
    order = rounds.Order("测试摸排", "320412", surveys.AS_OF, "AB")
    rounds.open_round(order, OTHER, clock.now())


def _accepted() -> None:
    _opened()
    assessments.accept_supply(_row())


def _keep() -> None:
    outcome = {"policy": "TRIAL", "months": ["2024-05"]}
    services.keep_trial(_row(), "高龄加一元", "", outcome, BY, clock.now())


ASSESS_VERBS = {
    "survey.assessing.services.put_cost": Verb(("economics.cost",), _put),
    "survey.assessing.services.take_costs": Verb(
        ("economics.take",),
        lambda: services.take_costs(_row().id, BY, clock.now()),
        _accepted,
    ),
    "survey.assessing.services.keep_trial": Verb(("economics.trial",), _keep, _opened),
}
