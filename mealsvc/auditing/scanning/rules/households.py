"""Who always comes together: couples and small households, one of whom speaks for all. Pure."""

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import groups, remembered
from mealsvc.auditing.scanning.rules.view import DELIVERY, Ints, PointMonth

LARGEST = 3
TOGETHER, TIMES = 0.6, 3  # share and number of their meals at which they stand side by side
LOOSELY = 0.35
BESIDE = 180  # seconds


@remembered
def households(seen: PointMonth) -> NDArray[np.bool_]:
    """The lines of household members other than the one who speaks for it (the lowest id)."""
    lines = seen.lines
    spoken = np.zeros(len(lines), bool)
    one, other, times = _side_by_side(seen)
    if not len(one):
        return spoken
    people, visits = np.unique(lines.resident, return_counts=True)
    fewer = np.minimum(visits[np.searchsorted(people, one)], visits[np.searchsorted(people, other)])
    pair = (times >= TIMES) & (times >= TOGETHER * fewer)
    loose = (times >= TIMES) & (times >= LOOSELY * fewer)
    root = components(people, one[pair], other[pair])
    # a couple stands beside changing others; part of a run is no household
    around = components(people, one[loose], other[loose])
    size, wide = np.bincount(root), np.bincount(around)
    small = (size[root] > 1) & (wide[around] <= LARGEST) & (root != np.arange(len(people)))
    return np.isin(lines.resident, people[small])


def _side_by_side(seen: PointMonth) -> tuple[Ints, Ints, Ints]:
    """Pairs of elders who stood next to each other, and how often."""
    lines = seen.lines
    own = np.flatnonzero(lines.mode != DELIVERY)
    if len(own) < 2:
        return own[:0], own[:0], own[:0]
    meal, _ = groups(lines.day[own], lines.meal[own])
    own = own[np.lexsort((lines.sequence[own], lines.second[own], meal))]
    meal, _ = groups(lines.day[own], lines.meal[own])
    near = (meal[1:] == meal[:-1]) & (np.diff(lines.second[own]) <= BESIDE)
    a, b = lines.resident[own][:-1][near], lines.resident[own][1:][near]
    if not len(a):
        return own[:0], own[:0], own[:0]
    low, high = np.minimum(a, b), np.maximum(a, b)
    most = int(high.max()) + 1
    pairs, times = np.unique(low * most + high, return_counts=True)
    return pairs // most, pairs % most, times


def components(people: Ints, one: Ints, other: Ints) -> Ints:
    """For each person the lowest place of those they are linked with, over any number of links."""
    root = np.arange(len(people))
    a, b = np.searchsorted(people, one), np.searchsorted(people, other)
    while len(a):
        low = np.minimum(root[a], root[b])
        before = root.copy()
        np.minimum.at(root, a, low)
        np.minimum.at(root, b, low)
        root = root[root]
        if (root == before).all():
            break
    return root
