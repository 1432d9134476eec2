"""What the pages, files and papers of payments read."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from mealsvc.payments.models import Payee, PaymentLine, PaymentOrder
from mealsvc.places.models import MealPoint, Operator
from mealsvc.plumbing.db import db
from mealsvc.policies.rules import SOURCES
from mealsvc.settlement.models import SettlementBatch

AT_ONCE = 100  # months that one order takes up at most: a transaction stays short


class Line(NamedTuple):
    """A line of an order with whom it pays."""

    line: PaymentLine
    point: MealPoint
    payee: Payee | None
    unit: str | None


def orders(seen: ColumnElement[bool], year: int | None, state: str) -> Any:
    """The orders that pay one of these points, the newest first: each with how many of its lines
    these are, and what they come to.
    """
    rows = (
        select(
            PaymentOrder,
            func.count().label("lines"),
            func.sum(PaymentLine.amount_fen).label("amount_fen"),
        )
        .join(PaymentLine, PaymentLine.order_id == PaymentOrder.id)
        .join(MealPoint, MealPoint.id == PaymentLine.point_id)
        .where(seen)
        .group_by(PaymentOrder.id)
        .order_by(PaymentOrder.id.desc())
    )
    if year is not None:
        rows = rows.where(PaymentOrder.year == year)
    if state:
        rows = rows.where(PaymentOrder.state == state)
    return rows


def totals(seen: ColumnElement[bool], year: int | None) -> dict[str, int]:
    """What the orders of a year (None: of all) come to for these points, by state."""
    rows = (
        select(PaymentOrder.state, func.sum(PaymentLine.amount_fen))
        .join(PaymentLine, PaymentLine.order_id == PaymentOrder.id)
        .join(MealPoint, MealPoint.id == PaymentLine.point_id)
        .where(seen)
        .group_by(PaymentOrder.state)
    )
    if year is not None:
        rows = rows.where(PaymentOrder.year == year)
    return {state: int(total) for state, total in db.session.execute(rows)}


def years() -> list[int]:
    """The years that have orders, the latest first."""
    found = select(PaymentOrder.year).distinct().order_by(PaymentOrder.year.desc())
    return list(db.session.scalars(found))


def lines(seen: ColumnElement[bool]) -> Any:
    """Lines of orders for these points, in the order in which they were made."""
    return (
        select(PaymentLine, MealPoint, Payee, Operator.name)
        .join(MealPoint, MealPoint.id == PaymentLine.point_id)
        .outerjoin(Payee, Payee.id == PaymentLine.payee_id)
        .outerjoin(Operator, Operator.id == MealPoint.operator_id)
        .where(seen)
        .order_by(PaymentLine.id)
    )


def lines_in(order: PaymentOrder, seen: ColumnElement[bool]) -> list[Line]:
    """What an order pays these points."""
    found = lines(seen).where(PaymentLine.order_id == order.id)
    return [Line(*row) for row in db.session.execute(found)]


def by_source(paid: Iterable[PaymentLine]) -> dict[str, int]:
    """What lines pay, by source."""
    total: Counter[str] = Counter()
    for line in paid:
        for source, part in json.loads(line.funding).items():
            total[source] += part
    return {source: total[source] for source in SOURCES if total[source]}


def payable(seen: ColumnElement[bool], month: int | None, town: str) -> Sequence[int]:
    """The approved months of these points that no order pays, the oldest first, `AT_ONCE` at most."""
    rows = (
        select(SettlementBatch.id)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.status == "approved", seen)
        .order_by(SettlementBatch.month, MealPoint.code)
        .limit(AT_ONCE)
    )
    if month is not None:
        rows = rows.where(SettlementBatch.month == month)
    if town:
        rows = rows.where(MealPoint.division.startswith(town, autoescape=True))
    return db.session.scalars(rows).all()


def payable_months(seen: ColumnElement[bool]) -> list[int]:
    """The months in which these points have something approved and not ordered."""
    rows = (
        select(SettlementBatch.month)
        .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
        .where(SettlementBatch.status == "approved", seen)
        .distinct()
        .order_by(SettlementBatch.month)
    )
    return list(db.session.scalars(rows))


def points_with_payees(seen: ColumnElement[bool], town: str) -> Any:
    """These points in order of code, to be shown with their accounts."""
    rows = select(MealPoint).where(seen).order_by(MealPoint.code)
    return rows.where(MealPoint.division.startswith(town, autoescape=True)) if town else rows


def versions(point_id: int) -> Sequence[Payee]:
    """Every account that was entered for a point, the latest first."""
    rows = select(Payee).where(Payee.point_id == point_id).order_by(Payee.version.desc())
    return db.session.scalars(rows.limit(50)).all()
