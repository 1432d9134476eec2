"""Twelve months of a point as a drawing for the page: servings a day, and break-even beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mealsvc.kernel.months import Month
from mealsvc.survey.assessing.figure_words import rounded
from mealsvc.survey.assessing.rules.breakeven import Economics

WIDTH, HEIGHT, FOOT, HEAD = 960, 240, 28, 24


@dataclass(frozen=True, slots=True)
class Column:
    """A month: where its bar stands, and how high the break-even line is (None: not known)."""

    label: str
    number: int
    x: float
    middle: float
    width: float
    y: float
    height: float
    line_y: float | None
    even: int | None


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    base: int
    columns: tuple[Column, ...]


def picture(months: Sequence[Economics]) -> Picture | None:
    """None without a serving in all that time."""
    if not any(one.servings for one in months):
        return None
    highest = max(max(rounded(one.servings_day), one.break_even_day or 0) for one in months)
    step, base = WIDTH / len(months), HEIGHT - FOOT
    scale = (base - HEAD) / max(highest, 1)
    columns = []
    for place, one in enumerate(months):
        number, even = rounded(one.servings_day), one.break_even_day
        columns.append(
            Column(
                _label(Month.from_key(one.month), place),
                number,
                round(place * step + step * 0.2, 1),
                round(place * step + step / 2, 1),
                round(step * 0.6, 1),
                round(base - number * scale, 1),
                round(number * scale, 1),
                None if even is None else round(base - even * scale, 1),
                even,
            )
        )
    return Picture(WIDTH, HEIGHT, base, tuple(columns))


def _label(month: Month, place: int) -> str:
    """5月; the first one and January with their year: 24年1月."""
    year = f"{month.year % 100:02d}年" if place == 0 or month.month == 1 else ""
    return f"{year}{month.month}月"
