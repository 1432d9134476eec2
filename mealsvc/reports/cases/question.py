"""核查询问通知书: what the point is asked, about which meals, until when, and how it answers."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import MEALS
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import local_time
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.plumbing.paper.official import OfficialPaper
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.cases.facts import QuestionFacts
from mealsvc.reports.cases.kinds import QUESTION as KIND
from mealsvc.reports.supervision.common import (
    Fonts,
    asking,
    begun,
    closing,
    ending,
    full,
    handed_over,
)

ANSWERING = (
    "请登录老年助餐系统，在“核查询问”中答复，可以附排班表、登记本、监控截图等照片；不能登录的，写成"
    "书面材料盖章后送交联系人。"
)
RIGHTS = (
    "询问不等于认定你单位有问题。请照实说明，你单位有权陈述意见、提交证据。不按期答复的，我局根据"
    "已有材料作出结论；提供虚假材料的，依法依规处理。"
)
COLUMNS = [
    Column("序号", 0.5, "right"),
    Column("就餐时间", 2, "center"),
    Column("餐次", 0.7, "center"),
    Column("老人", 0.9),
    Column("登记方式", 1),
    Column("流水号", 2.8),
]


def draw(facts: QuestionFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    head, place = facts.head, facts.place
    paper = begun(KIND, head, facts.number, stamp, fonts, geometry=OFFICIAL)
    paper.para(f"{place.addressed}：", indent=False, align="left")
    paper.para(
        f"我局正在核对{place.name}{facts.month.chinese}的老年助餐补贴，需要你单位对附件所列"
        f"{len(facts.meals)}笔就餐记录作出说明，现将有关事项通知如下。"
    )
    for label, text in (
        ("一、询问事项", full(facts.words)),
        ("二、答复期限", f"{chinese_date(facts.due_on)}。"),
        ("三、答复方式", ANSWERING),
        ("四、你单位的权利和义务", RIGHTS),
        ("五、依据", "老年助餐服务协议、区老年助餐补贴办法中关于补贴核查的约定和规定。"),
    ):
        paper.clause(f"{label}：", text)
    ending(paper, issued=True)
    paper.clause("六、联系方式：", asking(head))
    paper.issued(head.issuer, chinese_date(facts.asked_on))
    paper.space(0.1)
    handed_over(paper, ["送达人（两人）"], "被询问单位签收")
    closing(paper, KIND, head, asked=False)
    _meals(paper, facts)
    return paper.build()


def _meals(paper: OfficialPaper, facts: QuestionFacts) -> None:
    rows = [
        [
            str(at),
            local_time(one.served_at, "short"),
            MEALS[one.meal],
            one.name,
            one.method,
            one.key,
        ]
        for at, one in enumerate(facts.meals, 1)
    ]
    total = ["合计", f"{len(rows)} 笔", "", "", "", ""]
    paper.page_break()
    paper.table(COLUMNS, rows, total=total, caption="附件：请说明的就餐记录")
