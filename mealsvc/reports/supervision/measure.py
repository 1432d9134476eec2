"""暂停补贴、暂停运营、终止协议决定书，和恢复决定书: under the agreement, not a penalty."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    OBJECTION,
    Fonts,
    asking,
    begun,
    closing,
    day,
    ending,
    full,
    handed_over,
)
from mealsvc.reports.supervision.shapes import MeasureFacts

KIND, RESUME = PAPERS["measure"], PAPERS["resume"]
TITLES = {
    "subsidy": "暂停老年助餐补贴决定书",
    "point": "暂停助餐点运营决定书",
    "terminate": "终止助餐服务协议决定书",
}
RESUME_TITLES = {"subsidy": "恢复老年助餐补贴决定书", "point": "恢复助餐点运营决定书"}
DECIDED = {
    "subsidy": "暂停支付{point}的老年助餐补贴。暂停期间照常供餐，老年人按原价付款，不得因此拒绝服务",
    "point": "暂停{point}的助餐服务。暂停期间停止供餐，请妥善告知老年人并安排就近用餐",
    "terminate": "终止{point}的助餐服务协议。请妥善告知老年人，配合做好服务交接",
}
BACK = "整改完成并经复查合格后，可以书面申请恢复；我局复查通过后下达恢复决定书。"
GONE = "协议终止后不再恢复；重新开展助餐服务的，按准入程序办理。"
MONEY = (
    "本决定不确定金额。已经支付的补贴需要追回的，另行下达《老年助餐补贴追回通知书》，"
    "写明小写和大写金额、期限和账户。"
)
LEGAL = "本决定依照服务协议和补贴管理规定作出，不是行政处罚决定。"


def title_of(kind: str, resumed: bool = False) -> str:
    return RESUME_TITLES.get(kind, RESUME.title) if resumed else TITLES[kind]


def draw(facts: MeasureFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    head, point = facts.head, facts.place.name
    title = title_of(facts.kind)
    paper = begun(KIND, head, facts.number, stamp, fonts, geometry=OFFICIAL, title=title)
    paper.para(f"{facts.place.addressed}：", indent=False, align="left")
    paper.para("你单位在老年助餐服务中存在下列情况，经研究，决定如下。")
    for label, text in (
        ("一、查明的事实", full(facts.facts)),
        ("二、依据", full(facts.basis)),
        (
            "三、决定",
            f"{DECIDED[facts.kind].format(point=point)}。起始日期：{chinese_date(facts.from_on)}。",
        ),
        ("四、恢复条件", GONE if facts.kind == "terminate" else BACK),
        ("五、涉及金额", MONEY),
        ("六、陈述和异议", OBJECTION),
        ("七、联系方式", asking(head)),
    ):
        paper.clause(f"{label}：", text)
    ending(paper, issued=True)
    paper.para(LEGAL)
    paper.issued(head.issuer, chinese_date(facts.decided_on))
    paper.space(0.1)
    handed_over(paper, ["送达人（两人）"])
    closing(paper, KIND, head, asked=False)
    return paper.build()


def draw_resume(facts: MeasureFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """The end of a suspension."""
    head = facts.head
    title = title_of(facts.kind, resumed=True)
    paper = begun(RESUME, head, facts.resume_number, stamp, fonts, geometry=OFFICIAL, title=title)
    paper.para(f"{facts.place.addressed}：", indent=False, align="left")
    for label, text in (
        (
            "一、原决定书",
            f"{facts.number}《{title_of(facts.kind)}》（{chinese_date(facts.decided_on)}）。",
        ),
        ("二、恢复理由", full(facts.resumed_why)),
        ("三、恢复日期", f"{day(facts.resumed_on)}起恢复{facts.place.name}的{_what(facts.kind)}。"),
    ):
        paper.clause(f"{label}：", text)
    ending(paper, issued=True)
    paper.clause("四、涉及金额：", "暂停期间的补贴不予补发。")
    paper.issued(head.issuer, day(facts.ended_on))
    paper.space(0.1)
    handed_over(paper, ["送达人（两人）"])
    closing(paper, RESUME, head)
    return paper.build()


def _what(kind: str) -> str:
    return "老年助餐补贴" if kind == "subsidy" else "助餐服务"
