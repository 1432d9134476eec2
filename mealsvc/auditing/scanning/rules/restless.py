"""A06: elders who are there nearly every day, at any time of it. Pure.

Whoever comes often has a habit. Cards that somebody swipes one by one between the guests are there
on most days, and each day at another time. Those who come often are compared with those who come
seldom: among honest elders there are no more restless ones among the former.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, log_binomial_tail
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import from_outage
from mealsvc.auditing.scanning.rules.telling import finding, iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Ints, PointMonth

LEAST_VISITS, LEAST_DAYS = 7, 10
OFTEN = 0.6  # of the days
NEW = 0.35  # of the present share, before: then somebody comes all of a sudden
LEAST_GROUP = 4
BANDS = ((0.8, 9.0), (0.68, 0.8), (0.55, 0.68))  # shares of a spread as wide as the meal
WIDEST = ((0.92, 9.0),)  # of those who come daily
DAILY = 0.75
NARROW = 1_500  # seconds: a meal over so soon shows no habits
TESTS = 5  # groups and bands looked at
RARE = 0.02  # so many restless ones are always allowed for
KNOWN = 15  # days before the month that tell something


@dataclass(frozen=True, slots=True)
class _Elders:
    """One row an elder and meal: visits, share of days, spread as a share of the widest, new."""

    number: Ints  # of each line
    visits: Ints
    share: Floats
    spread: Floats
    fresh: NDArray[np.bool_]


def restless(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Frequent elders without any habit of time, far more of them than among the others.

    Evidence: `elders`, `spread` (share of the widest, their middle), `usual`, `days`.
    """
    lines = seen.lines
    days = len(np.unique(lines.day))
    if days < LEAST_DAYS:
        return
    known = _elders(seen, days)
    often = (known.share >= OFTEN) & (known.visits >= LEAST_VISITS)
    best, chosen = 0.0, np.zeros(len(often), bool)
    hit = np.zeros(len(often), bool)
    parts = (
        (often & known.fresh, BANDS),
        (often & ~known.fresh, BANDS[:1]),
        (often & ~known.fresh & (known.share >= DAILY), WIDEST),
    )
    for among, bands in parts:
        for least, most in bands:
            wide = (known.spread >= least) & (known.spread < most)
            chance = _chance(known, among, wide)
            if chance + log(TESTS) < log(limits.false_chance):
                hit |= among & wide
                if chance < best:
                    best, chosen = chance, among & wide
    mine = hit[known.number] & (lines.mode != DELIVERY)
    mine &= ~from_outage(seen, mine)
    if not mine.any():
        return
    others = float(np.quantile(known.spread[known.visits >= 4], 0.4))
    yield finding(
        seen, "A06", "case", np.flatnonzero(mine),
        f"{int(hit.sum())}位老人几乎天天登记，时刻却毫无规律（波动是其他人的{float(np.median(known.spread[chosen])) / max(others, 0.01):.1f}倍），共{int(mine.sum())}笔。",
        "先核对是否由家属、护理员不定时代领；再看卡是否在本人手里。",
        evidence={
            "elders": int(hit.sum()),
            "spread": round(float(np.median(known.spread[chosen])), 2),
            "usual": round(others, 2),
            "days": iso(np.unique(lines.day[mine]).tolist()),
        },
        chance=limits.in_district(exp(min(0.0, best + log(TESTS)))),
    )  # fmt: skip


def _elders(seen: PointMonth, days: int) -> _Elders:
    """How often each elder takes each meal, and how widely the times are spread."""
    lines, people = seen.lines, seen.people
    number, count = groups(lines.resident, lines.meal)
    visits = np.bincount(number, minlength=count)
    second = lines.second.astype(np.float64)
    mean = np.bincount(number, second, count) / visits
    square = np.bincount(number, (second - mean[number]) ** 2, count)
    first = np.zeros(count, np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    spread = np.sqrt(square / np.maximum(visits - 1, 1)) / _widest(seen)[lines.meal[first]]
    enrolled = people.enrolled_day[people.at(lines.resident[first])]
    since = np.where(enrolled >= seen.first_day, enrolled - seen.first_day, 0)
    left = np.maximum(days * (1 - since / max(seen.last_day - seen.first_day + 1, 1)), 1.0)
    share = np.minimum(visits / left, 1.0)
    before = _before(seen, lines.resident[first], lines.meal[first])
    sudden = (seen.habits.days >= KNOWN) & (before < NEW * share)
    return _Elders(number, visits, share, spread, sudden | (enrolled >= seen.first_day - 7))


def _widest(seen: PointMonth) -> Floats:
    """For each meal the deviation of times that are anywhere in it."""
    lines = seen.lines
    found = np.full(4, np.inf)
    for meal in np.unique(lines.meal).tolist():
        at = lines.second[(lines.meal == meal) & (lines.mode != DELIVERY)]
        if len(at) >= 30:
            low, high = np.quantile(at, (0.005, 0.985))
            opened = seen.point.hours.get(meal)
            if opened:
                low, high = max(low, opened[0]), min(high, opened[1])
            found[meal] = (high - low) / np.sqrt(12) if high - low >= NARROW else np.inf
    return found


def _before(seen: PointMonth, resident: Ints, meal: Ints) -> Floats:
    """The share of the days before the month on which each took the meal here."""
    habits = seen.habits
    if not len(habits.resident):
        return np.zeros(len(resident))
    known, wanted = habits.resident * 4 + habits.meal, resident * 4 + meal
    order = np.argsort(known)
    row = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    return np.where(known[row] == wanted, habits.servings[row], 0) / max(habits.days, 1)


def _chance(known: _Elders, among: NDArray[np.bool_], wide: NDArray[np.bool_]) -> float:
    """ln of the chance that so many of these are restless, going by all others; 0 for too few."""
    others = ~among & (known.visits >= 4)
    hits = int((among & wide).sum())
    if hits < LEAST_GROUP or others.sum() < 2 * LEAST_GROUP:
        return 0.0
    share = max(float((wide & others).sum() + 1) / float(others.sum() + 2), RARE)
    return log_binomial_tail(hits, int(among.sum()), share)
