"""老年助餐补贴拨付单: whom the treasury pays what, by source, in figures and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import capitals
from mealsvc.papers.services import Stamp
from mealsvc.payments.rules import masked
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.words import SOURCE_TITLES, foot_of

TITLE = "老年助餐补贴拨付单"
SIGNERS = ("制单", "复核", "审批（盖章）", "财政")
RECALLED = "已撤回，作废"
NOTE = (
    "注：拨付＝应付＋上次结转；合计不足零的不拨付，差额结转到该点下一笔扣抵。账号只印末四位，完整账号"
    "见同一编号的拨付明细文件。金额单位为元。"
)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One payment; `holder` is empty where nothing is paid."""

    point: str
    purpose: str
    payable_fen: int
    carried_fen: int
    amount_fen: int
    holder: str
    bank: str
    last4: str


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a payment order shows."""

    number: str
    made_on: date
    note: str
    issuer: str
    total_fen: int
    sources: tuple[tuple[str, int], ...]
    lines: tuple[OrderLine, ...]
    recalled: bool
    demo: bool


def draw(facts: OrderFacts, stamp: Stamp, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        **foot_of(stamp),
        geometry=SHEET,
        demo=facts.demo,
        mark=RECALLED if facts.recalled else "",
        subject=f"{TITLE} {facts.number}",
        fonts=fonts,
    )
    paper.heading_block(facts.number, qr=stamp.url)
    paper.space(0.4)
    paper.facts(
        [
            ("下达单位", facts.issuer),
            ("下达日期", chinese_date(facts.made_on)),
            ("笔数", f"{len(facts.lines):,} 笔"),
            ("备注", facts.note or "—"),
        ]
    )
    paper.facts(
        [
            ("拨付合计（小写）", f"{fen(facts.total_fen)} 元"),
            ("拨付合计（大写）", capitals(facts.total_fen)),
        ],
        per_row=1,
    )
    sources = [[SOURCE_TITLES[source], fen(part)] for source, part in facts.sources]
    paper.table(
        [Column("资金来源", 3), Column("金额", 1.5, "right")],
        sources,
        total=["合计", fen(facts.total_fen)],
        caption="一、按资金来源",
        empty="本单没有资金支出",
    )
    _lines(paper, facts)
    paper.signatures(SIGNERS)
    paper.note(NOTE)
    return paper.build()


def _lines(paper: Paper, facts: OrderFacts) -> None:
    columns = [
        Column("序号", 0.65, "right"),
        Column("助餐点", 1.8),
        Column("用途", 1.7),
        Column("应付", 1.15, "right"),
        Column("上次结转", 1.05, "right"),
        Column("拨付", 1.15, "right"),
        Column("收款户名", 2.1),
        Column("开户银行、账号", 2.2),
    ]
    rows = [
        [
            str(number),
            one.point,
            one.purpose,
            fen(one.payable_fen),
            fen(one.carried_fen),
            fen(one.amount_fen),
            one.holder or "不拨付",
            f"{one.bank}\n{masked(one.last4)}" if one.holder else "差额结转下一笔",
        ]
        for number, one in enumerate(facts.lines, 1)
    ]
    total = [
        "合计",
        "",
        "",
        fen(sum(one.payable_fen for one in facts.lines)),
        fen(sum(one.carried_fen for one in facts.lines)),
        fen(facts.total_fen),
        "",
        "",
    ]
    paper.table(columns, rows, total=total, caption="二、拨付明细")
