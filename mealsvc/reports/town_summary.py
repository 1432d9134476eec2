"""镇（街道）结算汇总表: a town's points in a month, one row each, to be signed and sealed."""

from collections.abc import Mapping

from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET_LANDSCAPE
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.summary_facts import Summary, total
from mealsvc.reports.summary_tables import FIGURES, NOTE, figures, foot, sources

TITLE = "老年助餐补贴结算汇总表"
SIGNERS = ("制表人", "镇（街道）初审", "分管负责人", "镇（街道）盖章")


def draw(facts: Summary, stamp: Stamp | None, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF; without a stamp a preview. `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        **foot(facts, stamp, "HZ"),
        geometry=SHEET_LANDSCAPE,
        demo=facts.demo,
        subject=f"{facts.month.chinese}{facts.name}{TITLE}",
        fonts=fonts,
    )
    paper.heading_block(f"{facts.month.chinese}　{facts.name}", qr=stamp.url if stamp else "")
    columns = [Column("编号", 0.8), Column("助餐点", 2.4), *FIGURES]
    rows = [[row.figures["point"], row.name, *figures(dict(row.figures))] for row in facts.rows]
    whole = ["合计", f"{len(rows)} 个助餐点", *figures(total(facts.rows))]
    paper.table(columns, rows, total=whole, caption="一、各助餐点")
    sources(paper, facts.rows, "二、按资金来源")
    paper.signatures(SIGNERS)
    paper.note(NOTE)
    return paper.build()
