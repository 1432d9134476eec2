"""Stretches of steps that are too much like a list for chance. Pure."""

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    elder_meals,
    log_poisson_tail,
    middles,
    remembered,
    starts,
)
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.steps import Steps
from mealsvc.auditing.scanning.rules.streams import usual_seconds
from mealsvc.auditing.scanning.rules.view import Ints, PointMonth

LEAST_CHAIN = 6  # elders in a chain
COPIED = 0.8  # hits to expect of a copied list
BARRED = -1e4  # no chain goes on here
LOST = -0.69  # what a miss costs at least, half of the likelihood: that of a step likely by habit
FLOOR = 10.0  # a chain of less evidence is never looked at
SURE = 0.0  # a day of a series is a copy from this likelihood ratio on (logarithm)
BREAK = 4.0  # a stretch ends where it loses so much
LEVELS = (10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 18.0, 20.0)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of following: of the `back` elders before in this meal, one stands in the other at
    most `ahead` places before, or `behind` places after."""

    back: int
    ahead: int
    behind: int


WAYS = (Way(1, 2, 0), Way(2, 4, 0), Way(1, 3, 3))  # as it is; with others between; shuffled


@dataclass(frozen=True, slots=True)
class Chains:
    """Stretches of steps (first, one past the last, score), the usual share of hits, the chance."""

    of: list[tuple[int, int, float]]
    usual: Floats  # of each group
    chance: float


def chains_of(seen: PointMonth, steps: Steps, limits: Limits) -> Chains:
    """The stretches that are too much like a list for chance."""
    tests = len(WAYS) * int((steps.sizes - 1).sum())
    found, gains = list[tuple[int, int, float, int]](), list[Floats]()
    usual, first = np.zeros(len(steps.sizes)), starts(steps.group)
    for number, way in enumerate(WAYS):
        hits = _hits(steps, way)
        likely, usual = _usual(steps, hits, way)
        gain = np.full(len(hits), BARRED)
        chosen = _promising(steps, hits, likely, first)
        if chosen.any():
            at, part = steps.of(chosen)
            gain[at] = here = _gains(seen, part, way, hits[at], likely[chosen])
            found += [(int(at[a]), int(at[b - 1]) + 1, x, number) for a, b, x in _stretches(here)]
        gains.append(gain)
    scores = np.array([one[2] for one in found])
    least, chance = _level(scores, tests, limits.false_chance)
    found = [one for one in found if one[2] >= least]
    copies, pooled = _copies(steps, gains, limits)
    return Chains(_best(steps, found, gains, least) + copies, usual, chance + pooled)


def _promising(
    steps: Steps, hits: NDArray[np.bool_], likely: Floats, first: Ints
) -> NDArray[np.bool_]:
    """The pairs of meals whose hits and misses could make a chain, whatever the elders' habits.

    Habits only lower what a hit tells, and a miss never costs less than `LOST`.
    """
    value = np.log(np.maximum(COPIED, (1 + likely) / 2) / likely)
    gain = np.where(hits, np.repeat(value, steps.sizes), LOST)
    gain[first] = BARRED
    total = np.cumsum(gain)
    total -= np.minimum.accumulate(total)
    return (np.maximum.reduceat(total, first) >= FLOOR - 1e-3) | (steps.kind == 1)


def _sums(steps: Steps, hits: NDArray[np.bool_]) -> Ints:
    """How many of the steps of each group are hits."""
    total = np.cumsum(hits, dtype=np.int32)[np.cumsum(steps.sizes) - 1]
    return np.diff(total, prepend=0)


def _gains(
    seen: PointMonth, steps: Steps, way: Way, hits: NDArray[np.bool_], likely: Floats
) -> Floats:
    """For each step the logarithm of how much likelier it is in a copied list."""
    chance = np.maximum(np.repeat(likely, steps.sizes), _Habit(seen, steps).likely(way))
    chance = np.minimum(chance, 0.95)
    copied = np.maximum(COPIED, (1 + chance) / 2)
    value = np.where(hits, np.log(copied / chance), np.log((1 - copied) / (1 - chance)))
    value[starts(steps.group)] = BARRED
    return value


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
    number = _sums(steps, hits)
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


@remembered
def _spread(seen: PointMonth) -> Floats:
    """For each line how far its elder's times of that meal lie apart."""
    lines = seen.lines
    number, count = elder_meals(seen)
    usual = usual_seconds(seen)
    away = np.where(np.isnan(usual), 1e4, np.abs(lines.second - usual))
    return np.clip(1.4826 * middles(away, number, count)[number], 20.0, 1e5)


class _Habit:
    """How likely two elders come one after the other in the earlier meal by their own times."""

    def __init__(self, seen: PointMonth, steps: Steps) -> None:
        lines = seen.lines
        usual, spread = usual_seconds(seen), _spread(seen)
        self.known = ~np.isnan(usual)[steps.later] & (steps.kind != 2)[steps.group]
        self.at = np.where(np.isnan(usual), 0.0, usual)[steps.later]
        self.variance = spread[steps.later] ** 2
        # how much time a place takes: the length of the earlier meal over the number in common
        first = starts(steps.group)
        second = lines.second[steps.earlier]
        length = np.maximum.reduceat(second, first) - np.minimum.reduceat(second, first)
        self.place = np.repeat(np.maximum(length / steps.sizes, 1.0), steps.sizes)

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
