"""A07: the same elders at the same distances in time on two meals. Pure.

People who come on their own are some minutes earlier or later than the last time, each by another
amount. A list entered again at its own rhythm moves all of its names by the same amount, even where
real guests stand between them: the differences between two meals pile up in a few seconds. What is
usual is how often the other pairs of meals of the point have just that difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    elder_meals,
    elders,
    groups,
    pairs_within,
)
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.profile import strangeness
from mealsvc.auditing.scanning.rules.streams import from_outage
from mealsvc.auditing.scanning.rules.telling import date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Ints, PointMonth

FINE, COARSE = 8, 60  # seconds a bin; coarse where the clock shows minutes only
LEAST = 6  # elders moved by the same amount
SWAY = 2.0  # a whole day may be late: so much more agreement than usual is nothing
ODD = 2.5  # spreads off the usual times: then both meals are from the list


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Lines of one elder at two meals; `group` numbers the pairs of meals, `bin` the difference."""

    earlier: Ints
    later: Ints
    group: Ints
    bin: Ints
    bins: int


def same_pace(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Lists entered again at their own rhythm, mixed among real guests.

    Evidence: `days` of the meals entered so, `most` elders moved by one amount, `apart` seconds.
    """
    pairs = _pairs(seen)
    if pairs is None:
        return
    group, first, size, logs = _piles(pairs, limits)
    if not len(group):
        return
    hit = _entered(seen, pairs, group, first)
    hit &= ~from_outage(seen, hit)
    if hit.sum() < LEAST:
        return
    best = int(np.argmax(size))
    inside = (pairs.group == group[best]) & _near(pairs.bin, first[best])
    one, other = pairs.earlier[inside], pairs.later[inside]
    lines = seen.lines
    apart = int(np.median(lines.second[other] - lines.second[one]))
    days = np.unique(lines.day[hit])
    yield finding(
        seen, "A07", "high", np.flatnonzero(hit),
        f"{date_words(int(lines.day[other[0]]))}与{date_words(int(lines.day[one[0]]))}相比，"
        f"{int(size[best])}位老人的登记时刻都错开同样的{abs(apart)}秒，这样的共{len(days)}天{int(hit.sum())}笔。",
        "先核对是否统一组织就餐，或断网后照前一天的名单补录。",
        evidence={"days": iso(days.tolist()), "most": int(size[best]), "apart": apart},
        chance=limits.in_district(exp(min(0.0, float(logs.min())))),
    )  # fmt: skip


def _pairs(seen: PointMonth) -> _Pairs | None:
    """All pairs of lines of one elder, the same meal on two days or two meals of a day."""
    lines = seen.lines
    own = np.flatnonzero((lines.mode != DELIVERY) & ~households(seen))
    if len(own) < 2 * LEAST:
        return None
    meal, meals = groups(lines.day, lines.meal)
    again = pairs_within(elder_meals(seen)[0][own])
    today = pairs_within(groups(elders(seen)[1][own], lines.day[own])[0])
    one, other = (own[np.r_[a, b]] for a, b in zip(again, today, strict=True))
    if not len(one):
        return None
    group = meal[one] * meals + meal[other]
    width = COARSE if not (lines.second % COARSE).any() else FINE
    step = (lines.second[other] - lines.second[one]) // width
    for kind in (slice(None, len(again[0])), slice(len(again[0]), None)):
        step[kind] -= step[kind].min(initial=10**6)
    return _Pairs(one, other, group, step, int(step.max()) + 2)


def _piles(pairs: _Pairs, limits: Limits) -> tuple[Ints, Ints, Ints, Floats]:
    """Pairs of meals with far more elders in two neighbouring bins than usual: group, first bin,
    number, and ln of the chance of each, all tests counted."""
    at = np.sort((pairs.group * pairs.bins + pairs.bin).astype(np.int32)).astype(np.int64)
    lowest = at[: 1 - LEAST][at[LEAST - 1 :] - at[: 1 - LEAST] <= 1]
    found = np.unique(np.r_[lowest - 1, lowest])
    found = found[found % pairs.bins < pairs.bins - 1]  # no pile reaches into the next pair
    size = np.searchsorted(at, found + 2) - np.searchsorted(at, found)
    found, size = found[size >= LEAST], size[size >= LEAST]
    group, first = np.divmod(found, pairs.bins)
    if not len(group):
        return group, first, group, np.zeros(0)
    sizes = np.bincount(pairs.group)
    every = np.bincount(pairs.bin, minlength=pairs.bins)
    mean = SWAY * _usual(every, first, size) * sizes[group] / len(pairs.group) + 0.3
    tests = log(np.count_nonzero(sizes) * pairs.bins)
    # the Poisson tail by Chernoff's inequality
    logs = np.where(size > mean, size - mean - size * np.log(size / mean), 0.0)
    sure = logs + tests < log(limits.false_chance)
    return group[sure], first[sure], size[sure], logs[sure] + tests


def _usual(every: Ints, first: Ints, size: Ints) -> Floats:
    """How many of all pairs have this difference or one near it, the pile itself left out."""
    total = np.r_[0, np.cumsum(every)]
    wide = 8  # bins on either side
    low, high = np.maximum(first - wide, 0), np.minimum(first + 2 + wide, len(total) - 1)
    around = (total[high] - total[low] - size) * 2.0 / np.maximum(high - low, 1)
    here = total[np.minimum(first + 2, len(total) - 1)] - total[first] - size
    # piles of one list on many days stand at many differences; a habit's stands at one
    return np.maximum(np.minimum(here, 4 * around + 8), around)


def _near(bins: Ints, first: Ints) -> NDArray[np.bool_]:
    return (bins == first) | (bins == first + 1)


def _entered(seen: PointMonth, pairs: _Pairs, group: Ints, first: Ints) -> NDArray[np.bool_]:
    """The lines entered from the list: of two meals those that are off their elders' usual times."""
    odd = np.abs(strangeness(seen))
    hit = np.zeros(len(seen.lines), bool)
    slack = 0 if not (seen.lines.second % COARSE).any() else 1
    for one, at in zip(group, first, strict=True):
        near = (pairs.bin >= at - slack) & (pairs.bin <= at + 1 + slack)
        inside = np.flatnonzero((pairs.group == one) & near)
        earlier, later = pairs.earlier[inside], pairs.later[inside]
        a, b = float(np.median(odd[earlier])), float(np.median(odd[later]))
        today = seen.lines.day[earlier[0]] == seen.lines.day[later[0]]
        if today or a <= b or a > ODD:  # the second meal of a day is entered from the first
            hit[later] = True
        if not today and (b < a or (b > ODD and a > ODD)):
            hit[earlier] = True
    return hit
