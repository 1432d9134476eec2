"""Menus measured: published in time, complete sets, the nutrition band of a lunch, variety. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from mealsvc.kernel.meals import LOCAL

PARTS = ("大荤", "小荤", "素", "汤", "主食")
MAINS = ("大荤", "小荤")
VEGETABLES = "素"
SALTED = (*MAINS, VEGETABLES, "汤")
"""Dishes whose salt must be known; rice and steamed buns without a figure count as unsalted."""
DIETS = ("low_salt", "low_sugar", "soft")
FORTNIGHT = 14


class Band(NamedTuple):
    """The guideline of a lunch: salt at most, vegetables at least, dishes of meat, fish and egg at
    least, and how many different dishes at least; grams.

    The guideline's upper end for meat is of raw weight; a menu knows portions as served, with what
    is cooked along, so only its lower end is compared.
    """

    salt_most: float
    vegetables_least: float
    protein_least: float
    kinds_least: int


class Light(NamedTuple):
    """One figure of a lunch beside the guideline: `tone` is good or warn, never worse."""

    name: str
    shown: str
    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Lunch:
    """One lunch's dishes together; None for what was not fully weighed."""

    served_on: date
    kinds: int
    salt_g: float | None
    vegetables_g: float | None
    protein_g: float | None
    band: Band

    @property
    def weighed(self) -> bool:
        return None not in (self.salt_g, self.vegetables_g, self.protein_g)

    @property
    def lights(self) -> tuple[Light, ...]:
        """Each figure beside the guideline; what was not weighed is left out."""
        band, found = self.band, [_light("品种", self.kinds, "种", self.band.kinds_least, None)]
        if self.salt_g is not None:
            found.append(_light("用盐", self.salt_g, "克", None, band.salt_most))
        if self.vegetables_g is not None:
            found.append(_light("蔬菜", self.vegetables_g, "克", band.vegetables_least, None))
        if self.protein_g is not None:
            found.append(_light("肉鱼蛋", self.protein_g, "克", band.protein_least, None))
        return tuple(found)

    @property
    def inside(self) -> bool:
        """Whether everything was weighed and lies within the guideline."""
        return self.weighed and all(light.tone == "good" for light in self.lights)


def band_of(salt: str, vegetables: str, protein: str, kinds: str) -> Band:
    """The guideline as the settings say it; `protein` is written 60-80."""
    return Band(float(salt), float(vegetables), float(protein.partition("-")[0]), int(kinds))


def missing_of(pattern: Collection[str], kinds: Collection[str]) -> tuple[str, ...]:
    """The agreed parts of a set that a menu does not have."""
    return tuple(part for part in pattern if part not in kinds)


def in_time(first_published: datetime | None, monday: date) -> bool:
    """Whether the week's menu was first published before its Monday began, local time."""
    begins = datetime.combine(monday, time.min, LOCAL)
    return first_published is not None and first_published < begins


def fortnight_of(day: date, from_on: date) -> date:
    """The first day of the fortnight that a day lies in, counted from the period's first day."""
    return day - timedelta(days=(day - from_on).days % FORTNIGHT)


def _light(name: str, value: float, unit: str, least: float | None, most: float | None) -> Light:
    shown = f"{name}{value:g}{unit}"
    if least is not None and value < least:
        return Light(name, shown, f"低于参考的{least:g}{unit}", "warn")
    if most is not None and value > most:
        return Light(name, shown, f"高于参考的{most:g}{unit}", "warn")
    return Light(name, shown, "在参考范围内", "good")
