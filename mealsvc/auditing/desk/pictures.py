"""The pictures of a lead's evidence: plain values in, one drawing out, for the page and the paper.

What a lead holds responsible differs from the rest by shape as well as by colour.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from reportlab.graphics.shapes import Drawing, Group, Line, Path, Rect, String
from reportlab.lib.colors import Color, HexColor

from mealsvc.plumbing.paper.charts import WEB_FONTS, drawing_to_svg
from mealsvc.plumbing.paper.fonts import faces

WIDTH = 480.0
SIZE = 12
BRAND, ACCENT, GREY = HexColor("#0b5c6b"), HexColor("#c2410c"), HexColor("#6b7280")
INK, AXIS, SHADE = HexColor("#1f2933"), HexColor("#9aa0a6"), HexColor("#eef3f3")
HOUR = 3600
TOLD = 6  # days whose figure is written
MANY = 130  # ticks of one strip
NEAREST = 2  # other points that the map always shows
FILL_NON_ZERO = 1
KEY = "橙色带三角：疑点流水　灰色：其他流水　底色：供餐时段"
LONG_NUMBER = re.compile(r"-?\d+\.\d+")
PATH = re.compile(r'd="([MLZ0-9., -]+)"')
INK_RGB = "rgb(12%,16%,20%)"
Place = tuple[float, float]  # metres east and north of the point


@dataclass(frozen=True, slots=True)
class Strip:
    """One day on the timeline: seconds of the local day of the lead's lines and of the others."""

    label: str
    found: Sequence[int]
    others: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the count plot."""

    label: str
    found: int
    others: int


@dataclass(frozen=True, slots=True)
class Row:
    """One elder of the calendar: days of the month of the lead's lines and of the others."""

    label: str
    found: Sequence[int]
    others: Sequence[int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the map and what is written beside it."""

    at: Place
    label: str = ""


def timeline(strips: Sequence[Strip], hours: Sequence[tuple[int, int]]) -> Drawing:
    """Days below each other, every serving a tick at its time; meal hours are shaded."""
    left, step, foot = 66.0, 36.0, 38.0
    height = step * len(strips) + foot
    drawing = Drawing(WIDTH, height)
    every = [at for one in strips for at in (*one.found, *one.others)]
    ends = [at for pair in hours for at in pair]
    first = floor(min([*every, *ends], default=0) / HOUR)
    last = max(ceil(max([*every, *ends], default=HOUR) / HOUR), first + 1)
    scale = (WIDTH - left - 8) / ((last - first) * HOUR)

    def across(second: float) -> float:
        return left + (second - first * HOUR) * scale

    for opens, closes in hours:
        drawing.add(
            _rect(across(opens), foot, across(closes) - across(opens), height - foot, SHADE)
        )
    for number, one in enumerate(strips):
        base = height - (number + 1) * step + 4
        _text(drawing, left - 6, base + 6, one.label, "end")
        drawing.add(_line(left, base, WIDTH - 8, base, AXIS))
        drawing.add(_ticks(_spots(map(across, one.others)), base, 9, GREY))
        drawing.add(_ticks(_spots(map(across, one.found)), base, 17, ACCENT))
        drawing.add(_heads(_spots(map(across, one.found)), base + 17))
    every_hour = max(1, ceil(44 / (HOUR * scale)))
    for hour in range(first, last + 1, every_hour):
        _text(drawing, min(across(hour * HOUR), WIDTH - 22), foot - 14, f"{hour}:00", "middle")
    _text(drawing, 0, 4, KEY)
    return drawing


def order(pairs: Sequence[tuple[int, int, bool]], across: str, up: str) -> Drawing:
    """Each elder's place in the queue on one day against another day: on the diagonal, a replay."""
    side, foot, left = 240.0, 28.0, 30.0
    drawing = Drawing(WIDTH, side + foot + 6)
    last = max((max(a, b) for a, b, _ in pairs), default=1)
    scale = (side - 12) / max(last, 1)
    for ends in ((0, 0, side, 0), (0, side, side, side), (0, 0, 0, side), (side, 0, side, side)):
        drawing.add(_line(left + ends[0], foot + ends[1], left + ends[2], foot + ends[3], AXIS))
    drawing.add(_line(left, foot, left + side, foot + side, AXIS, 0.5))
    for found, colour in ((False, GREY), (True, ACCENT)):
        spots = [
            (left + 6 + a * scale, foot + 6 + b * scale) for a, b, which in pairs if which is found
        ]
        drawing.add(_diamonds(spots, colour) if found else _crosses(spots, colour))
    _text(drawing, left + side / 2, foot - 15, f"{across}第几位 →", "middle")
    _upright(drawing, left - 8, foot + side / 2, f"{up}第几位 →")
    for number, words in enumerate(
        (
            f"两天都来的老人 {len(pairs)} 位",
            "每个记号是一位老人",
            "橙色菱形：疑点流水",
            "灰色叉：其他",
            "都落在斜线上：",
            "两天的先后几乎一样",
        )
    ):
        _text(drawing, left + side + 14, foot + side - 14 - number * 20, words)
    return drawing


def places(
    here: str, seconds: Sequence[Mark], others: Sequence[Place], homes: Sequence[Place]
) -> Drawing:
    """The point in its surroundings, without tiles: other points, where the elders went too, and
    homes (rounded, without names)."""
    height, foot = 280.0, 36.0
    drawing = Drawing(WIDTH, height)
    near = [one.at for one in seconds] + [(0.0, 0.0)]
    near += sorted(others, key=lambda at: max(abs(at[0]), abs(at[1])))[:NEAREST]
    reach = max([1_000.0, *(max(abs(x), abs(y)) for x, y in near)]) * 1.15
    middle_x, middle_y = WIDTH / 2, foot + (height - foot) / 2
    scale = (height - foot) / 2 / reach
    wide = WIDTH / 2 / scale

    def spot(at: Place) -> Place:
        return middle_x + at[0] * scale, middle_y + at[1] * scale

    def inside(at: Place) -> bool:
        return abs(at[0]) <= wide * 0.98 and abs(at[1]) <= reach

    drawing.add(_rect(0, foot, WIDTH, height - foot, HexColor("#f6f4ef")))
    drawing.add(_dots([spot(at) for at in homes if inside(at)], GREY))
    drawing.add(_crosses([spot(at) for at in others if inside(at)], BRAND))
    for one in seconds:
        x, y = spot(one.at)
        drawing.add(_line(middle_x, middle_y, x, y, ACCENT, 1))
        drawing.add(_diamonds([(x, y)], ACCENT, 5))
        _beside(drawing, x, y, one.label)
    drawing.add(_rect(middle_x - 5, middle_y - 5, 10, 10, BRAND))
    _beside(drawing, middle_x, middle_y, here)
    length = _round_length(reach / 2)
    drawing.add(_line(8, foot + 8, 8 + length * scale, foot + 8, INK, 1))
    _text(drawing, 8, foot + 12, f"{length / 1000:g} 公里")
    _text(drawing, 0, 20, "方块：本点　橙色菱形：同日另一处　叉：其他助餐点")
    _text(drawing, 0, 4, "灰点：老人住处（按200米取整）　上北")
    return drawing


def counts(bars: Sequence[Bar], capacity: int | None = None, usual: float | None = None) -> Drawing:
    """Servings of each day, what the lead holds responsible on top; capacity and the usual number
    as lines."""
    height, foot, head, right = 210.0, 38.0, 22.0, 92.0
    drawing = Drawing(WIDTH, height)
    highest = max([one.found + one.others for one in bars] + [capacity or 0, usual or 0, 1])
    step, scale = (WIDTH - right) / max(len(bars), 1), (height - foot - head) / highest
    thick = min(step * 0.66, 26)
    written = -99.0  # where the last figure stands
    most = sorted((one.found for one in bars), reverse=True)[:TOLD][-1:] or [0]
    for number, one in enumerate(bars):
        x = (number + 0.5) * step - thick / 2
        rest, more = one.others * scale, one.found * scale
        if one.others:
            drawing.add(_rect(x, foot, thick, rest, HexColor("#a9cdd3")))
        if one.found:
            drawing.add(_rect(x, foot + rest, thick, more, ACCENT))
            if one.found >= most[0] and x - written > 22:
                written = x
                _text(drawing, x + thick / 2, foot + rest + more + 3, str(one.found), "middle")
        if number % max(1, ceil(34 / step)) == 0:
            _text(drawing, max(x + thick / 2, 13), foot - 15, one.label, "middle")
    drawing.add(_line(0, foot, WIDTH - right, foot, AXIS))
    levels = [(capacity, "每日上限", INK), (usual, "平时每天", BRAND)]
    told = sorted((value, words, colour) for value, words, colour in levels if value)
    above = 0.0
    for value, words, colour in told:
        level = foot + value * scale
        drawing.add(_line(0, level, WIDTH - right, level, colour, 0.8))
        above = max(level - 3, above + SIZE + 3)
        _text(drawing, WIDTH - right + 4, above, f"{words} {value:,.0f}", colour=colour)
    _text(drawing, 0, 4, "每天份数　橙色：疑点流水（写出最多的几天）　浅色：其他流水")
    return drawing


def people(rows: Sequence[Row], last: int) -> Drawing:
    """Elders below each other, the days of the month side by side."""
    left, step, foot = 66.0, 19.0, 38.0
    height = step * len(rows) + foot
    drawing = Drawing(WIDTH, height)
    wide = (WIDTH - left - 8) / last
    for number, one in enumerate(rows):
        y = height - (number + 0.5) * step
        _text(drawing, left - 6, y - SIZE * 0.37, one.label, "end")
        drawing.add(_line(left, y, WIDTH - 8, y, HexColor("#d9d5cc")))
        for days, mark, colour in ((one.others, _dots, GREY), (one.found, _diamonds, ACCENT)):
            drawing.add(mark([(left + (day - 0.5) * wide, y) for day in days], colour))
    for day in range(1, last + 1, 4):
        _text(drawing, left + (day - 0.5) * wide, foot - 15, f"{day}日", "middle")
    _text(drawing, 0, 4, "橙色菱形：疑点流水　灰点：其他就餐")
    return drawing


def svg_of(drawing: Drawing, title: str) -> str:
    """The drawing as a small file: what all its parts share is said once, tenths of a point."""
    svg = drawing_to_svg(drawing, title)
    fonts = WEB_FONTS.replace('"', "'")
    for spare in (
        f"font-family: {fonts}; font-size: {SIZE}px;fill: {INK_RGB}; stroke:none;",
        "stroke: none; stroke-linecap: butt; stroke-width: 1; ",
        "stroke-linecap: butt; ",
        " fill-rule: evenodd;",
        ' style=""',
        "\t",
    ):
        svg = svg.replace(spare, "")
    head, title_tag, body = svg.partition("<title>")
    body = PATH.sub(lambda found: f'd="{_relative(found[1])}"', body)
    body = LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), body)
    svg = head + title_tag + body
    shared = f'<g font-family="{fonts}" font-size="{SIZE}" fill="{INK_RGB}" id="group"'
    return svg.replace('<g id="group"', shared)


