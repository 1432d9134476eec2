"""服务覆盖图: the coverage map on one sheet, and the largest blank spots below it."""

from collections.abc import Mapping
from typing import Any

from mealsvc.coverage.mapping import symbols
from mealsvc.coverage.mapping.drawing import drawing
from mealsvc.coverage.mapping.rules import MapView
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column

MOST_BLANKS = 40


def coverage_map(
    view: MapView, *, demo: bool = False, fonts: Mapping[str, Any] | None = None
) -> bytes:
    """The map as a PDF, all lines and letters vectors."""
    title = f"{view.area}老年助餐服务覆盖图"
    paper = Paper(title, geometry=SHEET, demo=demo, subject=title, fonts=fonts)
    paper.heading_block()
    paper.para(symbols.summary_words(view))
    paper.chart(drawing(view, paper.width, text=8, tallest=1.0))
    blanks = view.blanks
    if blanks:
        towns = dict(view.towns)
        more = f"（最大的{MOST_BLANKS}个，共{len(blanks)}个）" if len(blanks) > MOST_BLANKS else ""
        paper.table(
            [
                Column("镇街", 1.4),
                Column("村社区", 1.6),
                Column("60周岁以上（人）", 1.2, align="right"),
                Column("最近的助餐点", 2),
                Column("直线距离（米）", 1.2, align="right"),
            ],
            [
                [
                    towns.get(one.town, ""),
                    one.name,
                    f"{one.pop60:,}",
                    one.nearest or "—",
                    "—" if one.metres is None else f"{one.metres:,}",
                ]
                for one in blanks[:MOST_BLANKS]
            ],
            caption=f"空白点{more}",
        )
    return paper.build()
