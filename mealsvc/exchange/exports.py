"""Tables out: a month's ledger lines and settlement, a year's budget, the register masked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from sqlalchemy import select
from sqlalchemy.orm import aliased

from mealsvc.exchange import payment_files, settlement_lines
from mealsvc.exchange.budget_sheet import COLUMNS, budget_rows
from mealsvc.exchange.sheets import SheetColumn, write_sheet
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import MEALS, METHODS, MODES, local_date
from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.rules import SOURCES
from mealsvc.policies.wording import REASON_NAMES, SOURCE_NAMES
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Decision, Serving
from mealsvc.settlement.services import settlement_of
from mealsvc.trail.services import record

_WORDS = ((7, MEALS), (8, MODES), (9, METHODS), (14, REASON_NAMES))
FETCHED = 2_000  # rows read at a time
Ending = Literal["csv", "xlsx"]


@dataclass(frozen=True)
class Sheet:
    """What is written: columns, and rows in their order."""

    columns: Sequence[SheetColumn]
    rows: Iterator[Sequence[object]]


def export_table(
    kind: str, of: Month | int | None, stream: BinaryIO, ending: Ending, by: Actor
) -> int:
    """Writes a table of a month, `budget` of a year, or `residents`, and leaves a
    trail row; returns the rows.
    """
    sheet = _sheet(kind, of)
    count = write_sheet(stream, ending, sheet.columns, sheet.rows)
    db.session.rollback()  # the snapshot that was read
    with writing():
        record(by, "exchange.export", f"{kind}/{of or ''}", {"rows": count, "ending": ending})
    return count


def _sheet(kind: str, of: Month | int | None) -> Sheet:
    if isinstance(of, int):
        return Sheet(COLUMNS, budget_rows(of, local_date(clock.now())))
    return _residents() if of is None or kind == "residents" else _MONTHLY[kind](of)


def _servings(month: Month) -> Sheet:
    """Every line of meals eaten in the month, reversals too, in the server's order."""
    reversed_line = aliased(Serving)
    statement = (
        select(
            Serving.sequence,
            Serving.key,
            MealPoint.code,
            MealPoint.name,
            Serving.resident_id,
            Resident.name.label("resident"),
            Serving.served_at,
            Serving.meal,
            Serving.mode,
            Serving.method,
            Serving.price_fen,
            Serving.subsidy_fen,
            Serving.self_pay_fen,
            Serving.delivery_fen,
            Serving.reason,
            Decision.content,
            Serving.settle_month,
            Serving.late,
            reversed_line.key.label("reverses"),
            Serving.note,
            Serving.operator,
            Serving.device,
            Serving.recorded_at,
        )
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .join(Resident, Resident.id == Serving.resident_id)
        .join(Decision, Decision.id == Serving.decision_id)
        .outerjoin(reversed_line, reversed_line.sequence == Serving.reverses)
        .where(Serving.served_on.between(month.first_day, month.last_day))
        .order_by(Serving.sequence)
    )
    columns = (
        SheetColumn("序号", "number"),
        SheetColumn("流水号", width=18),
        SheetColumn("助餐点编号"),
        SheetColumn("助餐点", width=20),
        SheetColumn("老人编号"),
        SheetColumn("姓名"),
        SheetColumn("就餐时间", "instant", 26),
        SheetColumn("餐次"),
        SheetColumn("方式"),
        SheetColumn("核验方式"),
        SheetColumn("价格", "yuan"),
        SheetColumn("补贴", "yuan"),
        SheetColumn("自付", "yuan"),
        SheetColumn("送餐补贴", "yuan"),
        SheetColumn("全价原因", width=18),
        SheetColumn("补贴依据", width=40),
        SheetColumn("结算月"),
        SheetColumn("迟到"),
        SheetColumn("冲正的流水号", width=18),
        SheetColumn("冲正原因", width=20),
        SheetColumn("操作员"),
        SheetColumn("设备"),
        SheetColumn("记录时间", "instant", 26),
    )
    return Sheet(columns, (_line(row) for row in _streamed(statement)))


