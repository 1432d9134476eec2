"""老年助餐补贴追回通知书: what a point must give back, why, until when; no penalty is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.money import capitals
from mealsvc.kernel.months import Month
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.words import foot_of

TITLE = "老年助餐补贴追回通知书"
SIGNERS = ("经办人", "审批（盖章）", "送达人", "助餐点签收")
OFFSET = "上述金额从你单位以后月份的补贴中扣抵，在结算表“以前月份调整”中逐笔列明。"
LEGAL = (
    "依据：《财政违法行为处罚处分条例》第十四条关于追回违反规定使用、骗取的有关资金的规定。本通知只"
    "办理款项的追回，不认定违法，也不是行政处罚决定；是否违法、如何处理，由有权机关依法另行决定。"
)
RIGHTS = "对追回有异议的，可以在期限内书面说明并附证明材料，由区民政部门复核。"


@dataclass(frozen=True, slots=True)
class TakenLine:
    """One line that is taken back, with the month that paid it."""

    key: str
    served_on: date
    meal: str
    name: str
    amount_fen: int
    paid_month: Month


@dataclass(frozen=True, slots=True)
class ClawbackFacts:
    """What a clawback notice shows; `name`s are masked, `contact` is empty where nobody set it."""

    number: str
    point: str
    unit: str
    reason: str
    note: str
    cash: bool
    due_on: date
    decided_on: date
    amount_fen: int
    contact: str
    issuer: str
    lines: tuple[TakenLine, ...]
    demo: bool


def draw(facts: ClawbackFacts, stamp: Stamp, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        **foot_of(stamp),
        geometry=SHEET,
        demo=facts.demo,
        subject=f"{TITLE} {facts.number}",
        fonts=fonts,
    )
    paper.heading_block(facts.number, qr=stamp.url)
    paper.space(0.4)
    paper.para(f"{facts.unit or facts.point}：", indent=False, align="left")
    paper.para(
        f"经核查，你单位运营的{facts.point}有{len(facts.lines)}笔已结算的老年助餐补贴不应支付，"
        f"原因：{facts.reason}。{facts.note.rstrip('。')}。现决定予以追回。"
    )
    paper.space(0.3)
    paper.facts(
        [
            ("追回金额（小写）", f"{fen(facts.amount_fen)} 元"),
            ("追回金额（大写）", capitals(facts.amount_fen)),
            ("追回方式", _way(facts)),
            ("联系单位、电话", facts.contact or "　　　　　　　　　　　　　　"),
        ],
        per_row=1,
    )
    paper.para(LEGAL)
    paper.para(RIGHTS)
    paper.space(0.3)
    _lines(paper, facts)
    paper.issued(facts.issuer, chinese_date(facts.decided_on))
    paper.signatures(SIGNERS)
    return paper.build()


def _way(facts: ClawbackFacts) -> str:
    if not facts.cash:
        return OFFSET
    return f"请在{chinese_date(facts.due_on)}前将上述金额退回原拨付账户；逾期未退的，从以后的补贴中扣抵。"


def _lines(paper: Paper, facts: ClawbackFacts) -> None:
    columns = [
        Column("序号", 0.5, "right"),
        Column("流水号", 2.8),
        Column("就餐日期", 1.2, "center"),
        Column("餐次", 0.7, "center"),
        Column("老人", 0.9),
        Column("原结算月份", 1.2, "center"),
        Column("金额", 1, "right"),
    ]
    rows = [
        [
            str(number),
            one.key,
            f"{one.served_on:%Y-%m-%d}",
            MEALS[one.meal],
            one.name,
            one.paid_month.chinese,
            fen(one.amount_fen),
        ]
        for number, one in enumerate(facts.lines, 1)
    ]
    total = ["合计", f"{len(rows)} 笔", "", "", "", "", fen(facts.amount_fen)]
    paper.table(columns, rows, total=total, caption="追回的流水")
