"""What an outside auditor may look at: the own open batches, and nothing beside them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from mealsvc.accounts.models import Account
from mealsvc.auditing.outside.models import AuditBatch
from mealsvc.auditing.sampling.models import AuditSample
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal, current
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving

MOST_OPEN = 100


def open_batches(me: Principal, today: date) -> Sequence[AuditBatch]:
    """What this person was given and may look at today."""
    return db.session.scalars(
        select(AuditBatch)
        .where(AuditBatch.account_id == me.id, is_open(today))
        .order_by(AuditBatch.id.desc())
        .limit(MOST_OPEN)
    ).all()


def is_open(today: date) -> ColumnElement[bool]:
    """Neither ended nor past its day."""
    return and_(AuditBatch.ended_at.is_(None), AuditBatch.until_on >= today)


def batch_or_404(batch_id: int) -> AuditBatch:
    """The visitor's own open batch: another's is not there at all."""
    batch = db.session.scalars(
        select(AuditBatch).where(
            AuditBatch.id == batch_id,
            AuditBatch.account_id == current().id,
            is_open(local_date(clock.now())),
        )
    ).first()
    return batch or abort(404)


def months_of(batch: AuditBatch) -> list[Month]:
    """The batch's months, in order."""
    month, last, found = Month.from_key(batch.first_month), Month.from_key(batch.last_month), []
    while month <= last:
        found.append(month)
        month = month.next
    return found


def points_of(batch: AuditBatch) -> Sequence[MealPoint]:
    """The batch's points within the visitor's scope, in order of code."""
    rows = select(MealPoint).where(points_seen_by(current())).order_by(MealPoint.code)
    if batch.points:
        rows = rows.where(MealPoint.code.in_(batch.points.split(",")))
    return db.session.scalars(rows).all()


def month_of_batch(batch: AuditBatch, written: str) -> Month:
    """The month in the address, if it belongs to the batch; else 404."""
    try:
        month = Month.parse(written)
    except ValueError:
        abort(404)
    return month if batch.first_month <= month.key <= batch.last_month else abort(404)


def point_of_batch(batch: AuditBatch, code: str) -> MealPoint:
    """The point in the address, if it belongs to the batch; else 404."""
    return next((point for point in points_of(batch) if point.code == code), None) or abort(404)


def lines_of(month: Month, point: MealPoint, day: date | None) -> Select[Any]:
    """What settles in a month at a point, in the server's order: line, elder, whether taken back."""
    undo = aliased(Serving)
    undone = exists().where(undo.reverses == Serving.sequence).correlate(Serving)
    own = and_(~Serving.late, Serving.served_on.between(month.first_day, month.last_day))
    rows: Any = (
        select(Serving, Resident.name, undone.label("undone"))
        .join(Resident, Resident.id == Serving.resident_id)
        .where(
            Serving.point_id == point.id,
            Serving.settle_month == month.key,
            or_(own, Serving.late),
        )
        .order_by(Serving.sequence)
    )
    return rows if day is None else rows.where(Serving.served_on == day)


def batches_given(me: Principal, today: date, which: str) -> Select[Any]:
    """All batches of auditors within somebody's scope, the latest first, with who has them."""
    rows: Any = (
        select(AuditBatch, Account.login, Account.name, Account.expires_on)
        .join(Account, Account.id == AuditBatch.account_id)
        .where(Account.scope.startswith(me.scope, autoescape=True) if not me.at_point else false())
        .order_by(AuditBatch.id.desc())
    )
    match which:
        case "open":
            return rows.where(is_open(today))
        case "ended":
            return rows.where(~is_open(today))
    return rows


def outside_accounts(me: Principal, today: date) -> Sequence[Account]:
    """The outside auditors who can be given something now."""
    return db.session.scalars(
        select(Account)
        .where(
            Account.outside,
            Account.disabled_at.is_(None),
            or_(Account.expires_on.is_(None), Account.expires_on >= today),
            Account.scope.startswith(me.scope, autoescape=True),
        )
        .order_by(Account.login)
        .limit(MOST_OPEN)
    ).all()


def recent_samples(me: Principal) -> Sequence[AuditSample]:
    """The samples that can be given along."""
    return db.session.scalars(
        select(AuditSample)
        .where(AuditSample.division.startswith(me.scope, autoescape=True))
        .order_by(AuditSample.id.desc())
        .limit(MOST_OPEN)
    ).all()
