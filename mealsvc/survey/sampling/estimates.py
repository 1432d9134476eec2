"""What the answers of a stratified sample say about everybody, with 95 % intervals. Pure.

Every figure is a ratio of two totals (people who said so ÷ people who were asked that), because
most questions are asked of some only. Its variance is that of the linearised ratio by stratum, with
finite populations corrected. A share's interval is Wilson's, with as many answers as a simple
sample would need for the same variance, so that it stays within 0 and 1; a mean's is Student's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from mealsvc.survey.sampling.rules import Cell

Z = 1.959963984540054
LEAST_SHOWN = 3  # figures of fewer people are not shown
Value = Callable[["Asked"], float | None]
"""What somebody answered as a number; None: was not asked this, or is not of the group."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody of the sample; `answers` None: did not belong into the draw after all."""

    stratum: str
    cell: Cell
    answers: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """A stratum, or several where one had too few answers, with whoever was asked in it."""

    population: int
    people: tuple[Asked, ...]

    @property
    def size(self) -> int:
        return len(self.people)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share (0 to 1) or a mean with its 95 % interval. `n` answers, standing for `people`."""

    n: int
    people: float
    value: float | None
    low: float | None
    high: float | None

    @property
    def shown(self) -> bool:
        return self.value is not None and self.n >= LEAST_SHOWN


def gathered(asked: Iterable[Asked], populations: Mapping[str, int]) -> list[Gathered]:
    """The strata in their order; one with fewer than two answers is joined with the next of its
    town, else with the one before, else with whatever is next, so that each has at least two."""
    own: dict[str, list[Asked]] = {code: [] for code in populations}
    for one in asked:
        own[one.stratum].append(one)
    groups = [([code], people) for code, people in own.items()]
    while len(groups) > 1 and (at := _short(groups, populations)) is not None:
        town = groups[at][0][0][:9]
        beside = [to for to in (at + 1, at - 1) if 0 <= to < len(groups)]
        to = next((to for to in beside if groups[to][0][0][:9] == town), beside[0])
        low, high = sorted((at, to))
        joined = (groups[low][0] + groups[high][0], groups[low][1] + groups[high][1])
        groups[low : high + 1] = [joined]
    return [
        Gathered(sum(populations[code] for code in codes), tuple(people))
        for codes, people in groups
        if people
    ]


def share(strata: Sequence[Gathered], value: Value) -> Estimate:
    """The share of ones where `value` gives 1 or 0."""
    found = _ratio(strata, value)
    if found.value is None or not found.open:
        return found.estimate(found.value, found.value)
    p = min(max(found.value, 0.0), 1.0)
    size = p * (1 - p) / found.variance if found.variance > 0 else 0.0
    if size <= 0:  # all said the same
        size = found.n / (1 - found.taken)
    z = _student(found.freedom)
    middle = (p + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    return found.estimate(max(0.0, middle - half), min(1.0, middle + half))


def mean(strata: Sequence[Gathered], value: Value) -> Estimate:
    """The mean of what `value` gives."""
    found = _ratio(strata, value)
    if found.value is None or found.n < 2:
        return (
            found.estimate(None, None) if found.open else found.estimate(found.value, found.value)
        )
    half = _student(found.freedom) * sqrt(found.variance)
    return found.estimate(found.value - half, found.value + half)


@dataclass(frozen=True, slots=True)
class _Ratio:
    n: int
    people: float
    value: float | None
    variance: float
    freedom: int
    taken: float  # of the people in these strata, the share that was asked
    open: bool  # whether anybody was not asked

    def estimate(self, low: float | None, high: float | None) -> Estimate:
        return Estimate(self.n, self.people, self.value, low, high)


def _ratio(strata: Sequence[Gathered], value: Value) -> _Ratio:
    """Σ weight × value ÷ Σ weight over those who have a value, and its variance."""
    table = [(one, [value(each) for each in one.people]) for one in strata]
    table = [(one, values) for one, values in table if any(v is not None for v in values)]
    n, people, total = 0, 0.0, 0.0
    for one, values in table:
        given = [each for each in values if each is not None]
        weight = one.population / one.size
        n += len(given)
        people += weight * len(given)
        total += weight * sum(given)
    if not n:
        return _Ratio(0, 0.0, None, 0.0, 0, 0.0, False)
    ratio, variance, freedom = total / people, 0.0, 0
    for one, values in table:
        freedom += one.size - 1
        if one.size < 2 or one.size >= one.population:
            continue
        rests = [0.0 if each is None else (each - ratio) / people for each in values]
        middle = sum(rests) / one.size
        spread = sum((rest - middle) ** 2 for rest in rests) / (one.size - 1)
        variance += one.population**2 * (1 - one.size / one.population) * spread / one.size
    everybody = sum(one.population for one, _ in table)
    taken = sum(one.size for one, _ in table) / everybody
    return _Ratio(n, people, ratio, variance, freedom, taken, taken < 1)


def _short(
    groups: Sequence[tuple[list[str], list[Asked]]], populations: Mapping[str, int]
) -> int | None:
    """The first group with fewer than two answers, unless everybody in it was asked."""
    for at, (codes, people) in enumerate(groups):
        if len(people) < min(2, sum(populations[code] for code in codes)):
            return at
    return None


def _student(freedom: int) -> float:
    """Student's 97.5 % quantile (Cornish–Fisher; right within 0.3 % from 4 degrees on)."""
    if freedom < 1:
        return 12.706
    v, z = max(freedom, 3), Z
    found = z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v * v)
    return found + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)


def by_group(
    strata: Sequence[Gathered],
    value: Value,
    key: Callable[[Asked], str],
    of: Callable[[Sequence[Gathered], Value], Estimate] = share,
) -> dict[str, Estimate]:
    """The same figure for each group of people, in order of its key."""
    keys = sorted({key(each) for one in strata for each in one.people})

    def within(wanted: str) -> Value:
        return lambda each: value(each) if key(each) == wanted else None

    return {one: of(strata, within(one)) for one in keys}
