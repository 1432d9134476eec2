"""What the summaries of a town and of the district have in common: columns, sources, sums."""

from collections.abc import Iterable

from mealsvc.kernel.money import capitals
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.tables import Column
from mealsvc.policies.rules import SOURCES
from mealsvc.reports.settlement_sheet import PREVIEW_MARK
from mealsvc.reports.summary_facts import SUMMED, Row, Summary
from mealsvc.reports.words import SOURCE_TITLES, foot_of

FIGURES = [
    Column("份数", 0.75, "right"),
    Column("补贴份数", 0.8, "right"),
    Column("补贴", 1.2, "right"),
    Column("送餐补贴", 1, "right"),
    Column("运营补贴", 1.1, "right"),
    Column("以前月份调整", 1.1, "right"),
    Column("暂缓", 1, "right"),
    Column("应付", 1.25, "right"),
]
NOTE = (
    "注：金额单位为元，由各助餐点结算表逐点汇总，份数和金额已减去冲正。应付＝补贴＋送餐补贴＋运营补贴"
    "＋以前月份调整－暂缓；按资金来源的应付合计与各点应付合计相等。扫描二维码，或在核对网页输入页脚的"
    "编号和校验码，可以核对金额；有涂改的，本表无效。"
)


def foot(facts: Summary, stamp: Stamp | None, number: str) -> dict[str, str]:
    """Foot and mark of a summary that is issued, or is a preview."""
    if stamp is None:
        return {"number": f"{number}-{facts.month}-{facts.division}", "mark": PREVIEW_MARK}
    return foot_of(stamp)


def figures(sums: dict[str, int]) -> list[str]:
    """The cells of `FIGURES`."""
    return [fen(sums[name]) if name.endswith("_fen") else f"{sums[name]:,}" for name in SUMMED]


def sources(paper: Paper, rows: tuple[Row, ...], caption: str) -> None:
    """What each source pays: own lines, adjustments, less what is held."""
    columns = [
        Column("资金来源", 2),
        Column("补贴、送餐、运营", 1.5, "right"),
        Column("以前月份调整", 1.5, "right"),
        Column("暂缓", 1.5, "right"),
        Column("应付", 1.5, "right"),
    ]
    sums = {source: _sums(row.by_source(source) for row in rows) for source in SOURCES}
    lines = [_line(SOURCE_TITLES[source], part) for source, part in sums.items() if any(part)]
    whole = _sums(sums.values())
    paper.table(
        columns, lines, total=_line("合计", whole), caption=caption, empty="本月没有资金支出"
    )
    payable = whole[0] + whole[1] - whole[2]
    pairs = [("应付合计（小写）", f"{fen(payable)} 元"), ("应付合计（大写）", capitals(payable))]
    paper.facts(pairs, per_row=1)


def _sums(parts: Iterable[tuple[int, int, int]]) -> tuple[int, int, int]:
    own, late, held = (sum(column) for column in zip((0, 0, 0), *parts, strict=True))
    return own, late, held


def _line(title: str, part: tuple[int, int, int]) -> list[str]:
    own, late, held = part
    return [title, fen(own), fen(late), fen(held), fen(own + late - held)]
