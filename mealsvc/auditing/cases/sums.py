"""The money of cases: what is in doubt, held, never paid, and taken back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from mealsvc.auditing.cases.models import AuditCase, CaseLine
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.settlement.clawback_models import Clawback, ClawbackLine
from mealsvc.settlement.clawbacks import PAID
from mealsvc.settlement.models import LineHold, SettlementBatch


@dataclass(frozen=True, slots=True)
class Money:
    """Fen of a case or several: all its lines are worth `total`; of that still without a finding
    (`doubt`), held now, refused (never paid), released again; `claimed` back, and of that `recovered`."""

    lines: int = 0
    bad: int = 0
    total_fen: int = 0
    doubt_fen: int = 0
    held_fen: int = 0
    refused_fen: int = 0
    released_fen: int = 0
    claimed_fen: int = 0
    recovered_fen: int = 0

    def __add__(self, other: "Money") -> "Money":
        return Money(
            *(getattr(self, one) + getattr(other, one) for one in self.__dataclass_fields__)
        )


def money_of(case_ids: Any) -> dict[int, Money]:
    """The money of these cases (ids, or a select of ids): two questions for any number."""
    claims = _claims(case_ids)
    held = LineHold.outcome.is_(None) & LineHold.id.is_not(None)
    rows = db.session.execute(
        select(
            CaseLine.case_id,
            func.count().label("lines"),
            counted(CaseLine.finding == "bad", 1).label("bad"),
            func.sum(CaseLine.subsidy_fen).label("total"),
            counted(CaseLine.finding.is_(None), CaseLine.subsidy_fen).label("doubt"),
            counted(held, LineHold.amount_fen).label("held"),
            counted(LineHold.outcome == "refused", LineHold.amount_fen).label("refused"),
            counted(LineHold.outcome == "released", LineHold.amount_fen).label("released"),
        )
        .outerjoin(LineHold, LineHold.id == CaseLine.hold_id)
        .where(CaseLine.case_id.in_(case_ids))
        .group_by(CaseLine.case_id)
    )
    return {
        row[0]: Money(*[int(value or 0) for value in row[1:]] + [*claims.get(row[0], (0, 0))])
        for row in rows
    }


def total_money(rows: Select[Any]) -> Money:
    """The money of all cases of a list, whatever page is shown."""
    ids = rows.order_by(None).with_only_columns(AuditCase.id)
    return sum(money_of(ids).values(), Money())


def _claims(case_ids: Any) -> dict[int, tuple[int, int]]:
    """Approved clawbacks of cases: fen claimed, and of that come back: in cash, or set off in a month
    that is paid."""
    reversal = aliased(Serving)
    paid = and_(
        SettlementBatch.point_id == reversal.point_id,
        SettlementBatch.month == reversal.settle_month,
        SettlementBatch.status.in_(PAID),
    )
    back = or_(
        Clawback.state == "repaid",
        and_(Clawback.mode == "offset", SettlementBatch.id.is_not(None)),
    )
    rows = db.session.execute(
        select(
            AuditCase.id, func.sum(ClawbackLine.amount_fen), counted(back, ClawbackLine.amount_fen)
        )
        .join(Clawback, Clawback.id == AuditCase.clawback_id)
        .join(ClawbackLine, ClawbackLine.clawback_id == Clawback.id)
        .outerjoin(reversal, reversal.sequence == ClawbackLine.reversal)
        .outerjoin(SettlementBatch, paid)
        .where(AuditCase.id.in_(case_ids), Clawback.state.in_(("approved", "repaid")))
        .group_by(AuditCase.id)
    )
    return {row[0]: (int(row[1]), int(row[2] or 0)) for row in rows}


def counted(condition: ColumnElement[bool], value: Any) -> Any:
    """The sum of `value` where the condition holds."""
    return func.sum(case((condition, value), else_=0))
