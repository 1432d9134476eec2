"""Elders who hardly ever come and yet are entered together, on some days only."""

from collections.abc import Iterator
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules import excess
from mealsvc.auditing.scanning.rules.arithmetic import groups, log_binomial_tail
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, finding, iso
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth

SELDOM = 0.65  # of the month's days, and half as often in the months before
DAYS, CROWD = 8, 4  # days of the month, elders of a crowded day
FEWEST = 3  # crowded days
SWINGS = 3.0  # times the swing of independent elders, the others' own swing taken off


def crowds(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A26: elders who seldom come crowd into the same days, far more than by chance, while the
    point's regulars come as always.

    Held are their lines on those days. A market day, a community that joins on one day and comes
    from then on, and a single festival are no such crowd.
    Evidence: `days`, `elders`, `crowded` and `otherwise` such elders a day.
    """
    for meal in range(3):
        yield from _crowd(seen, limits, meal)


def _crowd(seen: PointMonth, limits: Limits, meal: int) -> Iterator[Anomaly]:
    lines = seen.lines
    at = np.flatnonzero(lines.meal == meal)
    days, day = np.unique(lines.day[at], return_inverse=True)
    if len(days) < DAYS:
        return
    elder, count = groups(lines.resident[at])
    came = np.bincount(elder, minlength=count)
    before = np.zeros(count)
    before[elder] = excess.habit_of(seen)[0][at]
    rate = before / max(seen.habits.days, 1)
    seldom = (came <= SELDOM * len(days)) & (rate <= 0.5 * came / len(days) + 0.02)
    if seen.habits.days < DAYS:
        seldom = came <= SELDOM * len(days)
    mine = seldom[elder]
    if mine.sum() < FEWEST * CROWD:
        return
    each = np.bincount(day[mine], minlength=len(days))
    high = _crowded(each)
    number, low = int(high.sum()), float(each[~high].mean()) if (~high).any() else 0.0
    if number < FEWEST or each[high].min() < CROWD or (~high).sum() < FEWEST:
        return
    if _stretch(high) or _weekly(days, high):
        return
    # who was there on crowded days only: each by the chance of it, at the others' own pace
    rest = np.bincount(day[~mine], minlength=len(days))
    share = float((rest[high].sum() + number) / max(rest.sum() + len(days), 1))
    inside = np.bincount(elder[high[day]], minlength=count)
    part = seldom & (came >= 1)
    whole = int(came[part].sum())
    logged = log_binomial_tail(int(inside[part].sum() / SWINGS), int(whole / SWINGS), share)
    logged += len(days) * log(2) * 0.5 + log(3)  # the days were chosen by looking
    held = part & (inside >= 0.85 * came) & (came >= 2)
    which = at[held[elder] & high[day]]
    if logged > log(limits.false_chance) or len(which) < FEWEST * CROWD:
        return
    yield finding(
        seen,
        "A26",
        "case",
        which,
        f"{int(held.sum())}位平时很少来的老人只在{number}天里成批出现（{MEAL_WORDS[meal]}每天约"
        f"{each[high].mean():.0f}位，其余日子{low:.1f}位），共{len(which)}笔，常客人数并未同步变化。",
        "先核对这些日子是否有活动、体检、集体参观或邻近助餐点停业。",
        evidence={
            "days": iso(days[high].tolist()),
            "elders": int(held.sum()),
            "crowded": round(float(each[high].mean()), 1),
            "otherwise": round(low, 1),
        },
        chance=limits.in_district(min(1.0, exp(min(0.0, logged)))),
    )


def _crowded(each: Ints) -> NDArray[np.bool_]:
    """The days above the cut that splits the counts best in two."""
    values = np.sort(each).astype(np.float64)
    sums, n = np.cumsum(values), np.arange(1, len(values))
    between = (sums[:-1] / n - (sums[-1] - sums[:-1]) / (len(values) - n)) ** 2
    cut = int(np.argmax(between * n * (len(values) - n)))
    return each > values[cut]


def _stretch(high: NDArray[np.bool_]) -> bool:
    """Whether these days are one stretch from or to a day: people who joined, or left."""
    number = int(high.sum())
    agree = [float((high[place:]).sum() + (~high[:place]).sum()) for place in range(len(high))]
    best = max(*agree, *(len(high) - one for one in agree))
    return best >= len(high) - 0.15 * min(number, len(high) - number)


def _weekly(days: Ints, high: NDArray[np.bool_]) -> bool:
    """Whether they are those of certain weekdays."""
    whole = np.bincount(days % 7, minlength=7)
    part = np.bincount(days[high] % 7, minlength=7)
    always = (whole >= 3) & (part >= whole - 1)
    return bool(0 < always.sum() <= 3 and part[always].sum() >= 0.8 * high.sum())
