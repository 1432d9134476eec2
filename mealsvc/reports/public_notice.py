"""老年助餐补贴公示: what a month comes to by point, and who ate how often; masked, without amounts
for anybody by name, because these would tell the hardship tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.months import Month
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.words import foot_of

TITLE = "老年助餐补贴公示"
NOTE = (
    "注：份数已减去冲正。公示金额为本月应付给助餐点的补贴（元），含送餐补贴、运营补贴和以前月份调整，"
    "已扣除正在核查的暂缓金额；不是老人个人所得。"
)
ANNEX_NOTE = "注：姓名按规定遮盖。份数为本月享受补贴的就餐份数。"


@dataclass(frozen=True, slots=True)
class NoticePoint:
    """One point's month; `diners` are masked name, village, subsidised servings."""

    code: str
    name: str
    servings: int
    subsidised: int
    held_fen: int
    payable_fen: int
    diners: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice shows; `contact` is empty where nobody has set it."""

    month: Month
    number: str
    division: str
    from_on: date
    to_on: date
    contact: str
    issuer: str
    points: tuple[NoticePoint, ...]
    demo: bool


def draw(facts: NoticeFacts, stamp: Stamp, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF. `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        **foot_of(stamp),
        geometry=SHEET,
        demo=facts.demo,
        subject=f"{facts.month.chinese}{TITLE}",
        fonts=fonts,
    )
    paper.heading_block(f"{facts.month.chinese}　{facts.division}", qr=stamp.url)
    paper.space(0.4)
    period = f"{chinese_date(facts.from_on)}至{chinese_date(facts.to_on)}"
    paper.para(
        f"{facts.division}{len(facts.points)}个助餐点{facts.month.chinese}的老年助餐补贴已经复核，"
        f"现予公示。公示时间：{period}。"
    )
    paper.para(
        f"对公示内容有异议的，请在{chinese_date(facts.to_on)}前（含当日），以书面、电话或当面方式向下列单位"
        "反映，并请写明具体情况和联系方式。反映人的信息予以保密。"
    )
    contact = facts.contact or "　　　　　　　　　　　　　　"
    paper.space(0.3)
    paper.facts([("受理单位、电话", contact), ("公示编号", stamp.number)], per_row=1)
    _points(paper, facts)
    paper.note(NOTE)
    paper.issued(facts.issuer, "　　　　年　　月　　日")
    _annex(paper, facts)
    return paper.build()


def _points(paper: Paper, facts: NoticeFacts) -> None:
    columns = [
        Column("序号", 0.6, "right"),
        Column("助餐点", 3.4),
        Column("就餐份数", 1.2, "right"),
        Column("享受补贴份数", 1.5, "right"),
        Column("暂缓金额", 1.4, "right"),
        Column("公示金额", 1.6, "right"),
    ]
    rows = [
        [
            str(number),
            one.name,
            f"{one.servings:,}",
            f"{one.subsidised:,}",
            fen(one.held_fen),
            fen(one.payable_fen),
        ]
        for number, one in enumerate(facts.points, 1)
    ]
    total = [
        "合计",
        f"{len(rows)} 个助餐点",
        f"{sum(one.servings for one in facts.points):,}",
        f"{sum(one.subsidised for one in facts.points):,}",
        fen(sum(one.held_fen for one in facts.points)),
        fen(sum(one.payable_fen for one in facts.points)),
    ]
    paper.table(columns, rows, total=total, caption="一、助餐点补贴")


def _annex(paper: Paper, facts: NoticeFacts) -> None:
    """Two people side by side: the list is long."""
    paper.page_break()
    half = [
        Column("姓名", 1.1),
        Column("村（社区）", 2),
        Column("份数", 0.8, "right"),
    ]
    for number, one in enumerate(facts.points):
        cells = [[name, village, f"{count:,}"] for name, village, count in one.diners]
        middle = (len(cells) + 1) // 2
        rows = [
            [*left, *(cells[middle + at] if middle + at < len(cells) else ["", "", ""])]
            for at, left in enumerate(cells[:middle])
        ]
        caption = f"{one.name}　就餐老人 {len(cells):,} 人"
        if number == 0:
            caption = f"附：就餐老人名单　{caption}"
        counted = sum(count for _, _, count in one.diners)
        total = ["合计", f"{len(cells):,} 人", "", "", "", f"{counted:,}"]
        paper.table(
            [*half, *half], rows, total=total, caption=caption, empty="本月没有享受补贴的老人"
        )
    paper.note(ANNEX_NOTE)
