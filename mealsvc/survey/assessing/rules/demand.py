"""How many meals a day elders would take, by town and age band, with a range.

Demand is eligible elders × meals that an elder wants in a week ÷ 7. From the questionnaire the
range is that of the weighted mean (95 %); from the villages' sheets it runs from what they count
for certain to all that they count.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

BANDS = {"60": "60—69岁", "70": "70—79岁", "80": "80—89岁", "90": "90岁以上"}
Z2 = Fraction(196, 100) ** 2  # 95 % of a normal distribution, squared
LEAST = 5  # answers that a cell needs to speak for itself
WEEK = 7
DAYS = (
    (Fraction(1), Fraction(3, 2), Fraction(2)),
    (Fraction(3), Fraction(7, 2), Fraction(4)),
    (Fraction(5), Fraction(6), Fraction(7)),
)  # fewest, middle, most days a week behind each answer of form A
_FINE = 10**6


@dataclass(frozen=True, slots=True)
class Wanted:
    """One answer: whose it is, how many elders it stands for, and the meals a week she wants."""

    town: str
    band: str
    weight: Fraction
    meals: Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """Something estimated: lowest, expected, highest."""

    low: Fraction
    mid: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean of `n` answers with the variance of the mean."""

    n: int
    mean: Fraction
    variance: Fraction


@dataclass(frozen=True, slots=True)
class Cell:
    """A town's elders of an age band: how many, what they want, and whose answers say so.

    `source` is the place and band whose answers were used: the cell's own, or, where fewer than
    `LEAST` answered or all said the same, those of the band in the whole district, or of everybody.
    """

    town: str
    band: str
    eligible: int
    answered: int
    source: tuple[str, str]
    meals_week: Range
    a_day: Range


def band_of(age: int) -> str:
    """The band that somebody of 60 or more belongs to."""
    return str(min(max(age, 60) // 10 * 10, 90))


def mean_of(answers: Sequence[Wanted]) -> Mean:
    """The weighted mean of the meals, and its variance by linearisation."""
    n, whole = len(answers), sum((one.weight for one in answers), Fraction(0))
    if not whole:
        return Mean(0, Fraction(0), Fraction(0))
    mean = sum((one.weight * one.meals for one in answers), Fraction(0)) / whole
    if n < 2:
        return Mean(n, mean, Fraction(0))
    spread = sum(((one.weight * (one.meals - mean)) ** 2 for one in answers), Fraction(0))
    return Mean(n, mean, spread / whole**2 * Fraction(n, n - 1))


def cells_of(eligible: Mapping[tuple[str, str], int], answers: Iterable[Wanted]) -> list[Cell]:
    """Each town and band with its demand; nothing without any answer."""
    means = _means(list(answers))
    if ("", "") not in means:
        return []
    found = []
    for (town, band), elders in sorted(eligible.items()):
        source = _source(means, town, band)
        a_week = _range(means[source].mean, means[source].variance)
        per_day = Fraction(elders, WEEK)
        a_day = Range(*(part * per_day for part in (a_week.low, a_week.mid, a_week.high)))
        own = means.get((town, band))
        found.append(Cell(town, band, elders, own.n if own else 0, source, a_week, a_day))
    return found


def total_of(
    cells: Iterable[Cell], eligible: Mapping[tuple[str, str], int], answers: Iterable[Wanted]
) -> Range:
    """The demand of these cells together: cells that share answers vary together, others apart."""
    means = _means(list(answers))
    shared: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for cell in cells:
        shared[cell.source] += Fraction(eligible[cell.town, cell.band], WEEK)
    mid = sum((means[key].mean * part for key, part in shared.items()), Fraction(0))
    variance = sum((means[key].variance * part**2 for key, part in shared.items()), Fraction(0))
    return _range(mid, variance)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a community counts on its sheet: elders; those who were asked; of these who wants meals;
    the lunches and dinners that they want a day; how many want them 1–2, 3–4, 5 or more days."""

    division: str
    eligible: int
    asked: int
    wishing: int
    meals: int
    days: tuple[int, ...]


def counted_demand(rows: Iterable[Counted], everybody: int) -> Range | None:
    """Meals a day by the villages' sheets; None where nobody was asked.

    Low: only who said yes, on the fewest days of each answer. Middle and high: as many of those who
    were not asked say yes as of those who were, on the middle and the most days; communities
    without a sheet are like the others (`everybody` are all elders of the area).
    """
    asked = [row for row in rows if row.asked]
    said = [sum(row.days[place] for row in asked) for place in range(len(DAYS))]
    people, wishing = sum(row.asked for row in asked), sum(row.wishing for row in asked)
    if not people or not sum(said):
        return None
    a_day = [Fraction(sum(row.meals for row in asked) * each, WEEK) for each in _mean_days(said)]
    rate = Fraction(max(everybody, people), people) if wishing else Fraction(0)
    return Range(a_day[0], a_day[1] * rate, a_day[2] * rate)


def _mean_days(said: Sequence[int]) -> tuple[Fraction, Fraction, Fraction]:
    """The fewest, middle and most days a week of all who told them, on average."""
    low, mid, high = (
        sum((number * days[place] for number, days in zip(said, DAYS, strict=True)), Fraction(0))
        / sum(said)
        for place in range(3)
    )
    return low, mid, high


def margin(n: int) -> Fraction | None:
    """The largest error (95 %) of a share in a simple sample of n."""
    return root(Z2 / (4 * n)) if n else None


def share_range(yes: Iterable[tuple[Fraction, bool]]) -> Range | None:
    """A weighted share with its 95 % interval (Wilson, with the effective number of answers)."""
    listed = list(yes)
    whole = sum((weight for weight, _ in listed), Fraction(0))
    if not whole:
        return None
    share = sum((weight for weight, said in listed if said), Fraction(0)) / whole
    n = whole**2 / sum((weight**2 for weight, _ in listed), Fraction(0))
    middle = (share + Z2 / (2 * n)) / (1 + Z2 / n)
    half = root(Z2 * (share * (1 - share) / n + Z2 / (4 * n**2))) / (1 + Z2 / n)
    return Range(max(Fraction(0), middle - half), share, min(Fraction(1), middle + half))


def root(square: Fraction) -> Fraction:
    """A square root to the millionth, always the same."""
    return Fraction(isqrt(int(square * _FINE**2)), _FINE)


def _means(answers: list[Wanted]) -> dict[tuple[str, str], Mean]:
    """By cell, by band in the whole district (town ""), and of everybody ("", "")."""
    groups: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
    for one in answers:
        for key in ((one.town, one.band), ("", one.band), ("", "")):
            groups[key].append(one)
    return {key: mean_of(group) for key, group in groups.items()}


def _source(means: Mapping[tuple[str, str], Mean], town: str, band: str) -> tuple[str, str]:
    for key in ((town, band), ("", band)):
        found = means.get(key)
        if found is not None and found.n >= LEAST and found.variance:
            return key
    return "", ""


def _range(mid: Fraction, variance: Fraction) -> Range:
    half = root(Z2 * variance)
    return Range(max(Fraction(0), mid - half), mid, mid + half)
