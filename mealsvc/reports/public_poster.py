"""公开信息海报: a point's sheet for the door, large print, with the codes of its public page and of complaints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import current_app
from reportlab.pdfgen.canvas import Canvas

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.money import display
from mealsvc.papers.services import PUBLIC_URL
from mealsvc.places.grades import stars_on
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import withheld_spans
from mealsvc.places.rules import is_hours
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.plumbing.paper.lines import break_lines, clean
from mealsvc.policies.tiers import PriceRow, tariff
from mealsvc.reports.gathering import is_demo
from mealsvc.settings.services import value_on
from mealsvc.supervision.findings.published import GRADE_WORDS, Result, last_of
from mealsvc.supervision.prices.bands import price_rows

RIBBON = "演示数据"
WIDTH, HEIGHT, MARGIN = 210 * MM, 297 * MM, 15 * MM
INNER, MIDDLE = WIDTH - 2 * MARGIN, WIDTH / 2
MOST_PRICES = 3
SIDE = 44 * MM
CODES = MARGIN + 58  # lower edge of the codes
ROW, WHO = 27.0, 112.0
SIZES = (17.0, 15.5, 14.0, 12.5, 11.0)
SCALES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the sheet. `prices`: what is served and for whom it costs what."""

    name: str
    address: str
    hours: str
    prices: tuple[tuple[tuple[str, ...], PriceRow], ...]
    withheld: bool
    judged: str
    where: str
    needs: str
    phone: str
    page: str
    complaints: str
    day: date
    demo: bool


def public_posters(places: Sequence[MealPoint], day: date) -> bytes:
    """A page for each of these points, as one PDF."""
    return draw(sheets_of(places, day), current_app.config)


def sheets_of(places: Sequence[MealPoint], day: date) -> list[Sheet]:
    """What the sheets say on that day; the questions are the same few for any number of points."""
    ids = [place.id for place in places]
    prices, stars, checked = price_rows(list(places), day), stars_on(ids, day), last_of(ids)
    withheld = {point for point, _, _ in withheld_spans(day, day, ids)}
    public = (current_app.config.get("PUBLIC_URL") or PUBLIC_URL).rstrip("/")
    told = {
        "where": value_on("public.register_where", day),
        "needs": value_on("public.register_needs", day),
        "phone": value_on("service.complaint_phone", day),
        "demo": is_demo(),
    }
    return [
        Sheet(
            name=clean(place.name),
            address=clean(place.address),
            hours=_hours(place),
            prices=tuple(tariff(prices[place.id])[:MOST_PRICES]),
            withheld=place.id in withheld,
            judged=_judged(stars.get(place.id), checked.get(place.id)),
            page=f"{public}/public/{quote(place.code, safe='')}",
            complaints=f"{public}/c/{quote(place.code, safe='')}",
            day=day,
            **told,
        )
        for place in places
    ]


def _hours(place: MealPoint) -> str:
    spans = (("lunch", place.lunch_hours), ("dinner", place.dinner_hours))
    return "　".join(f"{MEALS[meal]} {span}" for meal, span in spans if is_hours(span))


def _judged(stars: int | None, last: Result | None) -> str:
    parts = [f"星级 {stars}星"] if stars else []
    if last is not None:
        parts.append(f"{chinese_date(last.day)}检查 {GRADE_WORDS.get(last.grade, last.grade)}")
    return "　".join(parts)


# --- drawing ---


def draw(sheets: Sequence[Sheet], fonts: Mapping[str, Any] | None = None) -> bytes:
    """One upright A4 page for each sheet."""
    made, own = BytesIO(), faces(fonts)
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    size = (WIDTH, HEIGHT)
    canvas = Canvas(made, pagesize=size, pageCompression=1, invariant=1, lang="zh-CN", **named)
    canvas.setTitle(f"{sheets[0].name} 公开信息" if len(sheets) == 1 else "助餐点公开信息")
    canvas.setCreator("mealsvc")
    ink = Ink(canvas, own)
    for sheet in sheets:
        _Page(ink, sheet).draw()
        canvas.showPage()
    canvas.save()
    return made.getvalue()


class _Blank:
    """Draws nothing: for finding out how far down something comes."""

    def __init__(self, ink: Ink):
        self.faces = ink.faces

    def centred(self, *_: Any) -> None:
        """Nothing."""

    def rule(self, *_: Any) -> None:
        """Nothing."""