def _relative(path: str) -> str:
    """The same path in steps from place to place, which are short numbers."""
    written, here, start = [], (0, 0), (0, 0)
    tokens = iter(path.replace(",", " ").split())
    for token in tokens:
        if token == "Z":
            written.append("z")
            here = start
            continue
        there = round(float(next(tokens)) * 10), round(float(next(tokens)) * 10)
        across, up = ((to - at) / 10 for to, at in zip(there, here, strict=True))
        if token == "L" and not (across and up):
            written.append(f"h{across:g}" if across else f"v{up:g}")
        else:
            written.append(f"{token.lower()}{across:g} {up:g}")
        here = there
        start = there if token == "M" else start
    return "".join(written).replace(" -", "-")


def _spots(values: Iterable[float], apart: int = 1) -> list[float]:
    """Ticks on one spot are one, and many are set a little further apart."""
    spots = {round(value / apart) * apart for value in values}
    if len(spots) > MANY and apart == 1:
        return _spots(map(float, spots), 4)
    return sorted(map(float, spots))


def _ticks(spots: Sequence[float], base: float, tall: float, colour: Color) -> Path:
    return _drawn([((x, base), (x, base + tall)) for x in spots], colour, 0.8)


def _heads(spots: Sequence[float], at: float) -> Path:
    path = _filled(ACCENT)
    for x in _spots(spots, 4):
        _closed(path, ((x, at - 2), (x - 3, at + 5), (x + 3, at + 5)))
    return path


