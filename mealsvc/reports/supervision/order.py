"""整改通知书: what was seen, on what ground, what is demanded of each item, and by when."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    OBJECTION,
    Fonts,
    asking,
    begun,
    closing,
    ending,
    full,
    handed_over,
)
from mealsvc.reports.supervision.shapes import Demand, OrderFacts

KIND = PAPERS["order"]
ITEMS = [
    Column("序号", 0.7, "center"),
    Column("项目", 1.5),
    Column("查见的事实", 3.4),
    Column("依据", 2.2),
    Column("整改要求", 3.2),
]
REPORT = (
    "整改完成后，请在期限内通过老年助餐服务管理系统逐项报告原因、措施、完成日期和责任人，并附整改前后照片；"
    "不能在系统中办理的，可以书面报送。我局将组织复查。"
)
LEGAL = "本通知是主管部门日常管理中的整改要求，不是行政处罚决定；涉嫌违法的，依法移送有管辖权的部门处理。"
REPEAT = "（重复发生）"


def draw(facts: OrderFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    head = facts.head
    paper = begun(KIND, head, facts.number, stamp, fonts, geometry=OFFICIAL)
    paper.para(f"{facts.place.addressed}：", indent=False, align="left")
    found = f"{chinese_date(facts.found_on)}，" if facts.found_on else ""
    record = f"（现场检查笔录{facts.record}）" if facts.record else ""
    paper.para(
        f"{found}我局在检查中查见你单位存在下列{len(facts.demands)}项问题{record}。"
        "现通知你单位按要求整改。"
    )
    paper.table(ITEMS, (_row(at, one) for at, one in enumerate(facts.demands, 1)))
    paper.note("注：★为关键项；项目编号见检查表。")
    for label, text in (
        (
            "一、整改期限",
            f"{chinese_date(facts.deadline)}前（含当日），共{facts.working_days}个工作日。",
        ),
        ("二、逾期后果", full(facts.consequence)),
        ("三、报告方式", REPORT),
        ("四、陈述和异议", OBJECTION),
        ("五、联系方式", asking(head)),
    ):
        paper.clause(f"{label}：", text)
    ending(paper, issued=True)
    paper.para(LEGAL)
    paper.issued(head.issuer, chinese_date(facts.issued_on))
    paper.space(0.1)
    handed_over(paper, ["送达人（两人）"])
    closing(paper, KIND, head, asked=False)
    return paper.build()


def _row(at: int, one: Demand) -> list[str]:
    code = f"{one.item.code}{'★' if one.critical else ''}{REPEAT if one.repeat else ''}"
    return [str(at), code, one.fact, one.item.basis, one.demand]
