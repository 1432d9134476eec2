"""The map inside a page: SVG elements without styles or scripts, each community and point a link.

Names are laid out twice, for wide screens and for phones; the page's style sheet shows one of both.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

from markupsafe import Markup, escape

from mealsvc.coverage.mapping import symbols
from mealsvc.coverage.mapping.placing import Label
from mealsvc.coverage.mapping.rules import OFFERED, Dot, MapView, Mark, Point, Sheet, shapes

WIDTH = 1000
WIDE, NARROW = 18.0, 32.0  # sizes of names, in units of the drawing
TALLEST = 0.85


def svg(
    view: MapView,
    name: str = "map",
    *,
    community_link: str = "",
    point_link: str = "",
    title: str = "",
) -> Markup:
    """The map as an element of a page; `name` makes its ids.

    A community's link is `community_link` and its code, a point's `point_link` and its code; without
    one they are no links. Empty when nothing has a position.
    """
    sheet = shapes(view, WIDTH, text=WIDE, tallest=TALLEST)
    narrow = shapes(view, WIDTH, text=NARROW, tallest=TALLEST)
    if sheet is None or narrow is None:
        return Markup("")
    heading = title or f"{view.area}服务覆盖图"
    parts = [
        f'<svg class="coverage-map" id="{name}" viewBox="0 0 {WIDTH} {sheet.height:.0f}" role="group"'
        f' aria-labelledby="{name}-title" aria-describedby="{name}-desc" data-map="">',
        f'<title id="{name}-title">{escape(heading)}</title>',
        f'<desc id="{name}-desc">{escape(symbols.summary_words(view))}</desc>',
        f'<defs><pattern id="{name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(-45)"><rect width="6" height="6" fill="{symbols.PAPER}"/>'
        f'<path d="M0 3H6" stroke="{symbols.ACCENT}" stroke-width="1.6"/></pattern></defs>',
        f'<rect class="ground" width="{WIDTH}" height="{sheet.height:.0f}" fill="{symbols.PAPER}"/>',
        *_areas(sheet),
        *_rings(sheet),
        *_dots(view, sheet.dots, name, community_link),
        *_marks(sheet.marks, point_link),
        *_words(sheet, "wide", WIDE),
        *_words(narrow, "narrow", NARROW),
        "</svg>",
    ]
    return Markup("".join(parts))  # every text went through escape


def key_svg(symbol: str) -> Markup:
    """One entry of the legend, 22 × 22."""
    inner = {
        "radius": f'<circle cx="11" cy="11" r="9" fill="{symbols.TEAL}" fill-opacity=".08"'
        f' stroke="{symbols.TEAL}" stroke-opacity=".6"/>',
        "outline": f'<rect x="2" y="5" width="18" height="12" fill="{symbols.WASH}"'
        f' stroke="{symbols.EDGE}" stroke-width="1.5"/>',
        "blank": "".join(
            [
                f'<circle cx="11" cy="11" r="8.5" fill="{symbols.PAPER}"/>',
                f'<g stroke="{symbols.ACCENT}" stroke-width="1.4">',
                *(
                    f'<path d="M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}"/>'
                    for a, b, c, d in symbols.hatching(11, 11, 8.5, 5)
                ),
                f'</g><circle cx="11" cy="11" r="8.5" fill="none" stroke="{symbols.ACCENT}"'
                ' stroke-width="2"/>',
            ]
        ),
    }.get(symbol)
    if inner is None and symbol in symbols.FILLS:
        inner = (
            f'<circle cx="11" cy="11" r="8" fill="{symbols.FILLS[symbol]}"'
            f' stroke="{symbols.EDGES[symbol]}" stroke-width="1.4"/>'
        )
    if inner is None:
        fill = symbols.ACCENT if symbol == "planned" else symbols.INK
        if symbol == OFFERED:
            fill = f'{symbols.PAPER}" stroke="{symbols.ACCENT}" stroke-width=".25'
        inner = (
            f'<path transform="translate(11 11) scale(7.5)" fill="{fill}"'
            f' d="{_path(symbols.symbol_of(symbol))}"/>'
        )
    # The words stand beside it.
    return Markup(
        '<svg class="map-key" viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">'
        f"{inner}</svg>"
    )


def _areas(sheet: Sheet) -> Iterator[str]:
    yield (
        f'<g class="outlines" fill="{symbols.WASH}" stroke="{symbols.EDGE}" stroke-width="1.4"'
        ' stroke-linejoin="round" fill-rule="evenodd">'
    )
    for area in sheet.areas:
        yield f'<path d="{"".join(_path(ring) for ring in area.rings)}"/>'
    yield "</g>"


def _rings(sheet: Sheet) -> Iterator[str]:
    yield '<g class="rings" stroke-opacity=".55" fill-opacity=".07" stroke-width="1.2">'
    for planned, rings in groupby(sheet.rings, key=lambda ring: ring.planned):
        colour = symbols.ACCENT if planned else symbols.TEAL
        dash = ' stroke-dasharray="6 4"' if planned else ""
        yield f'<g fill="{colour}" stroke="{colour}"{dash}>'
        for ring in rings:
            yield f'<circle cx="{ring.x:.1f}" cy="{ring.y:.1f}" r="{ring.r:.1f}"/>'
        yield "</g>"
    yield "</g>"


def _dots(view: MapView, dots: Sequence[Dot], name: str, link: str) -> Iterator[str]:
    """Grouped by look, which is said once a group; blank spots lie on top."""
    looks = [(state, False) for state in symbols.FILLS] + [("outside", True)]
    for state, blank in looks:
        chosen = [dot for dot in dots if dot.state == state and dot.blank is blank]
        fill = f"url(#{name}-hatch)" if blank else symbols.FILLS[state]
        edge, wide = symbols.EDGES[state], 2 if blank else 1
        yield f'<g class="dots" fill="{fill}" stroke="{edge}" stroke-width="{wide}">'
        for dot in chosen:
            drawn = f'<circle cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{dot.r:.1f}"'
            code, words = dot.community.code, escape(symbols.told(view, dot.community))
            yield (
                _linked(drawn + "/>", link, code, words)
                if link
                else (f"{drawn}><title>{words}</title></circle>")
            )
        yield "</g>"


def _marks(marks: Iterable[Mark], link: str) -> Iterator[str]:
    yield f'<g class="marks" stroke="{symbols.PAPER}" stroke-width="1.2" stroke-linejoin="round">'
    for mark in marks:
        corners = [(x * mark.size, y * mark.size) for x, y in symbols.symbol_of(mark.kind)]
        fill = symbols.ACCENT if mark.number else symbols.INK
        edge = ""
        if mark.kind == OFFERED:
            fill, edge = symbols.PAPER, f' stroke="{symbols.ACCENT}" stroke-width="2"'
        at = f'<g transform="translate({mark.x:.1f} {mark.y:.1f})">'
        words = escape(f"拟建点 {mark.number} {mark.title}" if mark.number else mark.title)
        if mark.kind == OFFERED:
            words = f"候选点 {words}"
        drawn = f'<path class="mark" fill="{fill}"{edge} d="{_path(corners)}"/>'
        if mark.number:
            drawn += (
                f'<text class="number" font-size="{mark.size * 1.1:.0f}" y="{mark.size * 0.4:.1f}"'
                f' text-anchor="middle" fill="{symbols.PAPER}" stroke="none" font-weight="700"'
                f' aria-hidden="true">{mark.number}</text>'
            )
        if link and mark.code:
            yield at + _linked(drawn, link, mark.code, words) + "</g>"
        else:
            yield f"{at}{drawn}<title>{words}</title></g>"
    yield "</g>"


def _linked(drawn: str, link: str, code: str, words: str) -> str:
    return f'<a href="{escape(link)}{quote(code)}" aria-label="{words}">{drawn}</a>'


def _words(sheet: Sheet, layer: str, size: float) -> Iterator[str]:
    """Names, scale bar and north arrow in one size; their words are in the links already."""
    bar, (north_x, north_y) = sheet.bar, sheet.north
    yield f'<g class="names {layer}" aria-hidden="true" fill="{symbols.INK}">'
    for label in sheet.labels:
        if label.lead:
            a, b, c, d = label.lead
            line = f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}"
            yield f'<path d="{line}" stroke="{symbols.INK}" stroke-width=".9"/>'
    yield from map(_name, sheet.labels)
    yield (
        f'<path d="M{bar.x:.1f} {bar.y - size * 0.4:.1f}v{size * 0.4:.1f}h{bar.length:.1f}'
        f'v{-size * 0.4:.1f}" fill="none" stroke="{symbols.INK}" stroke-width="1.5"/>'
        f'<text x="{bar.x + bar.length / 2:.1f}" y="{bar.y - size * 0.45:.1f}" font-size="{size:g}"'
        f' text-anchor="middle"{_halo(size)}>{bar.words}</text>'
        f'<path d="M{north_x:.1f} {north_y - size * 1.3:.1f}l{size * 0.5:.1f} {size * 1.4:.1f}'
        f'l{-size * 0.5:.1f} {-size * 0.4:.1f}l{-size * 0.5:.1f} {size * 0.4:.1f}z"/>'
        f'<text x="{north_x:.1f}" y="{north_y - size * 1.5:.1f}" font-size="{size:g}"'
        f' text-anchor="middle"{_halo(size)}>北</text></g>'
    )


def _name(label: Label) -> str:
    colour = symbols.LABEL_INKS.get(label.role, symbols.INK)
    weight = ' font-weight="700"' if label.role in symbols.BOLD else ""
    return (
        f'<text x="{label.x:.1f}" y="{label.y:.1f}" font-size="{label.size:g}" fill="{colour}"'
        f"{weight}{_halo(label.size)}>{escape(label.text)}</text>"
    )


def _halo(size: float) -> str:
    return (
        f' stroke="{symbols.PAPER}" stroke-width="{size / 4:.1f}" stroke-linejoin="round"'
        ' paint-order="stroke"'
    )


def _path(corners: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"
