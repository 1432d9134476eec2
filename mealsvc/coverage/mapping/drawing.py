"""The map as vectors for papers and files; `svg` is the same map inside a page."""

from collections.abc import Iterator, Sequence
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Line, Path, Polygon, Rect, String
from reportlab.lib.colors import Color, HexColor, toColor

from mealsvc.coverage.mapping import symbols
from mealsvc.coverage.mapping.pictures import svg
from mealsvc.coverage.mapping.placing import Label
from mealsvc.coverage.mapping.rules import MapView, Sheet, shapes
from mealsvc.plumbing.paper.fonts import faces

__all__ = ["drawing", "svg"]
LINE = 1.6  # of a text's size
WRAP = 0.93  # of the width: the fonts of a screen run wider
STAYS = "，。；、：）"  # never begins a line
NO_POSITION = "没有带坐标的村社区和助餐点，画不出地图。"


def drawing(
    view: MapView,
    width: float,
    *,
    text: float = 8.0,
    title: str = "",
    legend: bool = True,
    tallest: float = 1.0,
) -> Drawing:
    """The map `width` points wide, with its legend and source below unless told otherwise;
    `tallest` is the map's height at most, by its width."""
    sheet = shapes(view, width, text=text, tallest=tallest)
    foot = _foot(view, width, text) if legend else []
    if sheet is None:
        foot = [[("", NO_POSITION)]]
    head = text * 2.6 if title else 0.0
    map_height = sheet.height if sheet else 0.0
    height = head + map_height + len(foot) * text * LINE + (text * 0.6 if foot else 0)
    made = Drawing(width, height)
    if title:
        made.add(_text(width / 2, height - text * 1.6, title, text * 1.4, anchor="middle"))
    if sheet is not None:
        _Pen(made, height - head).sheet(sheet)
    _put_foot(made, foot, height - head - map_height, text)
    return made


class _Pen:
    """Turns a sheet (y downwards) into shapes of a drawing (y upwards)."""

    def __init__(self, made: Drawing, top: float):
        self.made, self.top = made, top

    def sheet(self, sheet: Sheet) -> None:
        for area in sheet.areas:
            self._area(area.rings)
        for ring in sheet.rings:
            colour = symbols.ACCENT if ring.planned else symbols.TEAL
            self._circle(ring.x, ring.y, ring.r, _clear(colour, 0.06), _clear(colour, 0.55), 0.5)
        for blank in (False, True):
            for dot in sheet.dots:
                if dot.blank is blank:
                    self.dot(dot.x, dot.y, dot.r, dot.state, blank)
        for mark in sheet.marks:
            self.mark(mark.x, mark.y, mark.size, mark.kind, mark.number)
        for label in sheet.labels:
            if label.lead:
                self._line(*label.lead, HexColor(symbols.INK), 0.5)
        for label in sheet.labels:
            self._label(label)
        self._bar_and_north(sheet)

    def dot(self, x: float, y: float, r: float, state: str, blank: bool) -> None:
        edge = HexColor(symbols.EDGES[state])
        self._circle(x, y, r, HexColor(symbols.FILLS[state]), edge, 0.5)
        if blank:
            for a, b, c, d in symbols.hatching(x, y, r, 2.4):
                self._line(a, b, c, d, HexColor(symbols.ACCENT), 0.6)
            self._circle(x, y, r, None, edge, 1.1)

    def mark(self, x: float, y: float, size: float, kind: str, number: int = 0) -> None:
        corners = [
            part
            for dx, dy in symbols.symbol_of(kind)
            for part in (x + dx * size, self.top - (y + dy * size))
        ]
        style: dict[str, Any] = {
            "fillColor": HexColor(symbols.ACCENT if kind == "planned" else symbols.INK),
            "strokeColor": HexColor(symbols.PAPER),
            "strokeWidth": 0.6,
        }
        self.made.add(Polygon(corners, **style))
        if number:
            self.made.add(
                _text(
                    x, self.top - y - size * 0.4, str(number), size * 1.1, symbols.PAPER, "middle"
                )
            )

    def ring(self, x: float, y: float, r: float) -> None:
        self._circle(x, y, r, _clear(symbols.TEAL, 0.06), _clear(symbols.TEAL, 0.55), 0.5)

    def outline(self, x: float, y: float, size: float) -> None:
        style: dict[str, Any] = {
            "fillColor": HexColor(symbols.WASH),
            "strokeColor": HexColor(symbols.EDGE),
            "strokeWidth": 0.7,
        }
        self.made.add(Rect(x - size, self.top - y - size * 0.7, 2 * size, 1.4 * size, **style))

    def _area(self, rings: Sequence[Sequence[tuple[float, float]]]) -> None:
        style: dict[str, Any] = {
            "fillColor": HexColor(symbols.WASH),
            "strokeColor": HexColor(symbols.EDGE),
            "strokeWidth": 0.7,
            "fillMode": 0,  # even-odd: inner rings are holes
        }
        path = Path(**style)
        for ring in rings:
            for number, (x, y) in enumerate(ring):
                (path.lineTo if number else path.moveTo)(x, self.top - y)
            path.closePath()
        self.made.add(path)

    def _label(self, label: Label) -> None:
        real = faces()["chart"].width(label.text, label.size)
        behind: dict[str, Any] = {"fillColor": _clear(symbols.PAPER, 0.72), "strokeColor": None}
        y = self.top - label.y
        self.made.add(Rect(label.x - 0.5, y - label.size * 0.2, real + 1, label.size, **behind))
        colour = symbols.LABEL_INKS.get(label.role, symbols.INK)
        self.made.add(_text(label.x, y, label.text, label.size, colour))

    def _bar_and_north(self, sheet: Sheet) -> None:
        bar, ink = sheet.bar, HexColor(symbols.INK)
        behind: dict[str, Any] = {"fillColor": _clear(symbols.PAPER, 0.8), "strokeColor": None}
        self.made.add(Rect(bar.x - 2, self.top - bar.y - 3, bar.length + 4, 16, **behind))
        tick = 3.0
        for a, b, c, d in (
            (bar.x, bar.y - tick, bar.x, bar.y),
            (bar.x, bar.y, bar.x + bar.length, bar.y),
            (bar.x + bar.length, bar.y - tick, bar.x + bar.length, bar.y),
        ):
            self._line(a, b, c, d, ink, 0.9)
        text = max((label.size for label in sheet.labels if label.role == "point"), default=8.0)
        middle = bar.x + bar.length / 2
        self.made.add(_text(middle, self.top - bar.y + 3, bar.words, text, anchor="middle"))
        x, y = sheet.north
        arrow = ((0, -1.3), (0.5, 0.1), (0, -0.3), (-0.5, 0.1))
        corners = [part for dx, dy in arrow for part in (x + dx * text, self.top - (y + dy * text))]
        style: dict[str, Any] = {"fillColor": ink, "strokeColor": None}
        self.made.add(Polygon(corners, **style))
        self.made.add(_text(x, self.top - y + text * 1.5, "北", text, anchor="middle"))

    def _circle(
        self, x: float, y: float, r: float, fill: Color | None, edge: Color, wide: float
    ) -> None:
        style: dict[str, Any] = {"fillColor": fill, "strokeColor": edge, "strokeWidth": wide}
        self.made.add(Circle(x, self.top - y, r, **style))

    def _line(self, a: float, b: float, c: float, d: float, colour: Color, wide: float) -> None:
        style: dict[str, Any] = {"strokeColor": colour, "strokeWidth": wide}
        self.made.add(Line(a, self.top - b, c, self.top - d, **style))


