"""Months on their way to the treasury: reviewed, approved, with accounts to pay to."""

from datetime import UTC, datetime

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.services import add_user
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.payments.models import Payee
from mealsvc.payments.orders import order_payment, record_payment
from mealsvc.payments.payees import confirm_payee, propose_payee
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import submit
from mealsvc.settlement.steps import approve, first_review, recheck, take
from tests.factories.tills import SHELL
from tests.support.people import one_password

MAY, JUNE, JULY = Month(2024, 5), Month(2024, 6), Month(2024, 7)
NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
ACCOUNT = "3201 2233 4455 6677 889"
DIGITS = ACCOUNT.replace(" ", "")


def staff(login: str, role: str = "district") -> Actor:
    """Somebody of the district by login; made on first use."""
    if db.session.scalar(select(Account.id).where(Account.login == login)) is None:
        given = {"credentials": one_password(), "must_change": False}
        with writing():
            add_user(login, role, "320412", login, SHELL, NOW, **given)
    return Actor("user", login)


def reviewed(month: Month = MAY, code: str = "P01", now: datetime = NOW) -> None:
    """Submits a month and takes it through both reviews."""
    town, district = staff("town"), staff("district")
    with writing():
        submit(month, code, SHELL, now)
        first_review(month, code, "同意", town, now)
        recheck(month, code, "同意", district, now)


def approved(month: Month = MAY, code: str = "P01", now: datetime = NOW) -> int:
    """Takes a month as far as its approval; the batch's id."""
    reviewed(month, code, now)
    clerk, chief = staff("clerk"), staff("chief")
    with writing():
        take(ACTS["notice"], batch_at(month, code), clerk, now)
        approve(month, code, "同意", chief, now)
    return batch_at(month, code).id


def payee(code: str = "P01", account: str = ACCOUNT, now: datetime = NOW) -> Payee:
    """An account of the point, entered by the clerk and confirmed by finance."""
    clerk, money = staff("clerk"), staff("money")
    point = point_by_code(code)
    with writing():
        made = propose_payee(point, "某餐饮有限公司", "某银行湖塘支行", account, "", clerk, now)
        return confirm_payee(made.id, money, now)


def ordered(*batches: int, by: str = "pay1", now: datetime = NOW):
    """A payment order over these batches."""
    maker = staff(by)
    with writing():
        return order_payment(batches, (), "", None, maker, now)


def paid(order, by: str = "pay2", now: datetime = NOW):
    """The same, noted as paid."""
    other = staff(by)
    with writing():
        return record_payment(order.id, now.date(), "ZF-001", other, now)


def sequence_of(key: str) -> int:
    return db.session.scalars(select(Serving.sequence).where(Serving.key == key)).one()
