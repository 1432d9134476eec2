"""审核意见表: who did what with a point's month, when, in which words; lines sent back and held."""

from collections.abc import Mapping
from datetime import datetime

from mealsvc.kernel.meals import LOCAL
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.review_facts import HeldLine, Objected, Review
from mealsvc.reports.words import foot_of
from mealsvc.settlement.reasons import REASONS

TITLE = "老年助餐补贴审核意见表"
SIGNERS = ("镇（街道）初审", "区民政局复核", "区民政局审批（盖章）", "财务")
ANSWERS = {"explained": "说明情况", "agreed": "同意核减"}
OUTCOMES = {"released": "核实无误", "refused": "核减"}
NOTE = (
    "注：办理人和时间由系统按登录账号记录，不能更改；“当时应付”是办理时扣除暂缓后的金额（元）。暂缓的"
    "流水在审批以后核实无误的，在以后月份补付；核减的，冲正后不再支付。"
)


def draw(facts: Review, stamp: Stamp, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        **foot_of(stamp),
        geometry=SHEET,
        demo=facts.demo,
        subject=f"{facts.month.chinese}{TITLE}",
        fonts=fonts,
    )
    paper.heading_block(f"{facts.month.chinese}　{facts.heading['name']}", qr=stamp.url)
    paper.space(0.4)
    paper.facts(
        [
            ("编号", stamp.number),
            ("结算编号", f"JS-{facts.month}-{facts.point}"),
            ("助餐点", facts.heading["name"]),
            ("所在镇（街道）", facts.heading["town"] or "未登记"),
            ("申报应付", f"{fen(facts.claim_fen)} 元"),
            ("暂缓", f"{fen(facts.held_fen)} 元"),
            ("应付金额", f"{fen(facts.payable_fen)} 元"),
            ("状态", facts.state),
        ]
    )
    _acts(paper, facts)
    if facts.objected:
        _returned(paper, facts)
    if facts.held:
        _held(paper, facts)
    paper.signatures(SIGNERS)
    paper.note(NOTE)
    return paper.build()


def _acts(paper: Paper, facts: Review) -> None:
    columns = [
        Column("序号", 0.5, "right"),
        Column("时间", 1.6, "center"),
        Column("环节", 1, "center"),
        Column("办理人", 1.1, "center"),
        Column("意见", 3.2),
        Column("当时应付", 1.2, "right"),
    ]
    rows = [
        [str(number), _time(one.at), one.act, one.name, one.opinion, fen(one.payable_fen)]
        for number, one in enumerate(facts.said, 1)
    ]
    paper.table(columns, rows, caption="一、办理经过")


def _returned(paper: Paper, facts: Review) -> None:
    columns = [
        Column("流水号", 1.9),
        Column("就餐日期", 1.5, "center"),
        Column("退回原因", 2.6),
        Column("助餐点答复", 2.6),
        Column("答复时间", 1.6, "center"),
    ]
    rows = [
        [
            one.key or "整批",
            _day(one),
            _reason(one),
            _with(ANSWERS.get(one.answer or "", "未答复"), one.answer_note),
            _time(one.answered_at),
        ]
        for one in facts.objected
    ]
    paper.table(columns, rows, caption="二、退回的流水和答复")


def _held(paper: Paper, facts: Review) -> None:
    columns = [
        Column("流水号", 1.8),
        Column("就餐日期", 1.6, "center"),
        Column("暂缓原因", 2.2),
        Column("金额", 0.9, "right"),
        Column("暂缓时间", 1.6, "center"),
        Column("结果", 2.2),
        Column("办结时间", 1.6, "center"),
    ]
    rows = [
        [
            one.key,
            _day(one),
            _reason(one),
            fen(one.amount_fen),
            _time(one.placed_at),
            _outcome(one),
            _time(one.ended_at),
        ]
        for one in facts.held
    ]
    listed = sum(one.amount_fen for one in facts.held)
    total = ["合计", "", f"{len(rows)} 条", fen(listed), "", "", ""]
    caption = f"{'三' if facts.objected else '二'}、暂缓的流水和结果"
    paper.table(columns, rows, total=total, caption=caption)


def _outcome(one: HeldLine) -> str:
    if one.outcome is None:
        return "审批时仍未核实，不在本月支付" if one.carved else "正在核实"
    paid = "，在以后月份补付" if one.carved and one.outcome == "released" else ""
    return _with(OUTCOMES[one.outcome] + paid, one.end_note)


def _reason(one: Objected | HeldLine) -> str:
    return _with(REASONS.get(one.reason, one.reason), one.note)


def _with(words: str, note: str) -> str:
    return f"{words}：{note}" if note else words


def _day(one: Objected | HeldLine) -> str:
    return f"{one.served_on:%Y-%m-%d}" if one.served_on else "—"


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else "—"
