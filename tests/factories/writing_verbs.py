"""The verbs of a report: a section written, restored, the round locked with its report."""

from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.writing import services
from tests.factories import surveys
from tests.factories.verb import BY, OTHER, Verb

FIGURES, SIGNS = ("eligible",), {"map": "图"}
TEXT = "（一）人口\n有老人{eligible}。\n{图:map}"


def _row() -> SurveyRound:
    return db.session.scalars(select(SurveyRound)).one()


def _opened() -> None:
    order = rounds.Order("测试摸排", "320412", surveys.AS_OF, "A")
    rounds.open_round(order, OTHER, clock.now())


def _write(by=BY) -> None:
    services.write_section(_row(), "basics", TEXT, 0, FIGURES, SIGNS, by, clock.now())


def _written() -> None:
    _opened()
    _write(OTHER)


def _all_in() -> None:
    """Every sheet is left out, so that nothing stands in the way of the lock."""
    _opened()
    for sheet in db.session.scalars(select(SurveySheet)):
        rounds.leave_out(sheet, _row(), "村里正在撤并", OTHER, clock.now())


def _lock() -> None:
    now = clock.now()
    services.lock_report(_row(), services.prepare_lock(_row(), now), BY, now)


WRITING_VERBS = {
    "survey.writing.services.write_section": Verb(("surveys.write",), _write, _opened),
    "survey.writing.services.restore_section": Verb(
        ("surveys.restore",),
        lambda: services.restore_section(_row(), "basics", 1, BY, clock.now()),
        _written,
    ),
    "survey.writing.services.lock_report": Verb(("surveys.lock",), _lock, _all_in),
}
