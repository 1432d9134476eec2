"""A district whose months are claimed: people of every desk, and how to bring a month somewhere."""

from contextlib import nullcontext
from datetime import UTC, datetime

from sqlalchemy import select

from mealsvc.accounts import persons
from mealsvc.accounts import services as accounts
from mealsvc.accounts.models import Account
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import acts, returning, steps
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import settlement_of
from tests.factories.tills import SHELL

MAY, JUNE = Month(2024, 5), Month(2024, 6)
NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
# The chain that a month goes, each step by somebody of that role.
CHAIN = (
    ("first_review", "town"),
    ("recheck", "district"),
    ("sample", "auditor"),
    ("notice", "clerk"),
    ("approve", "approver"),
    ("order", "finance"),
    ("pay", "finance2"),
    ("close", "clerk"),
)
ROLES = {"finance2": "finance", "clerk": "district"}


def person(login: str, role: str = "district") -> Actor:
    """An account of this login, made if it is new."""
    if db.session.scalar(select(Account.id).where(Account.login == login)) is None:
        scope = "320412100" if role == "town" else "P01" if role == "manager" else "320412"
        made = accounts.Credentials("x", "not a hash")
        with nullcontext() if "writing" in db.session().info else writing():
            accounts.add_user(login, role, scope, login, SHELL, NOW, credentials=made)
    return Actor("user", login)


def bind(one: str, other: str) -> None:
    """The two accounts are one person's from now on."""
    pair = [accounts.find_user(login).id for login in (one, other)]
    with writing():
        persons.bind_accounts(*pair, SHELL)


def unbind(login: str) -> None:
    """The account was bound by mistake."""
    with writing():
        persons.unbind_account(accounts.find_user(login).id, SHELL)


def act(code: str, by: Actor, month: Month = MAY, point: str = "P01", now: datetime = NOW) -> None:
    """Does this with a submitted month, for good."""
    with writing():
        do(code, by, month, point, now)


def do(code: str, by: Actor, month: Month = MAY, point: str = "P01", now: datetime = NOW) -> None:
    """The same within a transaction of the caller's, through the verb of the act, if it has one."""
    if code == "return":
        objections = [returning.Objection(None, "other", "请说明")]
        returning.return_batch(month, point, objections, "退回", by, now)
    elif code == "resubmit":
        returning.resubmit(month, point, "已说明", by, now)
    elif hasattr(steps, code):
        getattr(steps, code)(month, point, "同意", by, now)
    else:
        steps.take(acts.ACTS[code], batch_at(month, point), by, now)


def answer_all(by: Actor, month: Month = MAY, point: str = "P01", now: datetime = NOW) -> None:
    """Explains everything that a batch was sent back for."""
    with writing():
        for one in returning.objections_of(batch_at(month, point)):
            if one.answer is None:
                returning.answer(one.id, "explained", "已核对", by, now)


def reach(status: str, month: Month = MAY, point: str = "P01") -> None:
    """Brings a submitted month to this state, each step by its own person."""
    if status == acts.RETURNED:
        act("return", person("town", "town"), month, point)
        answer_all(person("boss", "manager"), month, point)
        return
    if state(month, point) == acts.RETURNED:
        act("resubmit", person("boss", "manager"), month, point)
    for code, login in CHAIN:
        now = state(month, point)
        if now == status:
            return
        if now not in acts.ACTS[code].starts or (code == "sample" and status != "sampled"):
            continue
        act(code, person(login, ROLES.get(login, login)), month, point)
    assert state(month, point) == status


def state(month: Month = MAY, point: str = "P01") -> str:
    """Where a point's month stands."""
    return settlement_of(month, point)["points"][0]["status"]


def sequence_of(key: str) -> int:
    """The number of the line under this key."""
    return db.session.scalars(select(Serving.sequence).where(Serving.key == key)).one()
