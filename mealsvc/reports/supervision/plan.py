"""检查计划（审批表）: what shall be inspected, how the points were drawn, and who approved it."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.paper.official import OfficialPaper, SignBox
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.supervision.catalogue import PAPERS
from mealsvc.reports.supervision.common import Fonts, begun, closing, day
from mealsvc.reports.supervision.shapes import PlanFacts, PlannedVisit

KIND = PAPERS["plan"]
STATUS = {"draft": "待审批", "approved": "同意", "refused": "不同意", "withdrawn": "已撤回"}
POINTS = [
    Column("序号", 0.7, "center"),
    Column("检查对象", 2.8),
    Column("检查日期", 1.9, "center"),
    Column("检查人员（证号）", 3.2),
    Column("本年次数/上限", 1.8, "center"),
]
CANDIDATES = [
    Column("序号", 0.7, "center"),
    Column("候选助餐点", 2.6),
    Column("权重", 0.8, "right"),
    Column("权重的由来", 4.2),
    Column("抽取次序", 1.2, "center"),
]


def draw(facts: PlanFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = begun(KIND, facts.head, facts.number, stamp, fonts)
    paper.facts([("计划名称", facts.title)], per_row=1)
    paper.facts(
        [
            ("检查种类", facts.kind),
            ("检查方式", facts.mode),
            ("任务来源", facts.source),
            ("检查日期", f"{chinese_date(facts.from_on)}至{chinese_date(facts.to_on)}"),
            ("编制人", facts.made_by),
            ("编制日期", chinese_date(facts.made_on)),
        ]
    )
    subjects = "、".join(f"{name}（{count}项）" for name, count in facts.subjects)
    paper.facts([("检查事项", subjects), ("检查依据", facts.basis)], per_row=1)
    rows = [_row(at, one) for at, one in enumerate(facts.visits, 1)]
    paper.table(POINTS, rows, caption="检查对象和检查人员", empty="尚未安排检查对象")
    paper.note(
        "注：次数为计划所在年度已完成和已安排的行政检查，含本次；只有行政检查计入年度上限，其他种类不计。"
    )
    _draw_of_lots(paper, facts)
    paper.facts(
        [
            (
                "审批意见",
                facts.opinion or ("" if facts.status == "draft" else STATUS[facts.status]),
            ),
            ("审批结果", STATUS[facts.status] if facts.decided_on else ""),
        ],
        per_row=1,
    )
    paper.sign_boxes(
        [
            SignBox("编制人", facts.made_by, day=chinese_date(facts.made_on)),
            SignBox("审批人", facts.decided_by, day=day(facts.decided_on), note="（单位盖章）"),
        ]
    )
    closing(paper, KIND, facts.head)
    return paper.build()


def _row(at: int, one: PlannedVisit) -> list[str]:
    people = "、".join(person.shown for person in one.people if not person.recused)
    counted = f"{one.counted}/{one.cap}" if one.counts else "不计"
    when = "已取消" if one.cancelled else day(one.planned_on) or "计划期内"
    return [str(at), f"{one.place.name}（{one.place.code}）", when, people, counted]


def _draw_of_lots(paper: OfficialPaper, facts: PlanFacts) -> None:
    if not facts.seed:
        paper.note("本计划的检查对象由编制人选定，未作随机抽取（抽取种子、权重不适用）。")
        return
    paper.facts([("抽取种子", facts.seed), ("抽取办法", facts.draw_note)], per_row=1)
    rows = [
        [str(at), one.name, one.weight, one.why, f"第{one.drawn}个" if one.drawn else ""]
        for at, one in enumerate(facts.candidates, 1)
    ]
    paper.table(CANDIDATES, rows, caption="双随机抽取：候选名单和权重", empty="没有候选名单")
