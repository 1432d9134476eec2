"""The verbs of survey rounds."""

from datetime import date

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.survey.rounds import batch, services
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.rounds.units import Unit
from tests.factories import surveys, tills
from tests.factories.verb import BY, OTHER, Verb

LATER = date(2099, 1, 5)


def _open(by: Actor, forms: str = "A") -> SurveyRound:
    order = services.Order("测试摸排", "320412", surveys.AS_OF, forms)
    return services.open_round(order, by, clock.now())


def _opened() -> None:
    _open(OTHER, "AB")


def _row() -> SurveyRound:
    return db.session.scalars(select(SurveyRound)).one()


def _sheet(form: str = "A") -> SurveySheet:
    rows = select(SurveySheet).where(SurveySheet.form == form).order_by(SurveySheet.id)
    return db.session.scalars(rows).first()


def _fill(by: Actor) -> None:
    services.fill(_sheet(), _row(), surveys.answers(), {}, "web", by, clock.now())


def _filled() -> None:
    _open(OTHER)
    _fill(OTHER)


def _fill_many(by: Actor) -> None:
    one = batch.Filled(_sheet(), surveys.answers(), {})
    batch.fill_batch(_row(), [one], "web", by, clock.now())


def _left() -> None:
    _open(OTHER)
    services.leave_out(_sheet(), _row(), "村里正在撤并", OTHER, clock.now())


def _new_point() -> None:
    _opened()
    point = {"code": "P03", "name": "新点", "kind": "serving_point", "division": tills.COMMUNITY}
    put_point(point, OTHER)


SURVEY_VERBS = {
    "survey.rounds.services.open_round": Verb(("surveys.open",), lambda: _open(BY)),
    "survey.rounds.services.add_sheets": Verb(
        ("surveys.issue",),
        lambda: services.add_sheets(_row(), "B", [Unit("P09", tills.COMMUNITY)], BY, clock.now()),
        _opened,
    ),
    "survey.rounds.services.issue_late": Verb(
        ("surveys.issue",),
        lambda: services.issue_late(_row(), "B", "P03", BY, clock.now()),
        _new_point,
    ),
    "survey.rounds.services.extend": Verb(
        ("surveys.extend",),
        lambda: services.extend(_row(), "", LATER, "防汛期间顺延", BY, clock.now()),
        _opened,
    ),
    "survey.rounds.services.save_draft": Verb(
        ("surveys.draft",),
        lambda: services.save_draft(_sheet(), _row(), {"A01": "6"}, BY),
        _opened,
    ),
    "survey.rounds.services.fill": Verb(("surveys.fill",), lambda: _fill(BY), _opened),
    "survey.rounds.services.review": Verb(
        ("surveys.village",),
        lambda: services.review(_sheet(), _row(), "village", BY, clock.now()),
        _filled,
    ),
    "survey.rounds.services.send_back": Verb(
        ("surveys.return",),
        lambda: services.send_back(_sheet(), _row(), "合计不对，请核对", {}, BY, clock.now()),
        _filled,
    ),
    "survey.rounds.services.leave_out": Verb(
        ("surveys.leave",),
        lambda: services.leave_out(_sheet(), _row(), "村里正在撤并", BY, clock.now()),
        _opened,
    ),
    "survey.rounds.services.lock": Verb(
        ("surveys.lock",), lambda: services.lock(_row(), "{}", BY, clock.now()), _left
    ),
    "survey.rounds.batch.fill_batch": Verb(
        ("surveys.fill",), lambda: _fill_many(BY), lambda: _open(OTHER)
    ),
    "survey.rounds.batch.review_batch": Verb(
        ("surveys.village",),
        lambda: batch.review_batch(_row(), [_sheet()], "village", BY, clock.now()),
        _filled,
    ),
}
