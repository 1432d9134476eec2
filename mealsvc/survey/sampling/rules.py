"""Who is asked: strata, how many of each, and a draw that anybody can repeat from its seed. Pure.

A cell is town × age band × living state. Cells too small for a person of their own are put together
with their neighbours into strata; of each stratum those are drawn whose SHA-256 of `seed|R000123`
(the resident's number on papers) is least, and the next ones stand in reserve.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import NamedTuple

from mealsvc.kernel.money import share

BANDS = {60: "60至69岁", 70: "70至79岁", 80: "80至89岁", 90: "90岁以上"}
LIVING = {"DJ": "独居", "KC": "空巢", "QT": "其他"}
LEAST_AGE = 60
LEAST_OF_STRATUM = 2  # below two nobody can tell how much answers differ
Z = 1.959964  # 95 %
MARGIN = 0.05
ALIKE = 0.5  # the share at which a sample is least exact


class Cell(NamedTuple):
    """Town (9 digits), age band, living state."""

    town: str
    band: int
    living: str

    @property
    def code(self) -> str:
        return f"{self.town}/{self.band}/{self.living}"

    @classmethod
    def read(cls, code: str) -> "Cell":
        town, band, living = code.split("/")
        return cls(town, int(band), living)


class Person(NamedTuple):
    """Somebody who may be drawn: number in the register, cell, community."""

    id: int
    cell: Cell
    division: str

    @property
    def ref(self) -> str:
        return f"R{self.id:06d}"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Cells that are drawn from together: how many live there, are drawn, and stand in reserve.

    `digest` is SHA-256 over its people's numbers, one a line, in order.
    """

    cells: tuple[Cell, ...]
    population: int
    drawn: int
    reserve: int = 0
    digest: str = ""

    @property
    def code(self) -> str:
        return self.cells[0].code

    @property
    def town(self) -> str:
        return self.cells[0].town

    @property
    def weight(self) -> float:
        return self.population / self.drawn if self.drawn else 0.0


