"""本周待办: what is due this week on the upper half of an A4 page, to be cut off and ticked with a pen."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from mealsvc.kernel.dates import chinese_date
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM
from mealsvc.plumbing.paper.ink import Ink
from mealsvc.plumbing.paper.lines import clean
from mealsvc.reports.todo_words import Line, Section, Sheet

TITLE, RIBBON = "本周待办", "演示数据"
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
HALF = PAGE_HEIGHT / 2
LEFT, RIGHT = 16 * MM, 194 * MM
TOP, LOWEST = PAGE_HEIGHT - 15 * MM, HALF + 11 * MM
DUE = RIGHT - 20 * MM  # where the days begin
TITLE_SIZE, HEAD_SIZE, SIZE, HINT_SIZE, FOOT_SIZE = 16, 11, 10.5, 9, 8
BOX = 3.2 * MM
PITCHES = (6.4 * MM, 5.8 * MM, 5.2 * MM, 4.5 * MM)  # the largest at which everything fits
Row = Section | Line | str


def draw(sheet: Sheet, demo: bool, fonts: Mapping[str, Any] | None = None) -> bytes:
    """A PDF of one page; `fonts`: see `Paper`."""
    made, own = BytesIO(), faces(fonts)
    named: dict[str, Any] = {"initialFontName": own["body"].name}
    size = (PAGE_WIDTH, PAGE_HEIGHT)
    canvas = Canvas(made, pagesize=size, pageCompression=1, invariant=1, lang="zh-CN", **named)
    canvas.setTitle(TITLE)
    canvas.setCreator("mealsvc")
    ink = Ink(canvas, own)
    _head(ink, sheet)
    rows = list(_rows(sheet))
    room = TOP - 13 * MM - LOWEST
    pitch = next((one for one in PITCHES if len(rows) * one <= room), PITCHES[-1])
    y = TOP - 13 * MM
    for row in _fitting(rows, int(room / pitch)):
        _row(ink, row, y)
        y -= pitch
    foot = f"{RIBBON}　" * demo + "办完的打勾；以系统里的记录为准。"
    ink.text(LEFT, HALF + 5 * MM, foot, "table", FOOT_SIZE)
    ink.right(RIGHT, HALF + 5 * MM, "经办人　　　　　　　　", "table", FOOT_SIZE)
    ink.put([f"q [3 3] 0 d 0.5 w 0 {HALF:.2f} m {PAGE_WIDTH:.2f} {HALF:.2f} l S Q"])
    ink.centred(PAGE_WIDTH / 2, HALF - 4 * MM, "沿虚线裁开", "table", FOOT_SIZE)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _head(ink: Ink, sheet: Sheet) -> None:
    ink.text(LEFT, TOP - 5 * MM, clean(f"{sheet.place} {TITLE}"), "hei", TITLE_SIZE)
    days = f"{chinese_date(sheet.day)}至{sheet.until.month}月{sheet.until.day}日　共{sheet.count}件"
    ink.right(RIGHT, TOP - 5 * MM, days, "table", SIZE)
    ink.rule(LEFT, TOP - 7.5 * MM, RIGHT, TOP - 7.5 * MM, 0.8)


def _rows(sheet: Sheet) -> Iterator[Row]:
    if not sheet.sections:
        yield "这一周没有要办的事。"
    for section in sheet.sections:
        yield section
        yield from section.lines
        if section.more:
            yield f"另有{section.more}件，见系统。"


def _fitting(rows: list[Row], most: int) -> list[Row]:
    """All of them, or as many as have room and a word about the rest."""
    if len(rows) <= most:
        return rows
    left = sum(isinstance(row, Line) for row in rows[most - 1 :])
    return [*rows[: most - 1], f"还有{left}件写不下，见系统。"]


def _row(ink: Ink, row: Row, y: float) -> None:
    if isinstance(row, Section):
        ink.text(LEFT, y, clean(row.title), "hei", HEAD_SIZE)
        return
    if isinstance(row, str):
        ink.text(LEFT + 7 * MM, y, row, "table", HINT_SIZE)
        return
    ink.box(LEFT + 1 * MM, y - 0.5 * MM, BOX, BOX)
    start = LEFT + 7 * MM
    end = DUE - 2 * MM if row.due else RIGHT
    what = _short(ink, clean(row.what), "body", SIZE, end - start)
    ink.text(start, y, what, "body", SIZE)
    after = start + ink.faces["body"].width(what, SIZE) + 3 * MM
    ink.text(
        after, y, _short(ink, clean(row.hint), "table", HINT_SIZE, end - after), "table", HINT_SIZE
    )
    if row.due:
        ink.right(RIGHT, y, f"{row.due.month}月{row.due.day}日前", "table", SIZE)


def _short(ink: Ink, text: str, role: str, size: float, width: float) -> str:
    """As much of a text as fits, with dots where it was cut; nothing where not even these fit."""
    face = ink.faces[role]
    if face.width(text, size) <= width:
        return text
    while text and face.width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…" if text else ""
