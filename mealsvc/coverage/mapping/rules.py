"""What a coverage map shows and where on the sheet: projected shapes, pure values in and out.

Projection: local equirectangular at the middle latitude, one scale in both directions; positions
are WGS-84 degrees, the sheet's x grows to the right and y downwards. A community is a circle whose
area grows with its elders; what it is called here (`state_of`) follows the great-circle distance,
never the drawing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil, cos, pi, radians, sqrt

from mealsvc.coverage.mapping.placing import Label, Wanted, place
from mealsvc.kernel.distance import EARTH_RADIUS_M

METRES_A_DEGREE = EARTH_RADIUS_M * pi / 180
WALKED, REACHED, OUTSIDE = "walked", "reached", "outside"
LAYERS = {
    "communities": "村社区",
    "points": "助餐点",
    "radius": "服务半径",
    "outlines": "区划边界",
    "names": "名称",
}
ALL_LAYERS = frozenset(LAYERS)
KITCHEN = "central_kitchen"
OFFERED = "candidate"
NAMED_UP_TO = 60  # communities are named on the map of one town, not on that of a district
MOST_BLANK_NAMES = 12
LEAST_SPAN_M = 2_000.0
SMALLEST_DOT = 1.2
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Community:
    """A community with its elders; `nearest_m` is the distance to its nearest point (or site of a
    plan), None where there is no point or the community has no position."""

    code: str
    name: str
    pop60: int
    lon: float | None
    lat: float | None
    nearest_m: float | None
    nearest: str = ""  # the nearest point's name

    @property
    def metres(self) -> int | None:
        """The distance in whole metres, rounded up: who is beyond a radius never reads as within."""
        return None if self.nearest_m is None else ceil(self.nearest_m)

    @property
    def town(self) -> str:
        return self.code[:9]


@dataclass(frozen=True, slots=True)
class Site:
    """A point that operates; a kitchen that serves nobody itself has no radius."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float
    serves: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """A site of a plan, numbered as in its table."""

    number: int
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Outline:
    """The boundary of a division: polygons, each a list of rings of (lon, lat), the outer first."""

    code: str
    name: str
    polygons: tuple[tuple[tuple[Point, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class MapView:
    """All that one map shows. `towns` names the district's towns; `source` is said below the map."""

    day: date
    radius_m: float
    walk_m: float
    gap_pop60: int
    communities: tuple[Community, ...]
    sites: tuple[Site, ...]
    planned: tuple[Planned, ...] = ()
    outlines: tuple[Outline, ...] = ()
    towns: tuple[tuple[str, str], ...] = ()
    area: str = ""
    within: str = ""
    walk_words: str = ""
    source: str = ""
    offered: tuple[Planned, ...] = ()  # candidates that a plan may choose from
    layers: frozenset[str] = field(default=ALL_LAYERS)

    def with_layers(self, layers: Iterable[str]) -> "MapView":
        return replace(self, layers=frozenset(layers) & ALL_LAYERS)

    @property
    def placed(self) -> list[Community]:
        return [one for one in self.communities if one.lon is not None and one.lat is not None]

    @property
    def unplaced(self) -> int:
        """How many communities nobody has given a position: they cannot be drawn."""
        return len(self.communities) - len(self.placed)

    @property
    def eligible(self) -> int:
        return sum(one.pop60 for one in self.communities)

    @property
    def covered(self) -> int:
        return sum(one.pop60 for one in self.communities if self.state(one) != OUTSIDE)

    @property
    def blanks(self) -> list[Community]:
        """The blank spots, the largest first, then in order of code."""
        found = [one for one in self.communities if self.is_blank(one)]
        return sorted(found, key=lambda one: (-one.pop60, one.code))

    def state(self, one: Community) -> str:
        return state_of(one.nearest_m, self.radius_m, self.walk_m)

    def is_blank(self, one: Community) -> bool:
        return one.pop60 >= self.gap_pop60 and self.state(one) == OUTSIDE


def state_of(nearest_m: float | None, radius_m: float, walk_m: float) -> str:
    """`outside` beyond the radius; within it `walked` or, where the walk takes longer, `reached`."""
    if nearest_m is None or nearest_m > radius_m:
        return OUTSIDE
    return WALKED if nearest_m <= walk_m else REACHED


@dataclass(frozen=True, slots=True)
class Box:
    """What the map shows of the ground, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> Point:
        return (self.west + self.east) / 2, (self.south + self.north) / 2


@dataclass(frozen=True, slots=True)
class Projection:
    """From degrees to the sheet; `per_metre` are units of the sheet."""

    lon: float
    lat: float
    x: float
    y: float
    per_metre: float

    def __call__(self, lon: float, lat: float) -> Point:
        north = self.per_metre * METRES_A_DEGREE
        east = north * cos(radians(self.lat))
        return self.x + (lon - self.lon) * east, self.y - (lat - self.lat) * north


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    rings: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A community; `blank` ones are hatched and named."""

    community: Community
    state: str
    blank: bool
    x: float
    y: float
    r: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A point's symbol, or (`number`) the diamond of a plan's site."""

    x: float
    y: float
    size: float
    kind: str
    title: str
    code: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Ring:
    x: float
    y: float
    r: float
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """The scale bar: from x, y to the right."""

    x: float
    y: float
    length: float
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The map laid out on a sheet of this size, what lies below first."""

    width: float
    height: float
    areas: tuple[Area, ...]
    rings: tuple[Ring, ...]
    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    bar: Bar
    north: Point
    dot_a_root: float  # radius of a circle = this × √elders


def shapes(
    view: MapView, width: float, *, text: float = 9.0, tallest: float = 1.0, mark: float = 0.0
) -> Sheet | None:
    """Lays the map out; `text` is the size of its names, `tallest` the height at most by the width.

    None when nothing has a position.
    """
    box = _box(view)
    if box is None:
        return None
    to, height = _projection(box, width, width / 60, tallest)
    root = _dot_root(view, width, height)
    marks = _marks(view, to, mark or text)
    dots = _dots(view, to, root)
    bar = _bar(to, width, height, text)
    return Sheet(
        width,
        height,
        _areas(view, to),
        _rings(view, to),
        dots,
        marks,
        place(
            _names(view, to, dots, marks, text),
            _taken(marks, bar, width, text),
            [(dot.x - dot.r, dot.y - dot.r, dot.x + dot.r, dot.y + dot.r) for dot in dots],
            width,
            height,
        ),
        bar,
        (width - 1.6 * text, 3.4 * text),
        root,
    )


def _box(view: MapView) -> Box | None:
    lons = [one.lon for one in view.placed if one.lon is not None]
    lats = [one.lat for one in view.placed if one.lat is not None]
    for outline in view.outlines:
        for polygon in outline.polygons:
            lons += [lon for lon, _ in polygon[0]]
            lats += [lat for _, lat in polygon[0]]
    serving = [one for one in view.sites if one.serves]
    for one in (*view.sites, *view.planned, *view.offered):
        lons.append(one.lon)
        lats.append(one.lat)
    for one in (*serving, *view.planned):  # so that no circle is cut
        up = view.radius_m / METRES_A_DEGREE
        along = up / cos(radians(one.lat))
        lons += [one.lon - along, one.lon + along]
        lats += [one.lat - up, one.lat + up]
    return Box(min(lons), min(lats), max(lons), max(lats)) if lons else None


def _projection(box: Box, width: float, margin: float, tallest: float) -> tuple[Projection, float]:
    """The projection, and the sheet's height: at most `tallest` widths, at least half a width."""
    lon, lat = box.middle
    across = (box.east - box.west) * METRES_A_DEGREE * cos(radians(lat))
    up = (box.north - box.south) * METRES_A_DEGREE
    across, up = max(across, LEAST_SPAN_M), max(up, LEAST_SPAN_M)
    inner = width - 2 * margin
    per_metre = min(inner / across, (width * tallest - 2 * margin) / up)
    height = max(up * per_metre + 2 * margin, width * 0.5)
    return Projection(lon, lat, width / 2, height / 2, per_metre), height


def _areas(view: MapView, to: Projection) -> tuple[Area, ...]:
    if "outlines" not in view.layers:
        return ()
    return tuple(
        Area(one.code, tuple(tuple(to(*spot) for spot in ring) for ring in polygon))
        for one in view.outlines
        for polygon in one.polygons
    )


def _rings(view: MapView, to: Projection) -> tuple[Ring, ...]:
    if "radius" not in view.layers:
        return ()
    r = view.radius_m * to.per_metre
    old = [Ring(*to(site.lon, site.lat), r) for site in view.sites if site.serves]
    return (*old, *(Ring(*to(one.lon, one.lat), r, True) for one in view.planned))


def _dot_root(view: MapView, width: float, height: float) -> float:
    """So large that all circles together fill a twelfth of the sheet and none is wider than a
    sixteenth."""
    numbers = [one.pop60 for one in view.placed if one.pop60 > 0]
    if not numbers:
        return 1.0
    by_sum = sqrt(width * height / 12 / (pi * sum(numbers)))
    return min(by_sum, width / 32 / sqrt(max(numbers)))


def _dots(view: MapView, to: Projection, root: float) -> tuple[Dot, ...]:
    """The large ones first, so that the small ones lie on top."""
    if "communities" not in view.layers:
        return ()
    found = []
    for one in sorted(view.placed, key=lambda one: (-one.pop60, one.code)):
        assert one.lon is not None and one.lat is not None
        x, y = to(one.lon, one.lat)
        r = max(root * sqrt(max(one.pop60, 0)), SMALLEST_DOT)
        found.append(Dot(one, view.state(one), view.is_blank(one), x, y, r))
    return tuple(found)


def _marks(view: MapView, to: Projection, size: float) -> tuple[Mark, ...]:
    if "points" not in view.layers:
        old = []
    else:
        old = [
            Mark(*to(one.lon, one.lat), size * 0.55, one.kind, one.name, one.code)
            for one in view.sites
        ]
    new = [
        Mark(*to(one.lon, one.lat), size * 0.95, "planned", one.name, number=one.number)
        for one in view.planned
    ]
    open_to = [Mark(*to(one.lon, one.lat), size * 0.6, OFFERED, one.name) for one in view.offered]
    return (*open_to, *old, *new)


def _taken(marks: Sequence[Mark], bar: Bar, width: float, text: float):
    """Where no name may stand: on a symbol, the scale bar, the north arrow."""
    boxes = [
        (mark.x - mark.size, mark.y - mark.size, mark.x + mark.size, mark.y + mark.size)
        for mark in marks
    ]
    boxes.append((bar.x, bar.y - 2 * text, bar.x + bar.length + text, bar.y + text))
    boxes.append((width - 3 * text, 0, width, 5 * text))
    return boxes


def _names(
    view: MapView, to: Projection, dots: Sequence[Dot], marks: Sequence[Mark], text: float
) -> list[Wanted]:
    """What wants a name, the most wanted first: sites of a plan, points, towns, blank spots."""
    wanted = [
        Wanted(mark.x, mark.y, mark.size + text * 0.25, mark.title, text, role)
        for role, chosen in (("planned", True), ("point", False))
        for mark in marks
        if bool(mark.number) is chosen and mark.kind != OFFERED
    ]
    if "names" not in view.layers:
        return [one for one in wanted if one.role == "planned"]
    wanted += _town_names(view, to, text)
    one_town = len(view.communities) <= NAMED_UP_TO
    blanks = [dot for dot in dots if dot.blank][: None if one_town else MOST_BLANK_NAMES]
    wanted += [
        Wanted(dot.x, dot.y, dot.r + text * 0.2, f"空白·{dot.community.name}", text, "blank")
        for dot in blanks
    ]
    if one_town:
        wanted += [
            Wanted(dot.x, dot.y, dot.r + text * 0.2, dot.community.name, text, "community")
            for dot in dots
            if not dot.blank
        ]
    return wanted


def _town_names(view: MapView, to: Projection, text: float) -> list[Wanted]:
    """Each town's name where its elders live, on maps of more than one town."""
    spots: dict[str, list[Community]] = defaultdict(list)
    for one in view.placed:
        spots[one.town].append(one)
    if len(spots) < 2:
        return []
    found = []
    for code, name in view.towns:
        ones = spots.get(code)
        if ones:
            total = sum(one.pop60 + 1 for one in ones)
            lon = sum((one.lon or 0) * (one.pop60 + 1) for one in ones) / total
            lat = sum((one.lat or 0) * (one.pop60 + 1) for one in ones) / total
            found.append(Wanted(*to(lon, lat), 0, name, text * 1.25, "town"))
    return found


def _bar(to: Projection, width: float, height: float, text: float) -> Bar:
    """The longest round length within a quarter of the width."""
    most = width / 4 / to.per_metre
    metres = max(
        step * 10**power
        for power in range(7)
        for step in (1, 2, 5)
        if step * 10**power <= max(most, 1)
    )
    words = f"{metres // 1000} 公里" if metres >= 1000 else f"{metres} 米"
    return Bar(text, height - text, metres * to.per_metre, words)


def metres_told(metres: float) -> str:
    """500 米, 1 公里, 1.5 公里."""
    if metres < 1000:
        return f"{metres:,.0f} 米"
    return f"{metres / 1000:,.2f}".rstrip("0").rstrip(".") + " 公里"
