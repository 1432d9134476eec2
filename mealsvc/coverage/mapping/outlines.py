"""Reads boundaries out of a GeoJSON file that somebody supplies: pure, bounded, trusting nothing.

Each feature stands for itself: a bad one is told with its number and reason, the others are kept.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import isfinite
from typing import Any

from mealsvc.coverage.mapping.crossing import TooTangled, crosses_itself

Spot = tuple[float, float]
Ring = list[Spot]
Polygon = list[Ring]

MOST_BYTES = 16 * 1024 * 1024
MOST_FEATURES = 5_000
MOST_VERTICES = 200_000
MOST_RINGS = 60
KEPT = {6: 900, 9: 500, 12: 120}  # vertices of an outline, by the length of its code
CHINA = (73.0, 3.0, 136.0, 54.0)
FAR = 0.5  # degrees off everything else in the district: told, but kept
CODE_KEYS = ("code", "区划代码", "代码", "adcode", "CODE")
NAME_KEYS = ("name", "区划名称", "名称", "NAME")
SHIFTED = ("gcj", "bd09", "bd-09", "火星", "mars")
FINE_CRS = ("crs84", "4326", "4490", "wgs84", "wgs-84", "wgs 84", "cgcs2000")


class BadFile(ValueError):
    """A file of which nothing can be used; the text says what to do."""


class _Bad(ValueError):
    """A feature that cannot be used; the text is its reason."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a feature: its number in the file (from 1), what it calls itself, and why."""

    number: int
    name: str
    reason: str


@dataclass(slots=True)
class Found:
    """The outlines by division, what was bad, and what is odd although it was kept."""

    outlines: dict[str, list[Polygon]] = field(default_factory=dict)
    bad: list[Said] = field(default_factory=list)
    odd: list[Said] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """The divisions a boundary may be for: names by code, and where the district lies."""

    names: Mapping[str, str]
    box: tuple[float, float, float, float] | None = None

    def codes_called(self, name: str) -> list[str]:
        return [code for code, known in self.names.items() if known == name]


def read(content: bytes, known: Known) -> Found:
    """What a file holds. Raises `BadFile` when it is no collection of features in WGS-84."""
    document = _document(content)
    _check_crs(document)
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise BadFile(
            "文件不是 GeoJSON 的 FeatureCollection（要素集合），请从制图软件另存为 GeoJSON。"
        )
    if len(features) > MOST_FEATURES:
        raise BadFile(
            f"文件有 {len(features):,} 个要素，最多 {MOST_FEATURES:,} 个：请分成几个文件。"
        )
    found, left, numbers = Found(), MOST_VERTICES, dict[str, int]()
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        named = properties if isinstance(properties, dict) else {}
        try:
            code = _code_of(named, known)
            if code in numbers:
                raise _Bad(f"与第 {numbers[code]} 个要素是同一个区划，只用前一个")
            polygons = _polygons(feature, left)
            left -= sum(len(ring) for polygon in polygons for ring in polygon)
            found.outlines[code] = simplified(polygons, KEPT[len(code)])
            numbers[code] = number
            if _is_far(polygons, known.box):
                found.odd.append(Said(number, known.names[code], "离本区其他区划很远，请核对"))
        except _Bad as error:
            found.bad.append(Said(number, _shown(named), str(error)))
    return found


def simplified(polygons: list[Polygon], most: int) -> list[Polygon]:
    """The same outline with at most about `most` vertices: those go first whose triangle with their
    neighbours is smallest (Visvalingam); no ring falls below a triangle."""
    total = sum(len(ring) for polygon in polygons for ring in polygon)
    share = min(1.0, most / total) if total else 1.0
    return [
        [_rounded(_thinned(ring, max(4, int(len(ring) * share)))) for ring in polygon]
        for polygon in polygons
    ]


