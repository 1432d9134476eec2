"""What a figure of a settlement is made of: its lines with what each brings, and what else adds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, or_, select

from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.policies.operating import Earned, split
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import SOURCES
from mealsvc.policies.wording import SOURCE_NAMES
from mealsvc.residents.models import Resident
from mealsvc.servings.models import DailyTally, Decision, Serving
from mealsvc.settlement.batches import undone
from mealsvc.settlement.models import LineHold, SettlementAdjustment
from mealsvc.settlement.rules import worth
from mealsvc.settlement.services import adjustments_of

LABELS = {
    "subsidy_fen": "补贴",
    "delivery_fen": "送餐补贴",
    "operating_fen": "运营补贴",
    "adjustment_fen": "调整",
    "held_fen": "暂缓",
}


@dataclass(frozen=True, slots=True)
class Made:
    """The lines of a figure (a query, None where it has none), what each brings, and their sum;
    `extras` are adjustments that are no lines, in the figure too.
    """

    lines: Select[Any] | None = None
    amount: Callable[[Any], int] = lambda row: 0
    lines_fen: int = 0
    extras: Sequence[SettlementAdjustment] = field(default_factory=tuple)

    @property
    def fen(self) -> int:
        return self.lines_fen + sum(one.amount_fen for one in self.extras)


def figure_of(entry: Mapping[str, Any], name: str) -> int | None:
    """The figure of that name in a point's settlement; None for a name that means nothing."""
    kind, _, code = name.partition(":")
    if name in LABELS:
        return entry[name]
    if kind == "source" and code in SOURCES:
        return entry["funding"].get(code, 0)
    found = [one["subsidy_fen"] for one in entry["rules"] if kind == "rule" and one["rule"] == code]
    return found[0] if found else None


def label_of(name: str) -> str:
    """The figure as people say it."""
    kind, _, code = name.partition(":")
    if kind == "source":
        return f"{SOURCE_NAMES.get(code, code)}资金"
    return LABELS.get(name, f"规则 {code}")


def has_operating(name: str) -> bool:
    """Whether operating money is in the figure."""
    return name == "operating_fen" or name.startswith("source:")


def part_of(one: Earned, name: str) -> int:
    """What of an operating rule's money is in the figure."""
    kind, _, code = name.partition(":")
    if kind != "source":
        return one.fen
    return dict(split(one.rule, one.fen)).get(code, 0)


def made_of(month: Month, point_id: int, name: str) -> Made:
    """The lines of the figure, from the ledger."""
    kind, _, code = name.partition(":")
    if name in ("subsidy_fen", "delivery_fen"):
        column = getattr(Serving, name)
        lines = _lines(month, point_id, late=False).where(column != 0)
        return Made(lines, lambda row: getattr(row, name), _sum(lines, column))
    if name == "adjustment_fen":
        return _adjusted(month, point_id)
    if name == "held_fen":
        return _held(month, point_id)
    if kind == "rule":
        return _by_decision(month, point_id, lambda told: _rule_fen(told, code))
    if kind == "source":
        return _by_decision(month, point_id, lambda told: _source_fen(told, code))
    return Made()


def _by_decision(month: Month, point_id: int, fen: Callable[[Mapping[str, Any]], int]) -> Made:
    """Lines of the month by what their decision brings; few decisions make many lines."""
    brings: dict[int, int] = {}
    total = 0
    for row in _decisions(month, point_id, late=False):
        each = fen(json.loads(row.content))
        if each:
            brings[row.id] = each
            total += each * int(row.net)
    lines = _lines(month, point_id, late=False).where(Serving.decision_id.in_(brings))
    return Made(lines, lambda row: _sign(row) * brings[row.decision_id], total)


def _adjusted(month: Month, point_id: int) -> Made:
    policies = policies_in_force()
    brings: dict[int, int] = {}
    total = 0
    for row in _decisions(month, point_id, late=True):
        brings[row.id] = worth(row.content, policies)[0]
        total += brings[row.id] * int(row.net)
    extras = adjustments_of(month, [point_id])
    lines = _lines(month, point_id, late=True)
    return Made(lines, lambda row: _sign(row) * brings[row.decision_id], total, extras)


def _held(month: Month, point_id: int) -> Made:
    """As `batches.held_of` counts: held now, or carved out for good."""
    mine = (
        LineHold.month == month.key,
        LineHold.point_id == point_id,
        or_(LineHold.outcome.is_(None), LineHold.carved),
        ~undone(),
    )
    lines = (
        _of_lines(LineHold.amount_fen.label("held_fen"))
        .join(LineHold, LineHold.sequence == Serving.sequence)
        .where(*mine)
    )
    total = db.session.scalar(
        select(cast(func.coalesce(func.sum(LineHold.amount_fen), 0), BigInteger)).where(*mine)
    )
    return Made(lines, lambda row: row.held_fen, total or 0)


def _decisions(month: Month, point_id: int, late: bool) -> Sequence[Any]:
    net = cast(func.sum(DailyTally.lines - DailyTally.reversals), BigInteger).label("net")
    return db.session.execute(
        select(Decision.id, Decision.content, net)
        .join(DailyTally, DailyTally.decision_id == Decision.id)
        .where(
            DailyTally.settle_month == month.key,
            DailyTally.point_id == point_id,
            DailyTally.late.is_(late),
        )
        .group_by(Decision.id, Decision.content)
    ).all()


def _lines(month: Month, point_id: int, late: bool) -> Select[Any]:
    rows = _of_lines().where(
        Serving.point_id == point_id,
        Serving.settle_month == month.key,
        Serving.late.is_(late),
    )
    if not late:  # its own days, so that the index by point and day helps
        rows = rows.where(Serving.served_on.between(month.first_day, month.last_day))
    return rows


def _of_lines(*more: ColumnElement[Any]) -> Select[Any]:
    rows: Any = (
        select(
            Serving.sequence,
            Serving.served_on,
            Serving.served_at,
            Serving.meal,
            Serving.reverses,
            Serving.reason,
            Serving.note,
            Serving.subsidy_fen,
            Serving.delivery_fen,
            Serving.decision_id,
            Resident.name,
            *more,
        )
        .join(Resident, Resident.id == Serving.resident_id)
        .order_by(Serving.served_on, Serving.sequence)
    )
    return rows


def _sum(lines: Select[Any], column: Any) -> int:
    inner = lines.order_by(None).with_only_columns(column.label("fen")).subquery()
    total = func.coalesce(func.sum(inner.c.fen), 0)
    return db.session.scalar(select(cast(total, BigInteger))) or 0


def _sign(row: Any) -> int:
    return 1 if row.reverses is None else -1


def _rule_fen(told: Mapping[str, Any], code: str) -> int:
    return sum(fen for rule, fen, _ in told.get("rules", ()) if rule == code)


def _source_fen(told: Mapping[str, Any], source: str) -> int:
    paid = [*told.get("rules", ()), *([told["delivery"]] if "delivery" in told else [])]
    return sum(part for _, _, funding in paid for name, part in funding if name == source)
