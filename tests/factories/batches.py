"""Outside auditors, and what they were given."""

from datetime import datetime, timedelta

from mealsvc.accounts import services as accounts
from mealsvc.auditing.outside.models import AuditBatch
from mealsvc.auditing.outside.services import Order, give
from mealsvc.auditing.sealing.services import seal
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writing
from tests.factories.tills import SHELL
from tests.support import people

APRIL = Month(2024, 4)
LOGIN = "shenji"


def outsider(now: datetime, login: str = LOGIN, days: int = 90) -> int:
    """The account of somebody from outside, good for so many days; inside `writing()`."""
    until = local_date(now) + timedelta(days=days)
    given = {"credentials": people.one_password(), "must_change": False, "until": until}
    accounts.add_user(
        login, "auditor", "320412", "某会计师事务所", SHELL, now, outside=True, **given
    )
    return accounts.find_user(login).id


def order(now: datetime, **changed: object) -> Order:
    """April at P01, for a month."""
    usual = {
        "login": LOGIN,
        "title": "四月助餐补贴审计",
        "first": APRIL,
        "last": APRIL,
        "points": ["P01"],
        "sample_id": None,
        "until": local_date(now) + timedelta(days=30),
        "within": "320412",
    }
    return Order(**(usual | changed))


def given(now: datetime, **changed: object) -> AuditBatch:
    """A batch of the outsider's, who is made; opens its own transactions."""
    with writing():
        outsider(now)
        return give(order(now, **changed), SHELL, now)


def one_of_each(now: datetime, sample_id: int | None = None) -> dict[str, int]:
    """April of everybody's, given to the district's own auditor: a row alone, so that one role looks
    at every page of the matrix. Everything is sealed."""
    with writing():
        batch = AuditBatch(
            account_id=people.account_of("auditor@320412"),
            title="四月助餐补贴审计",
            first_month=APRIL.key,
            last_month=APRIL.next.key,
            points="",
            sample_id=sample_id,
            until_on=local_date(now) + timedelta(days=30),
            given_at=now,
            given_by=str(SHELL),
        )
        db.session.add(batch)
        db.session.flush()
    seal(SHELL, now)
    return {"batch_id": batch.id}
