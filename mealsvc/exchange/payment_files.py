"""The file that finance pays by: one row for each payment of an order, and their total."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

from sqlalchemy import true

from mealsvc.exchange.sheets import SheetColumn, write_sheet
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.payments import queries
from mealsvc.payments.models import PaymentLine, PaymentOrder
from mealsvc.payments.payees import account_of
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.models import SettlementBatch
from mealsvc.trail.services import record

COLUMNS = (
    SheetColumn("序号", "number", 6),
    SheetColumn("拨付单号", width=16),
    SheetColumn("助餐点编号"),
    SheetColumn("助餐点", width=20),
    SheetColumn("收款户名", width=30),
    SheetColumn("开户银行", width=30),
    SheetColumn("收款账号", width=28),
    SheetColumn("金额（元）", "yuan"),
    SheetColumn("用途", width=30),
)


def payment_rows(of: PaymentOrder | Month) -> Iterator[Sequence[object]]:
    """What an order pays, or all orders of a month's settlements that were not recalled; whoever
    is paid nothing is left out. The last row is the total.
    """
    paid = queries.lines(true()).where(PaymentLine.amount_fen > 0)
    if isinstance(of, PaymentOrder):
        paid = paid.where(PaymentLine.order_id == of.id)
    else:
        paid = paid.join(SettlementBatch, SettlementBatch.id == PaymentLine.batch_id).where(
            SettlementBatch.month == of.key
        )
    paid = paid.join(PaymentOrder, PaymentOrder.id == PaymentLine.order_id)
    paid = paid.where(PaymentOrder.state != "recalled").add_columns(PaymentOrder.number)
    total = count = 0
    rows: Any = db.session.execute(paid)
    for line, point, payee, _, number in rows:
        count, total = count + 1, total + line.amount_fen
        yield (
            count,
            number,
            point.code,
            point.name,
            payee.holder,
            payee.bank,
            account_of(payee),
            line.amount_fen,
            line.purpose,
        )
    yield None, "合计", None, None, None, None, None, total, f"{count} 笔"


def export_payment(
    order: PaymentOrder, stream: BinaryIO, ending: Literal["csv", "xlsx"], by: Actor
) -> int:
    """Writes the file of one order and leaves a trail row; returns how many it pays."""
    count = write_sheet(stream, ending, COLUMNS, payment_rows(order)) - 1
    number = order.number
    db.session.rollback()
    with writing():
        record(by, "exchange.export", f"payment/{number}", {"rows": count, "ending": ending})
    return count
