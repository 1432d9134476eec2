"""现场检查记录表（空白）: the items of a visit to be filled in by hand where no telephone is at hand."""

from dataclasses import replace

from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import FORM, MM
from mealsvc.plumbing.paper.official import BOX, STRIP_BOX, SignBox
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import BLANK
from mealsvc.reports.supervision.common import (
    REFUSED,
    SIGNED_ROOM,
    Fonts,
    begun,
    closing,
    place_rows,
)
from mealsvc.reports.supervision.shapes import VisitFacts
from mealsvc.supervision.checklist.fields import fields_of
from mealsvc.supervision.checklist.items import RESULT_NAMES, Item

SIGNED_EVERYWHERE = replace(FORM, strip=STRIP_BOX + 2 * MM, table_size=9, table_pitch=13.5)
ITEMS = [
    Column("项目", 1.2),
    Column("检查内容", 3.1),
    Column("实测值", 2),
    Column("结果", 2.05),
    Column("记录", 2.3),
]


def draw(facts: VisitFacts, _stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = begun(BLANK, facts.head, "", None, fonts, geometry=SIGNED_EVERYWHERE)
    labels = ("检查人员", "检查人员", "被检查单位人员")
    paper.strip([SignBox(label) for label in labels])
    paper.facts(place_rows(facts.place))
    people = "、".join(one.shown for one in facts.people if not one.recused)
    paper.facts(
        [
            ("地址", facts.place.address),
            ("检查种类", f"{facts.kind}，{facts.mode}（检查表{facts.checklist}版）"),
            ("检查起止时间", "　　　年　　月　　日　　时　　分至　　时　　分"),
            ("检查人员（证号）", people),
            ("在场人员和职务", ""),
            ("出示证件", "□已出示　　□未出示"),
            ("是否申请回避", "□未申请　　□申请，理由："),
        ],
        per_row=1,
    )
    paper.table(ITEMS, map(_row, facts.items), caption="检查内容", empty="没有适用的检查项")
    paper.facts(
        [
            ("清点份数", "　　时　　分：现场清点　　　　份；收银记录　　　　份"),
            ("被检查单位的说明", "\n\n"),
            (REFUSED, "\n"),
        ],
        per_row=1,
    )
    paper.keep(2 * BOX + SIGNED_ROOM)
    paper.sign_boxes([SignBox(f"{label}签名") for label in (*labels, "见证人")])
    paper.note(
        "注：不合格、部分合格的写明事实并拍照；★为关键项，没有“部分合格”；涂改处签名或者捺指印。"
    )
    closing(paper, BLANK, facts.head)
    return paper.build()


def _row(item: Item) -> list[str]:
    """The results that the item allows, two beside each other, and a line for each measured value."""
    names = [f"□{RESULT_NAMES[result].replace('部分合格', '部分')}" for result in item.allowed]
    pairs = [" ".join(names[at : at + 2]) for at in range(0, len(names), 2)]
    measured = [f"{_short(one.label)}＿＿{one.unit}" for one in fields_of(item)]
    code = f"{item.code}{'★' if item.critical else ''}"
    return [code, item.text, "\n".join(measured), "\n".join(pairs), ""]


def _short(label: str) -> str:
    return label.partition("（")[0]
