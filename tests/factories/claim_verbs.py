"""The verbs of a submitted month, of lines held or sent back, and of persons with two accounts."""

from typing import Any

from sqlalchemy import select

from mealsvc.accounts import persons
from mealsvc.accounts import services as accounts
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writer
from mealsvc.servings.models import Serving
from mealsvc.servings.services import record_serving
from mealsvc.settlement import acts, adjusting, holding, returning, services, steps
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.models import LineHold, ReturnedLine
from tests.factories import tills
from tests.factories.verb import BY, OTHER, Verb

MAY = Month(2024, 5)
TOWN, DISTRICT, CHIEF, MAKER, PAYER = (
    Actor("user", name) for name in ("town", "district", "chief", "maker", "payer")
)
CHAIN = (
    ("first_review", TOWN),
    ("recheck", DISTRICT),
    ("notice", OTHER),
    ("approve", CHIEF),
    ("order", MAKER),
    ("pay", PAYER),
    ("close", OTHER),
)


def reach(step: str) -> None:
    """Takes May at P01, with one subsidised line, to just before this step of `CHAIN`."""
    submitted()
    for code, by in CHAIN:
        if code == step:
            return
        if code == "approve":
            steps.approve(MAY, "P01", "同意", by, clock.now())
        else:
            steps.take(acts.ACTS[code], batch_at(MAY, "P01"), by, clock.now())


def submitted() -> None:
    served()
    services.submit(MAY, None, OTHER, clock.now())


def served() -> None:
    record_serving(writer(), tills.order("K1"), OTHER, clock.now())


def line() -> int:
    return db.session.scalars(select(Serving.sequence).where(Serving.key == "K1")).one()


def _hold(by: Actor = BY) -> None:
    holding.hold_lines(MAY, 1, [line()], "not_eaten", "", by, clock.now())


def _held() -> None:
    submitted()
    _hold(OTHER)


def _held_and_approved() -> None:
    submitted()
    _hold(OTHER)
    for code, by in CHAIN[:3]:
        steps.take(acts.ACTS[code], batch_at(MAY, "P01"), by, clock.now())
    steps.approve(MAY, "P01", "同意", CHIEF, clock.now())


def _return(by: Actor = BY) -> None:
    objections = [returning.Objection(line(), "by_hand", "请说明")]
    returning.return_batch(MAY, "P01", objections, "退回", by, clock.now())


def _returned() -> None:
    submitted()
    _return(TOWN)


def _answered() -> None:
    _returned()
    _answer("explained", OTHER)


def _answer(answer: str, by: Actor = BY) -> None:
    returned = db.session.scalars(select(ReturnedLine.id)).one()
    returning.answer(returned, answer, "已核对", by, clock.now())


def _open_hold() -> int:
    return db.session.scalars(select(LineHold.id).where(LineHold.outcome.is_(None))).one()


def _step(verb: Any) -> None:
    verb(MAY, "P01", "同意", BY, clock.now())


def _two_accounts() -> None:
    for login in ("zhang", "zhang-2"):
        made = accounts.Credentials("x", "not a hash")
        accounts.add_user(login, "district", "320412", "张三", OTHER, clock.now(), credentials=made)


def _bound() -> None:
    _two_accounts()
    _pair(persons.bind_accounts, OTHER)


def _pair(verb: Any, by: Actor) -> None:
    verb(accounts.find_user("zhang").id, accounts.find_user("zhang-2").id, by)


REFUSED = ("settlement.adjust", "servings.reverse", "settlement.refuse")

CLAIM_VERBS = {
    "accounts.persons.bind_accounts": Verb(
        ("accounts.bind",), lambda: _pair(persons.bind_accounts, BY), _two_accounts
    ),
    "accounts.persons.unbind_account": Verb(
        ("accounts.unbind",),
        lambda: persons.unbind_account(accounts.find_user("zhang").id, BY),
        _bound,
    ),
    "settlement.adjusting.adjust": Verb(
        ("settlement.adjust",),
        lambda: adjusting.adjust(line(), "repaid", 350, "{}", "退回", BY, clock.now()),
        served,
    ),
    "settlement.holding.hold_lines": Verb(("settlement.hold",), _hold, submitted),
    "settlement.holding.end_holds": Verb(
        ("settlement.release",),
        lambda: holding.end_holds(
            {db.session.query(LineHold.id).scalar(): "released"},
            {"released": "无误"},
            BY,
            clock.now(),
        ),
        _held,
    ),
    "settlement.holding.release": Verb(
        ("settlement.adjust", "settlement.release"),
        lambda: holding.release(_open_hold(), "核实", BY, clock.now()),
        _held_and_approved,
    ),
    "settlement.holding.refuse": Verb(
        REFUSED, lambda: holding.refuse(_open_hold(), "未就餐", BY, clock.now()), _held
    ),
    "settlement.holding.carve_out": Verb(
        ("settlement.hold", *REFUSED),
        lambda: holding.carve_out(MAY, 1, line(), "by_hand", "", BY, clock.now()),
        submitted,
    ),
    "settlement.returning.return_batch": Verb(("settlement.return",), _return, submitted),
    "settlement.returning.answer": Verb(
        ("settlement.hold", *REFUSED, "settlement.answer"), lambda: _answer("agreed"), _returned
    ),
    "settlement.returning.resubmit": Verb(
        ("settlement.resubmit",), lambda: _step(returning.resubmit), _answered
    ),
    "settlement.steps.first_review": Verb(
        ("settlement.first_review",), lambda: _step(steps.first_review), submitted
    ),
    "settlement.steps.recheck": Verb(
        ("settlement.recheck",), lambda: _step(steps.recheck), lambda: reach("recheck")
    ),
    "settlement.steps.sample": Verb(
        ("settlement.sample",), lambda: _step(steps.sample), lambda: reach("notice")
    ),
    "settlement.steps.approve": Verb(
        ("settlement.approve",), lambda: _step(steps.approve), lambda: reach("approve")
    ),
    "settlement.steps.close": Verb(
        ("settlement.close",), lambda: _step(steps.close), lambda: reach("close")
    ),
    "settlement.steps.take": Verb(
        ("settlement.notice",),
        lambda: steps.take(acts.ACTS["notice"], batch_at(MAY, "P01"), BY, clock.now()),
        lambda: reach("notice"),
    ),
}