def _document(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise BadFile(f"文件超过 {MOST_BYTES // 1024 // 1024} MB：请先在制图软件里简化边界。")
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadFile("文件读不懂：不是 UTF-8 编码的 GeoJSON，或内容有错。") from error
    if not isinstance(document, dict):
        raise BadFile(
            "文件不是 GeoJSON 的 FeatureCollection（要素集合），请从制图软件另存为 GeoJSON。"
        )
    return document


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _check_crs(document: dict[str, Any]) -> None:
    """Refuses what says of itself that it is shifted (GCJ-02, BD-09) or projected."""
    crs = document.get("crs")
    inner = crs.get("properties") if isinstance(crs, dict) else None
    said = str(inner.get("name", "") if isinstance(inner, dict) else crs or "").casefold()
    said += str(document.get("坐标系", "")).casefold()
    if any(word in said for word in SHIFTED):
        raise BadFile(SHIFTED_WORDS)
    if said and not any(word in said for word in FINE_CRS):
        raise BadFile("文件的坐标系不是经纬度（WGS-84 或 CGCS2000）：请在制图软件里转换后再导入。")


SHIFTED_WORDS = (
    "这是 GCJ-02（火星坐标）或 BD-09 坐标，与实地偏差几百米，不能直接用：请先转换为 WGS-84 再导入。"
)


def _code_of(properties: dict[str, Any], known: Known) -> str:
    if any(word in str(properties.get("坐标系", "")).casefold() for word in SHIFTED):
        raise _Bad("坐标是 GCJ-02 或 BD-09，请先转换为 WGS-84")
    for key in CODE_KEYS:
        code = str(properties.get(key) or "").strip()[:20]
        if not code:
            continue
        for tried in (code, code.removesuffix("000"), code.removesuffix("000000")):
            if tried in known.names:
                return tried
        raise _Bad(f"区划代码 {code} 不在本区区划表里")
    name = _shown(properties)
    if not name:
        raise _Bad("没有区划代码（code 或 区划代码）也没有名称")
    codes = known.codes_called(name)
    if len(codes) != 1:
        raise _Bad(
            f"本区有 {len(codes)} 个区划叫“{name}”，请写区划代码" if codes else f"本区没有“{name}”"
        )
    return codes[0]


def _shown(properties: dict[str, Any]) -> str:
    for key in NAME_KEYS:
        value = properties.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()[:40]
    return next((str(properties[key])[:20] for key in CODE_KEYS if properties.get(key)), "")


def _polygons(feature: Any, left: int) -> list[Polygon]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise _Bad("不是面（Polygon 或 MultiPolygon）")
    written = geometry.get("coordinates")
    written = [written] if kind == "Polygon" else written
    if not isinstance(written, list) or not written:
        raise _Bad("没有坐标")
    if sum(len(one) if isinstance(one, list) else 1 for one in written) > MOST_RINGS:
        raise _Bad(f"由 {MOST_RINGS} 个以上的环组成，请先简化")
    made: list[Polygon] = []
    for polygon in written:
        if not isinstance(polygon, list) or not polygon:
            raise _Bad("坐标不完整")
        rings = []
        for ring in polygon:
            rings.append(_ring(ring, left))
            left -= len(rings[-1])
        made.append(rings)
    return made


def _ring(written: Any, left: int) -> Ring:
    """One ring without its closing vertex."""
    if not isinstance(written, list):
        raise _Bad("坐标不完整")
    if len(written) > left:
        raise _Bad(f"文件的顶点超过 {MOST_VERTICES:,} 个，从这里起没有读，请先简化")
    spots = [_spot(one) for one in written]
    ring = [spot for spot, last in zip(spots, [None, *spots], strict=False) if spot != last]
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    if len(ring) < 3:
        raise _Bad("一个环不到三个顶点")
    if abs(_twice_area(ring)) < 1e-10:
        raise _Bad("围不成面积")
    try:
        if crosses_itself(ring):
            raise _Bad("边界线自己相交")
    except TooTangled as error:
        raise _Bad("边界线过于复杂，请先简化") from error
    return ring


def _spot(written: Any) -> Spot:
    if not isinstance(written, list) or len(written) < 2:
        raise _Bad("坐标不完整")
    lon, lat = written[0], written[1]
    for part in (lon, lat):
        if isinstance(part, bool) or not isinstance(part, int | float) or not _finite(part):
            raise _Bad("有的坐标不是数")
    west, south, east, north = CHINA
    if west <= lon <= east and south <= lat <= north:
        return float(lon), float(lat)
    if west <= lat <= east and south <= lon <= north:
        raise _Bad("经纬度的次序反了：应先经度、后纬度")
    raise _Bad("坐标不在中国境内，不是 WGS-84 经纬度")


def _finite(number: float) -> bool:
    try:
        return isfinite(number)
    except OverflowError:  # an integer that no float can hold
        return False


def _is_far(polygons: list[Polygon], box: tuple[float, float, float, float] | None) -> bool:
    if box is None:
        return False
    lons = [lon for polygon in polygons for lon, _ in polygon[0]]
    lats = [lat for polygon in polygons for _, lat in polygon[0]]
    west, south, east, north = box
    return (
        min(lons) > east + FAR
        or max(lons) < west - FAR
        or min(lats) > north + FAR
        or max(lats) < south - FAR
    )


def _twice_area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def _rounded(ring: Ring) -> Ring:
    """To a tenth of a metre."""
    return [(round(lon, 6), round(lat, 6)) for lon, lat in ring]


def _thinned(ring: Ring, most: int) -> Ring:
    """At most `most` of the ring's vertices, never fewer than three."""
    if len(ring) <= most:
        return ring
    size = len(ring)
    before, after = list(range(-1, size - 1)), list(range(1, size + 1))
    before[0], after[-1] = size - 1, 0

    def weight(number: int) -> float:
        a, b, c = ring[before[number]], ring[number], ring[after[number]]
        return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))

    weights = [weight(number) for number in range(size)]
    heap = [(each, number) for number, each in enumerate(weights)]
    heapify(heap)
    gone, left = [False] * size, size
    for each, number in _lightest(heap):
        if left <= max(most, 3):
            break
        if gone[number] or each != weights[number]:
            continue
        gone[number] = True
        left -= 1
        ahead, behind = before[number], after[number]
        after[ahead], before[behind] = behind, ahead
        for neighbour in (ahead, behind):
            weights[neighbour] = max(weight(neighbour), each)
            heappush(heap, (weights[neighbour], neighbour))
    return [spot for spot, is_gone in zip(ring, gone, strict=True) if not is_gone]


def _lightest(heap: list[tuple[float, int]]) -> Iterator[tuple[float, int]]:
    while heap:
        yield heappop(heap)
