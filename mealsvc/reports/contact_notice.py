"""Notices to post or leave at a door, large print on one A4 page: 停餐告知, 新点开业告知, 登记办法告知,
上门联系条. They tell dates, hours and neighbouring points, and nothing of any person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from mealsvc.coverage.services import points_on
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.distance import great_circle_m
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.plumbing.paper.lines import balanced, break_lines, clean
from mealsvc.settings.services import value_on

KINDS = {
    "stop": "停餐告知",
    "open": "新点开业告知",
    "register": "登记办法告知",
    "visit": "上门联系条",
}
WIDTH, HEIGHT, MARGIN = 210 * MM, 297 * MM, 18 * MM
TITLE_SIZE = 42.0
SIZES = (26.0, 24.0, 22.0, 20.0, 18.0)  # of the text, the largest that fits one page
LARGE = 22.0  # neighbours go before the type falls below
NEAR = {"stop": 3, "open": 0, "register": 3, "visit": 2}
RIBBON = "演示数据"


@dataclass(frozen=True, slots=True)
class Near:
    """A point to go to instead: where it is and when it is open."""

    name: str
    metres: int | None
    address: str
    hours: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands on the page; `lines` are left to be filled in by hand."""

    kind: str
    paragraphs: tuple[str, ...]
    near: tuple[Near, ...]
    last: str
    lines: tuple[str, ...]
    issuer: str
    day: date
    demo: bool

    @property
    def title(self) -> str:
        return KINDS[self.kind]


def notice_of(
    kind: str,
    place: MealPoint,
    from_on: date | None,
    to_on: date | None,
    issuer: str,
    today: date,
    demo: bool = False,
) -> Notice:
    """The notice of a point; `from_on` and `to_on` are the days without meals, or of the opening."""
    phone = value_on("public.service_phone", today)
    near = neighbours(place, from_on or today, kind in ("register", "visit"))
    return Notice(
        kind,
        _paragraphs(kind, place, from_on, to_on, today),
        tuple(near[: NEAR[kind]]),
        f"想问清楚的，请打 {phone}。",
        ("来访人：", "来访日期：", "回电：") if kind == "visit" else (),
        issuer,
        today,
        demo,
    )


def neighbours(place: MealPoint, day: date, itself: bool) -> list[Near]:
    """The nearest points that serve on the day, with the distance as the crow flies."""
    found = [(_away(place, one), one) for one in points_on(day) if itself or one.code != place.code]
    found.sort(key=lambda each: (each[0] is None, each[0] or 0, each[1].code))
    return [Near(one.name, away, one.address, hours_of(one)) for away, one in found[:3]]


def _away(place: MealPoint, other: MealPoint) -> int | None:
    """To ten metres; None where a position is not known."""
    if place.lon is None or place.lat is None or other.lon is None or other.lat is None:
        return None
    return round(great_circle_m(place.lon, place.lat, other.lon, other.lat) / 10) * 10


def hours_of(place: MealPoint) -> str:
    parts = [
        f"{meal} {hours}"
        for meal, hours in (("午餐", place.lunch_hours), ("晚餐", place.dinner_hours))
        if hours
    ]
    return "，".join(parts)


def _paragraphs(
    kind: str, place: MealPoint, from_on: date | None, to_on: date | None, today: date
) -> tuple[str, ...]:
    where = value_on("public.register_where", today)
    needs = value_on("public.register_needs", today)
    if kind == "stop":
        return (
            f"{place.name}{_span(from_on or today, to_on)}停餐。给您带来不便，请谅解。",
            "停餐期间，您可以到附近的助餐点用餐，身份证、助餐卡照常使用：",
        )
    if kind == "open":
        opened = from_on or place.opened_on or today
        hours = hours_of(place)
        return tuple(
            filter(
                None,
                (
                    f"{place.name}{chinese_date(opened)}开业，欢迎老年人前来用餐。",
                    f"地址：{place.address}" if place.address else "",
                    f"供餐时间：{hours}" if hours else "",
                    "已登记的老人带身份证或助餐卡，付餐时直接减去补贴。",
                    f"没有登记的，请到{where}登记，带{needs}。",
                ),
            )
        )
    if kind == "register":
        return (
            "老年助餐补贴，登记后就能用，登记不收钱。",
            f"到哪里登记：{where}。",
            f"要带什么：{needs}。",
            "登记后到这些助餐点都可以用餐：",
        )
    return (
        "您好！我们今天上门想了解您的用餐情况，您不在家。请您方便时回电，或告诉村（社区）工作人员。",
        "我们不会向您收钱，也不会问银行卡。离您近的助餐点：",
    )


