"""A07: people far from their own times who stand in the order of another meal, among real guests. Pure.

Whoever comes at an unusual time does so for a reason of his own; several such people on one day
are in no order. Names entered from a list are in the list's, however many real guests stand
between them and however long somebody waits from one to the next. So of each meal only those are
looked at who are far from their usual time (or have none), and the longest run of them that keeps
the order of another meal is weighed against how long it would be by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, middles
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import from_outage, usual_seconds
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, date_words, finding
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Ints, PointMonth, day_of

FAR, FAR_SECONDS = 2.5, 600.0  # own spreads and seconds off the usual time
WIDE, PACE = 4.0, 30.0  # times the usual deviation from a list's pace, seconds
LOOSE = 1.4  # own spreads, where a list is known
KNOWN = 5  # meals from which on an elder has a usual time
SELDOM = 0.35  # of the days: then a habit tells little
LEAST, FEWER = 7, 5  # elders common to two meals; where one is known to be a list
MORE = 4  # such people more than on other days
SOURCES = 5  # other meals from which to learn how much order is usual
MOST = 90  # such people in a meal at most: with more, the day is unlike others as a whole
TESTS = 4  # two ways of choosing people, two of adding up
LIKELY = -5.0  # ln of the chance from which on a meal is a copy of what is known to be a list
NONE = np.int32(2**30)
LOGS: Floats = np.cumsum(np.log(np.maximum(np.arange(4 * MOST), 1)))  # ln n!


@dataclass(frozen=True, slots=True)
class _Month:
    """The counter's lines in the order of entry; `place[meal, elder]` where each stands, or -1."""

    at: Ints
    meal: Ints  # number of the day and meal
    elder: Ints
    kind: Ints  # of each meal: index into MEALS
    place: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Runs:
    """For each meal looked at and each other meal: common elders, the longest run, its chance."""

    target: Ints
    source: Ints
    chance: Floats  # ln


