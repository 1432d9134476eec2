"""餐袋标签: 24 labels on A4 with cut marks, large print; no address and no phone on a bag."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from mealsvc.kernel.meals import LOCAL, MEALS
from mealsvc.plumbing.paper.fonts import Face, faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.plumbing.paper.lines import break_lines, clean

TITLE, RIBBON = "餐袋标签", "演示数据"
COLUMNS, ROWS = 3, 8
A_SHEET = COLUMNS * ROWS
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
WIDTH, HEIGHT = 66 * MM, 35 * MM
LEFT, BOTTOM = (PAGE_WIDTH - COLUMNS * WIDTH) / 2, (PAGE_HEIGHT - ROWS * HEIGHT) / 2
MARK, GAP, PAD = 4 * MM, 1 * MM, 3 * MM
WHO, STOP = 18, 24
SIZES = (10, 9, 8, 7)  # of the small lines: the largest at which all fit
HEAD, FOOT = 12 * MM, 1.5 * MM
PITCH = 1.25


class Label(NamedTuple):
    """What one bag says; `who` is surname with title and the masked name."""

    who: str
    round: str
    stop: int
    dish: str
    diet: str
    kitchen: str
    day: date
    meal: str
    cooked_at: datetime | None
    limits: tuple[int, int]  # minutes: without keeping hot, kept hot


def draw(labels: Sequence[Label], demo: bool, fonts: Mapping[str, Any] | None = None) -> bytes:
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
            top = PAGE_HEIGHT - BOTTOM - row * HEIGHT
            _draw_label(ink, label, LEFT + column * WIDTH, top)
        foot = f"{RIBBON}　" * demo + f"第 {number} 页　共 {len(pages)} 页　沿裁切线裁开"
        ink.centred(PAGE_WIDTH / 2, BOTTOM - 5.5 * MM, foot, "table", 7)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _draw_label(ink: Ink, label: Label, x: float, top: float) -> None:
    left, right = x + PAD, x + WIDTH - PAD
    stop = f"{label.round} {label.stop}"
    face = ink.faces["hei"]
    stop_size = fitting(face, stop, STOP, WIDTH * 0.4)
    ink.right(right, top - 8.6 * MM, stop, "hei", stop_size)
    room = right - left - face.width(stop, stop_size) - 2 * MM
    ink.text(left, top - 8.4 * MM, label.who, "hei", fitting(face, label.who, WHO, room))
    ink.rule(left, top - 11 * MM, right, top - 11 * MM)
    size, lines = _fitted(ink, label, right - left)
    for number, (text, role) in enumerate(lines, 1):
        ink.text(left, top - HEAD - number * size * PITCH, text, role, size)


def _fitted(ink: Ink, label: Label, room: float) -> tuple[float, list[tuple[str, str]]]:
    """The small lines with their fonts, and the size at which they fit below the head."""
    size, lines, most = 0.0, [], 0
    for size in SIZES:
        most = int((HEIGHT - HEAD - FOOT) / (size * PITCH))
        lines = [
            (line, role)
            for text, role in _lines(label)
            for line in break_lines(clean(text), ink.faces[role].widths, size, room)
        ]
        if len(lines) <= most:
            break
    return size, lines[:most]


def _lines(label: Label) -> list[tuple[str, str]]:
    day = f"{label.day.month}月{label.day.day}日{MEALS[label.meal]}"
    lines = [(f"{day}　{label.dish}", "table")]
    if label.diet:
        lines.append((f"【{label.diet}】", "hei"))
    lines.append((_times(label), "table"))
    return [*lines, (f"供餐：{label.kitchen}", "table")]


def _times(label: Label) -> str:
    if label.cooked_at is None:
        return "烧熟时间＿＿:＿＿　烧熟后2小时内吃完"
    plain, hot = (label.cooked_at + timedelta(minutes=minutes) for minutes in label.limits)
    cooked = label.cooked_at.astimezone(LOCAL)
    return (
        f"{cooked:%H:%M} 烧熟　{plain.astimezone(LOCAL):%H:%M} 前吃完"
        f"（60℃以上保温的 {hot.astimezone(LOCAL):%H:%M} 前）"
    )


def fitting(face: Face, text: str, size: float, room: float) -> float:
    """The largest size up to `size` at which the text fits."""
    return min(size, size * room / max(face.width(text, size), 1))


def marks() -> list[str]:
    """Short lines outside the labels, where to cut, and a hair cross at each inner corner."""
    operators = ["0.3 w"]
    bottom, top = BOTTOM, BOTTOM + ROWS * HEIGHT
    left, right = LEFT, LEFT + COLUMNS * WIDTH
    for column in range(COLUMNS + 1):
        x = LEFT + column * WIDTH
        operators.append(f"{x:.2f} {top + GAP:.2f} m {x:.2f} {top + GAP + MARK:.2f} l S")
        operators.append(f"{x:.2f} {bottom - GAP:.2f} m {x:.2f} {bottom - GAP - MARK:.2f} l S")
    for row in range(ROWS + 1):
        y = BOTTOM + row * HEIGHT
        operators.append(f"{left - GAP:.2f} {y:.2f} m {left - GAP - MARK:.2f} {y:.2f} l S")
        operators.append(f"{right + GAP:.2f} {y:.2f} m {right + GAP + MARK:.2f} {y:.2f} l S")
    for column in range(1, COLUMNS):
        for row in range(1, ROWS):
            x, y = LEFT + column * WIDTH, BOTTOM + row * HEIGHT
            operators.append(f"{x - MM:.2f} {y:.2f} m {x + MM:.2f} {y:.2f} l S")
            operators.append(f"{x:.2f} {y - MM:.2f} m {x:.2f} {y + MM:.2f} l S")
    return operators