def _line(row: Any) -> Sequence[object]:
    cells = list(row)
    cells[4] = f"R{row.resident_id:06d}"
    cells[5] = mask_name(row.resident)
    for place, words in _WORDS:
        cells[place] = words.get(cells[place], cells[place])
    cells[15] = _grounds(row.content)
    cells[16] = str(Month.from_key(row.settle_month))
    cells[17] = "是" if row.late else ""
    return cells


def _grounds(content: str) -> str:
    """TN-2022：U60 3.00（区2.00+镇1.00）"""
    decision = json.loads(content)
    paid = "，".join(
        f"{code} {display(fen)}（"
        + "+".join(f"{SOURCE_NAMES[source]}{display(part)}" for source, part in funding)
        + "）"
        for code, fen, funding in decision.get("rules", ())
    )
    return f"{decision['policy']}：{paid}" if paid else decision["policy"] or ""


def _settlement(month: Month) -> Sheet:
    """The month of every point as the interface shows it."""
    amounts = {
        "price_fen": "餐费",
        "subsidy_fen": "补贴",
        "self_pay_fen": "自付",
        "delivery_fen": "送餐补贴",
        "operating_fen": "运营补贴",
        "adjustment_fen": "以前月份调整",
        "held_fen": "暂缓",
        "payable_fen": "应付",
    }
    counts = {"servings": "就餐份数", "subsidised": "补贴份数", "reversed": "冲正", "late": "迟到"}
    columns = [
        SheetColumn("月份"),
        SheetColumn("助餐点编号"),
        SheetColumn("状态"),
        *(SheetColumn(name, "number") for name in counts.values()),
        *(SheetColumn(name, "yuan") for name in amounts.values()),
        *(SheetColumn(f"{SOURCE_NAMES[source]}资金", "yuan") for source in SOURCES),
    ]

    def row(point: dict[str, Any]) -> Sequence[object]:
        figures = [point[name] for name in (*counts, *amounts)]
        funding = [
            point["funding"].get(source, 0) + point["adjustment_funding"].get(source, 0)
            for source in SOURCES
        ]
        return [str(month), point["point"], point["status"], *figures, *funding]

    return Sheet(columns, (row(point) for point in settlement_of(month)["points"]))


def _residents() -> Sheet:
    """The register: number, masked name, last four digits, division; nothing that identifies."""
    statement = select(
        Resident.id,
        Resident.name,
        Resident.sex,
        Resident.birth_on,
        Resident.id_last4,
        Resident.hukou_division,
        Resident.residence_division,
        Resident.enrolled_on,
    ).order_by(Resident.id)
    columns = (
        SheetColumn("老人编号"),
        SheetColumn("姓名"),
        SheetColumn("性别"),
        SheetColumn("出生年份", "number"),
        SheetColumn("身份证号"),
        SheetColumn("户籍区划"),
        SheetColumn("居住区划"),
        SheetColumn("登记日期", "date"),
    )
    return Sheet(columns, (_person(row) for row in _streamed(statement)))


def _person(row: Any) -> Sequence[object]:
    return (
        f"R{row.id:06d}",
        mask_name(row.name),
        "男" if row.sex == "male" else "女",
        row.birth_on.year,
        "*" * 14 + row.id_last4,
        row.hukou_division,
        row.residence_division,
        row.enrolled_on,
    )


def _streamed(statement: Any) -> Iterator[Any]:
    yield from db.session.execute(statement, execution_options={"yield_per": FETCHED})


def _settlement_lines(month: Month) -> Sheet:
    return Sheet(settlement_lines.COLUMNS, settlement_lines.settlement_line_rows(month))


def _payment(month: Month) -> Sheet:
    return Sheet(payment_files.COLUMNS, payment_files.payment_rows(month))


_MONTHLY = {
    "servings": _servings,
    "settlement": _settlement,
    "settlement-lines": _settlement_lines,
    "payment": _payment,
}
