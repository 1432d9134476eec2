"""备餐单: how many portions of what a kitchen cooks for one meal, and where they go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mealsvc.bookings.kitchen import Count
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL, MEALS, MODES
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column

TITLE = "备餐单"
# Read at arm's length, over a stove.
LARGE = replace(SHEET, size=14, pitch=20, table_size=13, table_pitch=17, title_size=24)
SIGNERS = ("开单人", "厨师长", "分装人", "发餐人")
NOTE = (
    "注：份数来自预订，一份预订只计一次，计在老人用餐或取餐的助餐点；取消的不计。预估散客是同一星期"
    "最近四周实际就餐的平均数减去已预订数，只供备料参考，不是订单。当餐加工；烧熟后2小时内食用，"
    "超过2小时的全程不低于60℃，并在4小时内食用。"
)


def draw(
    count: Count, as_of: datetime, demo: bool = False, fonts: Mapping[str, str] | None = None
) -> bytes:
    """The sheet as a PDF; `fonts`: see `Paper`."""
    paper = Paper(
        TITLE,
        number=number_of(count),
        geometry=LARGE,
        demo=demo,
        mark="" if count.whole else "仅列本辖区助餐点",
        subject=f"{chinese_date(count.day)}{MEALS[count.meal]}{TITLE}",
        fonts=fonts,
    )
    paper.heading_block(f"{count.kitchen.name}　{chinese_date(count.day)}{MEALS[count.meal]}")
    paper.space(0.4)
    _head(paper, count, as_of)
    _dishes(paper, count)
    _points(paper, count)
    _wishes(paper, count)
    _changes(paper, count)
    paper.signatures(SIGNERS)
    paper.note(NOTE)
    return paper.build()


def number_of(count: Count) -> str:
    """BC-WJ900-20240531-2: kitchen, day, and 1 to 3 for the meal."""
    meal = list(MEALS).index(count.meal) + 1
    return f"BC-{count.kitchen.code}-{count.day:%Y%m%d}-{meal}"


def filename(count: Count) -> str:
    """备餐单_WJ900_2024-05-31_午餐.pdf"""
    return f"{TITLE}_{count.kitchen.code}_{count.day}_{MEALS[count.meal]}.pdf"


def _moment(at: datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{chinese_date(local.date())} {local:%H:%M}"


def _head(paper: Paper, count: Count, as_of: datetime) -> None:
    guess = "没有往期记录" if count.walk_in is None else f"约 {count.walk_in} 份（预估，不是订单）"
    paper.facts(
        [
            ("应备份数", f"{count.total} 份"),
            ("数据截至", _moment(as_of)),
            ("截单时份数", f"{count.at_cutoff} 份"),
            ("截单时间", _moment(count.closes_at)),
            ("截单后", f"加 {count.added} 份，减 {count.cut} 份"),
            ("预估散客", guess),
        ]
    )


def _dishes(paper: Paper, count: Count) -> None:
    columns = [Column("餐品", 3), Column("份数", 1, "right")]
    rows = [(dish, f"{points.total():,}") for dish, points in count.dishes.items()]
    total = ("合计", f"{count.total:,}")
    paper.table(columns, rows, total=total, caption="一、按餐品", empty="这一餐没有预订")


def _points(paper: Paper, count: Count) -> None:
    columns = [Column("送往", 2.6), *(Column(name, 1, "right") for name in MODES.values())]
    columns += [Column("合计", 1, "right"), Column("预估散客", 1.2, "right")]
    rows = [
        (
            f"{point.name}（本厨房）" if point.code == count.kitchen.code else point.name,
            *(f"{point.modes[mode]:,}" for mode in MODES),
            f"{point.total:,}",
            "—" if point.walk_in is None else f"约 {point.walk_in}",
        )
        for point in count.points.values()
    ]
    modes = (f"{count.by_mode(mode):,}" for mode in MODES)
    guess = "—" if count.walk_in is None else f"约 {count.walk_in}"
    total = ("合计", *modes, f"{count.total:,}", guess)
    paper.table(columns, rows, total=total, caption="二、按分餐点和用餐方式")
    if len(count.dishes) > 1:
        heads = [Column("送往", 2.6), *(Column(dish, 1.4, "right") for dish in count.dishes)]
        by_dish = [
            (point.name, *(f"{dish[key]:,}" for dish in count.dishes.values()))
            for key, point in count.points.items()
            if point.total
        ]
        paper.table(heads, by_dish, caption="三、各分餐点的餐品")


def _numeral(count: Count, part: int) -> str:
    """The part's number; the table of dishes by point is left out when there is one dish."""
    return "〇一二三四五"[part + (len(count.dishes) > 1)]


def _wishes(paper: Paper, count: Count) -> None:
    rows = [(name, f"{number:,}") for name, number in count.wishes.most_common()]
    rows += [(f"{text}（{place}）", f"{n:,}") for (place, text), n in count.remarks.items()]
    columns = [Column("饮食要求、忌口", 3), Column("份数", 1, "right")]
    paper.table(
        columns,
        rows,
        caption=f"{_numeral(count, 3)}、特殊饮食（只计份数）",
        empty="没有特殊饮食要求",
    )


def _changes(paper: Paper, count: Count) -> None:
    columns = [
        Column("时间", 1.4, "center"),
        Column("加减", 0.8, "center"),
        Column("助餐点", 2),
        Column("餐品", 2),
        Column("方式", 0.8, "center"),
    ]
    rows = [
        (
            f"{change.at.astimezone(LOCAL):%H:%M}",
            "加单 +1" if change.added else "减单 −1",
            change.point,
            change.dish,
            change.mode,
        )
        for change in count.changes
    ]
    caption = f"{_numeral(count, 4)}、截单后的变动（已计入上面的份数）"
    paper.table(columns, rows, caption=caption, empty="截单后没有变动")
