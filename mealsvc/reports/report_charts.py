"""Charts of the supervision report, drawn once for page and paper: a trend with gaps where there is
no record and the target as a broken line, and the places side by side."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Line, String
from reportlab.lib.colors import Color, HexColor

from mealsvc.plumbing.paper import charts
from mealsvc.plumbing.paper.fonts import faces

INK, AXIS = HexColor("#1f2933"), HexColor("#9aa0a6")
LINE, WANTED = HexColor("#0b5c6b"), HexColor("#c2410c")
SIZE, FOOT, HEAD, RIGHT = 9, 18.0, 26.0, 64.0
CLOSE = 11  # points: two labels nearer than this would touch
MISSING = "无"

Series = Sequence[tuple[str, Fraction | None]]


def trend(
    series: Series,
    *,
    width: float,
    height: float = 150.0,
    unit: str = "",
    target: float | None = None,
) -> Drawing:
    """A line over months from zero; a month without a record says so and interrupts the line."""
    drawing = Drawing(width, height)
    known = [float(value) for _, value in series if value is not None]
    top = max([*known, target or 0.0, 0.0]) or 1.0
    step = (width - RIGHT) / max(len(series), 1)
    scale = (height - FOOT - HEAD) / top
    before: tuple[float, float] | None = None
    for number, (label, value) in enumerate(series):
        x = (number + 0.5) * step
        _text(drawing, x, FOOT - SIZE - 4, label, "middle")
        if value is None:
            _text(drawing, x, FOOT + 3, MISSING, "middle", AXIS)
            before = None
            continue
        y = FOOT + float(value) * scale
        if before is not None:
            drawing.add(Line(*before, x, y, strokeColor=LINE, strokeWidth=1.5))
        dot: dict[str, Any] = {"fillColor": LINE, "strokeColor": None}
        drawing.add(Circle(x, y, 2, **dot))
        _text(drawing, x, y + 5, _figure(value), "middle")
        before = (x, y)
    if target is not None:
        y = FOOT + target * scale
        style: dict[str, Any] = {"strokeDashArray": [3, 3]}
        drawing.add(Line(0, y, width - RIGHT, y, strokeColor=WANTED, strokeWidth=0.8, **style))
        _text(
            drawing,
            width - RIGHT + 4,
            y - 3,
            f"要求 {_figure(Fraction(str(target)))}",
            colour=WANTED,
        )
    drawing.add(Line(0, FOOT, width - RIGHT, FOOT, strokeColor=AXIS, strokeWidth=0.5))
    if unit:
        _text(drawing, 0, height - SIZE, f"单位：{unit}")
    return drawing


def side_by_side(items: Sequence[tuple[str, Fraction]], *, width: float, unit: str = "") -> Drawing:
    """A lying bar for each place."""
    return charts.bars([(name, float(value)) for name, value in items], width=width, unit=unit)


def _figure(value: Fraction) -> str:
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.1f}"


def _text(
    drawing: Drawing, x: float, y: float, words: str, anchor: str = "start", colour: Color = INK
) -> None:
    style: dict[str, Any] = {"textAnchor": anchor, "fillColor": colour, "fontSize": SIZE}
    drawing.add(String(x, y, words, fontName=faces()["chart"].name, **style))
