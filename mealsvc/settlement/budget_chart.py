"""The chart of a year's budget: months added up, spent and to come with its range, and the budget."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor

from mealsvc.plumbing.paper.fonts import faces
from mealsvc.settlement.budget_report import Report, behind
from mealsvc.settlement.budget_rows import Row
from mealsvc.settlement.budget_words import WAN

WIDTH, HEIGHT, HEAD, FOOT, RIGHT, SIZE = 560.0, 190.0, 28.0, 18.0, 84.0, 9
SPENT, AHEAD, BUDGET = HexColor("#0b5c6b"), HexColor("#a9cdd3"), HexColor("#c2410c")
INK, AXIS = HexColor("#1f2933"), HexColor("#9aa0a6")
YEAR = range(1, 13)


def chart_of(report: Report, rows: Sequence[Row]) -> Drawing:
    """A column a month, in ten thousand yuan: dark as far as it was spent, light what is expected
    with a stroke from the lowest to the highest; a line where the budget ends.
    """
    spent: Counter[int] = Counter()
    for row in rows:
        for cost, fen in behind(report, row.line):
            spent[cost.month % 100] += fen
    used = list(accumulate(spent[month] for month in YEAR))
    expected = _added(rows, 0)
    low, high = _added(rows, 1), _added(rows, 2)
    last = max(report.pattern.as_of.month if report.pattern.as_of.year == report.year else 0, 1)
    budget = sum(row.budget_fen or 0 for row in rows)
    highest = max(budget, *(one + more for one, more in zip(used, high, strict=True)), 1)
    drawing = Drawing(WIDTH, HEIGHT)
    step, scale = (WIDTH - RIGHT) / len(YEAR), (HEIGHT - HEAD - FOOT) / highest
    for month in YEAR:
        at = month - 1
        middle, past = (at + 0.5) * step, used[at] * scale
        rest = expected[at] * scale
        if month <= last or expected[at]:
            _column(drawing, middle, step * 0.55, past, rest)
            _text(drawing, middle, FOOT + past + rest + 3, _wan(used[at] + expected[at]), "middle")
        if high[at] > low[at]:
            ends = (FOOT + past + low[at] * scale, FOOT + past + high[at] * scale)
            _line(drawing, (middle + step * 0.4, ends[0], middle + step * 0.4, ends[1]), SPENT)
        _text(drawing, middle, FOOT - SIZE - 4, f"{month}月", "middle")
    _line(drawing, (0, FOOT, WIDTH - RIGHT, FOOT), AXIS)
    if budget:
        level = FOOT + budget * scale
        _line(drawing, (0, level, WIDTH - RIGHT, level), BUDGET)
        _text(drawing, WIDTH - RIGHT + 4, level - 3, f"预算 {_wan(budget)}", colour=BUDGET)
    _text(drawing, 0, HEIGHT - SIZE, "单位：万元　深色：已用　浅色：预计　竖线：低至高")
    return drawing


def _added(rows: Sequence[Row], which: int) -> list[float]:
    """What is to come up to each month's end: expected (0), at the lowest (1), at the highest (2)."""
    sums: Counter[int] = Counter()
    for row in rows:
        if row.forecast is not None:
            sums.update(row.forecast.by_month(which))
    return list(accumulate(sums[month] for month in YEAR))


def _column(drawing: Drawing, middle: float, wide: float, past: float, rest: float) -> None:
    for start, length, colour in ((0, past, SPENT), (past, rest, AHEAD)):
        style: dict[str, Any] = {"fillColor": colour, "strokeColor": None}
        if length > 0:
            drawing.add(Rect(middle - wide / 2, FOOT + start, wide, length, **style))


def _line(drawing: Drawing, ends: tuple[float, float, float, float], colour: Color) -> None:
    drawing.add(Line(*ends, strokeColor=colour, strokeWidth=1))


def _text(
    drawing: Drawing, x: float, y: float, text: str, anchor: str = "start", colour: Color = INK
) -> None:
    style: dict[str, Any] = {"textAnchor": anchor, "fillColor": colour, "fontSize": SIZE}
    drawing.add(String(x, y, text, fontName=faces()["chart"].name, **style))


def _wan(fen: float) -> str:
    wan = fen / WAN
    return f"{wan:,.0f}" if wan >= 100 else f"{wan:.1f}"
