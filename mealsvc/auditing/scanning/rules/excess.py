"""Which lines make up an excess: what is over-represented where there is too much, against what is
usual here. Pure.

A mixture is fitted: the lines in question are honest ones, distributed as the point's other lines
or as its elders' earlier months say, and added ones, of which nothing is assumed but that they are
alike. Each elder's own share of added lines follows from how often the elder should have come.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, others_middle, remembered
from mealsvc.auditing.scanning.rules.view import Ints, PointMonth

ROUNDS = 12
SOFT = 3.0  # lines that every class is given of the whole, so that none is impossible
AWAY = (90, 240, 500, 900, 1800)  # seconds from the elder's own usual time
GAPS = (6, 15, 40, 120)  # seconds to the nearest entry at the same till
SURE = 0.5


@dataclass(frozen=True, slots=True)
class Blame:
    """Places of the lines held, and the mean probability that one of them was added."""

    which: Ints
    sure: float


def blame(
    seen: PointMonth, hot: NDArray[np.bool_], calm: NDArray[np.bool_], wanted: int, usual: Floats
) -> Blame:
    """At most `wanted` lines of `hot` that were probably added.

    `calm` are lines to learn the honest ones from; `usual` says for each line how often its elder
    should have come for that meal on the days in question.
    """
    at = np.flatnonzero(hot)
    if not len(at) or wanted <= 0:
        return Blame(np.zeros(0, np.int64), 0.0)
    prior = _prior(seen, at, usual[at])
    whole = min(wanted / len(at), 0.98)
    odds = np.log(prior / (1 - prior))
    odds = odds + _shift(odds, whole)
    added = _expit(odds)
    ratios = np.zeros(len(at))
    classes = [(one[at], one[calm], int(one.max()) + 1) for one in _traits(seen)]
    for _ in range(ROUNDS):
        ratios = np.zeros(len(at))
        for here, there, size in classes:
            ratios += _ratio(here, there, size, added)[here]
        fresh = odds + np.clip(ratios, -6, 6)
        added = _expit(fresh + _shift(fresh, whole))
    order = np.lexsort((-seen.lines.sequence[at], -added))[:wanted]
    order = order[added[order] >= SURE]
    sure = float(added[order].mean()) if len(order) else 0.0
    return Blame(np.sort(at[order]), sure)


def _prior(seen: PointMonth, at: Ints, usual: Floats) -> Floats:
    """The share of each elder's lines that goes beyond what was to be expected of the elder."""
    lines = seen.lines
    number, count = groups(lines.resident[at], lines.meal[at])
    came = np.bincount(number, minlength=count)[number].astype(np.float64)
    return np.clip(1 - (usual + 0.25) / (came + 0.25), 0.02, 0.98)


def _traits(seen: PointMonth) -> list[Ints]:
    """What tells added lines from honest ones, as classes."""
    lines = seen.lines
    off = away(seen)
    return [
        np.where(np.isnan(off), len(AWAY) + 1, np.digitize(np.nan_to_num(off), AWAY)),
        np.digitize(nearest(seen), GAPS),
        lines.method,
        lines.mode,
        groups(lines.source)[0],
    ]


@remembered
def away(seen: PointMonth) -> Floats:
    """Seconds from each line to its elder's usual time for the meal; NaN where none is known.

    The usual time is that of the months before if the elder came three times, else the middle of
    the elder's other lines.
    """
    lines = seen.lines
    number, count = groups(lines.resident, lines.meal)
    usual = others_middle(lines.second.astype(np.float64), number, count)
    before, at = habit_of(seen)
    return np.abs(lines.second - np.where(before >= 3, at, usual))


@remembered
def habit_of(seen: PointMonth) -> tuple[Floats, Floats]:
    """For each line how often its elder took this meal here in the months before, and when."""
    lines, habits = seen.lines, seen.habits
    if not len(habits.resident):
        return np.zeros(len(lines)), np.full(len(lines), np.nan)
    known, wanted = habits.resident * 4 + habits.meal, lines.resident * 4 + lines.meal
    order = np.argsort(known)
    row = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    same = known[row] == wanted
    return np.where(same, habits.servings[row], 0.0), np.where(same, habits.at[row], np.nan)


def nearest(seen: PointMonth) -> Floats:
    """Seconds from each line to the nearest other at the same till and meal."""
    lines = seen.lines
    order = np.lexsort((lines.second, lines.source, lines.meal, lines.day))
    same = np.ones(len(order) + 1, bool)
    for key in (lines.day, lines.meal, lines.source):
        same[1:-1] &= np.diff(key[order]) == 0
    gap = np.full(len(order) + 1, np.inf)
    gap[1:-1] = np.where(same[1:-1], np.diff(lines.second[order]), np.inf)
    found = np.empty(len(order))
    found[order] = np.minimum(gap[:-1], gap[1:])
    return found


def _ratio(here: Ints, there: Ints, size: int, added: Floats) -> Floats:
    """The log of how much likelier each class is among added lines than among honest ones."""
    honest = np.bincount(there, minlength=size).astype(np.float64)
    if not len(there):  # nothing to learn from but the lines themselves
        honest = np.bincount(here, 1 - added, size)
    other = np.bincount(here, added, size)
    even = 1.0 / size
    p = (honest + SOFT * even) / (honest.sum() + SOFT)
    q = (other + SOFT * p) / (other.sum() + SOFT)
    return np.log(q / p)


def _shift(odds: Floats, share: float) -> float:
    """What to add to all log odds so that the probabilities average to the share."""
    low, high = -30.0, 30.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _expit(odds + middle).mean() < share else (low, middle)
    return (low + high) / 2


def _expit(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))
