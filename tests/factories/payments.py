"""Months on their way to the treasury: reviewed, approved, with accounts to pay to."""

from datetime import UTC, datetime

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.services import add_user
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.payments.models import Payee, PaymentLine, PaymentOrder
from mealsvc.payments.orders import order_payment, record_payment
from mealsvc.payments.payees import confirm_payee, propose_payee
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.clawback_models import Clawback, ClawbackLine
from mealsvc.settlement.models import NoticeBatch, PublicNotice
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
        approve(month, code, "同意", chief, now, "区政府专题会议纪要")
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


def one_of_each(month: Month, code: str, sequence: int, now: datetime) -> dict[str, int]:
    """A notice, an order, an approved clawback and an account that waits, of a submitted month that
    goes on as it stands: rows alone, for pages that only show them. Their numbers in addresses.
    """
    batch, account = batch_at(month, code), _waiting_account(code, now)
    with writing():
        notice = PublicNotice(
            number=f"GS-{month}-320412100",
            month=month.key,
            division="320412100",
            from_on=local_date(now),
            to_on=local_date(now),
            place="公告栏",
            posted_by="command:tests",
            posted_at=now,
        )
        order = PaymentOrder(
            number="BF-2024-0001",
            year=2024,
            state="ordered",
            total_fen=300,
            line_count=1,
            note="",
            made_by="command:tests",
            made_at=now,
        )
        clawback = Clawback(
            number="ZH-2024-001",
            point_id=batch.point_id,
            reason="not_eaten",
            note="电话核实未就餐",
            mode="cash",
            state="approved",
            amount_fen=300,
            proposed_by="command:tests",
            proposed_at=now,
            decided_by="command:tests",
            decided_at=now,
            due_on=local_date(now),
        )
        db.session.add_all([notice, order, clawback])
        db.session.flush()
        db.session.add(NoticeBatch(notice_id=notice.id, batch_id=batch.id))
        db.session.add(
            PaymentLine(
                order_id=order.id,
                point_id=batch.point_id,
                batch_id=batch.id,
                payee_id=account.id,
                purpose=f"{month.chinese}老年助餐补贴",
                payable_fen=300,
                payable_funding='{"district": 300}',
                amount_fen=300,
                funding='{"district": 300}',
            )
        )
        db.session.add(
            ClawbackLine(
                clawback_id=clawback.id,
                sequence=sequence,
                paid_month=month.key,
                amount_fen=300,
                funding='{"district": 300}',
            )
        )
        db.session.flush()
        return {"notice_id": notice.id, "order_id": order.id, "clawback_id": clawback.id}


def _waiting_account(code: str, now: datetime) -> Payee:
    """A confirmed account of the point, and a change of it that waits."""
    point, other = point_by_code(code), Actor("command", "finance")
    with writing():
        made = propose_payee(point, "某餐饮有限公司", "某银行", ACCOUNT, "", SHELL, now)
        confirm_payee(made.id, other, now)
        propose_payee(point, "某餐饮有限公司", "某银行", "6222000011112222", "", SHELL, now)
    return made
