"""联系名单: a list to call or visit on paper: masked names, no numbers, boxes to tick."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from mealsvc.coverage.outreach.rules import Topic
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.masking import mask_name
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column

MOST_LINES = 200
BOXES = ("联系上", "愿来吃", "想送餐", "不需要", "没联系上")


def contact_sheet(
    topic: Topic,
    who: str,
    rows: Sequence[Any],
    places: Mapping[str, str],
    age_on: Callable[[Any], int],
    day: date,
    area: str,
    *,
    demo: bool = False,
    fonts: Mapping[str, Any] | None = None,
) -> bytes:
    """The first lines of a list as a PDF; `who` says in words who is on it."""
    paper = Paper(
        f"老年助餐联系名单\n{topic.name}",
        geometry=SHEET,
        demo=demo,
        subject=topic.name,
        fonts=fonts,
    )
    paper.heading_block(area)
    paper.facts([("名单", who), ("计算到", chinese_date(day))], per_row=1)
    paper.table(
        [
            Column("序号", 0.6, align="right"),
            Column("老人", 1),
            Column("年龄", 0.7, align="right"),
            Column("住在", 2.4),
            *(Column(words, 0.9, align="center") for words in BOXES),
            Column("备注", 2),
        ],
        [
            [
                str(number),
                mask_name(row.name),
                str(age_on(row)),
                f"{places.get(row.home[:9], '')}{places.get(row.home, '')}",
                *("□" for _ in BOXES),
                "",
            ]
            for number, row in enumerate(rows, 1)
        ],
        empty="名单上没有人",
    )
    paper.note(
        f"最多印 {MOST_LINES} 位。姓名已脱敏，不印电话；要电话的在系统里逐个查看，查看留痕。"
        "联系结果请登记到系统，登记后本表碎纸处理。"
    )
    paper.facts([("联系人", ""), ("日期", "")])
    return paper.build()