class Place(NamedTuple):
    """A place in the draw; those behind the drawn ones are the reserve."""

    place: int
    person: Person


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw: its strata, and everybody drawn and in reserve by place."""

    strata: tuple[Stratum, ...]
    places: tuple[Place, ...]
    size: int


def band_of(age: int) -> int:
    """60, 70, 80 or 90 of somebody of 60 and over."""
    return min(age // 10 * 10, 90)


def living_of(alone: bool, couple: bool) -> str:
    """Somebody noted as both lives alone."""
    return "DJ" if alone else "KC" if couple else "QT"


def least_size(population: int, margin: float = MARGIN) -> int:
    """How many a simple random sample of so many people needs for 95 % within `margin`."""
    if population <= 0:
        return 0
    endless = Z * Z * ALIKE * (1 - ALIKE) / margin**2
    return min(population, round(endless / (1 + (endless - 1) / population)))


def margin_of(strata: Iterable[Stratum]) -> float:
    """Half the width of the 95 % interval of a share of one half that these strata give.

    Only what unequal weights cost is counted, not what strata gain: the truth is rather narrower.
    """
    strata = [one for one in strata if one.drawn]
    people = sum(one.population for one in strata)
    if not people:
        return 0.0
    squares = sum(
        (one.population / people) ** 2 * (1 - one.drawn / one.population) / one.drawn
        for one in strata
    )
    return Z * sqrt(ALIKE * (1 - ALIKE) * squares)


def planned(counts: Mapping[Cell, int], size: int, reserve: float = 0.0) -> tuple[Stratum, ...]:
    """The strata with what each gives: by its share of the people, at least two where it has them.

    Cells with a share below one person join a neighbour: the next living state of the same age,
    then the next age, of the same town. `reserve` is the share of the drawn that stands by.
    """
    people = sum(counts.values())
    if not people:
        return ()
    size = min(size, people)
    groups = _gathered({cell: count for cell, count in counts.items() if count}, people / size)
    totals = [sum(counts[cell] for cell in cells) for cells in groups]
    even = share(size, totals)
    found: list[Stratum] = []
    for cells, total, own in zip(groups, totals, even, strict=True):
        drawn = min(total, max(LEAST_OF_STRATUM, own))
        standing = ceil(drawn * reserve - 1e-9)
        found.append(Stratum(tuple(cells), total, drawn, min(total - drawn, standing)))
    return tuple(found)


def drawn_from(people: Sequence[Person], seed: str, size: int, reserve: float = 0.0) -> Drawn:
    """Draws: the same people, seed and size give the same places, in whatever order they come."""
    counts: dict[Cell, int] = defaultdict(int)
    for one in people:
        counts[one.cell] += 1
    plan = planned(counts, size, reserve)
    owners = {cell: number for number, one in enumerate(plan) for cell in one.cells}
    members: list[list[Person]] = [[] for _ in plan]
    for one in people:
        members[owners[one.cell]].append(one)
    first: list[tuple[str, str, Person]] = []
    spare: list[Person] = []
    strata: list[Stratum] = []
    for stratum, own in zip(plan, members, strict=True):
        ranked = sorted((rank_of(seed, one), one) for one in own)
        first += [(one.division, rank, one) for rank, one in ranked[: stratum.drawn]]
        spare += [one for _, one in ranked[stratum.drawn : stratum.drawn + stratum.reserve]]
        strata.append(
            Stratum(
                stratum.cells, stratum.population, stratum.drawn, stratum.reserve, digest_of(own)
            )
        )
    order = [one for _, _, one in sorted(first)] + spare
    places = tuple(Place(number, one) for number, one in enumerate(order, 1))
    return Drawn(tuple(strata), places, len(first))


def rank_of(seed: str, person: Person) -> str:
    """Where somebody stands in the order of drawing."""
    return hashlib.sha256(f"{seed}|{person.ref}".encode()).hexdigest()


def digest_of(people: Iterable[Person]) -> str:
    """SHA-256 over the people's numbers in order, a newline after each."""
    numbers = sorted(one.id for one in people)
    return hashlib.sha256("".join(f"R{one:06d}\n" for one in numbers).encode()).hexdigest()


def stratum_name(stratum: Stratum, towns: Mapping[str, str]) -> str:
    """湖塘镇 60至69岁 独居、空巢"""
    bands = dict.fromkeys(BANDS[cell.band] for cell in stratum.cells)
    living = dict.fromkeys(LIVING[cell.living] for cell in stratum.cells)
    whole = "" if len(living) == len(LIVING) else "、".join(living)
    parts = (towns.get(stratum.town, stratum.town), "和".join(bands), whole)
    return " ".join(part for part in parts if part)


def _gathered(counts: Mapping[Cell, int], least: float) -> list[list[Cell]]:
    """The cells in groups of at least `least` people, as far as a town has so many."""
    towns: dict[str, dict[int, list[list[Cell]]]] = defaultdict(lambda: defaultdict(list))
    for cell in sorted(
        counts, key=lambda one: (one.town, one.band, list(LIVING).index(one.living))
    ):
        towns[cell.town][cell.band].append([cell])
    found: list[list[Cell]] = []
    for bands in towns.values():
        groups = [group for own in bands.values() for group in _joined(own, counts, least)]
        found += _joined(groups, counts, least)
    return found


def _joined(groups: list[list[Cell]], counts: Mapping[Cell, int], least: float) -> list[list[Cell]]:
    """Neighbours put together, the smallest first, until each has enough or one is left."""
    groups = [list(one) for one in groups]

    def people(group: list[Cell]) -> int:
        return sum(counts[cell] for cell in group)

    while len(groups) > 1:
        small = min(range(len(groups)), key=lambda at: (people(groups[at]), at))
        if people(groups[small]) >= least:
            break
        beside = [at for at in (small - 1, small + 1) if 0 <= at < len(groups)]
        other = min(beside, key=lambda at: (people(groups[at]), at))
        low, high = sorted((small, other))
        groups[low : high + 1] = [groups[low] + groups[high]]
    return groups