def _filled(colour: Color) -> Path:
    path = Path(fillColor=colour, strokeColor=None)
    path.fillMode = FILL_NON_ZERO  # shapes over each other leave no holes
    return path


def _diamonds(spots: Sequence[Place], colour: Color, size: float = 3.5) -> Path:
    path = _filled(colour)
    for x, y in spots:
        _closed(path, ((x - size, y), (x, y + size), (x + size, y), (x, y - size)))
    return path


def _dots(spots: Sequence[Place], colour: Color) -> Path:
    """Strokes of no length with round ends."""
    path = _drawn([((x, y), (x, y + 0.1)) for x, y in spots], colour, 3.4)
    path.strokeLineCap = 1
    return path


def _crosses(spots: Sequence[Place], colour: Color) -> Path:
    strokes = []
    for x, y in spots:
        strokes += [
            ((x - 2.5, y - 2.5), (x + 2.5, y + 2.5)),
            ((x - 2.5, y + 2.5), (x + 2.5, y - 2.5)),
        ]
    return _drawn(strokes, colour, 0.8)


def _drawn(strokes: Iterable[tuple[Place, Place]], colour: Color, width: float) -> Path:
    path = Path(fillColor=None, strokeColor=colour, strokeWidth=width)
    for start, end in strokes:
        path.moveTo(*start)
        path.lineTo(*end)
    return path


