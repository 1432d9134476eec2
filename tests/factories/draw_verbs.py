"""The verbs of the questionnaire's draw."""

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.settings.services import change_setting
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.sampling import services
from tests.factories import surveys
from tests.factories.verb import BY, OTHER, Verb


def _opened() -> None:
    day = surveys.AS_OF
    change_setting("survey.sample_size", "2", "测试", day, True, OTHER, day)
    order = rounds.Order("测试摸排", "320412", day, "DE")
    rounds.open_round(order, OTHER, clock.now())


def _row() -> SurveyRound:
    return db.session.scalars(select(SurveyRound)).one()


def _draw(by: Actor) -> None:
    services.draw(_row(), "S", by, clock.now())


def _refused() -> None:
    _opened()
    _draw(OTHER)
    sheet = db.session.scalars(select(SurveySheet).where(SurveySheet.form == "D")).first()
    rounds.fill(sheet, _row(), {"D00": "refused"}, {}, "web", OTHER, clock.now())


DRAWN = ("surveys.issue", "surveys.draw")
DRAW_VERBS = {
    "survey.sampling.services.keep": Verb(
        DRAWN, lambda: services.keep(_row(), services.look(_row(), "S"), BY, clock.now()), _opened
    ),
    "survey.sampling.services.draw": Verb(DRAWN, lambda: _draw(BY), _opened),
    "survey.sampling.services.call_reserve": Verb(
        ("surveys.issue", "surveys.reserve"),
        lambda: services.call_reserve(_row(), BY, clock.now()),
        _refused,
    ),
}
