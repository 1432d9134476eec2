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

SELDOM = (0.3, 0.45, 0.65)  # of the month's days at most
CHOSEN = 0.35  # nats a day: the crowded days were chosen by looking
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
    usual = np.zeros(count)
    usual[elder] = excess.habit_of(seen)[0][at] / max(seen.habits.days, 1)
    faithless = usual <= 0.5 * came / len(days) + 0.02
    if seen.habits.days < DAYS:
        faithless[:] = True
    found = []
    for part in SELDOM:
        one = _group(days, day, elder, came, faithless & (came <= part * len(days)))
        if one is not None:
            found.append(one)
    if not found:
        return
    logged, high, held, each = min(found, key=lambda one: one[0])
    which = at[held[elder] & high[day]]
    if logged > log(limits.false_chance) or len(which) < FEWEST * CROWD:
        return
    number, low = int(high.sum()), float(each[~high].mean())
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


def _group(
    days: Ints, day: Ints, elder: Ints, came: Ints, seldom: NDArray[np.bool_]
) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_], Ints] | None:
    """The logarithm of the chance that these elders crowd so, the crowded days, the elders who
    came (nearly) only then, and how many of the group came on each day."""
    mine = seldom[elder]
    each = np.bincount(day[mine], minlength=len(days))
    if mine.sum() < FEWEST * CROWD:
        return None
    high = _crowded(each)
    number = int(high.sum())
    if number < FEWEST or each[high].min() < CROWD or (~high).sum() < FEWEST:
        return None
    if one_stretch(high) or of_weekdays(days, high):
        return None
    # at the pace of everybody else, whatever the weather
    rest = np.bincount(day[~mine], minlength=len(days))
    share = float((rest[high].sum() + number) / (rest.sum() + len(days)))
    inside = np.bincount(elder[high[day]], minlength=len(came))
    hits, tries = int(inside[seldom].sum() / SWINGS), int(came[seldom].sum() / SWINGS)
    logged = log_binomial_tail(hits, tries, share)
    logged += len(days) * CHOSEN + log(3 * len(SELDOM))
    return logged, high, seldom & (inside >= 0.85 * came) & (came >= 2), each


def _crowded(each: Ints) -> NDArray[np.bool_]:
    """The days above the cut that splits the counts best in two."""
    values = np.sort(each).astype(np.float64)
    sums, n = np.cumsum(values), np.arange(1, len(values))
    between = (sums[:-1] / n - (sums[-1] - sums[:-1]) / (len(values) - n)) ** 2
    cut = int(np.argmax(between * n * (len(values) - n)))
    return each > values[cut]


def one_stretch(high: NDArray[np.bool_]) -> bool:
    """Whether these days are one stretch from or to a day: people who joined, or left."""
    number = int(high.sum())
    agree = [float((high[place:]).sum() + (~high[:place]).sum()) for place in range(len(high))]
    best = max(*agree, *(len(high) - one for one in agree))
    return best >= len(high) - 0.15 * min(number, len(high) - number)


def of_weekdays(days: Ints, high: NDArray[np.bool_]) -> bool:
    """Whether they are those of certain weekdays."""
    whole = np.bincount(days % 7, minlength=7)
    part = np.bincount(days[high] % 7, minlength=7)
    always = (whole >= 3) & (part >= whole - 1)
    return bool(0 < always.sum() <= 3 and part[always].sum() >= 0.8 * high.sum())
