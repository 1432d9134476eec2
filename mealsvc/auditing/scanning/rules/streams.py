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


def from_outage(seen: PointMonth, hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of these lines a gap in the service before them explains, entered after the network came back.

    A gap without servings in which, by the other days, some were to be expected; after it no more
    of these lines than were missing, most of them of elders who usually come in the gap.
    """
    found = np.zeros(len(seen.lines), bool)
    gaps = _gaps(seen)
    lines, usual = seen.lines, usual_seconds(seen)
    loose = habit_strength(seen) > LOOSE
    for day in np.unique(lines.day[hit]):
        of_day = np.flatnonzero(hit & (lines.day == day))
        for at in np.flatnonzero(gaps.day == day):
            after = of_day[lines.second[of_day] >= gaps.ends[at]]
            after = after[~found[after]]
            if not len(after) or len(after) > gaps.missing[at] + 3 * np.sqrt(gaps.missing[at]):
                continue
            fits = (usual[after] >= gaps.begins[at] - EARLY) & (
                usual[after] <= gaps.ends[at] + AFTER
            )
            known = ~np.isnan(usual[after])
            if loose or fits[known].sum() >= FITTING * known.sum():
                found[after] = True
    return found


@dataclass(frozen=True, slots=True)
class Gaps:
    """Times without any serving in which other days lead to expect so many."""

    day: Ints
    begins: Ints
    ends: Ints
    missing: Floats


@remembered
def _gaps(seen: PointMonth) -> Gaps:
    """The gaps of the month that are too long for chance."""
    lines = seen.lines
    own = np.flatnonzero((lines.mode != DELIVERY) & (lines.second < 86_400))
    days = len(np.unique(lines.day[own]))
    own = own[np.lexsort((lines.second[own], lines.day[own]))]
    day, ends = lines.day[own], lines.second[own]
    new = np.r_[True, day[1:] != day[:-1]] if len(own) else np.zeros(0, bool)
    begins = np.where(new, 0, np.r_[0, ends[:-1]]) if len(own) else ends
    pool = np.sort(ends)
    # servings of all days between two entries of this one, the two not counted
    within = np.searchsorted(pool, ends, "left") - np.searchsorted(pool, begins, "right")
    missing = np.maximum(within, 0) / max(days - 1, 1)
    long = missing >= max(GAP_LEAST, np.log(max(len(own) / max(days, 1), 1)) + 1)
    return Gaps(day[long], begins[long], ends[long], missing[long])
