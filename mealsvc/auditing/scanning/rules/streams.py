"""Runs of entries at a till, and which of them an outage of the network explains. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    elder_meals,
    groups,
    middles,
    others_middle,
    remembered,
)
from mealsvc.auditing.scanning.rules.view import DELIVERY, Ints, Lines, PointMonth

GAP_LEAST = 3.5  # servings that are missing in a gap before it can explain a batch
SHORTEST = 240  # seconds that an outage takes at least
LEAST_DAYS = 4
ONE_GO, LEAST_BATCH = 90, 3  # seconds between the entries of a batch at most, and how many
FITTING = 0.6  # of a batch's elders usually come in the gap
KNOWN = 0.4  # of a batch's elders come on other days too: nobody misses who never came
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
    number, count = elder_meals(seen)
    return others_middle(lines.second.astype(np.float64), number, count)


@remembered
def habit_strength(seen: PointMonth) -> float:
    """How much narrower elders' own times are than the meal's: 0 to the minute, 1 no habit."""
    lines = seen.lines
    if not len(lines):
        return 1.0
    seconds = lines.second.astype(np.float64)
    number, count = elder_meals(seen)
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
    """Which of these lines were entered after the network came back: batches that a gap explains.

    Before the batch there is a time with far fewer servings than on other days; the batch holds no
    more lines than were missing, most of them of elders who usually come then.
    """
    found = np.zeros(len(seen.lines), bool)
    lines = seen.lines
    counter = (lines.mode != DELIVERY) & (lines.second < 86_400)
    others = np.flatnonzero(counter & ~hit)
    days, whole = np.unique(lines.day[counter], return_counts=True)
    if not hit.any() or len(days) < LEAST_DAYS or not len(others):
        return found
    pool = np.sort(lines.second[others])
    for batch in _batches(lines, hit):
        day = lines.day[batch[0]]
        full = np.clip(whole[days == day].sum() / whole.mean(), 0.6, 2.0)
        seconds = np.sort(lines.second[others[lines.day[others] == day]])
        gap = _gap(pool, full / len(days), seconds, int(lines.second[batch].min()))
        if gap is not None and len(batch) <= gap.missing + 3 * np.sqrt(gap.missing):
            found[batch] = _fitting(seen, batch, gap)
    return found


@dataclass(frozen=True, slots=True)
class Gap:
    """A time with far fewer servings than other days lead to expect, and how many are missing."""

    begins: int
    ends: int
    missing: float


def _batches(lines: Lines, hit: NDArray[np.bool_]) -> list[Ints]:
    """Lines that follow one another closely, several at a time."""
    at = np.flatnonzero(hit)
    at = at[np.lexsort((lines.second[at], lines.day[at]))]
    apart = (np.diff(lines.day[at]) != 0) | (np.diff(lines.second[at]) > ONE_GO)
    parts = np.split(at, np.flatnonzero(apart) + 1)
    return [part for part in parts if len(part) >= LEAST_BATCH]


def _gap(pool: Ints, weight: float, seconds: Ints, until: int) -> Gap | None:
    """The time before a batch in which the day fell furthest behind, if beyond chance."""
    seconds = seconds[seconds < until]
    times = np.r_[max(int(pool[0]) - 1, 0), seconds]
    expected = np.searchsorted(pool, np.r_[times, until]) * weight
    # behind: half of what was to be expected, less what came; from its lowest to its highest
    level = 0.5 * expected - np.arange(len(expected))
    fallen = level[1:] + 1 - np.minimum.accumulate(level[:-1])
    last = int(np.argmax(fallen)) + 1
    first = int(np.argmin(level[:last]))
    came = last - 1 - first
    begins, ends = int(times[first]), int(np.r_[times, until][last])
    due = float(expected[last] - expected[first])
    missing = due - came
    if missing < GAP_LEAST or came > 0.5 * due or ends - begins < SHORTEST:
        return None
    chance = came - due - (came * np.log(came / due) if came else 0.0)
    if chance > -(1.5 * np.log(len(times)) + 2):
        return None
    return Gap(begins, ends, missing)


def _fitting(seen: PointMonth, batch: Ints, gap: Gap) -> bool:
    """Whether most of a batch's elders usually come in the gap."""
    usual = usual_seconds(seen)[batch]
    fits = (usual >= gap.begins - EARLY) & (usual <= gap.ends + AFTER)
    known = int((~np.isnan(usual)).sum())
    if known < KNOWN * len(batch):
        return False
    return habit_strength(seen) > LOOSE or bool(fits.sum() >= FITTING * known)
