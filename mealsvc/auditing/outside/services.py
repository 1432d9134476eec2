"""Giving an outside auditor months and points to look at, and ending that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.rules import normal_login
from mealsvc.auditing.outside.models import AuditBatch
from mealsvc.auditing.outside.refusals import (
    BadBatchDay,
    BadMonths,
    BatchEnded,
    NotAnOutsideAuditor,
    UnknownBatchPoint,
    UnknownBatchSample,
)
from mealsvc.auditing.sampling.models import AuditSample, SampleItem
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.trail.services import record

MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody is given: `points` are codes, empty for all; `within` is the giver's division."""

    login: str
    title: str
    first: Month
    last: Month
    points: Sequence[str]
    sample_id: int | None
    until: date
    within: str = ""


def give(order: Order, by: Actor, now: datetime) -> AuditBatch:
    """Opens a batch for an outside auditor.

    Raises `NotAnOutsideAuditor`, `BadMonths`, `UnknownBatchPoint`, `BadBatchDay`,
    `UnknownBatchSample`.
    """
    account = _outside_account(order.login, now)
    if not 0 <= _span(order) < MOST_MONTHS:
        raise BadMonths(most=MOST_MONTHS)
    if order.until < local_date(now) or (account.expires_on and order.until > account.expires_on):
        known = chinese_date(account.expires_on) if account.expires_on else "长期"
        raise BadBatchDay(until=known)
    _check_points(order, account)
    _check_sample(order)
    batch = AuditBatch(
        account_id=account.id,
        title=order.title,
        first_month=order.first.key,
        last_month=order.last.key,
        points=",".join(sorted(set(order.points))),
        sample_id=order.sample_id,
        until_on=order.until,
        given_at=now,
        given_by=str(by),
    )
    db.session.add(batch)
    db.session.flush()
    detail = {
        "to": account.login,
        "from_on": str(order.first),
        "to_on": str(order.last),
        "points": batch.points,
        "sample": order.sample_id,
        "until": str(order.until),
    }
    record(by, "batches.give", f"batch:{batch.id}", detail)
    return batch


def end(batch_id: int, by: Actor, now: datetime) -> AuditBatch:
    """Takes a batch back from the next request on. Raises `BatchEnded`."""
    batch = db.session.get_one(AuditBatch, batch_id)
    if batch.ended_at is not None:
        raise BatchEnded()
    batch.ended_at, batch.ended_by = now, str(by)
    db.session.flush()
    record(by, "batches.end", f"batch:{batch.id}", {})
    return batch


def _outside_account(login: str, now: datetime) -> Account:
    account = db.session.scalars(select(Account).filter_by(login=normal_login(login))).first()
    today = local_date(now)
    if account is None or not account.outside or account.disabled_at is not None:
        raise NotAnOutsideAuditor(login=login)
    if account.expires_on is not None and account.expires_on < today:
        raise NotAnOutsideAuditor(login=login)
    return account


def _span(order: Order) -> int:
    first, last = order.first, order.last
    return 12 * (last.year - first.year) + last.month - first.month


def _check_points(order: Order, account: Account) -> None:
    """Each stands within the scope of whoever gives it and of whoever gets it."""
    known = set(
        db.session.scalars(
            select(MealPoint.code).where(
                MealPoint.code.in_(order.points),
                MealPoint.division.startswith(order.within, autoescape=True),
                MealPoint.division.startswith(account.scope, autoescape=True),
            )
        )
    )
    for code in order.points:
        if code not in known:
            raise UnknownBatchPoint(code=code)


def _check_sample(order: Order) -> None:
    """It shows every line that was drawn: none may be of a month or a point that is not given."""
    if order.sample_id is None:
        return
    sample = db.session.get(AuditSample, order.sample_id)
    if (
        sample is None
        or not order.first.key <= sample.month <= order.last.key
        or not sample.division.startswith(order.within)
        or _beside(order)
    ):
        raise UnknownBatchSample()


def _beside(order: Order) -> bool:
    """Whether the sample holds lines of points that are not given along."""
    elsewhere = (
        select(SampleItem.sequence)
        .join(Serving, Serving.sequence == SampleItem.sequence)
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .where(SampleItem.sample_id == order.sample_id, MealPoint.code.not_in(order.points))
    )
    return bool(order.points) and db.session.scalar(elsewhere.limit(1)) is not None
