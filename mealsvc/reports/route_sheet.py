"""送餐路线单: one round on A4, for the courier who goes without a phone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL, MEALS
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column

TITLE = "送餐路线单"
NOTE = (
    "注：按顺序送，送到写时间，请老人或代收人签名。敲门没人应：先打电话，打不通马上报村（社区）或家属，"
    "不要把餐放在门口。烧熟超过2小时的要量中心温度，60℃以上、4小时以内才能给老人吃。"
    "本单有老人住址，用完交回助餐点，不拍照、不外传。"
)


class Call(NamedTuple):
    """One stop of the sheet; the phone is masked."""

    name: str
    address: str
    phone: str
    diet: str
    dish: str


class Route(NamedTuple):
    """One round of one meal."""

    point: str
    round: str
    courier: str
    day: date
    meal: str
    window: tuple[time, time] | None
    cooked_at: datetime | None
    eat_by: datetime | None
    calls: Sequence[Call]


def draw(route: Route, demo: bool, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF of the round; `fonts`: see `Paper`."""
    paper = Paper(TITLE, geometry=SHEET, demo=demo, subject=TITLE, fonts=fonts)
    paper.heading_block(f"{route.point}　{route.round}")
    paper.space(0.4)
    window = f"{route.window[0]:%H:%M}–{route.window[1]:%H:%M}" if route.window else ""
    paper.facts(
        [
            ("日期餐次", f"{chinese_date(route.day)}　{MEALS[route.meal]}"),
            ("份数", f"{len(route.calls)} 份"),
            ("送达时段", window),
            ("送餐员", route.courier),
            ("烧熟时间", _clock(route.cooked_at)),
            ("食用时限", _clock(route.eat_by)),
            ("离开时间", "　　时　　分"),
            ("离开时中心温度", "　　　　℃"),
        ]
    )
    columns = [
        Column("站", 0.35, "center"),
        Column("姓名", 0.9),
        Column("住址", 2.5),
        Column("电话", 1.15),
        Column("饮食", 1.0),
        Column("餐品", 1.0),
        Column("送达时间", 0.85, "center"),
        Column("签名", 1.15),
    ]
    rows = (
        (str(number), one.name, one.address, one.phone, one.diet, one.dish, "", " \n ")
        for number, one in enumerate(route.calls, 1)
    )
    paper.table(columns, rows, empty="这条线路没有要送的餐")
    paper.note(NOTE)
    paper.signatures(("送餐员", "助餐点负责人"))
    return paper.build()


def _clock(at: datetime | None) -> str:
    return "　　时　　分" if at is None else f"{at.astimezone(LOCAL):%H:%M}"
