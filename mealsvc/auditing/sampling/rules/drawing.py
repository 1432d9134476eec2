"""Drawing lines by SHA-256 of the seed, so that anybody who has seed and lines draws the same. Pure.

By monetary units (`mus`): lines in order of their sequence lie in a row, each as long as its
subsidy in fen, and the row is cut into `size` cells; in cell k, from 0, SHA-256 of `seed|k` as a
whole number modulo the cell's length points at the fen, and so the line, that is drawn.
By points (`stratified`): of each point those lines whose SHA-256 of `seed|sequence` is least.
What must be examined anyway is taken out first.
"""

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import NamedTuple

LEADS, LARGE, UNITS = "leads", "large", "units"
RANDOM, CERTAIN = "random", "certain"


class Line(NamedTuple):
    """A line that can be drawn: the ledger's sequence, its key, the point's code, the subsidy."""

    sequence: int
    key: str
    point: str
    fen: int


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the population: its lines, their subsidy, the largest of it, how many draws fell."""

    name: str
    why: str
    lines: int
    fen: int
    largest: int
    drawn: int


class Item(NamedTuple):
    """A line that was drawn, and how often."""

    line: Line
    stratum: str
    why: str
    hits: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample: its items in the order of drawing, and the strata that it was drawn from."""

    items: tuple[Item, ...]
    strata: tuple[Stratum, ...]


def digest_of(lines: Iterable[Line]) -> str:
    """SHA-256 over `sequence,key,point,fen` of each line in its order, a newline after each."""
    digest = hashlib.sha256()
    for one in lines:
        digest.update(f"{one.sequence},{one.key},{one.point},{one.fen}\n".encode())
    return digest.hexdigest()


def draw_units(seed: str, lines: Sequence[Line], must: Collection[int], size: int) -> Drawn:
    """Monetary-unit sampling with one draw a cell; lines as long as a cell are taken for certain."""
    leads = [one for one in lines if one.sequence in must]
    rest = [one for one in lines if one.sequence not in must]
    large: list[Line] = []
    while rest and (cells := size - len(large)) > 0:
        longest = ceil(sum(one.fen for one in rest) / cells)
        found = [one for one in rest if one.fen >= longest]
        if not found:
            break
        large += found
        taken = {one.sequence for one in large}
        rest = [one for one in rest if one.sequence not in taken]
    cells = size - len(large) if rest else 0
    hits = _hits(seed, [one.fen for one in rest], cells)
    large.sort()
    items = [Item(one, LEADS, CERTAIN, 1) for one in leads]
    items += [Item(one, LARGE, CERTAIN, 1) for one in large]
    items += [Item(rest[at], UNITS, RANDOM, count) for at, count in hits.items()]
    strata = (
        _stratum(LEADS, CERTAIN, leads, len(leads)),
        _stratum(LARGE, CERTAIN, large, len(large)),
        _stratum(UNITS, RANDOM, rest, cells),
    )
    return Drawn(tuple(items), tuple(one for one in strata if one.lines))


def draw_points(
    seed: str, lines: Sequence[Line], must: Collection[int], wanted: Mapping[str, int]
) -> Drawn:
    """So many lines of each point as `wanted` says, beside those that must be examined."""
    leads = [one for one in lines if one.sequence in must]
    items = [Item(one, LEADS, CERTAIN, 1) for one in leads]
    strata = [_stratum(LEADS, CERTAIN, leads, len(leads))]
    for point, own in sorted(by_point(lines, must).items()):
        ranked = sorted(own, key=lambda one: _sha(f"{seed}|{one.sequence}"))
        drawn = ranked[: wanted.get(point, 0)]
        items += [Item(one, point, RANDOM, 1) for one in drawn]
        strata.append(_stratum(point, RANDOM, own, len(drawn)))
    return Drawn(tuple(items), tuple(one for one in strata if one.lines))


def by_point(lines: Iterable[Line], must: Collection[int]) -> dict[str, list[Line]]:
    """The lines that are left to chance, by point."""
    found: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        if one.sequence not in must:
            found[one.point].append(one)
    return dict(found)


def wanted_by_share(counts: Mapping[str, int], share: float, least: int) -> dict[str, int]:
    """How many lines of each point: this share of them, rounded up, at least `least`, if it has so many."""
    return {
        point: min(count, max(least, ceil(count * share - 1e-9)))
        for point, count in sorted(counts.items())
    }


def _hits(seed: str, lengths: Sequence[int], cells: int) -> Counter[int]:
    """How often each line was drawn, by its place in the row, in the order of drawing."""
    ends, hits = list(accumulate(lengths)), Counter[int]()
    total = ends[-1] if ends else 0
    for cell in range(cells):
        start, end = cell * total // cells, (cell + 1) * total // cells
        at = start + int(_sha(f"{seed}|{cell}"), 16) % (end - start)
        hits[bisect_right(ends, at)] += 1
    return hits


def _stratum(name: str, why: str, lines: Sequence[Line], drawn: int) -> Stratum:
    fen = [one.fen for one in lines]
    return Stratum(name, why, len(fen), sum(fen), max(fen, default=0), drawn)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
