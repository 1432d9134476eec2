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
    """The lines of household members other than the one who speaks for it (the lowest id).

    A couple stands beside changing others; two who are part of a longer run are no household.
    """
    people, root, around = _components_of(seen)
    size, wide = np.bincount(root), np.bincount(around)
    small = (size[root] > 1) & (wide[around] <= LARGEST) & (root != np.arange(len(people)))
    return np.isin(seen.lines.resident, people[small])


@remembered
def pairs_and_trios(seen: PointMonth) -> NDArray[np.bool_]:
    """As `households`, whoever stands around them: their days off are told once, in any case."""
    people, root, _ = _components_of(seen)
    small = (np.bincount(root)[root] <= LARGEST) & (root != np.arange(len(people)))
    return np.isin(seen.lines.resident, people[small])


@remembered
def _components_of(seen: PointMonth) -> tuple[Ints, Ints, Ints]:
    """Everybody, whom they mostly stand beside, and whom they often do (the lowest place of all)."""
    people, visits = np.unique(seen.lines.resident, return_counts=True)
    one, other, times = _side_by_side(seen)
    at_one, at_other = np.searchsorted(people, one), np.searchsorted(people, other)
    fewer = np.minimum(visits[at_one], visits[at_other]) if len(one) else times
    found = list[Ints]()
    for share in (TOGETHER, LOOSELY):
        pair = (times >= TIMES) & (times >= share * fewer)
        found.append(components(people, one[pair], other[pair]))
    return people, found[0], found[1]


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
