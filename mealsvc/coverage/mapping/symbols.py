"""How things look on a map, on screen and paper: colours, symbols, the legend's words. Pure.

Never by colour alone: each kind of point has a shape of its own, blank spots are hatched and named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from mealsvc.coverage.mapping.rules import (
    OFFERED,
    OUTSIDE,
    REACHED,
    WALKED,
    Community,
    MapView,
    metres_told,
)
from mealsvc.places.rules import KIND_NAMES

INK, PAPER, WASH, EDGE = "#1f2933", "#ffffff", "#f6f4ef", "#a49c8c"
TEAL, ACCENT = "#0b5c6b", "#c2410c"
FILLS = {WALKED: TEAL, REACHED: "#8fc4cb", OUTSIDE: PAPER}
EDGES = {WALKED: PAPER, REACHED: TEAL, OUTSIDE: ACCENT}
LABEL_INKS = {"town": "#5b5346", "blank": "#9a3412", "planned": "#9a3412", "community": "#46525e"}
BOLD = frozenset({"town", "planned"})
HATCH_STEP = 0.42  # between hatching lines, of a text's size


def _round(corners: int, turn: float = 0.0) -> tuple[tuple[float, float], ...]:
    """A regular polygon in the unit circle, its first corner on top."""
    steps = (2 * pi * number / corners + turn for number in range(corners))
    return tuple((round(sin(step), 3), round(-cos(step), 3)) for step in steps)


SYMBOLS = {
    "community_canteen": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "institution_canteen": _round(5),
    "partner_restaurant": ((0, -1.1), (1.1, 0.85), (-1.1, 0.85)),
    "serving_point": _round(20),
    "neighbour_table": ((0, 1.1), (1.1, -0.85), (-1.1, -0.85)),
    "central_kitchen": (
        *((-0.4, -1), (0.4, -1), (0.4, -0.4), (1, -0.4), (1, 0.4), (0.4, 0.4)),
        *((0.4, 1), (-0.4, 1), (-0.4, 0.4), (-1, 0.4), (-1, -0.4), (-0.4, -0.4)),
    ),
    "planned": ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
    OFFERED: ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
}


def symbol_of(kind: str) -> tuple[tuple[float, float], ...]:
    """Corners around (0, 0) of what stands for a kind of point; an unknown kind is a dot."""
    return SYMBOLS.get(kind, SYMBOLS["serving_point"])


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: what is drawn (a state, `blank`, `radius`, `planned`, `outline`,
    or a kind of point) and what it means."""

    symbol: str
    words: str


def legend(view: MapView) -> list[Key]:
    """What this map shows, in words; only what is there."""
    radius = metres_told(view.radius_m)
    walks = view.radius_m > view.walk_m
    words = {
        WALKED: f"步行圈内（直线 {metres_told(view.walk_m)}）" if walks else f"{radius}内有助餐点",
        REACHED: f"{radius}内有助餐点，步行较远",
        OUTSIDE: f"{radius}内没有助餐点",
    }
    keys = []
    if "communities" in view.layers:
        states = {view.state(one) for one in view.placed if not view.is_blank(one)}
        keys += [Key(state, told) for state, told in words.items() if state in states]
        if view.blanks:
            keys.append(Key("blank", f"空白点：{view.gap_pop60}位以上老人，{radius}内没有助餐点"))
    if "points" in view.layers:
        kinds = {one.kind for one in view.sites}
        keys += [Key(kind, name) for kind, name in KIND_NAMES.items() if kind in kinds]
    if view.planned:
        keys.append(Key("planned", "拟建点（编号同表）"))
    if view.offered:
        keys.append(Key(OFFERED, "候选点"))
    if "radius" in view.layers and (view.planned or any(one.serves for one in view.sites)):
        keys.append(Key("radius", f"服务半径 {radius}"))
    if "outlines" in view.layers and view.outlines:
        keys.append(Key("outline", "区划边界"))
    return keys


def size_words(view: MapView) -> str:
    """What the size of a circle says; empty where there are none."""
    shown = "communities" in view.layers and view.placed
    return "圆的面积表示村社区60周岁以上老人人数" if shown else ""


def left_out(view: MapView) -> str:
    """Says what could not be drawn; empty when all is there."""
    return f"另有 {view.unplaced} 个村社区没有坐标，未画出" if view.unplaced else ""


def summary_words(view: MapView) -> str:
    """The map in one sentence, for those who don't see it."""
    share = f"，占 {view.covered * 100 / view.eligible:.1f}%" if view.eligible else ""
    blanks = len(view.blanks)
    return (
        f"{len(view.communities):,} 个村社区共有60周岁以上老人 {view.eligible:,} 人，"
        f"{metres_told(view.radius_m)}内有助餐点的 {view.covered:,} 人{share}；"
        f"空白点 {blanks:,} 个；助餐点 {len(view.sites):,} 个"
        + (f"；拟建点 {len(view.planned)} 个" if view.planned else "")
        + "。"
    )


def told(view: MapView, one: Community) -> str:
    """A community in one line: its elders, its nearest point, and how that is called."""
    state = {WALKED: "步行圈内", REACHED: "半径内", OUTSIDE: "未覆盖"}[view.state(one)]
    if view.is_blank(one):
        state = "空白点"
    near = "" if one.metres is None else f"，最近助餐点 {one.metres:,} 米"
    return f"{one.name}：{one.pop60:,} 人{near}，{state}"


def hatching(
    x: float, y: float, r: float, step: float
) -> Iterator[tuple[float, float, float, float]]:
    """Slanting lines that fill a circle: the chords at this distance from one another."""
    away = -r + step / 2
    while away < r:
        half = sqrt(r * r - away * away)
        slant = sqrt(0.5)
        middle_x, middle_y = x + away * slant, y + away * slant
        yield (
            middle_x - half * slant,
            middle_y + half * slant,
            middle_x + half * slant,
            middle_y - half * slant,
        )
        away += step
