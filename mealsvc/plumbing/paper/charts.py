"""Bars and lines from zero with direct labels: one drawing for the page and the paper."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from mealsvc.plumbing.paper.fonts import faces

COLOURS = tuple(map(HexColor, ("#0b5c6b", "#c2410c", "#6b7280")))
INK, AXIS = HexColor("#1f2933"), HexColor("#9aa0a6")
SIZE = 9
WEB_FONTS = '"PingFang SC","Microsoft YaHei","Noto Sans SC","Source Han Sans SC",sans-serif'


def bars(items: Sequence[tuple[str, float]], *, width: float, unit: str = "") -> Drawing:
    """Lying bars, one an item, label on the left and figure at the end (points; values ≥ 0)."""
    font = _font()
    step, thick = 18.0, 11.0
    height = step * len(items) + 4
    drawing = Drawing(width, height)
    label_width = max((_width(label) for label, _ in items), default=0) + 6
    figures = [_figure(value, unit) for _, value in items]
    room = width - label_width - max(map(_width, figures), default=0) - 6
    longest = max((value for _, value in items), default=0) or 1
    for number, (label, value) in enumerate(items):
        y = height - (number + 1) * step + (step - thick) / 2
        length = room * max(value, 0) / longest
        text_y = y + thick / 2 - SIZE * 0.37
        drawing.add(_text(label_width - 6, text_y, label, font, "end"))
        drawing.add(_bar(label_width, y, length, thick))
        drawing.add(_text(label_width + length + 4, text_y, figures[number], font))
    drawing.add(Line(label_width, 0, label_width, height, strokeColor=AXIS, strokeWidth=0.5))
    return drawing


def columns(
    items: Sequence[tuple[str, float]], *, width: float, height: float = 150, unit: str = ""
) -> Drawing:
    """Standing bars, as for months: figure on top, label below.

    Where they would run into each other, labels are thinned out and only the highest and the
    lowest bar keep their figures.
    """
    font = _font()
    drawing = Drawing(width, height)
    foot, head = SIZE * 2, SIZE * (3.5 if unit else 2)
    step = width / max(len(items), 1)
    highest = max((value for _, value in items), default=0) or 1
    every = _every((label for label, _ in items), step)
    crowded = _every((_figure(value) for _, value in items), step) > 1
    told = _extremes([value for _, value in items]) if crowded else set(range(len(items)))
    for number, (label, value) in enumerate(items):
        middle = (number + 0.5) * step
        thick = min(step * 0.6, 36)
        length = (height - foot - head) * max(value, 0) / highest
        drawing.add(_bar(middle - thick / 2, foot, thick, length))
        if number in told:
            drawing.add(_text(middle, foot + length + 4, _figure(value), font, "middle"))
        if number % every == 0:
            drawing.add(_text(middle, foot - SIZE - 4, label, font, "middle"))
    drawing.add(Line(0, foot, width, foot, strokeColor=AXIS, strokeWidth=0.5))
    if unit:
        drawing.add(_text(0, height - SIZE, f"单位：{unit}", font))
    return drawing


def _every(labels: Iterable[str], step: float) -> int:
    """How many steps a label takes: every so many steps one is written."""
    return max(1, ceil((max(map(_width, labels), default=0) + 3) / step))


def _extremes(values: Sequence[float]) -> set[int]:
    """Where the highest and the lowest value stand first."""
    return {values.index(max(values)), values.index(min(values))} if values else set()


def lines(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    width: float,
    height: float = 160,
    unit: str = "",
) -> Drawing:
    """At most three lines over the same labels, each named at its end."""
    if len(series) > len(COLOURS):
        raise ValueError("a chart holds at most three lines")
    font = _font()
    drawing = Drawing(width, height)
    foot, head = SIZE * 2, SIZE * 2.5
    room = width - max(map(_width, series), default=0) - _width("000,000") - 12
    step = room / max(len(labels), 1)
    highest = max((value for values in series.values() for value in values), default=0) or 1
    for number, label in enumerate(labels):
        drawing.add(_text((number + 0.5) * step, foot - SIZE - 4, label, font, "middle"))
    ends = []
    for colour, (name, values) in zip(COLOURS, series.items(), strict=False):
        points = [
            ((number + 0.5) * step, foot + (height - foot - head) * value / highest)
            for number, value in enumerate(values)
        ]
        flat = [part for point in points for part in point]
        drawing.add(PolyLine(flat, strokeColor=colour, strokeWidth=1.5))
        ends.append((points[-1], colour, f"{name} {_figure(values[-1])}"))
    for (x, _), y, (_, colour, text) in _apart(ends):
        drawing.add(_text(x + 6, y - SIZE * 0.37, text, font, colour=colour))
    drawing.add(Line(0, foot, room, foot, strokeColor=AXIS, strokeWidth=0.5))
    if unit:
        drawing.add(_text(0, height - SIZE, f"单位：{unit}", font))
    return drawing


def pairs(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    width: float,
    unit: str = "",
) -> Drawing:
    """Two or three lying bars for each label, close together; what each colour is stands on top."""
    if len(series) > len(COLOURS):
        raise ValueError("a chart holds at most three bars a label")
    thick, gap = 9.0, 7.0
    step = thick * len(series) + gap
    head = SIZE * 2
    drawing = Drawing(width, step * len(labels) + head + 4)
    top = drawing.height - head
    left = max(map(_width, labels), default=0) + 6
    figures = [[_figure(value, unit) for value in values] for values in series.values()]
    room = width - left - max((_width(text) for own in figures for text in own), default=0) - 6
    longest = max((value for values in series.values() for value in values), default=0) or 1
    x = left
    for colour, (name, values), told in zip(COLOURS, series.items(), figures, strict=False):
        drawing.add(_bar(x, top + SIZE * 0.6, SIZE, SIZE, colour))
        drawing.add(_text(x + SIZE + 4, top + SIZE * 0.7, name, _font()))
        x += SIZE + 20 + _width(name)
        place = COLOURS.index(colour)
        for number, value in enumerate(values):
            y = top - number * step - (place + 1) * thick - gap / 2
            length = room * max(value, 0) / longest
            drawing.add(_bar(left, y, length, thick - 1, colour))
            drawing.add(_text(left + length + 4, y + 1, told[number], _font()))
    for number, label in enumerate(labels):
        y = top - number * step - gap / 2 - thick * len(series) / 2 - SIZE * 0.37
        drawing.add(_text(left - 6, y, label, _font(), "end"))
    drawing.add(Line(left, 0, left, top, strokeColor=AXIS, strokeWidth=0.5))
    return drawing


def drawing_to_svg(drawing: Drawing, title: str) -> str:
    """The same drawing for the screen, as a file of its own."""
    svg = renderSVG.drawToString(drawing)
    svg = svg.replace(_font(), WEB_FONTS.replace('"', "'"))
    svg = svg.replace("<title>...</title>", f"<title>{escape(title)}</title>")
    return svg.replace("<desc>...</desc>", "")


def _font() -> str:
    return faces()["chart"].name


def _apart(ends: list) -> list:
    """The labels at the lines' ends, from below, none over another."""
    placed = []
    lowest = 0.0
    for point, colour, text in sorted(ends, key=lambda end: end[0][1]):
        y = max(point[1], lowest)
        lowest = y + SIZE + 3
        placed.append((point, y, (point, colour, text)))
    return placed


def _width(text: str) -> float:
    return faces()["chart"].width(text, SIZE)


def _figure(value: float, unit: str = "") -> str:
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text + unit


def _bar(x: float, y: float, width: float, height: float, colour=COLOURS[0]) -> Rect:
    style: dict[str, Any] = {"fillColor": colour, "strokeColor": None}
    return Rect(x, y, width, height, **style)


def _text(x: float, y: float, text: str, font: str, anchor: str = "start", colour=INK) -> String:
    style: dict[str, Any] = {"textAnchor": anchor, "fillColor": colour}
    return String(x, y, text, fontName=font, fontSize=SIZE, **style)
