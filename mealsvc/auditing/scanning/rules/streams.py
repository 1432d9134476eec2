"""Runs of entries at a till, and which of them an outage of the network explains. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    groups,
    middles,
    others_middle,
    remembered,
)
from mealsvc.auditing.scanning.rules.view import DELIVERY, MANUAL, Ints, PointMonth

GAP_LEAST = 4.0  # servings that were to be expected in a gap before it can explain a batch
BATCH_GAP = 45  # seconds between entries of a batch
EARLY, AFTER = 900, 420  # how far from a gap an elder's usual time may lie


@dataclass(frozen=True, slots=True)
class Stream:
    """Lines taken at a counter (no deliveries), by day, till and second; `at` their places."""

    at: Ints
    till: Ints  # number of the day and till
    day: Ints
    second: Ints
    gap: Floats  # seconds since the line before at the same till that day; inf for the first

    def __len__(self) -> int:
        return len(self.at)


@remembered
def counter(seen: PointMonth) -> Stream:
    """What was taken at the counter, in the order of entry at each till."""
    lines = seen.lines
    own = np.flatnonzero(lines.mode != DELIVERY)
    order = own[np.lexsort((lines.sequence[own], lines.second[own], lines.source[own], lines.day[own]))]
    till, _ = groups(lines.day[order], lines.source[order])
    second = lines.second[order]
    gap = np.full(len(order), np.inf)
    if len(order) > 1:
        same = till[1:] == till[:-1]
        gap[1:] = np.where(same, np.diff(second), np.inf)
    return Stream(order, till, lines.day[order], second, gap)


@remembered
def usual_seconds(seen: PointMonth) -> Floats:
    """For each line when its elder comes otherwise for that meal; NaN if never."""
    lines = seen.lines
    number, count = groups(lines.resident, lines.meal)
    return others_middle(lines.second.astype(np.float64), number, count)


@remembered
def habit_strength(seen: PointMonth) -> float:
    """How much narrower elders' own times are than the meal's: 0 to the minute, 1 no habit."""
    lines = seen.lines
    if not len(lines):
        return 1.0
    seconds = lines.second.astype(np.float64)
    number, count = groups(lines.resident, lines.meal)
    often = np.bincount(number, minlength=count)[number] >= 4
    meal, meals = groups(lines.meal)
    whole = np.abs(seconds - middles(seconds, meal, meals)[meal])
    own = np.abs(seconds - usual_seconds(seen))[often]
    return float(np.median(own) / max(np.median(whole), 1.0)) if len(own) else 1.0


@remembered
def outage_batches(seen: PointMonth) -> NDArray[np.bool_]:
    """The lines that a gap in the service before them explains: entered after the network came back.

    A gap without servings in which some were to be expected by the other days; after it, no more
    than were missing, of elders who usually come in the gap.
    """
    found = np.zeros(len(seen.lines), bool)
    lines = seen.lines
    own = np.flatnonzero(lines.mode != DELIVERY)
    days = len(np.unique(lines.day[own]))
    if days < 4:
        return found
    own = own[np.lexsort((lines.sequence[own], lines.second[own], lines.day[own]))]
    day, second = lines.day[own], lines.second[own]
    new = np.r_[True, day[1:] != day[:-1]]
    opens = np.where(new, 0, np.r_[0, second[:-1]])
    pool = np.sort(second)
    # servings of all days between two entries of this one, ends not counted
    within = np.searchsorted(pool, second, "left") - np.searchsorted(pool, opens, "right")
    missing = within / (days - 1)
    usual = usual_seconds(seen)[own]
    loose = habit_strength(seen) > 0.7
    quick = _in_batches(second, new)
    for at in np.flatnonzero(missing >= GAP_LEAST):
        rest = np.arange(at, len(own))
        rest = rest[day[rest] == day[at]]
        fits = (usual[rest] >= opens[at] - EARLY) & (usual[rest] <= second[at] + AFTER)
        fits |= np.isnan(usual[rest]) | loose
        fits &= quick[rest] | (lines.method[own[rest]] == MANUAL)
        rest = rest[fits & ~found[own[rest]]]
        most = int(missing[at] + 3 * np.sqrt(missing[at]) + 1)
        found[own[rest[:most]]] = True
    return found


def _in_batches(second: Ints, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which lines stand close to one before or after them."""
    close = np.r_[False, np.diff(second) <= BATCH_GAP] & ~new
    return close | np.r_[close[1:], False]
