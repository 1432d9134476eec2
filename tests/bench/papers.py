"""Pages of Chinese tables by our paper kit, against the same cells on ReportLab's raw canvas."""

from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from tests.bench.ground import Line, at_least, cpu_of
from tests.bench.people import name

ROWS_A_PAGE, ROUNDS = 30, 3
COLUMNS = [
    Column("序号", 0.6, "right"),
    Column("姓名", 1),
    Column("助餐点", 2),
    Column("日期", 1.2),
    Column("餐费", 1, "right"),
    Column("补贴", 1, "right"),
]


def lines(pages: int = 100) -> list[Line]:
    """Pages a second, ours ÷ raw."""
    rows = [_row(number) for number in range(pages * ROWS_A_PAGE)]
    made = 0

    def ours() -> None:
        nonlocal made
        paper = Paper("老年助餐明细", geometry=SHEET)
        paper.table(COLUMNS, rows)
        made = paper.page
        paper.build()

    fonts = faces()["table"]
    ours(), _raw(rows, fonts.name)  # opens the fonts
    ratios = sorted(
        (made / cpu_of(ours)) / (pages / cpu_of(lambda: _raw(rows, fonts.name)))
        for _ in range(ROUNDS)
    )
    ratio, note = ratios[ROUNDS // 2], f"（{made} 页）"
    return [at_least("纸面每秒页数 / 裸画布", 100 * ratio, 60, "%", note)]


def raw_pages(pages: int) -> None:
    """So many pages of these cells on the bare canvas: the measure of other papers too."""
    _raw([_row(number) for number in range(pages * ROWS_A_PAGE)], faces()["table"].name)


def _row(number: int) -> list[str]:
    day = f"2024-05-{1 + number % 31:02d}"
    return [str(number + 1), name(number), "丰乐社区老年助餐点", day, "12.00", "3.00"]


def _raw(rows: list[list[str]], font: str) -> None:
    """Text and rules of the same cells, widths measured for what stands to the right."""
    canvas = Canvas(BytesIO(), pageCompression=1, invariant=1)
    edges = (57, 92, 150, 266, 335, 393, 538)
    for start in range(0, len(rows), ROWS_A_PAGE):
        canvas.setFont(font, 9)
        for place, row in enumerate(rows[start : start + ROWS_A_PAGE]):
            y = 760 - 22 * place
            for column, cell in enumerate(row):
                if column in (0, 4, 5):
                    x = edges[column + 1] - 3 - pdfmetrics.stringWidth(cell, font, 9)
                else:
                    x = edges[column] + 3
                canvas.drawString(x, y, cell)
            canvas.line(edges[0], y - 6, edges[-1], y - 6)
        for x in edges:
            canvas.line(x, 780, x, 780 - 22 * ROWS_A_PAGE)
        canvas.showPage()
    canvas.save()
