"""检查通知书: who comes, when, to look at what, on what ground, and the rights of the inspected."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.geometry import OFFICIAL
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    TO_FILL,
    Fonts,
    asking,
    begun,
    closing,
    day,
    ending,
    full,
    handed_over,
)
from mealsvc.reports.supervision.shapes import VisitFacts

KIND = PAPERS["notice"]
RIGHTS = (
    "检查人员应当不少于两人，并主动出示证件或者检查任务书；未出示的，你单位有权拒绝检查。"
    "你单位认为检查人员与你单位有利害关系的，有权申请回避。检查中，你单位有权陈述、说明情况，"
    "有权对检查结果提出异议。"
)
DUTIES = (
    "请如实提供有关证照、台账和记录，安排熟悉情况的人员到场，不要求法定代表人必须到场；检查不影响"
    "正常供餐。"
)


def draw(facts: VisitFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    head, place = facts.head, facts.place
    paper = begun(KIND, head, facts.notice_number, stamp, fonts, geometry=OFFICIAL)
    paper.para(f"{place.addressed}：", indent=False, align="left")
    paper.para("为加强老年助餐服务的日常管理，我局决定对你单位进行检查，现将有关事项通知如下。")
    people = "、".join(one.shown for one in facts.people if not one.recused) or TO_FILL
    subjects = dict.fromkeys(item.group_name for item in facts.items)
    for label, text in (
        ("一、检查单位", full(head.issuer)),
        ("二、检查人员", f"{people}。"),
        ("三、检查对象", f"{place.name}（{place.code}）。"),
        ("四、检查种类", f"{facts.kind}，{facts.mode}。{_why(facts)}"),
        ("五、检查时间", f"{chinese_date(facts.planned_on)}。"),
        ("六、检查地点", f"{place.address or place.name}。"),
        (
            "七、检查事项",
            f"{'、'.join(subjects)}，共{len(facts.items)}项（检查表{facts.checklist}版）。",
        ),
        ("八、检查依据", f"{facts.basis}。"),
        ("九、你单位的权利和义务", f"{RIGHTS}{DUTIES}"),
        ("十、检查纪律", _discipline(facts)),
    ):
        paper.clause(f"{label}：", text)
    ending(paper, issued=True)
    paper.clause("十一、联系方式：", asking(head))
    paper.issued(head.issuer, day(facts.noticed_on) or "　　　　年　　月　　日")
    paper.space(0.1)
    handed_over(paper, ["送达人（两人）"])
    closing(paper, KIND, head, asked=False)
    return paper.build()


def _why(facts: VisitFacts) -> str:
    if not facts.reason:
        return ""
    label = "不提前通知的理由" if facts.unannounced else "任务来源"
    return f"{label}：{facts.reason}。"


def _discipline(facts: VisitFacts) -> str:
    """The five bans, as the setting has them."""
    bans = "；".join(f"严禁{ban.removeprefix('严禁')}" for ban in facts.bans)
    return f"检查人员遵守涉企行政检查“五个严禁”：{bans}。违反的，请向投诉渠道反映。"
