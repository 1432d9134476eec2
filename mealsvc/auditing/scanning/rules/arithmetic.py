"""Small arithmetic that several rules share: groups, tails of distributions, robust middles. Pure."""

from collections.abc import Callable
from functools import cache, wraps
from math import erf, exp, lgamma, log, sqrt
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.view import Ints, PointMonth

Kept = TypeVar("Kept")
Floats = NDArray[np.float64]
DENSE = 8


def groups(*keys: Ints) -> tuple[Ints, int]:
    """The number 0…n-1 of the group to which each row belongs, by equal keys in order; and n."""
    if not len(keys[0]):
        return np.zeros(0, np.int64), 0
    packed = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        least = int(key.min())
        packed = packed * (int(key.max()) - least + 1) + (key - least)
    most = int(packed.max()) + 1
    if most <= DENSE * len(packed):  # counting is cheaper than sorting
        known = np.zeros(most, bool)
        known[packed] = True
        place = np.cumsum(known) - 1
        return place[packed], int(place[-1]) + 1
    values, number = np.unique(packed, return_inverse=True)
    return number.astype(np.int64), len(values)


def tally(keys: Ints) -> tuple[Ints, Ints]:
    """Which numbers (from 0) there are, in order, and how often each."""
    if not len(keys) or int(keys.max()) >= DENSE * len(keys):
        return np.unique(keys, return_counts=True)
    times = np.bincount(keys)
    values = np.flatnonzero(times)
    return values, times[values]


def starts(number: Ints) -> Ints:
    """Where each run of equal numbers starts, in an array sorted by them."""
    if not len(number):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, number[1:] != number[:-1]])


def places(number: Ints) -> Ints:
    """The place of each row within its run of equal numbers, from 0."""
    first = starts(number)
    sizes = np.diff(np.r_[first, len(number)])
    return np.arange(len(number)) - np.repeat(first, sizes)


def pairs_within(number: Ints) -> tuple[Ints, Ints]:
    """All pairs of rows of one group, the earlier row first."""
    order = np.argsort(number, kind="stable")
    of = number[order]
    place = places(of)
    sizes = np.diff(np.r_[starts(of), len(of)])
    rest = np.repeat(sizes, sizes) - 1 - place
    one = np.repeat(np.arange(len(of)), rest)
    first = np.cumsum(rest) - rest
    other = one + 1 + np.arange(len(one)) - np.repeat(first, rest)
    return order[one], order[other]


def middles(values: Floats, number: Ints, count: int) -> Floats:
    """The median of each group's values."""
    order = np.lexsort((values, number))
    sizes = np.bincount(number, minlength=count)
    first = np.cumsum(sizes) - sizes
    low, high = first + (np.maximum(sizes, 1) - 1) // 2, first + sizes // 2
    ranked = values[order]
    last = max(len(values) - 1, 0)
    return (ranked[np.minimum(low, last)] + ranked[np.minimum(high, last)]) / 2


def others_middle(values: Floats, number: Ints, count: int) -> Floats:
    """For each row the median of the others in its group; NaN for one alone."""
    order = np.lexsort((values, number))
    ranked, of = values[order], number[order]
    sizes = np.bincount(number, minlength=count)[of]
    place = places(of)
    first = np.arange(len(of)) - place
    rest = sizes - 1  # the others of a group of n have places 0…n-2
    low, high = np.maximum(rest - 1, 0) // 2, rest // 2
    last = max(len(values) - 1, 0)
    skip_low, skip_high = low + (low >= place), high + (high >= place)
    both = ranked[np.minimum(first + skip_low, last)] + ranked[np.minimum(first + skip_high, last)]
    found = np.empty(len(values))
    found[order] = np.where(rest > 0, both / 2, np.nan)
    return found


def log_binomial_tail(hits: int, tries: int, chance: float) -> float:
    """ln P(X ≥ hits) for X binomial, bounded from above by Chernoff's inequality."""
    if tries <= 0 or hits <= tries * chance:
        return 0.0
    chance = min(max(chance, 1e-9), 1 - 1e-9)
    share = hits / tries
    found = share * log(share / chance)
    if share < 1:
        found += (1 - share) * log((1 - share) / (1 - chance))
    return -tries * found


def log_poisson_tail(hits: float, mean: float) -> float:
    """ln P(X ≥ hits) for X Poisson, bounded from above by Chernoff's inequality."""
    if hits <= mean:
        return 0.0
    mean = max(mean, 1e-9)
    return hits - mean - hits * log(hits / mean)


def normal_tail(z: float) -> float:
    """P(Z ≥ z)."""
    return exp(-z * z / 2) / (z * sqrt(6.283185307)) if z > 6 else 0.5 * (1 - erf(z / sqrt(2)))


def log_chi_square_below(value: float, degrees: int) -> float:
    """ln P(X ≤ value) for chi-square, for values well below the degrees (bounded from above)."""
    half, x = degrees / 2, value / 2
    if x >= half:
        return 0.0
    x = max(x, 1e-12)
    # the series of the lower incomplete gamma function, bounded by a geometric one
    bound = half * log(x) - x - lgamma(half + 1) - log(1 - x / (half + 1))
    return min(0.0, bound)


def log_choose(n: int, k: int) -> float:
    """ln of the number of ways to choose k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


@cache
def log_choices(n: int) -> Floats:
    """`log_choose` of n and each of 0…n."""
    return np.array([log_choose(n, k) for k in range(n + 1)])


def log_sum(chances: Any) -> float:
    """ln of the sum of e^x."""
    values = np.asarray(list(chances), np.float64)
    most = float(values.max(initial=-np.inf))
    return most if most == -np.inf else most + log(float(np.exp(values - most).sum()))


def remembered(function: Callable[[PointMonth], Kept]) -> Callable[[PointMonth], Kept]:
    """Keeps the last answer: several rules in turn ask the same of one point's month."""
    last: list[tuple[PointMonth, Kept]] = []

    @wraps(function)
    def ask(seen: PointMonth) -> Kept:
        for known, answer in last:
            if known is seen:
                return answer
        answer = function(seen)
        last[:] = [(seen, answer)]
        return answer

    return ask


@remembered
def elders(seen: PointMonth) -> tuple[Ints, Ints]:
    """The point's elders by id, and for each line the place of its elder among them."""
    people, person = np.unique(seen.lines.resident, return_inverse=True)
    return people, person.astype(np.int64)


@remembered
def elder_meals(seen: PointMonth) -> tuple[Ints, int]:
    """`groups` of the lines by elder and meal."""
    return groups(elders(seen)[1], seen.lines.meal)