Foot = list[list[tuple[str, str]]]
"""Lines below the map: entries of symbol (or "") and words."""


def _foot(view: MapView, width: float, text: float) -> Foot:
    entries = [(key.symbol, key.words) for key in symbols.legend(view)]
    if symbols.size_words(view):
        entries.append(("", symbols.size_words(view)))
    lines: Foot = [[]]
    room = width
    for symbol, words in entries:
        needs = _entry_width(symbol, words, text)
        if lines[-1] and needs > room:
            lines.append([])
            room = width
        lines[-1].append((symbol, words))
        room -= needs
    said = "；".join(filter(None, (view.source, symbols.left_out(view))))
    return [line for line in lines if line] + [[("", part)] for part in _wrapped(said, width, text)]


def _put_foot(made: Drawing, foot: Foot, top: float, text: float) -> None:
    pen = _Pen(made, 0)
    for number, line in enumerate(foot):
        base = top - text * 0.6 - (number + 1) * text * LINE + text * 0.5
        x = 0.0
        for symbol, words in line:
            if symbol:
                _put_key(pen, symbol, x + text * 0.6, -(base + text * 0.35), text * 0.5)
            made.add(_text(x + (text * 1.6 if symbol else 0), base, words, text))
            x += _entry_width(symbol, words, text)


def _put_key(pen: _Pen, symbol: str, x: float, y: float, size: float) -> None:
    if symbol in symbols.FILLS or symbol == "blank":
        state = "outside" if symbol == "blank" else symbol
        pen.dot(x, y, size, state, symbol == "blank")
    elif symbol == "radius":
        pen.ring(x, y, size)
    elif symbol == "outline":
        pen.outline(x, y, size)
    else:
        pen.mark(x, y, size, symbol)


def _entry_width(symbol: str, words: str, text: float) -> float:
    return faces()["chart"].width(words, text) + text * (3.2 if symbol else 1.6)


def _wrapped(words: str, width: float, text: float) -> Iterator[str]:
    face, line = faces()["chart"], ""
    for char in words:
        if line and char not in STAYS and face.width(line + char, text) > width * WRAP:
            yield line
            line = ""
        line += char
    if line:
        yield line


def _clear(colour: str, opacity: float) -> Color:
    solid = toColor(colour)
    return Color(solid.red, solid.green, solid.blue, alpha=opacity)


def _text(
    x: float, y: float, words: str, size: float, colour: str = symbols.INK, anchor: str = "start"
) -> String:
    style: dict[str, Any] = {"textAnchor": anchor, "fillColor": HexColor(colour)}
    return String(x, y, words, fontName=faces()["chart"].name, fontSize=size, **style)
