"""检查结果告知书: score, grade, what was not as it should be, and what comes next; told on the spot."""

from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.official import OfficialPaper
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import (
    OBJECTION,
    Fonts,
    begun,
    closing,
    day_of,
    ending,
    handed_over,
    minute_of,
)
from mealsvc.reports.supervision.shapes import Found, VisitFacts
from mealsvc.supervision.checklist.items import RESULT_NAMES
from mealsvc.supervision.checklist.rules import shown

KIND = PAPERS["result"]
FAILED = [
    Column("项目", 1.5),
    Column("检查内容", 2.8),
    Column("结果", 1.25, "center"),
    Column("查见情况", 3.4),
    Column("处理", 1.4, "center"),
]
GRADES = "等级：得分90分以上为A，75分以上为B，60分以上为C，60分以下或者有关键项（★）不合格的为D。"
FINE = "本次检查未发现不合格项目。"
NOTHING_TO_DO = "无需整改。"
NEXT = (
    "对上列限期整改的项目，我局另行下达整改通知书，请按期整改并报告；当场整改的，已在现场改正。"
    "处理一栏为移送的，依法由有管辖权的部门处理。"
)


def draw(facts: VisitFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    return written(facts, stamp, fonts).build()


def written(
    facts: VisitFacts, stamp: Stamp | None, fonts: Fonts, after: OfficialPaper | None = None
) -> OfficialPaper:
    """The paper, not closed yet; `after`: in the file of this one."""
    paper = begun(KIND, facts.head, facts.number, stamp, fonts, after=after)
    paper.para(f"{facts.place.addressed}：", indent=False, align="left")
    paper.para(
        f"我局检查人员于{minute_of(facts.started)}至{minute_of(facts.ended)}对你单位进行了{facts.kind}"
        f"（{facts.mode}），现将检查结果当场告知如下。"
    )
    score = f"{shown(facts.score)}分" if facts.score is not None else "不评分"
    people = "、".join(one.shown for one in facts.people if not one.recused)
    paper.facts(
        [
            ("检查对象", f"{facts.place.name}（{facts.place.code}）"),
            ("检查时间", day_of(facts.started)),
            ("得分", score),
            ("等级", f"{facts.grade}级" if facts.grade else "不定级"),
        ]
    )
    paper.facts(
        [("检查人员", people), ("检查依据", facts.basis), ("检查结论", facts.conclusion)], per_row=1
    )
    paper.table(FAILED, map(_row, facts.failed), caption="未通过项目", empty=FINE)
    paper.note(f"注：{GRADES}检查表{facts.checklist}版。")
    paper.facts([("下一步", _next(facts))], per_row=1)
    ending(paper)
    paper.para(OBJECTION)
    handed_over(paper, ["检查人员（两人）"])
    closing(paper, KIND, facts.head)
    return paper


def _row(one: Found) -> list[str]:
    item = one.item
    code = f"{item.code}{'★' if item.critical else ''}"
    return [code, item.text, RESULT_NAMES[one.result], one.note, one.outcome]


def _next(facts: VisitFacts) -> str:
    if not facts.failed:
        return NOTHING_TO_DO
    return f"{NEXT}整改通知书：{facts.order}。" if facts.order else NEXT
