"""老年助餐日结单: a point's day on half a sheet, signed by whoever counted and by the manager."""

from collections.abc import Mapping
from dataclasses import dataclass

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL, MEALS, MODES
from mealsvc.kernel.money import capitals
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.servings.closing import Day
from mealsvc.servings.models import DayClose

TITLE = "老年助餐日结单"
SIGNERS = ("收银员", "店长（盖章）")
NOTE = (
    "注：份数和金额已减去冲正，金额单位为元，时间为北京时间。差额＝实收合计－应收自付。日结后到达的登记"
    "不在本单内，另行日结编号；同一天以最后一次日结为准。"
)


@dataclass(frozen=True, slots=True)
class CloseSheet:
    """One close as it is printed: what was kept then, and the lines that it counted."""

    point_code: str
    point_name: str
    close: DayClose
    closed_by: str
    day: Day
    demo: bool

    @property
    def number(self) -> str:
        return f"RJ-{self.point_code}-{self.close.served_on:%Y%m%d}-{self.close.number}"


def draw(sheet: CloseSheet, fonts: Mapping[str, str] | None = None) -> bytes:
    """The PDF; the same close gives the same bytes. `fonts`: see `Paper`."""
    close = sheet.close
    paper = Paper(
        TITLE,
        number=sheet.number,
        geometry=SHEET,
        demo=sheet.demo,
        subject=f"{sheet.point_name} {chinese_date(close.served_on)}",
        fonts=fonts,
    )
    paper.heading_block(f"{chinese_date(close.served_on)}　{sheet.point_name}")
    paper.space(0.4)
    _identity(paper, sheet)
    _served(paper, sheet.day)
    _money(paper, close)
    paper.signatures(SIGNERS)
    paper.note(NOTE)
    return paper.build()


def _identity(paper: Paper, sheet: CloseSheet) -> None:
    close, at = sheet.close, sheet.close.closed_at.astimezone(LOCAL)
    paper.facts(
        [
            ("日结编号", sheet.number),
            ("第几次日结", f"第{close.number}次"),
            ("日结时间", f"{chinese_date(at.date())} {at:%H:%M}"),
            ("办理人", sheet.closed_by),
        ]
    )


def _served(paper: Paper, day: Day) -> None:
    columns = [
        Column("餐次", 0.8, "center"),
        Column("方式", 0.8, "center"),
        *(Column(head, 0.9, "right") for head in ("就餐份数", "享受补贴", "全价", "冲正笔数")),
        *(Column(head, 1.2, "right") for head in ("餐价", "补贴", "老人自付")),
    ]
    rows = [(MEALS[part.meal], MODES[part.mode], *_figures(part.sums)) for part in day.parts]
    paper.table(
        columns,
        rows,
        total=("合计", "", *_figures(day.total)),
        caption="一、系统里的数字",
        empty="这一天没有就餐记录",
    )


def _figures(sums: object) -> tuple[str, ...]:
    counts = ("servings", "subsidised", "full_price", "reversals")
    amounts = ("price_fen", "subsidy_fen", "self_pay_fen")
    return (
        *(f"{getattr(sums, name):,}" for name in counts),
        *(fen(getattr(sums, name)) for name in amounts),
    )


def _money(paper: Paper, close: DayClose) -> None:
    received = close.drawer_fen + close.other_fen
    difference = received - close.self_pay_fen
    columns = [
        Column(head, align="right")
        for head in ("应收自付", "钱箱现金", "其他收款", "实收合计", "差额")
    ]
    amounts = (close.self_pay_fen, close.drawer_fen, close.other_fen, received, difference)
    paper.table(columns, [[fen(one) for one in amounts]], caption="二、点钱核对")
    pairs = [("实收合计（大写）", capitals(received))]
    pairs.append(("差额的原因", close.explanation or ("没有差额" if not difference else "未填写")))
    paper.facts(pairs, per_row=1)