def _closed(path: Path, corners: Sequence[Place]) -> None:
    path.moveTo(*corners[0])
    for corner in corners[1:]:
        path.lineTo(*corner)
    path.closePath()


def _round_length(metres: float) -> int:
    """A length that people read at once, not above `metres`."""
    return max(
        one
        for one in (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
        if one <= max(metres, 100)
    )


def _rect(x: float, y: float, width: float, height: float, colour: Color) -> Rect:
    style: dict[str, Any] = {"fillColor": colour, "strokeColor": None}
    return Rect(x, y, width, height, **style)


def _line(x: float, y: float, to_x: float, to_y: float, colour: Color, width: float = 0.5) -> Line:
    return Line(x, y, to_x, to_y, strokeColor=colour, strokeWidth=width)


def _beside(drawing: Drawing, x: float, y: float, words: str) -> None:
    if x > WIDTH * 0.7:
        _text(drawing, x - 8, y + 6, words, "end")
    else:
        _text(drawing, x + 8, y + 6, words)


def _upright(drawing: Drawing, x: float, y: float, words: str) -> None:
    turned = Group(transform=(0, 1, -1, 0, x, y))
    turned.add(_string(0, 0, words, "middle", INK))
    drawing.add(turned)


def _text(
    drawing: Drawing, x: float, y: float, words: str, anchor: str = "start", colour: Color = INK
) -> None:
    drawing.add(_string(x, y, words, anchor, colour))


def _string(x: float, y: float, words: str, anchor: str, colour: Color) -> String:
    style: dict[str, Any] = {"textAnchor": anchor, "fillColor": colour, "fontSize": SIZE}
    return String(x, y, words, fontName=faces()["chart"].name, **style)
