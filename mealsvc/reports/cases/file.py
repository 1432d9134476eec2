"""核查案卷: a case from its opening to its end: facts, questions and answers, acts, verdict, money, lines."""

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.money import capitals
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen, local_time
from mealsvc.plumbing.paper.official import BOX, OfficialPaper, SignBox
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.cases.facts import FileFacts
from mealsvc.reports.cases.kinds import FILE as KIND
from mealsvc.reports.supervision.common import (
    Fonts,
    begun,
    closing,
    full,
    minute_of,
    pictures,
    place_rows,
)

FOOT = 36  # points of what stands below the boxes
SIGNERS = ("经办人", "作出结论的人", "负责人", "归档人")
ACTS = [
    Column("时间", 1.4, "center"),
    Column("办理", 1.1),
    Column("办理人", 1.1),
    Column("内容", 4),
]
LINES = [
    Column("序号", 0.6, "right"),
    Column("就餐时间", 1.4, "center"),
    Column("餐次", 0.6, "center"),
    Column("老人", 0.8),
    Column("流水号", 3.4),
    Column("金额", 0.7, "right"),
    Column("认定", 0.7, "center"),
    Column("处理", 0.7, "center"),
]


def draw(facts: FileFacts, stamp: Stamp | None, fonts: Fonts = None) -> bytes:
    """A PDF; a preview while the case is open. `fonts`: see `Paper`."""
    paper = begun(KIND, facts.head, facts.number, stamp, fonts)
    paper.facts([("案由", facts.title), ("状态", facts.state)], per_row=1)
    point, *more = place_rows(facts.place)
    paper.facts([("助餐点", point[1]), *more, *_origin(facts)])
    _doubt(paper, facts)
    _heard(paper, facts)
    paper.heading(1, "二、核查结论")
    paper.para(_verdict(facts))
    paper.heading(1, "三、资金处理")
    paper.facts(_money(facts), per_row=1)
    paper.heading(1, "四、办理经过")
    paper.table(
        ACTS,
        ([local_time(one.at, "short"), one.act, one.by, one.words] for one in facts.acts),
    )
    paper.heading(1, "五、涉及的就餐记录")
    _lines(paper, facts)
    pictures(paper, facts.shots, caption="六、照片")
    paper.keep(2 * paper.pitch + 2 * BOX + FOOT)
    if facts.closed_at:
        paper.para(f"结案意见：{full(facts.closing)}")
    paper.sign_boxes(list(map(SignBox, SIGNERS)))
    closing(paper, KIND, facts.head)
    return paper.build()


def _origin(facts: FileFacts) -> list[tuple[str, str]]:
    rules = f"{facts.severity}（规则{facts.rules}）" if facts.rules else facts.severity
    return [
        ("就餐月份", facts.month.chinese),
        ("来源", facts.source),
        ("等级", rules),
        ("立案", f"{facts.opened_by}，{minute_of(facts.opened_at)}"),
        ("经办人", facts.worker or "（未分派）"),
        ("说明期限", chinese_date(facts.due_on) if facts.due_on else ""),
    ]


def _doubt(paper: OfficialPaper, facts: FileFacts) -> None:
    summary, honest = facts.doubt
    if summary:
        paper.para(f"疑点：{full(summary)}应先排除的正常情形：{full(honest)}")


def _heard(paper: OfficialPaper, facts: FileFacts) -> None:
    paper.heading(1, "一、询问和答复")
    if not facts.heard:
        paper.para("本案没有询问助餐点。")
    for at, one in enumerate(facts.heard, 1):
        paper.clause(f"问{at}（{one.asked}，期限{chinese_date(one.due_on)}）：", full(one.words))
        said = full(one.answer) if one.answer else "逾期未答复，或者还在期限内。"
        paper.clause(f"答{at}{f'（{one.answered}）' if one.answered else ''}：", said)


def _verdict(facts: FileFacts) -> str:
    if facts.decided_at is None:
        return "还没有作出结论。"
    right = facts.money.lines - facts.money.bad
    return (
        f"{minute_of(facts.decided_at)}，{facts.decided_by}作出结论：有误{facts.money.bad}笔，"
        f"无误{right}笔。{full(facts.verdict) if facts.verdict else ''}"
    )


def _money(facts: FileFacts) -> list[tuple[str, str]]:
    money = facts.money
    rows = [
        ("涉及金额", f"{money.lines} 笔，{_both(money.total_fen)}"),
        ("暂缓中", _both(money.held_fen)),
        ("核减（没有支付）", _both(money.refused_fen)),
        ("解除暂缓", _both(money.released_fen)),
        ("批准追回", _both(money.claimed_fen)),
        ("已追回", _both(money.recovered_fen)),
    ]
    if facts.clawback:
        rows.append(("追回", facts.clawback))
    return rows + [("移送", one) for one in facts.letters]


def _both(amount: int) -> str:
    return f"{fen(amount)} 元（{capitals(amount)}）"


def _lines(paper: OfficialPaper, facts: FileFacts) -> None:
    rows = [
        [
            str(at),
            local_time(one.served_at, "short"),
            MEALS[one.meal],
            one.name,
            one.key,
            fen(one.fen),
            one.finding,
            one.became,
        ]
        for at, one in enumerate(facts.meals, 1)
    ]
    total = ["合计", f"{len(rows)} 笔", "", "", "", fen(facts.money.total_fen), "", ""]
    paper.table(LINES, rows, total=total)
