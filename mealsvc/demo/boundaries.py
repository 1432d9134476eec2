"""Made-up outlines of the demo's towns: the ground that lies nearest to one of their communities."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mealsvc.coverage.mapping.boundaries import keep, read_boundaries
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import Division
from mealsvc.plumbing.db import db, writing

SOURCE = "演示：按虚构的村社区位置生成，不是实际边界"
CELL = 0.004  # degrees
AROUND = 3
REACH = 7.5  # cells: so far around its communities goes a town

Spot = tuple[float, float]
Edge = tuple[tuple[int, int], tuple[int, int]]


def put_boundaries(by: Actor, now: datetime) -> None:
    """One outline a town; opens its own transaction."""
    rows = db.session.execute(
        select(Division.code, Division.lon, Division.lat).where(
            Division.level == "community", Division.lon.is_not(None), Division.lat.is_not(None)
        )
    ).all()
    if not rows:
        return
    features = [
        {
            "type": "Feature",
            "properties": {"code": town},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]},
        }
        for town, rings in _outlines([(row.code[:9], row.lon, row.lat) for row in rows])
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    outlines, report = read_boundaries(content)
    assert not report.bad, report.bad
    with writing():
        keep(outlines, report, SOURCE, by, now)


def _outlines(rows: Sequence[tuple[str, float, float]]) -> Iterator[tuple[str, list[list[Spot]]]]:
    towns, west, south, cells = _grid(rows)
    for number, town in enumerate(towns):
        rings = [ring for ring in _loops(cells, number) if _area(ring) > 20]
        smooth = [_smoothed(_smoothed(ring)) for ring in rings]
        if smooth:
            yield (
                town,
                [
                    [(west + x * CELL, south + y * CELL) for x, y in [*ring, ring[0]]]
                    for ring in smooth
                ],
            )


def _grid(rows: Sequence[tuple[str, float, float]]) -> tuple[list[str], float, float, Any]:
    """Which town each cell belongs to: that of its nearest community, -1 far from any."""
    import numpy as np

    towns = sorted({town for town, _, _ in rows})
    lons = np.array([lon for _, lon, _ in rows])
    lats = np.array([lat for _, _, lat in rows])
    owner = np.array([towns.index(town) for town, _, _ in rows])
    border = (REACH + 3) * CELL
    west, south = lons.min() - border, lats.min() - border
    wide = int((lons.max() + border - west) / CELL)
    high = int((lats.max() + border - south) / CELL)
    x = (np.arange(wide) + 0.5)[:, None, None]
    y = (np.arange(high) + 0.5)[None, :, None]
    away = (x - (lons - west) / CELL) ** 2 * 0.73 + (y - (lats - south) / CELL) ** 2
    nearest = away.argmin(axis=2)
    cells = np.where(away.min(axis=2) <= REACH**2, owner[nearest], -1)
    return towns, float(west), float(south), cells


def _loops(cells: Any, number: int) -> Iterator[list[Spot]]:
    """The outer edges of one town's cells, joined into rings that keep the town on the left."""
    import numpy as np

    after: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for x, y in np.argwhere(cells == number).tolist():
        corners = ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1))
        beyond = ((x, y - 1), (x + 1, y), (x, y + 1), (x - 1, y))
        for side, (other_x, other_y) in enumerate(beyond):
            if cells[other_x, other_y] != number:
                after[corners[side]].append(corners[(side + 1) % 4])
    while after:
        start = next(iter(after))
        ring, at = [], start
        while True:
            ring.append((float(at[0]), float(at[1])))
            following = after[at].pop()
            if not after[at]:
                del after[at]
            at = following
            if at == start:
                break
        yield ring


def _smoothed(ring: Sequence[Spot]) -> list[Spot]:
    """Each corner moved to the middle of its neighbourhood: the steps of the grid go."""
    size = len(ring)
    near = range(-AROUND, AROUND + 1)
    return [
        (
            sum(ring[(at + step) % size][0] for step in near) / len(near),
            sum(ring[(at + step) % size][1] for step in near) / len(near),
        )
        for at in range(size)
    ]


def _area(ring: Sequence[Spot]) -> float:
    """In cells; negative for a hole."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2
