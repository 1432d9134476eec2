"""Who always comes together: couples and small households, one of whom speaks for all. Pure."""

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import elders, remembered, tally
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
    root, around = _components_of(seen)
    size, wide = np.bincount(root), np.bincount(around)
    small = (size[root] > 1) & (wide[around] <= LARGEST) & (root != np.arange(len(root)))
    return small[elders(seen)[1]]


@remembered
def pairs_and_trios(seen: PointMonth) -> NDArray[np.bool_]:
    """As `households`, whoever stands around them: their days off are told once, in any case."""
    root, _ = _components_of(seen)
    small = (np.bincount(root)[root] <= LARGEST) & (root != np.arange(len(root)))
    return small[elders(seen)[1]]


@remembered
def _components_of(seen: PointMonth) -> tuple[Ints, Ints]:
    """For each elder whom they mostly stand beside, and whom they often do (the lowest place)."""
    people, person = elders(seen)
    visits = np.bincount(person, minlength=len(people))
    one, other, times = _side_by_side(seen)
    often = times >= TIMES
    one, other, times = one[often], other[often], times[often]
    fewer = np.minimum(visits[one], visits[other])
    mostly, loosely = times >= TOGETHER * fewer, times >= LOOSELY * fewer
    return (
        components(len(people), one[mostly], other[mostly]),
        components(len(people), one[loosely], other[loosely]),
    )


def _side_by_side(seen: PointMonth) -> tuple[Ints, Ints, Ints]:
    """Pairs of elders (their places) who stood next to each other, and how often."""
    lines = seen.lines
    people, person = elders(seen)
    own = np.flatnonzero(lines.mode != DELIVERY)  # by day, meal and time
    if len(own) < 2:
        return own[:0], own[:0], own[:0]
    meal, second, who = lines.day[own] * 3 + lines.meal[own], lines.second[own], person[own]
    near = (meal[1:] == meal[:-1]) & (np.diff(second) <= BESIDE)
    a, b = who[:-1][near], who[1:][near]
    pairs, times = tally(np.minimum(a, b) * len(people) + np.maximum(a, b))
    one, other = np.divmod(pairs, max(len(people), 1))
    return one, other, times


def components(people: int, a: Ints, b: Ints) -> Ints:
    """For each person the lowest place of those they are linked with, over any number of links."""
    root = np.arange(people)
    while len(a):
        low = np.minimum(root[a], root[b])
        before = root.copy()
        np.minimum.at(root, a, low)
        np.minimum.at(root, b, low)
        root = root[root]
        if (root == before).all():
            break
    return root
