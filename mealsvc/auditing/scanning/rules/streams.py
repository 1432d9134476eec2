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
from mealsvc.auditing.scanning.rules.view import DELIVERY, Ints, PointMonth

GAP_LEAST = 3.5  # servings that were to be expected in a gap before it can explain a batch
SHORTEST = 240  # seconds of service that an outage takes at least
ONE_GO = 60  # seconds between the entries of a batch
FITTING = 0.6  # of a batch's elders usually come in the gap
LOOSE = 0.75  # habits weaker than that tell nothing about who was missing
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
    order = own[
        np.lexsort((lines.sequence[own], lines.second[own], lines.source[own], lines.day[own]))
    ]
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


def step_of(second: Ints) -> float:
    """What times are rounded to: 1, 5, 10 or 60 seconds."""
    for step in (60, 10, 5):
        if not (second % step).any():
            return float(step)
    return 1.0


def from_outage(seen: PointMonth, hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of these lines a gap in the service before them explains, entered after the network came back.

    A gap without servings in which, by the other lines of other days, some were to be expected;
    after it no more of these lines than were missing, most of them of elders who come in the gap.
    """
    found = np.zeros(len(seen.lines), bool)
    if not hit.any():
        return found
    gaps = _gaps(seen, hit)
    lines, usual = seen.lines, usual_seconds(seen)
    loose = habit_strength(seen) > LOOSE
    for at in range(len(gaps.day)):
        after = np.flatnonzero(hit & (lines.day == gaps.day[at]))
        after = after[(lines.second[after] >= gaps.ends[at]) & ~found[after]]
        if not len(after) or len(after) > gaps.missing[at] + 3 * np.sqrt(gaps.missing[at]):
            continue
        if not _in_one_go(lines.second[after]):
            continue
        fits = (usual[after] >= gaps.begins[at] - EARLY) & (usual[after] <= gaps.ends[at] + AFTER)
        known = ~np.isnan(usual[after])
        if loose or fits[known].sum() >= FITTING * known.sum():
            found[after] = True
    return found


def _in_one_go(second: Ints) -> bool:
    """Whether these entries follow one another as a batch does."""
    return len(second) < 4 or float(np.median(np.diff(np.sort(second)))) <= ONE_GO


@dataclass(frozen=True, slots=True)
class Gaps:
    """Times without any serving in which other days lead to expect so many."""

    day: Ints
    begins: Ints
    ends: Ints
    missing: Floats


def _gaps(seen: PointMonth, hit: NDArray[np.bool_]) -> Gaps:
    """The gaps before these lines' days' batches that are too long for chance."""
    lines = seen.lines
    counter = (lines.mode != DELIVERY) & (lines.second < 86_400)
    others = np.flatnonzero(counter & ~hit)
    days = len(np.unique(lines.day[others]))
    own = np.flatnonzero(counter & np.isin(lines.day, np.unique(lines.day[hit])))
    own = own[np.lexsort((lines.second[own], lines.day[own]))]
    if days < 4 or not len(own):
        none = np.zeros(0, np.int64)
        return Gaps(none, none, none, np.zeros(0))
    day, ends = lines.day[own], lines.second[own]
    begins = np.where(np.r_[True, day[1:] != day[:-1]], 0, np.r_[0, ends[:-1]])
    pool = np.sort(lines.second[others])
    low, high = np.searchsorted(pool, begins, "right"), np.searchsorted(pool, ends, "left")
    missing = np.maximum(high - low, 0) / (days - 1)
    last = len(pool) - 1
    length = pool[np.clip(high - 1, 0, last)] - pool[np.minimum(low, last)]
    # a full day misses more
    whole = np.bincount(lines.day - seen.lines.day.min())
    full = whole[day - lines.day.min()] / whole[whole > 0].mean()
    missing *= np.clip(full, 0.5, 2.0)
    long = missing >= max(GAP_LEAST, np.log(max(len(others) / days, 1)) + 1)
    long &= length >= SHORTEST
    return Gaps(day[long], begins[long], ends[long], missing[long])