def _span(from_on: date, to_on: date | None) -> str:
    if to_on is None:
        return f"从{chinese_date(from_on)}起"
    if to_on == from_on:
        return chinese_date(from_on)
    return f"从{chinese_date(from_on)}到{chinese_date(to_on)}"


def draw(notice: Notice, fonts: Mapping[str, Any] | None = None) -> bytes:
    """One upright A4 page."""
    made, own = BytesIO(), faces(fonts)
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    canvas = Canvas(
        made, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1, lang="zh-CN", **named
    )
    canvas.setTitle(notice.title)
    canvas.setCreator("mealsvc")
    ink = Ink(canvas, own)
    while len(notice.near) > 1 and _height(ink, notice, LARGE) > _ROOM:
        notice = replace(notice, near=notice.near[:-1])
    size = next((each for each in SIZES if _height(ink, notice, each) <= _ROOM), SIZES[-1])
    _put(ink, notice, size)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


_INNER = WIDTH - 2 * MARGIN
_ROOM = HEIGHT - 2 * MARGIN - TITLE_SIZE * 2.2


def _rows(ink: Ink, notice: Notice, size: float) -> Sequence[tuple[str, str, float, float]]:
    """Every line of the text: its words, role, indent and the space below it."""
    rows: list[tuple[str, str, float, float]] = []

    def add(text: str, role: str, indent: float, first: float, below: float) -> None:
        room = _INNER - indent
        lines = break_lines(clean(text), ink.faces[role].widths, size, room, room - first)
        for number, line in enumerate(lines):
            shift = indent + (first if number == 0 else 0)
            rows.append((line, role, shift, below if number == len(lines) - 1 else 0))

    for text in notice.paragraphs:
        add(text, "body", 0, 2 * size, size * 0.4)
    for one in notice.near:
        far = f"，约 {one.metres:,} 米" if one.metres else ""
        add(f"● {one.name}{far}", "hei", 0, 0, 0)
        for told in filter(None, (one.address, one.hours)):
            add(told, "body", size * 1.2, 0, 0)
    add(notice.last, "body", 0, 2 * size, size * 0.4)
    for line in notice.lines:
        add(line, "hei", 0, 0, size * 0.5)
    return rows


def _height(ink: Ink, notice: Notice, size: float) -> float:
    rows = _rows(ink, notice, size)
    return sum(size * 1.5 + below for _, _, _, below in rows) + size * 4.5


def _put(ink: Ink, notice: Notice, size: float) -> None:
    y = HEIGHT - MARGIN - TITLE_SIZE
    for line in balanced(notice.title, ink.faces["title"].widths, TITLE_SIZE, _INNER):
        ink.centred(WIDTH / 2, y, line, "title", TITLE_SIZE)
        y -= TITLE_SIZE * 1.2
    y -= size * 0.5
    blanks = {clean(line) for line in notice.lines}
    for text, role, indent, below in _rows(ink, notice, size):
        ink.text(MARGIN + indent, y, text, role, size)
        if text in blanks:
            start = MARGIN + ink.faces[role].width(text, size) + 6
            ink.rule(start, y - 4, WIDTH - MARGIN, y - 4, 0.8)
        y -= size * 1.5 + below
    y -= size * 0.8
    ink.right(WIDTH - MARGIN, y, clean(notice.issuer), "body", size)
    ink.right(WIDTH - MARGIN, y - size * 1.5, chinese_date(notice.day), "body", size)
    if notice.demo:
        ink.box(WIDTH - MARGIN - 60, HEIGHT - MARGIN + 6, 60, 16)
        ink.centred(WIDTH - MARGIN - 30, HEIGHT - MARGIN + 10, RIBBON, "hei", 10)