def out_of_place(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """People far from their usual times in the order of another meal.

    Evidence: `chains` with day, meal, like_day, like_meal, count; `lists`: number of meals.
    """
    month = _month(seen)
    if month is None:
        return
    chosen, logged = list[tuple[int, int, Ints]](), list[float]()
    far = _far(seen, month)
    for which, again in ((far, True), (_strange(seen, month, far), False)):
        runs = _runs(month, which, again)
        lists, chance = _lists(runs, limits.false_chance) if runs else (month.at[:0], 0.0)
        if len(lists):
            logged.append(chance)
            loose = which | _far(seen, month, LOOSE)
            for target, source, among in _copies(month, (which, loose), again, lists):
                chosen.append((target, source, _entered(seen, month, among, target, source)))
    if not chosen:
        return
    hit = np.zeros(len(seen.lines), bool)
    for _, _, rows in chosen:
        hit[month.at[rows]] = True
    hit &= ~from_outage(seen, hit)
    if hit.sum() < LEAST:
        return
    yield _finding(seen, month, chosen, hit, limits.in_district(exp(min(0.0, min(logged)))))


def _month(seen: PointMonth) -> _Month | None:
    lines = seen.lines
    own = np.flatnonzero((lines.mode != DELIVERY) & (lines.second < 86_400))
    if len(own) < 2 * LEAST:
        return None
    at = own[np.lexsort((lines.sequence[own], lines.second[own], lines.meal[own], lines.day[own]))]
    meal, meals = groups(lines.day[at], lines.meal[at])
    elder, elders = groups(lines.resident[at])
    kind = np.zeros(meals, np.int64)
    kind[meal] = lines.meal[at]
    place = np.full((meals, elders), -1, np.int32)
    place[meal, elder] = np.arange(len(at))
    return _Month(at, meal, elder, kind, place)


def _far(seen: PointMonth, month: _Month, far_by: float = FAR) -> NDArray[np.bool_]:
    """The lines far from their elders' usual times for that meal."""
    lines, at = seen.lines, month.at
    away = np.abs(lines.second - usual_seconds(seen))[at]
    number, count = groups(lines.resident[at], lines.meal[at])
    times = np.bincount(number, minlength=count)[number]
    known = (times >= KNOWN) & ~np.isnan(away)
    spread = 1.4826 * middles(np.where(known, away, 0.0), number, count)[number]
    typical = float(np.median(spread[known])) if known.any() else 0.0
    far = away > far_by * np.maximum(np.maximum(spread, typical / 2), FAR_SECONDS / FAR)
    return known & far & ~households(seen)[at]


def _strange(seen: PointMonth, month: _Month, far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The lines of a later meal that their elders seldom take, or far from their usual times."""
    lines, at = seen.lines, month.at
    kind = lines.meal[at]
    if kind.min() == kind.max():
        return np.zeros(len(at), bool)
    number, count = groups(lines.resident[at], kind)
    times = np.bincount(number, minlength=count)[number]
    seldom = times < SELDOM * np.bincount(month.kind, minlength=3)[kind]
    return (kind > kind.min()) & (seldom | far) & ~households(seen)[at]


def _runs(
    month: _Month, which: NDArray[np.bool_], again: bool, fewest: int | None = None
) -> _Runs | None:
    """The longest run of each meal's candidates in the order of each other meal.

    Of the same kind on any other day (`again`), or of an earlier kind on that day or before it.
    Without a `fewest` only meals are looked at that have more such people than others.
    """
    meals = len(month.kind)
    number = np.bincount(month.meal[which], minlength=meals)
    least = np.full(meals, fewest or LEAST)
    if again and fewest is None:
        kind = month.kind
        least = np.maximum(least, middles(number.astype(np.float64), kind, 3)[kind] + MORE)
    targets = np.flatnonzero((number >= least) & (number <= MOST))
    if not len(targets):
        return None
    rows = np.flatnonzero(which & np.isin(month.meal, targets))
    block = np.searchsorted(targets, month.meal[rows])
    first = np.searchsorted(block, np.arange(len(targets)))
    column = np.arange(len(rows)) - first[block]
    names = np.full((len(targets), int(column.max()) + 1), -1, np.int64)
    names[block, column] = month.elder[rows]
    found = month.place[:, np.maximum(names, 0)]  # source, target, column
    found[:, names < 0] = -1
    common = (found >= 0).sum(2)
    of, here = month.kind[:, None], month.kind[targets][None, :]
    every = np.arange(meals)[:, None]
    fits = (of == here) & (every != targets) if again else (of < here) & (every < targets)
    common[~fits] = 0
    source, target = np.nonzero(common >= (fewest or LEAST))
    if not len(source):
        return None
    longest = _longest(found[source, target])
    n = common[source, target]
    chance = _chance(n, longest, target * 3 + month.kind[source])
    return _Runs(targets[target], source, chance)


def _longest(places: NDArray[np.int32]) -> Ints:
    """For each row the length of its longest increasing subsequence; -1 is nothing."""
    rows, width = places.shape
    # the smallest end of a run of each length, the rows side by side
    tails = np.full((width, rows), NONE, np.int32)
    every = np.arange(rows)
    for at, value in enumerate(np.ascontiguousarray(places.T)):
        put = (tails[: at + 1] < value).view(np.int8).sum(0, dtype=np.int8)
        here = value >= 0
        tails[put[here], every[here]] = value[here]
    return (tails < NONE).sum(0)


def _chance(n: Ints, k: Ints, kind: Ints) -> Floats:
    """ln of the number of runs of k to expect among n in random order.

    Where habits put some order into all the other meals, a factor for each place in a run makes
    the middle one of these to be expected.
    """
    plain: Floats = LOGS[n] - 2 * LOGS[k] - LOGS[n - k]
    kind, count = groups(kind)
    order = middles(np.maximum(-plain / np.maximum(k, 1), 0.0), kind, count)
    enough = (np.bincount(kind, minlength=count) >= SOURCES)[kind]
    usual: Floats = np.where(enough, order[kind], float(np.median(order[kind])))
    found: Floats = plain + k * usual
    return found if len(n) >= SOURCES else np.zeros(len(n))


def _lists(runs: _Runs, wanted: float) -> tuple[Ints, float]:
    """The meals whose order comes again beyond chance, and ln of that chance.

    Either one run is so by itself; or several meals agree with one, of which half may be copies:
    likelihood ratios that go with their chances, mixed with 1, multiply (Markov).
    """
    ratio = 0.5 + 0.25 * np.exp(-runs.chance / 2)
    pooled = log(TESTS * len(set(runs.source))) - np.bincount(runs.source, np.log(ratio))
    alone = runs.chance + log(TESTS * len(runs.chance))
    chance = min(float(pooled.min()), float(alone.min()))
    by_one, by_many = runs.source[alone < log(wanted)], np.flatnonzero(pooled < log(wanted))
    return np.union1d(by_one, by_many), chance


def _copies(
    month: _Month, ways: tuple[NDArray[np.bool_], ...], again: bool, lists: Ints
) -> list[tuple[int, int, NDArray[np.bool_]]]:
    """The meals entered from one of these, shorter ones too: the one each is most like, and among
    which lines that shows best."""
    best = dict[int, tuple[float, int, int]]()
    for way, which in enumerate(ways):
        runs = _runs(month, which, again, fewest=FEWER)
        if runs is None:
            continue
        for one in np.flatnonzero(np.isin(runs.source, lists) & (runs.chance < LIKELY)):
            told = float(runs.chance[one]), int(runs.source[one]), way
            target = int(runs.target[one])
            best[target] = min(told, best.get(target, told))
    return [(target, source, ways[way]) for target, (_, source, way) in sorted(best.items())]


def _entered(
    seen: PointMonth, month: _Month, which: NDArray[np.bool_], target: int, source: int
) -> Ints:
    """The rows of the longest run, and of who stands between its names in both meals."""
    rows = np.flatnonzero(month.meal == target)
    rows = rows[month.place[source, month.elder[rows]] >= 0]
    there = month.place[source, month.elder[rows]].astype(np.int64)
    run = np.flatnonzero(which[rows])
    run = run[_run(there[run])]
    run = run[_at_pace(there[run], seen.lines.second[month.at[rows[run]]])]
    inside = np.zeros(len(rows), bool)
    inside[run] = True
    for one, other in pairwise(run):
        between = np.arange(one + 1, other)
        inside[between] |= (there[between] > there[one]) & (there[between] < there[other])
    return rows[inside]


def _at_pace(there: Ints, second: Ints) -> NDArray[np.bool_]:
    """Which of a run stand where the list's pace leads to expect: who came in person does not."""
    one, other = np.triu_indices(len(there), 1)
    pace = float(np.median((second[other] - second[one]) / (there[other] - there[one])))
    off = second - pace * there
    off = np.abs(off - np.median(off))
    return off <= max(WIDE * float(np.median(off)), WIDE * PACE)


def _run(values: Ints) -> Ints:
    """The places of a longest increasing subsequence."""
    length, before = np.ones(len(values), np.int64), np.full(len(values), -1, np.int64)
    for at in range(1, len(values)):
        lower = np.flatnonzero(values[:at] < values[at])
        if len(lower):
            best = int(lower[np.argmax(length[lower])])
            length[at], before[at] = length[best] + 1, best
    found = [int(np.argmax(length))]
    while before[found[-1]] >= 0:
        found.append(int(before[found[-1]]))
    return np.array(found[::-1], np.int64)


def _finding(
    seen: PointMonth,
    month: _Month,
    chosen: list[tuple[int, int, Ints]],
    hit: NDArray[np.bool_],
    chance: float,
) -> Anomaly:
    told = [_told(seen, month, *one) for one in chosen]
    told.sort(key=lambda one: (-int(str(one["count"])), str(one["day"])))
    target, source, rows = max(chosen, key=lambda one: len(one[2]))
    lines = seen.lines
    first, like = month.at[rows[0]], month.at[np.flatnonzero(month.meal == source)[0]]
    meals = len({target for target, _, _ in chosen})
    return finding(
        seen, "A07", "high", np.flatnonzero(hit),
        f"有{meals}餐共{int(hit.sum())}笔离本人平时的时刻很远，却排成别处的次序："
        f"{date_words(int(lines.day[first]))}{MEAL_WORDS[month.kind[target]]}的{len(rows)}人"
        f"与{date_words(int(lines.day[like]))}{MEAL_WORDS[month.kind[source]]}先后一致，中间夹着正常就餐的人。",
        "先核对是否有集体活动、统一接送，或断网后照前一天的名单补录。",
        evidence={"chains": told[:12], "lists": meals},
        chance=chance,
    )  # fmt: skip


def _told(
    seen: PointMonth, month: _Month, target: int, source: int, rows: Ints
) -> dict[str, object]:
    """One list for the evidence."""
    like = month.at[np.flatnonzero(month.meal == source)[0]]
    return {
        "day": day_of(int(seen.lines.day[month.at[rows[0]]])).isoformat(),
        "meal": int(month.kind[target]),
        "like_day": day_of(int(seen.lines.day[like])).isoformat(),
        "like_meal": int(month.kind[source]),
        "count": len(rows),
    }
