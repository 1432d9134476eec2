"""Where names stand on a map so that none lies over another: greedy, the most wanted first. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""

CELL = 48.0
NARROW = 0.58  # the width of a letter or figure, in em; a Chinese character takes 1
SPREADS = (0.0, 1.4)  # beside its symbol first, then further off with a line that leads to it
TOWN_STEPS = tuple((across, up) for up in (0, 1, -1, 1.7, -1.7) for across in (0, 0.4, -0.4))
LED = frozenset({"point", "planned"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name that wants to stand beside (x, y), `clear` of it; a town's stands right on it."""

    x: float
    y: float
    clear: float
    text: str
    size: float
    role: str


@dataclass(frozen=True, slots=True)
class Label:
    """A name at its place: x and y of its baseline's left end, and from where a line leads to it."""

    x: float
    y: float
    text: str
    size: float
    role: str
    width: float
    lead: Rect | None = None


class Room:
    """The rectangles that are taken, found by the cells they lie in."""

    def __init__(self, taken: Iterable[Rect]):
        self._cells: dict[tuple[int, int], list[Rect]] = defaultdict(list)
        for rect in taken:
            self.take(rect)

    def take(self, rect: Rect) -> None:
        for cell in _cells(rect):
            self._cells[cell].append(rect)

    def is_free(self, rect: Rect) -> bool:
        left, top, right, bottom = rect
        return not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for cell in _cells(rect)
            for other in self._cells.get(cell, ())
        )


def place(
    wanted: Sequence[Wanted],
    taken: Iterable[Rect],
    avoided: Iterable[Rect],
    width: float,
    height: float,
) -> tuple[Label, ...]:
    """A place for each name that finds one; who finds none is left out, nothing is cut.

    What is `taken` stays free of names, what is `avoided` where that can be had.
    """
    room, better = Room(taken), Room(avoided)
    placed = []
    for one in wanted:
        spots = _free_spots(one, room, width, height)
        if not spots:
            continue
        rect, leads = next((spot for spot in spots if better.is_free(spot[0])), spots[0])
        room.take(rect)
        lead = _lead(one, rect) if leads else None
        baseline = rect[1] + one.size * 0.93
        long = rect[2] - rect[0]
        placed.append(Label(rect[0], baseline, one.text, one.size, one.role, long, lead))
    return tuple(placed)


def width_of(text: str, size: float) -> float:
    """About how wide a name is; never less than the fonts of pages and papers make it."""
    return size * sum(NARROW if char < "\u2000" else 1.0 for char in text)


def _free_spots(one: Wanted, room: Room, width: float, height: float) -> list[tuple[Rect, bool]]:
    """Where the name would lie over nothing that is taken, the best first; and whether a line has
    to lead there."""
    long, high = width_of(one.text, one.size), one.size * 1.15
    found = []
    for left, top, leads in _spots(one, long, high):
        rect = (left, top, left + long, top + high)
        inside = left >= 1 and top >= 1 and rect[2] <= width - 1 and rect[3] <= height - 1
        if inside and room.is_free(rect):
            found.append((rect, leads))
    return found


def _spots(one: Wanted, long: float, high: float) -> Iterator[tuple[float, float, bool]]:
    """Left upper corners to try, the best first, and whether a line has to lead there."""
    if one.role == "town":
        for across, up in TOWN_STEPS:
            yield one.x + (across - 0.5) * long, one.y + (up - 0.5) * high, False
        return
    for spread in SPREADS if one.role in LED else SPREADS[:1]:
        gap = one.clear + spread * one.size
        side, slant = gap, gap * 0.75
        for left, top in (
            (one.x + side, one.y - high / 2),
            (one.x - side - long, one.y - high / 2),
            (one.x - long / 2, one.y - gap - high),
            (one.x - long / 2, one.y + gap),
            (one.x + slant, one.y - slant - high * 0.8),
            (one.x + slant, one.y + slant - high * 0.2),
            (one.x - slant - long, one.y - slant - high * 0.8),
            (one.x - slant - long, one.y + slant - high * 0.2),
        ):
            yield left, top, spread > 0


def _lead(one: Wanted, rect: Rect) -> Rect:
    """From the symbol to the nearest spot of the name's box."""
    near_x = min(max(one.x, rect[0]), rect[2])
    near_y = min(max(one.y, rect[1]), rect[3])
    return (one.x, one.y, near_x, near_y)


def _cells(rect: Rect) -> Iterator[tuple[int, int]]:
    for column in range(int(rect[0] // CELL), int(rect[2] // CELL) + 1):
        for row in range(int(rect[1] // CELL), int(rect[3] // CELL) + 1):
            yield column, row
