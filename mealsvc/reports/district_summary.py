"""区结算汇总表: all points of the district by town, by source, beside last month and the budget."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET_LANDSCAPE
from mealsvc.plumbing.paper.tables import Column
from mealsvc.policies.rules import SOURCES
from mealsvc.reports.summary_facts import Row, Summary, total
from mealsvc.reports.summary_tables import FIGURES, NOTE, figures, foot, sources
from mealsvc.reports.words import SOURCE_TITLES

TITLE = "全区老年助餐补贴结算汇总表"
SIGNERS = ("制表人", "区民政局复核", "财务复核", "区民政局审批（盖章）")


def draw(facts: Summary, stamp: Stamp | None, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF; without a stamp a preview. `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        **foot(facts, stamp, "QH"),
        geometry=SHEET_LANDSCAPE,
        demo=facts.demo,
        subject=f"{facts.month.chinese}{facts.name}{TITLE}",
        fonts=fonts,
    )
    paper.heading_block(f"{facts.month.chinese}　{facts.name}", qr=stamp.url if stamp else "")
    columns = [
        Column("助餐点", 2.3),
        *FIGURES,
        Column("上月应付", 1.2, "right"),
        Column("增减", 1.1, "right"),
    ]
    whole = ["合计", *figures(total(facts.rows)), *_beside(facts.rows)]
    paper.table(columns, _rows(facts), total=whole, caption="一、各镇（街道）和助餐点")
    sources(paper, facts.rows, "二、按资金来源")
    _budget(paper, facts)
    paper.signatures(SIGNERS)
    paper.note(f"{NOTE}上月应付、预算和累计按本表出具时的数。")
    return paper.build()


def _rows(facts: Summary) -> Iterator[list[str]]:
    """Each town's sum, then its points."""
    ordered = sorted(facts.rows, key=lambda row: (row.town, row.figures["point"]))
    for code, members in groupby(ordered, key=lambda row: row.town):
        rows = tuple(members)
        head = f"【{facts.towns.get(code, code)}】{len(rows)} 个"
        yield [head, *figures(total(rows)), *_beside(rows)]
        for row in rows:
            name = f"{row.figures['point']} {row.name}"
            yield [name, *figures(dict(row.figures)), *_beside((row,))]


def _beside(rows: tuple[Row, ...]) -> tuple[str, str]:
    """Last month's payable, and how much more this month's is."""
    known = [row.before for row in rows if row.before is not None]
    if not known:
        return "—", "—"
    now = sum(row.figures["payable_fen"] for row in rows)
    return fen(sum(known)), fen(now - sum(known))


def _budget(paper: Paper, facts: Summary) -> None:
    columns = [
        Column("资金来源", 2),
        Column("全年预算", 1.5, "right"),
        Column(f"{facts.month.year}年1月至本月已结算", 2, "right"),
        Column("占预算", 1, "right"),
        Column("预算余额", 1.5, "right"),
    ]
    listed = [source for source in SOURCES if facts.budget.get(source) or facts.year.get(source)]
    rows = [
        _line(SOURCE_TITLES[source], facts.budget.get(source), facts.year.get(source, 0))
        for source in listed
    ]
    whole = _line("合计", sum(facts.budget.values()), sum(facts.year.values()))
    paper.table(columns, rows, total=whole, caption="三、与全年预算比较", empty="没有登记预算")


def _line(title: str, budget: int | None, used: int) -> list[str]:
    if not budget:
        return [title, "未登记", fen(used), "—", "—"]
    return [title, fen(budget), fen(used), f"{used / budget:.1%}", fen(budget - used)]
