"""How a figure is told: each shape turns an exact value into its text with the unit."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mealsvc.survey.assessing.assessment import Assessment
from mealsvc.survey.assessing.ground import Ground
from mealsvc.survey.assessing.risk_words import percent

Value = int | Fraction | str | None
Shape = Callable[[Any], str]
Work = Callable[[Ground, Assessment], Value]
UNKNOWN = "无记录"


@dataclass(frozen=True, slots=True)
class Spec:
    """A figure: its code, what it is called and means, how it is told, whence it comes.

    `when` says of which time it is (`day`, `month`, `year`, `total`, `survey`, `now`); `url` leads
    to its records and may name {month}, {year} and {round}.
    """

    code: str
    name: str
    shape: Shape
    definition: str
    source: str
    when: str
    url: str
    work: Work


def count(unit: str) -> Shape:
    """12,345人; a fraction rounded half up."""
    return lambda value: f"{rounded(value):,}{unit}"


def decimal(unit: str, places: int = 2) -> Shape:
    """12.34份"""
    return lambda value: f"{fixed(value, places)}{unit}"


def share(places: int = 1) -> Shape:
    """A fraction of 1 as 12.3%."""
    return lambda value: percent(value * 100, places)


def yuan(value: int | Fraction) -> str:
    """Fen as 1,234.50元."""
    return f"{fixed(Fraction(value) / 100, 2)}元"


def wan(value: int) -> str:
    """Fen as 123.45万元, small amounts in yuan."""
    return yuan(value) if abs(value) < 1_000_000 else f"{fixed(Fraction(value, 1_000_000), 2)}万元"


def words(value: str) -> str:
    """What is a text already."""
    return value


def rounded(value: int | Fraction) -> int:
    """Half up; below zero away from it."""
    whole = int(abs(value) + Fraction(1, 2))
    return -whole if value < 0 else whole


def fixed(value: int | Fraction, places: int) -> str:
    """1,234.50"""
    scaled = rounded(Fraction(value) * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    tail = f".{rest:0{places}d}" if places else ""
    return f"{'-' if scaled < 0 else ''}{whole:,}{tail}"


def ratio(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    """part ÷ whole; None of nothing."""
    return Fraction(part) / whole if whole else None
