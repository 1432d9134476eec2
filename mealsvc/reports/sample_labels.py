"""留样标签: 24 labels on A4 with cut marks; dish, meal, time, keeper, kept until (操作规范7.9.3)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from mealsvc.kernel.meals import LOCAL, MEALS
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.reports.bag_labels import (
    A_SHEET,
    BOTTOM,
    COLUMNS,
    HEIGHT,
    LEFT,
    PAD,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIBBON,
    WIDTH,
    fitting,
    marks,
)

TITLE = "留样标签"
DISH, SMALL, PITCH = 16, 9, 5.4 * MM


class SampleLabel(NamedTuple):
    """What one box says."""

    dish: str
    day: date
    meal: str
    taken_at: datetime
    kept_until: datetime
    keeper: str
    grams: str
    point: str


def draw(
    labels: Sequence[SampleLabel], demo: bool, fonts: Mapping[str, Any] | None = None
) -> bytes:
    """A PDF of these labels in their order; `fonts`: see `Paper`."""
    made, own = BytesIO(), faces(fonts)
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    size = (PAGE_WIDTH, PAGE_HEIGHT)
    canvas = Canvas(made, pagesize=size, pageCompression=1, invariant=1, lang="zh-CN", **named)
    canvas.setTitle(TITLE)
    canvas.setCreator("mealsvc")
    ink = Ink(canvas, own)
    pages = [labels[start : start + A_SHEET] for start in range(0, len(labels), A_SHEET)]
    for number, page in enumerate(pages, 1):
        ink.put(marks())
        for place, label in enumerate(page):
            row, column = divmod(place, COLUMNS)
            _label(ink, label, LEFT + column * WIDTH, PAGE_HEIGHT - BOTTOM - row * HEIGHT)
        foot = f"{RIBBON}　" * demo + f"第 {number} 页　共 {len(pages)} 页　沿裁切线裁开"
        ink.centred(PAGE_WIDTH / 2, BOTTOM - 5.5 * MM, foot, "table", 7)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _label(ink: Ink, label: SampleLabel, x: float, top: float) -> None:
    left, right = x + PAD, x + WIDTH - PAD
    room, face = right - left, ink.faces["hei"]
    ink.text(left, top - 8 * MM, label.dish, "hei", fitting(face, label.dish, DISH, room))
    ink.rule(left, top - 10 * MM, right, top - 10 * MM)
    for number, text in enumerate(_lines(label), 1):
        size = fitting(ink.faces["table"], text, SMALL, room)
        ink.text(left, top - 10 * MM - number * PITCH, text, "table", size)


def _lines(label: SampleLabel) -> tuple[str, ...]:
    day = f"{label.day.year}年{label.day.month}月{label.day.day}日"
    return (
        f"{day}　{MEALS[label.meal]}　{label.grams} 克",
        f"留样时间：{_at(label.taken_at)}",
        f"保存到：{_at(label.kept_until)}",
        f"留样人：{label.keeper or '＿＿＿＿'}　{label.point}",
    )


def _at(instant: datetime) -> str:
    local = instant.astimezone(LOCAL)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
