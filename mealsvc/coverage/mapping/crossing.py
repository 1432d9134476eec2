"""Whether a ring crosses itself: segments meet only those of the cells they lie in. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import sqrt

Spot = tuple[float, float]
Grid = tuple[float, float, float, float]
MOST_COMPARED = 600_000  # pairs; a ring that asks for more was made to


class TooTangled(ValueError):
    """A ring whose segments lie so close that looking through them would take too long."""


def crosses_itself(ring: Sequence[Spot]) -> bool:
    """Whether two segments of a closed ring cross. Raises `TooTangled`."""
    size = len(ring)
    if size < 4:
        return False
    segments = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    grid = _grid(ring, size)
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    compared = 0
    for number, segment in enumerate(segments):
        for cell in _cells(segment, grid):
            inside = cells[cell]
            compared += len(inside) + 1
            if compared > MOST_COMPARED:
                raise TooTangled
            if any(_cross(*segment, *segments[other]) for other in inside):
                return True
            inside.append(number)
    return False


def _cells(segment: tuple[Spot, Spot], grid: Grid) -> Iterator[tuple[int, int]]:
    width, height, west, south = grid
    (a_x, a_y), (b_x, b_y) = segment
    left, right = sorted((int((a_x - west) / width), int((b_x - west) / width)))
    low, high = sorted((int((a_y - south) / height), int((b_y - south) / height)))
    for column in range(left, right + 1):
        for row in range(low, high + 1):
            yield column, row


def _grid(ring: Sequence[Spot], size: int) -> Grid:
    """Width and height of a cell, and where the first one begins."""
    lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
    side = max(int(sqrt(size)), 1)
    width = (max(lons) - min(lons)) / side or 1.0
    height = (max(lats) - min(lats)) / side or 1.0
    return width, height, min(lons), min(lats)


def _cross(a: Spot, b: Spot, c: Spot, d: Spot) -> bool:
    """Whether two segments cross; those that only touch don't."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Spot, b: Spot, c: Spot) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
