"""评价投诉码: a sheet for the table or the wall, whose code opens the point's page of stars and complaints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import current_app
from reportlab.pdfgen.canvas import Canvas

from mealsvc.papers.services import PUBLIC_URL
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.plumbing.paper.lines import break_lines, clean
from mealsvc.reports.gathering import is_demo
from mealsvc.settings.services import value_on

SIZES = {"A5": 1.0, "A4": 2**0.5}
WIDTH, HEIGHT, MARGIN = 148 * MM, 210 * MM, 12 * MM
SIDE, QUIET = 76 * MM, 40.0  # four modules and more of white around the code
RIBBON = "演示数据"
MIDDLE = WIDTH / 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the sheet."""

    name: str
    url: str
    days: str
    phone: str
    demo: bool


def feedback_poster(place: MealPoint, day: date, size: str = "A5") -> bytes:
    """The sheet of a point as a PDF of one page."""
    return draw(sheet_of(place, day), size, current_app.config)


def sheet_of(place: MealPoint, day: date) -> Sheet:
    """The point's sheet with the thresholds of that day."""
    public = current_app.config.get("PUBLIC_URL") or PUBLIC_URL
    return Sheet(
        place.name,
        f"{public.rstrip('/')}/c/{quote(place.code, safe='')}",
        value_on("complaint.days", day),
        value_on("service.complaint_phone", day),
        is_demo(),
    )


def draw(sheet: Sheet, size: str = "A5", fonts: Mapping[str, Any] | None = None) -> bytes:
    """One upright page, A5 or A4."""
    made, own, scale = BytesIO(), faces(fonts), SIZES[size]
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    page = (WIDTH * scale, HEIGHT * scale)
    canvas = Canvas(made, pagesize=page, pageCompression=1, invariant=1, lang="zh-CN", **named)
    canvas.setTitle(f"{clean(sheet.name)} 评价投诉码")
    canvas.setCreator("mealsvc")
    canvas.scale(scale, scale)
    _draw(Ink(canvas, own), sheet)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _draw(ink: Ink, sheet: Sheet) -> None:
    y = HEIGHT - MARGIN - 24
    y = _lines(ink, clean(sheet.name), "title", 22, y)
    ink.centred(MIDDLE, y - 14, "饭菜好不好，扫一扫告诉我们", "hei", 20)
    code = y - 14 - QUIET - SIDE
    ink.code(sheet.url, MIDDLE - SIDE / 2, code, SIDE)
    y = _lines(ink, sheet.url, "table", 8, code - QUIET - 4) - 14
    for words in _words(sheet):
        y = _lines(ink, words, "body", 14, y) - 6
    if sheet.demo:
        ink.box(MIDDLE - 30, MARGIN - 4, 60, 16)
        ink.centred(MIDDLE, MARGIN, RIBBON, "hei", 10)


def _words(sheet: Sheet) -> tuple[str, ...]:
    phone = f"，也可以打{clean(sheet.phone)}" if sheet.phone else ""
    return (
        "打分不用登记姓名，投诉可以不留联系方式",
        f"投诉的事情，{sheet.days}个工作日内办结",
        f"不会扫码的，请告诉窗口工作人员{phone}",
    )


def _lines(ink: Ink, text: str, role: str, size: float, y: float) -> float:
    """Lines in the middle of the page, from a baseline down; returns the baseline below them."""
    for line in break_lines(text, ink.faces[role].widths, size, WIDTH - 2 * MARGIN):
        ink.centred(MIDDLE, y, line, role, size)
        y -= size * 1.4
    return y
