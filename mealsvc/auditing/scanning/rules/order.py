"""A07: the same elders in the same order on different days, as from a list. Pure.

What tells a list from habit is local order: who comes after whom. Two days of people with habits
agree roughly over the whole meal; a list agrees step by step. A step from one elder to the next of
those common to two meals is a hit if they stand next to each other in the other meal too. Hits
and misses add up as logarithms of likelihood ratios against what the elders' own habits and the
point's other days lead to expect; by Ville's inequality a stretch that reaches x is there by chance
with at most e^-x for each place where it could start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    groups,
    log_poisson_tail,
    middles,
    places,
    starts,
)
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.profile import strangeness
from mealsvc.auditing.scanning.rules.streams import from_outage, usual_seconds
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, finding
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Ints, Lines, PointMonth, day_of

LEAST_COMMON = 7
LEAST_CHAIN = 6  # elders in a chain
COPIED = 0.8  # hits to expect of a copied list
BARRED = -1e4  # no chain goes on here
FLOOR = 10.0  # a chain of less evidence is never looked at
PACE = 20.0  # seconds that a copied entry may be off the list's pace
SURE = 0.0  # a day of a series is a copy from this likelihood ratio on (logarithm)
BREAK = 4.0  # a stretch ends where it loses so much
LEVELS = (10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 18.0, 20.0)
ODD = 2.5  # spreads from their usual times: then the list's first use is as odd as its reuse


@dataclass(frozen=True, slots=True)
class Way:
    """One way of following: of the `back` elders before in this meal, one stands in the other at
    most `ahead` places before, or `behind` places after."""

    back: int
    ahead: int
    behind: int


WAYS = (Way(1, 2, 0), Way(2, 4, 0), Way(1, 3, 3))  # as it is; with others between; shuffled


@dataclass(frozen=True, slots=True)
class Steps:
    """Elders common to two meals, pair of meals by pair, in the order of the later meal.

    `earlier` and `later` are lines (earlier is -1 for the register's order); `rank` is the place in
    the earlier meal among the common ones; `group` numbers the pairs of meals.
    """

    earlier: Ints
    later: Ints
    rank: Ints
    group: Ints
    sizes: Ints  # of each group
    kind: Ints  # of each group: 0 same meal, 1 another meal, 2 the register's order


def replay(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Chains of elders in the order of another meal, or of the register.

    Evidence: `chains` with day, meal, like_day, like_meal (absent: the register's order), count,
    common, share (of steps that agree), usual (share on other days); `lists`: number of meals.
    """
    lines = seen.lines
    steps = _steps(seen)
    if steps is None:
        return
    chains = _chains(seen, steps, limits)
    if not chains.of:
        return
    hit = np.zeros(len(lines), bool)
    odd = np.abs(strangeness(seen))
    for first, last, _ in chains.of:
        hit[_entered(lines, steps, first, last)] = True
        source = steps.earlier[first:last]
        if (source >= 0).all() and _was_list_too(lines, source, odd):
            hit[source] = True
    hit |= _partners(seen, hit)
    hit &= ~from_outage(seen, hit)
    if hit.sum() < LEAST_CHAIN:
        return
    told = [_told(lines, steps, chain, chains.usual) for chain in chains.of]
    told.sort(key=lambda one: (-int(str(one["count"])), str(one["day"])))
    yield finding(
        seen, "A07", "high", np.flatnonzero(hit), _summary(lines, hit, told),
        "先核对是否统一组织就餐、按固定桌号叫号，或当天断网后照纸质签到表补录。",
        evidence={"chains": told[:12], "lists": len(told)},
        chance=limits.in_district(chains.chance),
    )  # fmt: skip


def _steps(seen: PointMonth) -> Steps | None:
    """Who is common to which two meals, and in which order."""
    lines = seen.lines
    own = np.flatnonzero(lines.mode != DELIVERY)
    own = own[~households(seen)[own]]
    if len(own) < LEAST_COMMON:
        return None
    meal_number, meals = groups(lines.day[own], lines.meal[own])
    # who is entered in the same second has no order
    shuffled = (lines.resident[own] * 2_654_435_761 + meal_number * 40_503) % 1_000_003
    own = own[np.lexsort((shuffled, lines.second[own], meal_number))]
    meal_number, meals = groups(lines.day[own], lines.meal[own])
    place = places(meal_number)
    first = _first_of_meal(lines, own, meal_number, meals)
    one, other = _same_elder(lines.resident[own])
    kind = np.where(first.meal[meal_number[one]] == first.meal[meal_number[other]], 0, 1)
    keep = (kind == 0) | (first.day[meal_number[one]] == first.day[meal_number[other]])
    one, other, kind = one[keep], other[keep], kind[keep]
    pair = (meal_number[one] * (meals + 1) + meal_number[other]) * 3 + kind
    # and the order of the register beside each meal
    everyone = np.arange(len(own))
    pair = np.r_[pair, (meals * (meals + 1) + meal_number) * 3 + 2]
    ranked = np.unique(lines.resident[own], return_inverse=True)[1]
    place_one, place_other = np.r_[place[one], ranked], np.r_[place[other], place]
    line_one, line_other = np.r_[own[one], np.full(len(own), -1)], np.r_[own[other], own[everyone]]
    return _ordered(pair, place_one, place_other, line_one, line_other)


def _ordered(pair: Ints, one: Ints, other: Ints, line_one: Ints, line_other: Ints) -> Steps | None:
    """Sorted by pair of meals and place in the later one; pairs with few in common left out."""
    sizes = np.bincount(pair)
    keep = sizes[pair] >= LEAST_COMMON
    if not keep.any():
        return None
    pair, one, other = pair[keep], one[keep], other[keep]
    line_one, line_other = line_one[keep], line_other[keep]
    wide = int(max(one.max(), other.max())) + 1
    by_one = np.argsort(pair * wide + one)
    rank = np.empty(len(pair), np.int64)
    rank[by_one] = places(pair[by_one])
    by_other = np.argsort(pair * wide + other)
    pair = pair[by_other]
    group = np.cumsum(np.r_[0, np.diff(pair) != 0])
    return Steps(
        line_one[by_other], line_other[by_other], rank[by_other], group,
        np.bincount(group), pair[starts(pair)] % 3,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chains:
    """Stretches of steps (first, one past the last, score), the usual share of hits, the chance."""

    of: list[tuple[int, int, float]]
    usual: Floats  # of each group
    chance: float


def _chains(seen: PointMonth, steps: Steps, limits: Limits) -> Chains:
    """The stretches that are too much like a list for chance."""
    tests = len(WAYS) * int((steps.sizes - 1).sum())
    found, gains = list[tuple[int, int, float, int]](), list[Floats]()
    usual = np.zeros(len(steps.sizes))
    for number, way in enumerate(WAYS):
        hits = _hits(steps, way)
        likely, usual = _usual(steps, hits, way)
        gains.append(_gains(seen, steps, way, hits, likely))
        found += [(*one, number) for one in _stretches(gains[-1])]
    scores = np.array([one[2] for one in found])
    least, chance = _level(scores, tests, limits.false_chance)
    found = [one for one in found if one[2] >= least]
    copies, pooled = _copies(steps, gains, limits)
    return Chains(_best(steps, found, gains, least) + copies, usual, chance + pooled)


def _gains(
    seen: PointMonth, steps: Steps, way: Way, hits: NDArray[np.bool_], likely: Floats
) -> Floats:
    """For each step the logarithm of how much likelier it is in a copied list.

    Pairs of meals whose hits could not make a chain, even side by side, are not looked at.
    """
    number = np.bincount(steps.group, hits, len(steps.sizes))
    best = number * np.log(np.maximum(COPIED, (1 + likely) / 2) / likely)
    worth = ((best >= FLOOR) | (steps.kind == 1))[steps.group]
    gain = np.full(len(hits), BARRED)
    at = np.flatnonzero(worth)
    if len(at):
        part = Steps(
            steps.earlier[at], steps.later[at], steps.rank[at],
            np.cumsum(np.r_[0, np.diff(steps.group[at]) != 0]),
            steps.sizes[np.unique(steps.group[at])], steps.kind[np.unique(steps.group[at])],
        )  # fmt: skip
        chance = np.maximum(likely[steps.group[at]], _Habit(seen, part).likely(way))
        chance = np.minimum(chance, 0.95)
        copied = np.maximum(COPIED, (1 + chance) / 2)
        value = np.where(hits[at], np.log(copied / chance), np.log((1 - copied) / (1 - chance)))
        value[starts(part.group)] = BARRED
        gain[at] = value
    return gain


def _best(
    steps: Steps, found: list[tuple[int, int, float, int]], gains: list[Floats], least: float
) -> list[tuple[int, int, float]]:
    """The best first, and of the others those that have as much to say about lines not yet told."""
    chosen = list[tuple[int, int, float]]()
    told = np.zeros(int(steps.later.max()) + 1, bool)
    for first, last, score, number in sorted(found, key=lambda one: (-one[2], one[0])):
        fresh = ~told[steps.later[first:last]]
        if float(gains[number][first + 1 : last][fresh[1:]].sum()) >= least:
            chosen.append((first, last, score))
            told[steps.later[first:last]] = True
    return chosen


def _hits(steps: Steps, way: Way) -> NDArray[np.bool_]:
    """Which elders follow, in the earlier meal too, one who stands just before them here."""
    hits = np.zeros(len(steps.rank), bool)
    for back in range(1, way.back + 1):
        jump = steps.rank[back:] - steps.rank[:-back]
        close = (jump <= way.ahead) & (jump >= -way.behind) & (jump != 0)
        hits[back:] |= close & (steps.group[back:] == steps.group[:-back])
    return hits


def _copies(
    steps: Steps, gains: list[Floats], limits: Limits
) -> tuple[list[tuple[int, int, float]], float]:
    """Meals entered from the list of another meal of the day, too short each for a chain.

    Half of the days may be so: their likelihood ratios, mixed with 1, multiply (Markov).
    """
    of = np.flatnonzero(steps.kind == 1)
    first = starts(steps.group)
    if not len(of):
        return [], 0.0
    best, chosen = 0.0, np.zeros(0)
    for gain in gains:
        sums = np.add.reduceat(np.where(gain > BARRED, gain, 0.0), first)[of]
        pooled = float(np.log(0.5 + 0.5 * np.exp(np.minimum(sums, 50))).sum())
        if pooled > best:
            best, chosen = pooled, sums
    chance = exp(min(0.0, log(len(gains)) - best))
    if chance >= limits.false_chance:
        return [], 0.0
    return [
        (int(first[at]), int(first[at] + steps.sizes[at]), float(score))
        for at, score in zip(of, chosen, strict=True)
        if score > SURE
    ], chance


def _best(
    steps: Steps, found: list[tuple[int, int, float, int]], gains: list[Floats], least: float
) -> list[tuple[int, int, float]]:
    """The best first, and of the others those that have as much to say about lines not yet told."""
    chosen = list[tuple[int, int, float]]()
    told = np.zeros(int(steps.later.max()) + 1, bool)
    for first, last, score, number in sorted(found, key=lambda one: (-one[2], one[0])):
        fresh = ~told[steps.later[first:last]]
        if float(gains[number][first + 1 : last][fresh[1:]].sum()) >= least:
            chosen.append((first, last, score))
            told[steps.later[first:last]] = True
    return chosen


def _hits(steps: Steps, way: Way) -> NDArray[np.bool_]:
    """Which elders follow, in the earlier meal too, one who stands just before them here."""
    hits = np.zeros(len(steps.rank), bool)
    for back in range(1, way.back + 1):
        jump = steps.rank[back:] - steps.rank[:-back]
        close = (jump <= way.ahead) & (jump >= -way.behind) & (jump != 0)
        hits[back:] |= close & (steps.group[back:] == steps.group[:-back])
    return hits


def _level(scores: Floats, tests: int, wanted: float) -> tuple[float, float]:
    """The least score at which there are far more stretches than by chance, and that chance."""
    for level in LEVELS:
        number, expected = int((scores >= level).sum()), tests * exp(-level)
        if number and expected < 0.02 * number:
            chance = exp(min(0.0, log_poisson_tail(number, expected) + log(len(LEVELS))))
            if chance < wanted:
                return level, chance
    return float("inf"), 0.0


def _usual(steps: Steps, hits: NDArray[np.bool_], way: Way) -> tuple[Floats, Floats]:
    """For each pair of meals the share of hits to expect, from its size and the point's others."""
    sizes = steps.sizes.astype(np.float64)
    once = np.minimum((way.ahead + way.behind) / (sizes - 1), 0.9)
    blind = 1 - (1 - once) ** way.back
    number = np.bincount(steps.group, hits, len(sizes))
    factor = np.ones(3)
    for kind in range(2):
        of = (steps.kind == kind) & (sizes >= 8)
        if of.sum() >= 5:
            ratio = number[of] / (sizes[of] - 1) / blind[of]
            factor[kind] = max(1.0, float(np.quantile(ratio, 0.4)))
    # another meal's order agrees no more than the same meal's on other days
    factor[1] = min(factor[1], factor[0]) if (steps.kind == 0).any() else factor[1]
    usual = np.minimum(blind * factor[steps.kind], 0.6)
    return np.minimum(usual * 1.25, 0.75), usual


class _Habit:
    """How likely two elders come one after the other in the earlier meal by their own times."""

    def __init__(self, seen: PointMonth, steps: Steps) -> None:
        lines = seen.lines
        self.steps = steps
        number, count = groups(lines.resident, lines.meal)
        usual = usual_seconds(seen)
        away = np.where(np.isnan(usual), 1e4, np.abs(lines.second - usual))
        spread = np.clip(1.4826 * middles(away, number, count)[number], 20.0, 1e5)
        self.known = ~np.isnan(usual)[steps.later] & (steps.kind != 2)[steps.group]
        self.at = np.where(np.isnan(usual), 0.0, usual)[steps.later]
        self.variance = spread[steps.later] ** 2
        # how much time a place takes: the length of the earlier meal over the number in common
        first = starts(steps.group)
        second = lines.second[steps.earlier]
        length = np.maximum.reduceat(second, first) - np.minimum.reduceat(second, first)
        self.place = np.maximum(length / steps.sizes, 1.0)[steps.group]

    def likely(self, way: Way) -> Floats:
        """For each step the chance of a hit by habit alone; 0 where habits are unknown."""
        missed = np.ones(len(self.at))
        for back in range(1, way.back + 1):
            apart = self.at[back:] - self.at[:-back]
            wide = np.sqrt(self.variance[back:] + self.variance[:-back])
            place = self.place[back:]
            low = -(way.behind + 0.5) * place if way.behind else 0.0 * place
            chance = _normal((way.ahead + 0.5) * place, apart, wide) - _normal(low, apart, wide)
            both = self.known[back:] & self.known[:-back]
            missed[back:] *= 1 - np.where(both, chance, 0.0)
        return 1 - missed


def _normal(limit: Floats, mean: Floats, deviation: Floats) -> Floats:
    """P(X ≤ limit) for X normal, by the logistic approximation."""
    return 1 / (1 + np.exp(np.clip(-1.702 * (limit - mean) / deviation, -50, 50)))


def _stretches(gain: Floats) -> list[tuple[int, int, float]]:
    """The stretches of largest sum: first, one past the last, sum; the first is a step's start."""
    total = np.cumsum(gain)
    lowest = np.minimum.accumulate(np.minimum(total, 0.0))
    sums = total - lowest
    best = np.flatnonzero(sums >= FLOOR)
    if not len(best):
        return []
    # each climb from a zero to its highest point
    zeros = np.flatnonzero(sums <= 1e-9)
    climb = np.searchsorted(zeros, best)
    found = []
    for at in starts(climb):
        of = best[climb == climb[at]]
        top = int(of[np.argmax(sums[of])])
        low = int(zeros[climb[at] - 1]) if climb[at] else 0
        while top - low + 1 >= LEAST_CHAIN and sums[top] - sums[low] >= FLOOR:
            begin, score = _back(gain, low, top)
            if score >= FLOOR and top - begin + 1 >= LEAST_CHAIN:
                found.append((begin, top + 1, score))
            rest = sums[low:begin]
            if not len(rest):
                break
            top = low + int(np.argmax(rest))
    return found


def _back(gain: Floats, low: int, top: int) -> tuple[int, float]:
    """From its highest point back to where a stretch starts: it ends where much is lost at once."""
    total = np.cumsum(gain[low + 1 : top + 1][::-1])
    lost = np.flatnonzero(np.maximum.accumulate(total) - total > BREAK)
    total = total[: int(lost[0])] if len(lost) else total
    steps = int(np.argmax(total)) + 1
    return top - steps, float(total[steps - 1])


def _entered(lines: Lines, steps: Steps, first: int, last: int) -> Ints:
    """The lines of a chain that come from the list: of a copy in full, those at the list's pace.

    Who came in person between them did so at any time.
    """
    later = steps.later[first:last]
    if steps.kind[steps.group[first]] != 1 or last - first < LEAST_CHAIN:
        return later[_beside(steps.rank[first:last])]
    there, here = lines.second[steps.earlier[first:last]], lines.second[later]
    x, y = there - there.mean(), here - here.mean()
    jump = np.diff(steps.rank[first:last])
    next_to = np.r_[False, (jump > 0) & (jump <= WAYS[0].ahead)]
    keep = next_to | np.r_[next_to[1:], False]
    off = np.zeros(len(x))
    for _ in range(4):
        if keep.sum() < 3 or np.ptp(x[keep]) == 0:
            return later
        slope, base = np.polyfit(x[keep], y[keep], 1)
        off = np.abs(y - slope * x - base)
        keep = off <= max(3 * 1.4826 * float(np.median(off[keep])), PACE)
    return later[keep]


def _beside(rank: Ints) -> NDArray[np.bool_]:
    """Who stands near one of the two before or after in the other meal, too."""
    found = np.zeros(len(rank), bool)
    for back in (1, 2):
        close = np.abs(rank[back:] - rank[:-back]) <= WAYS[1].ahead
        found[back:] |= close
        found[:-back] |= close
    return found


def _was_list_too(lines: Lines, source: Ints, odd: Floats) -> bool:
    """Whether the earlier use of a list stands out as well: far from its elders' usual times."""
    return bool(np.median(odd[source]) > ODD)


def _partners(seen: PointMonth, hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The lines of household members left out before, between two lines that were hit."""
    lines = seen.lines
    left = households(seen)
    order = np.lexsort((lines.sequence, lines.second, lines.meal, lines.day))
    found = np.zeros(len(hit), bool)
    if len(order) < 3:
        return found
    near = hit[order]
    same = (lines.day[order][1:] == lines.day[order][:-1]) & (
        lines.meal[order][1:] == lines.meal[order][:-1]
    )
    before, after = np.r_[False, near[:-1] & same], np.r_[near[1:] & same, False]
    found[order] = left[order] & before & after
    return found


@dataclass(frozen=True, slots=True)
class _Meals:
    day: Ints
    meal: Ints


def _first_of_meal(lines: Lines, own: Ints, number: Ints, count: int) -> _Meals:
    """Day and meal of each meal number."""
    at = own[starts(number)]
    return _Meals(lines.day[at], lines.meal[at])


def _same_elder(resident: Ints) -> tuple[Ints, Ints]:
    """All pairs of rows of one elder, the earlier row first; rows are in the order of time."""
    order = np.argsort(resident, kind="stable")
    of = resident[order]
    place = places(of)
    sizes = np.diff(np.r_[starts(of), len(of)])
    rest = np.repeat(sizes, sizes) - 1 - place
    one = np.repeat(np.arange(len(of)), rest)
    first = np.cumsum(rest) - rest
    other = one + 1 + np.arange(len(one)) - np.repeat(first, rest)
    return order[one], order[other]


def _told(
    lines: Lines, steps: Steps, chain: tuple[int, int, float], usual: Floats
) -> dict[str, object]:
    """A chain for the evidence."""
    first, last, _ = chain
    group = int(steps.group[last - 1])
    later, earlier = int(steps.later[first]), int(steps.earlier[first])
    jump = np.abs(np.diff(steps.rank[first:last]))
    told: dict[str, object] = {
        "day": day_of(int(lines.day[later])).isoformat(),
        "meal": int(lines.meal[later]),
        "count": last - first,
        "common": int(steps.sizes[group]),
        "share": round(float((jump <= 3).mean()), 2),
        "usual": round(float(usual[group]), 2),
    }
    if earlier >= 0:
        told["like_day"] = day_of(int(lines.day[earlier])).isoformat()
        told["like_meal"] = int(lines.meal[earlier])
    return told


def _summary(lines: Lines, hit: NDArray[np.bool_], told: list[dict[str, object]]) -> str:
    """What is unusual, in a sentence."""
    most = told[0]
    meals = len(np.unique(lines.day[hit] * 3 + lines.meal[hit]))
    like = "名册"
    if "like_day" in most:
        like = f"{most['like_day']} {MEAL_WORDS[int(str(most['like_meal']))]}"
    return (
        f"有{meals}餐共{hit.sum()}笔按别处的次序登记：{most['day']} {MEAL_WORDS[int(str(most['meal']))]}"
        f"连续{most['count']}人与{like}次序相同，前后相邻占{100 * float(str(most['share'])):.0f}%，"
        f"平常约{100 * float(str(most['usual'])):.0f}%。"
    )
