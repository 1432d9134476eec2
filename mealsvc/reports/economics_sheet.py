"""助餐点收支平衡表: one page for a point's month: what came in, what it cost, how many servings it
takes to break even, and what would change that."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from mealsvc.kernel.months import Month
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper import charts
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.survey.assessing.figure_words import fixed, rounded
from mealsvc.survey.assessing.rules.breakeven import Economics, sensitivity
from mealsvc.survey.assessing.words import STATES, assumptions, sentence

ONE_PAGE = replace(SHEET, table_pitch=SHEET.table_pitch - 2)
UNKNOWN = "—"


def draw(
    months: Sequence[Economics],
    *,
    district: str,
    demo: bool,
    fonts: Mapping[str, str] | None = None,
) -> bytes:
    """The page of the last of these months; the others are its trend."""
    now = months[-1]
    month = Month.from_key(now.month).chinese
    paper = Paper(
        f"{now.name}收支平衡表",
        demo=demo,
        author=district,
        subject=f"{month}{now.name}收支平衡表",
        number=f"{now.point}　{month}",
        geometry=ONE_PAGE,
        fonts=fonts,
    )
    paper.heading_block(f"{month}　{district}")
    paper.facts(
        [
            ("助餐点", f"{now.name}（{now.point}）"),
            ("情况", STATES[now.state][1]),
            ("当月份数", f"{now.servings:,}份，{now.days}个供餐日"),
            ("平均每天", f"{fixed(now.servings_day, 1)}份"),
            ("每天保本", UNKNOWN if now.break_even_day is None else f"{now.break_even_day:,}份"),
            ("每份毛利", _yuan(now.margin_fen)),
        ]
    )
    paper.para(sentence(now), indent=False)
    _money(paper, now)
    _variants(paper, now)
    _trend(paper, months)
    for one in assumptions(now):
        paper.note(one)
    paper.note(
        "口径：收入为当月结算的老人自付、就餐补贴、送餐补贴、运营补贴和登记的其他收入；来源：月度结算、成本登记。"
    )
    return paper.build()


def _money(paper: Paper, now: Economics) -> None:
    columns = [
        Column("项目", 2.4),
        Column("金额（元）", 1.6, "right"),
        Column("每份（元）", 1.4, "right"),
    ]
    parts = [
        ("收入：老人自付", now.self_pay_fen),
        ("就餐补贴", now.subsidy_fen),
        ("送餐补贴", now.delivery_fen),
        ("运营补贴", now.operating_fen),
        ("其他收入", now.other_fen),
        ("收入合计", now.income_fen),
    ]
    if now.fixed_fen is not None:
        parts += [
            ("成本：每月固定成本", now.fixed_fen),
            ("变动成本", (now.variable_fen or 0) * now.servings),
            ("成本合计", now.cost_fen),
        ]
    rows = [(label, fen(amount), _each(amount, now)) for label, amount in parts]
    result = now.result_fen
    total = ("盈亏", UNKNOWN if result is None else fen(result), _each(result, now))
    paper.table(columns, rows, total=total, caption="一、收入和成本")


def _each(amount: int | None, now: Economics) -> str:
    """Fen a serving, half up."""
    if amount is None or not now.servings:
        return UNKNOWN
    return fen(rounded(Fraction(amount, now.servings)))


def _variants(paper: Paper, now: Economics) -> None:
    columns = [
        Column("情形", 2.4),
        Column("当月盈亏（元）", 1.6, "right"),
        Column("每天保本（份）", 1.4, "right"),
    ]
    rows = [
        (one.name, fen(one.result_fen), _number(one.break_even_day)) for one in sensitivity(now)
    ]
    paper.table(columns, rows, caption="二、如果变一变", empty="登记成本后才能算")


def _trend(paper: Paper, months: Sequence[Economics]) -> None:
    items = [
        (f"{Month.from_key(one.month).month}月", float(rounded(one.servings_day))) for one in months
    ]
    drawing = charts.columns(items, width=paper.width, height=110, unit="份/天")
    paper.chart(drawing, "三、12个月平均每天的份数")


def _yuan(amount: Fraction | None) -> str:
    return UNKNOWN if amount is None else f"{fen(rounded(amount))}元"


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"