class _Page:
    """One page, from the top down and from the codes up; `scale` is that of all above the advice."""

    def __init__(self, ink: Ink, sheet: Sheet):
        self.ink: Any = ink
        self.sheet, self.scale = sheet, 1.0

    def draw(self) -> None:
        real, least = self.ink, SIZES[-1]
        self.ink = _Blank(real)
        for self.scale in SCALES:
            lines = self._broken(self._upper())[1].values()
            if self._room(self._upper()) >= sum(len(one) * least * 1.45 + 8 for one in lines):
                break
        self.ink = real
        self._advice(self._upper())
        self._codes()
        self._foot()

    def _upper(self) -> float:
        """Name, hours, prices, grade; returns where the advice begins."""
        sheet, scale = self.sheet, self.scale
        y = HEIGHT - MARGIN - 18
        self.ink.centred(MIDDLE, y, "老年助餐点", "hei", 18 * scale)
        y = self._name(y - 48 * scale)
        y = self._centred(sheet.address, "body", 17 * scale, y + 14 * scale)
        hours = sheet.hours or "供餐时间请问窗口"
        wide = self.ink.faces["hei"].width(hours, 1)
        y = self._centred(hours, "hei", min(25 * scale, INNER / wide), y - 12 * scale)
        y = self._prices(y + 14 * scale)
        if sheet.judged:
            y = self._centred(sheet.judged, "hei", 17 * scale, y - 22 * scale)
        return y - 14 * scale

    def _advice(self, top: float) -> None:
        """How to register and complain, as large as there is room above the codes."""
        size, lines = self._broken(top)
        y = top
        for head, broken in lines.items():
            self.ink.text(MARGIN, y - size, head, "hei", size)
            for line in broken:
                self.ink.text(MARGIN + 5 * size, y - size, line, "body", size)
                y -= size * 1.45
            y -= 8

    def _room(self, top: float) -> float:
        return top - (CODES + SIDE + 44)

    def _broken(self, top: float) -> tuple[float, dict[str, list[str]]]:
        """The largest size at which the advice fits below `top`, else the smallest, and its lines."""
        sheet, room = self.sheet, self._room(top)
        told = {
            "怎么登记": f"到{clean(sheet.where)}；带{clean(sheet.needs)}。",
            "投诉建议": f"告诉窗口工作人员，或打 {clean(sheet.phone)}，或扫右下方的码。",
        }
        widths = self.ink.faces["body"].widths
        size, lines = 0.0, {}
        for size in SIZES:
            wide = INNER - 5 * size
            lines = {head: break_lines(text, widths, size, wide) for head, text in told.items()}
            if sum(len(one) * size * 1.45 + 8 for one in lines.values()) <= room:
                break
        return size, lines

    def _name(self, y: float) -> float:
        """As large as it goes on one line, or on two where that would be small."""
        width = self.ink.faces["title"].width(self.sheet.name, 1) or 1
        size = min(44.0, max(INNER / width, 30.0)) * self.scale
        return self._centred(self.sheet.name, "title", size, y)

    def _centred(self, text: str, role: str, size: float, y: float) -> float:
        for line in break_lines(text, self.ink.faces[role].widths, size, INNER) if text else ():
            self.ink.centred(MIDDLE, y, line, role, size)
            y -= size * 1.4
        return y

    def _prices(self, top: float) -> float:
        shown = self.sheet.prices
        if not shown:
            return self._centred("价格以窗口公示为准", "hei", 20 * self.scale, top - 20)
        rows, high = self._rows(), ROW * self.scale
        edges = [MARGIN, MARGIN + WHO]
        edges += [
            edges[1] + (INNER - WHO) * (number + 1) / len(shown) for number in range(len(shown))
        ]
        heads = [["", *(row.name for _, row in shown)]]
        heads += [["", *(self._priced(meals, row) for meals, row in shown)]]
        y = top
        for number, cells in enumerate([*heads, *rows]):
            y -= high
            for at, text in enumerate(cells):
                role = "hei" if number == 0 or (at and number > 1) else "table"
                self._fitted(
                    text, (edges[at] + edges[at + 1]) / 2, y + 0.31 * high, role, edges, at
                )
            if number != 0:
                self.ink.rule(MARGIN, y, MARGIN + INNER, y, 0.6)
        self.ink.rule(MARGIN, top, MARGIN + INNER, top, 0.6)
        for x in edges:
            self.ink.rule(x, top, x, y, 0.6)
        note = "价格按户籍、居住在本地，只看年龄算；特殊困难等老人另有补贴。不在标价以外加收费用。"
        if self.sheet.withheld:
            note = "本点补贴暂停，暂时按老年价付钱。" + note
        return self._centred(note, "table", 11, y - 18) + 8

    @staticmethod
    def _priced(meals: Sequence[str], row: PriceRow) -> str:
        return f"{'、'.join(MEALS[meal] for meal in meals)}，老年价{_yuan(row.elder_fen)}元"

    def _fitted(
        self, text: str, x: float, y: float, role: str, edges: Sequence[float], at: int
    ) -> None:
        room = edges[at + 1] - edges[at] - 8
        size = min(17.0 * self.scale, room / max(self.ink.faces[role].width(text, 1), 0.1))
        self.ink.centred(x, y, text, role, size)

    def _rows(self) -> list[list[str]]:
        """Who, and under each price what she pays."""
        rows: dict[str, list[str]] = {}
        shown = self.sheet.prices
        for number, (_, row) in enumerate(shown):
            for tier in () if self.sheet.withheld else row.tiers:
                said = f"补贴{_yuan(tier.subsidy_fen)}元，付{_yuan(tier.self_pay_fen)}元"
                rows.setdefault(tier.label, [""] * len(shown))[number] = said
        found = [[label, *cells] for label, cells in rows.items()]
        found.append(["没有补贴的老人", *(f"付{_yuan(row.elder_fen)}元" for _, row in shown)])
        found.append(["其他人", *(f"付{_yuan(row.public_fen)}元" for _, row in shown)])
        return found

    def _codes(self) -> None:
        shown = (
            (WIDTH * 0.28, "看菜单、价格、检查结果", self.sheet.page),
            (WIDTH * 0.72, "评价和投诉", self.sheet.complaints),
        )
        for x, words, url in shown:
            self.ink.centred(x, CODES + SIDE + 18, words, "hei", 17)
            self.ink.code(url, x - SIDE / 2, CODES, SIDE)
            y = CODES - 18
            for line in break_lines(url, self.ink.faces["table"].widths, 9, INNER / 2 - 12):
                self.ink.centred(x, y, line, "table", 9)
                y -= 12

    def _foot(self) -> None:
        words = f"{chinese_date(self.sheet.day)}印。以后有变动的，以网上和窗口公示为准。"
        self.ink.text(MARGIN, MARGIN, words, "table", 10)
        if self.sheet.demo:
            self.ink.box(WIDTH - MARGIN - 60, MARGIN - 5, 60, 17)
            self.ink.centred(WIDTH - MARGIN - 30, MARGIN, RIBBON, "hei", 10)


def _yuan(fen: int) -> str:
    return display(fen).removesuffix(".00")
