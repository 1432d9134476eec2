"""复查意见书: whether what an order demanded was done, item by item, and what comes next."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    OBJECTION,
    Fonts,
    begun,
    closing,
    ending,
    handed_over,
)
from mealsvc.reports.supervision.shapes import Checked, ReInspectionFacts

KIND = PAPERS["reinspection"]
ITEMS = [
    Column("序号", 0.75, "center"),
    Column("项目", 1.5),
    Column("原查见的事实", 3),
    Column("整改要求", 2.5),
    Column("复查结果", 1.3, "center"),
    Column("证据", 2.2),
]


def draw(facts: ReInspectionFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    order = facts.order
    paper = begun(KIND, order.head, facts.number, stamp, fonts)
    paper.para(f"{order.place.addressed}：", indent=False, align="left")
    paper.para(
        f"我局于{chinese_date(facts.checked_on)}对整改通知书{order.number}（整改期限"
        f"{chinese_date(order.deadline)}）所列问题的整改情况进行了复查，意见如下。"
    )
    paper.facts(
        [
            ("整改通知书", order.number),
            ("复查日期", chinese_date(facts.checked_on)),
            ("助餐点", f"{order.place.name}（{order.place.code}）"),
            ("在场人员", facts.present),
        ]
    )
    people = "、".join(one.shown for one in facts.people)
    paper.facts([("复查人员（证号）", people)], per_row=1)
    paper.table(ITEMS, (_row(at, one) for at, one in enumerate(facts.checked, 1)))
    rows = [("复查结论", facts.conclusion), ("下一步", facts.next_step or "无。")]
    if facts.new_deadline:
        rows.append(("新的整改期限", chinese_date(facts.new_deadline)))
    paper.facts(rows, per_row=1)
    ending(paper, 2)
    paper.para(OBJECTION)
    handed_over(paper, ["复查人员签名", "复查人员签名"], "被检查单位签名")
    closing(paper, KIND, order.head)
    return paper.build()


def _row(at: int, one: Checked) -> list[str]:
    demand = one.demand
    code = f"{demand.item.code}{'★' if demand.critical else ''}"
    return [str(at), code, demand.fact, demand.demand, one.result, one.evidence]
