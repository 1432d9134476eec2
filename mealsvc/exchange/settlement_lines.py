"""What settled in a month, line by line: ledger lines, adjustments, monthly operating money.

The column 应付 adds up to each point's payable, to the fen.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from mealsvc.exchange.sheets import SheetColumn
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Decision, Serving
from mealsvc.settlement.batches import undone
from mealsvc.settlement.models import LineHold, SettlementAdjustment
from mealsvc.settlement.rules import worth
from mealsvc.settlement.services import settlement_of

FETCHED = 2_000
ADJUSTMENTS = {"released": "解除暂缓", "refused": "核减相抵", "repaid": "追回款退回"}
COLUMNS = (
    SheetColumn("结算月"),
    SheetColumn("助餐点编号"),
    SheetColumn("内容"),
    SheetColumn("流水序号", "number"),
    SheetColumn("流水号", width=18),
    SheetColumn("更正的流水号", width=18),
    SheetColumn("老人编号"),
    SheetColumn("姓名"),
    SheetColumn("就餐日期", "date"),
    SheetColumn("餐次"),
    SheetColumn("补贴", "yuan"),
    SheetColumn("送餐补贴", "yuan"),
    SheetColumn("运营补贴", "yuan"),
    SheetColumn("调整", "yuan"),
    SheetColumn("暂缓"),
    SheetColumn("暂缓金额", "yuan"),
    SheetColumn("应付", "yuan"),
)


def settlement_line_rows(month: Month) -> Iterator[Sequence[object]]:
    """Rows for `COLUMNS`: the lines in the server's order, then what is no line."""
    held = _held(month)
    policies = policies_in_force()
    known: dict[str, int] = {}
    operating: Counter[str] = Counter()
    for row in db.session.execute(_lines(month), execution_options={"yield_per": FETCHED}):
        whole = known.setdefault(row.content, worth(row.content, policies)[0])
        sign = 1 if row.reverses is None else -1
        per_serving = sign * whole - row.subsidy_fen - row.delivery_fen
        if not row.late:
            operating[row.code] += per_serving
        carved = held.get(row.sequence, 0)
        yield (
            str(month),
            row.code,
            _what(row),
            row.sequence,
            row.key,
            row.original,
            f"R{row.resident_id:06d}",
            mask_name(row.name),
            row.served_on,
            MEALS[row.meal],
            row.subsidy_fen,
            row.delivery_fen,
            per_serving,
            None,
            "是" if row.sequence in held else "",
            carved or None,
            row.subsidy_fen + row.delivery_fen + per_serving - carved,
        )
    yield from _adjustments(month)
    yield from _monthly(month, operating)


def _lines(month: Month) -> Any:
    original = aliased(Serving)
    return (
        select(
            Serving.sequence,
            Serving.key,
            Serving.served_on,
            Serving.meal,
            Serving.subsidy_fen,
            Serving.delivery_fen,
            Serving.reverses,
            Serving.late,
            Serving.resident_id,
            MealPoint.code,
            Resident.name,
            Decision.content,
            original.key.label("original"),
        )
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .join(Resident, Resident.id == Serving.resident_id)
        .join(Decision, Decision.id == Serving.decision_id)
        .outerjoin(original, original.sequence == Serving.reverses)
        .where(Serving.settle_month == month.key)
        .order_by(Serving.sequence)
    )


def _what(row: Any) -> str:
    kind = "就餐" if row.reverses is None else "冲正"
    return f"迟到{kind}" if row.late else kind


def _held(month: Month) -> dict[int, int]:
    """The lines that are carved out of this month, as the settlement counts them."""
    rows = select(LineHold.sequence, LineHold.amount_fen).where(
        LineHold.month == month.key,
        or_(LineHold.outcome.is_(None), LineHold.carved),
        ~undone(),
    )
    return {row.sequence: row.amount_fen for row in db.session.execute(rows)}


def _adjustments(month: Month) -> Iterator[Sequence[object]]:
    rows = db.session.execute(
        select(SettlementAdjustment, MealPoint.code, Serving.key, Serving.served_on)
        .join(MealPoint, MealPoint.id == SettlementAdjustment.point_id)
        .join(Serving, Serving.sequence == SettlementAdjustment.sequence)
        .where(SettlementAdjustment.settle_month == month.key)
        .order_by(SettlementAdjustment.id)
    )
    for extra, code, key, served_on in rows:
        what, fen = ADJUSTMENTS[extra.kind], extra.amount_fen
        yield _row(month, code, what, extra.sequence, key, served_on, None, fen, fen)


def _monthly(month: Month, operating: Counter[str]) -> Iterator[Sequence[object]]:
    """Operating money of the month as a whole: what the settlement has beyond the lines' own."""
    for point in settlement_of(month)["points"]:
        rest = point["operating_fen"] - operating[point["point"]]
        if rest:
            code = point["point"]
            yield _row(month, code, "按月运营补贴", None, None, None, rest, None, rest)


def _row(month: Month, code: str, what: str, *cells: Any) -> Sequence[object]:
    sequence, key, served_on, operating, adjustment, payable = cells
    known = (str(month), code, what, sequence, key, None, None, None, served_on, None)
    return (*known, None, None, operating, adjustment, "", None, payable)
