"""The verbs about facts that became known late, with what each needs before it."""

from datetime import date

from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writer
from mealsvc.residents import services as residents
from mealsvc.servings.services import record_serving, reverse_serving
from mealsvc.settlement import corrections
from mealsvc.settlement.correction_models import Correction
from tests.factories import tills
from tests.factories.verb import BY, OTHER, Verb


def _late_fact() -> None:
    """A lunch, and a death before it that became known afterwards."""
    record_serving(writer(), tills.order("K1"), OTHER, clock.now())
    new = residents.NewFact("departure", "moved_out", date(2024, 5, 1), None, "测试")
    residents.add_fact(1, new, OTHER)


def _proposed() -> None:
    _late_fact()
    corrections.find_corrections(OTHER, clock.now())


def _taken_back() -> None:
    _proposed()
    reverse_serving(writer(), "R1", "K1", "登记错误", None, OTHER, clock.now())


def _ids() -> list[int]:
    return list(db.session.scalars(select(Correction.id)))


CONFIRMED = ("servings.reverse", "servings.record", "settlement.confirm_correction")
CORRECTION_VERBS: dict[str, Verb] = {
    "settlement.corrections.find_corrections": Verb(
        ("settlement.find_corrections",),
        lambda: corrections.find_corrections(BY, clock.now()),
        _late_fact,
    ),
    "settlement.corrections.confirm_correction": Verb(
        CONFIRMED,
        lambda: corrections.confirm_correction(_ids()[0], "", BY, clock.now()),
        _proposed,
    ),
    "settlement.corrections.confirm_corrections": Verb(
        CONFIRMED, lambda: corrections.confirm_corrections(_ids(), "", BY, clock.now()), _proposed
    ),
    "settlement.corrections.dismiss_correction": Verb(
        ("settlement.dismiss_correction",),
        lambda: corrections.dismiss_correction(_ids()[0], "日期有误", BY, clock.now()),
        _proposed,
    ),
    "settlement.corrections.dismiss_corrections": Verb(
        ("settlement.dismiss_correction",),
        lambda: corrections.dismiss_corrections(_ids(), "日期有误", BY, clock.now()),
        _proposed,
    ),
    "settlement.corrections.renew": Verb(
        ("settlement.renew_correction",),
        lambda: corrections.renew(_ids(), BY, clock.now()),
        _taken_back,
    ),
}
