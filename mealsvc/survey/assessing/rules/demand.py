"""How many meals a day elders would take, by town and age band, with a range.

Demand is eligible elders × meals that an elder wants in a week ÷ 7. From the questionnaire the
range is that of the weighted mean (95 %); from the villages' sheets it runs from those who said yes
to what all would say if they answered as those did who were asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

BANDS = {"60": "60—69岁", "70": "70—79岁", "80": "80—89岁", "90": "90岁以上"}
EVERYBODY = ("", "")
PRICES_FEN = (500, 800, 1000, 1200, None)  # the upper end of each price in form A
LEAST = 5  # answers that a cell needs to speak for itself
WEEK = 7
DAYS = (
    (Fraction(1), Fraction(3, 2), Fraction(2)),
    (Fraction(3), Fraction(7, 2), Fraction(4)),
    (Fraction(5), Fraction(6), Fraction(7)),
)  # fewest, middle, most days a week behind each answer of form A
_FINE = 10**6


@dataclass(frozen=True, slots=True)
class Range:
    """Something estimated: lowest, expected, highest."""

    low: Fraction
    mid: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Told:
    """What `n` answers say of the meals that an elder wants in a week."""

    n: int
    week: Range


Key = tuple[str, str]
"""A town and a band; ("", band) is the band in the whole district, ("", "") everybody."""


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


def cells_of(eligible: Mapping[Key, int], told: Mapping[Key, Told]) -> list[Cell]:
    """Each town and band with its demand; nothing without any answer."""
    if EVERYBODY not in told:
        return []
    found = []
    for (town, band), elders in sorted(eligible.items()):
        source = _source(told, town, band)
        week, own = told[source].week, told.get((town, band))
        part = Fraction(elders, WEEK)
        a_day = Range(week.low * part, week.mid * part, week.high * part)
        found.append(Cell(town, band, elders, own.n if own else 0, source, week, a_day))
    return found


def total_of(cells: Iterable[Cell], told: Mapping[Key, Told]) -> Range:
    """The demand of these cells together. Cells that share answers are wrong together, others apart
    from each other: the distances to the ends of their ranges add up as squares do."""
    shared: dict[Key, Fraction] = defaultdict(Fraction)
    for cell in cells:
        shared[cell.source] += Fraction(cell.eligible, WEEK)
    mid = low2 = high2 = Fraction(0)
    for key, part in shared.items():
        week = told[key].week
        mid += part * week.mid
        low2 += (part * (week.mid - week.low)) ** 2
        high2 += (part * (week.high - week.mid)) ** 2
    return Range(max(Fraction(0), mid - root(low2)), mid, mid + root(high2))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a community counts on its sheet: elders; those who were asked; of these who wants meals;
    the lunches and dinners that they want a day; how many want them 1–2, 3–4, 5 or more days; how
    many would pay up to 5, 8, 10, 12 yuan or more."""

    division: str
    eligible: int
    asked: int
    wishing: int
    meals: int
    days: tuple[int, ...]
    prices: tuple[int, ...]


def counted_demand(
    rows: Iterable[Counted], everybody: int, part: Fraction = Fraction(1)
) -> Range | None:
    """Meals a day by the villages' sheets; None where nobody was asked.

    Low: only who said yes, on the fewest days of each answer. Middle and high: as many of those who
    were not asked say yes as of those who were, on the middle and the most days; communities
    without a sheet are like the others (`everybody` are all elders of the area). Of all that `part`
    counts.
    """
    asked = [row for row in rows if row.asked]
    said = [sum(row.days[place] for row in asked) for place in range(len(DAYS))]
    people, wishing = sum(row.asked for row in asked), sum(row.wishing for row in asked)
    if not people or not sum(said):
        return None
    a_day = [Fraction(sum(row.meals for row in asked) * each, WEEK) for each in _mean_days(said)]
    rate = Fraction(max(everybody, people), people) if wishing else Fraction(0)
    return Range(a_day[0] * part, a_day[1] * rate * part, a_day[2] * rate * part)


def paying_part(rows: Sequence[Counted], price_fen: Fraction) -> Fraction:
    """Of those who told what they would pay, the part that would pay so much: their answer's upper
    end is not below it. Everybody where nobody told."""
    told = [sum(row.prices[place] for row in rows) for place in range(len(PRICES_FEN))]
    willing = sum(
        number
        for number, most in zip(told, PRICES_FEN, strict=True)
        if most is None or most >= price_fen
    )
    return Fraction(willing, sum(told)) if sum(told) else Fraction(1)


def _mean_days(said: Sequence[int]) -> tuple[Fraction, Fraction, Fraction]:
    """The fewest, middle and most days a week of all who told them, on average."""
    low, mid, high = (
        sum((number * days[place] for number, days in zip(said, DAYS, strict=True)), Fraction(0))
        / sum(said)
        for place in range(3)
    )
    return low, mid, high


def root(square: Fraction) -> Fraction:
    """A square root to the millionth, always the same."""
    return Fraction(isqrt(int(square * _FINE**2)), _FINE)


def _source(told: Mapping[Key, Told], town: str, band: str) -> Key:
    for key in ((town, band), ("", band)):
        found = told.get(key)
        if found is not None and found.n >= LEAST and found.week.high > found.week.low:
            return key
    return EVERYBODY
