"""Where the next points should go: the question, the ground it is asked on, and what a choice of
sites covers, counted exactly in whole elders. Who is within reach is decided by `coverage.rules`."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, radians, sin
from typing import Any

from mealsvc.coverage.rules import Home, Position
from mealsvc.kernel.distance import EARTH_RADIUS_M, great_circle_m

_SLACK = 1 + 1e-9  # a coarse test leaves out only what is farther for certain


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the ground; what is None does not limit.

    `target` is the share of all elders to cover with as few sites as can be. With `uptake`, the
    share of covered elders who come on a day, a site covers no more than its daily capacity feeds.
    `equity` lifts the town with the lowest rate first. `scratch` leaves out the points that exist.
    """

    radius_m: int | float
    add: int | None = None
    target: Fraction | None = None
    budget_fen: int | None = None
    uptake: Fraction | None = None
    equity: bool = False
    scratch: bool = False
    within: str = ""

    def __post_init__(self) -> None:
        whole = int(self.radius_m) if float(self.radius_m).is_integer() else self.radius_m
        object.__setattr__(self, "radius_m", whole)
        if self.add is None and self.target is None and self.budget_fen is None:
            raise ValueError("a question names a number of sites, a target or a budget")

    @property
    def is_plain(self) -> bool:
        """Only a number of sites and a radius."""
        return not (self.target or self.uptake or self.equity or self.budget_fen is not None)

    def to_json(self) -> dict[str, Any]:
        """Plain values; fractions as texts, so that nothing is rounded."""
        return {
            "radius_m": self.radius_m,
            "add": self.add,
            "target": None if self.target is None else str(self.target),
            "budget_fen": self.budget_fen,
            "uptake": None if self.uptake is None else str(self.uptake),
            "equity": self.equity,
            "scratch": self.scratch,
            "within": self.within,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Question":
        """What `to_json` wrote."""
        target, uptake = told["target"], told["uptake"]
        return cls(
            told["radius_m"],
            told["add"],
            None if target is None else Fraction(target),
            told["budget_fen"],
            None if uptake is None else Fraction(uptake),
            told["equity"],
            told["scratch"],
            told["within"],
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A point or a candidate: where it stands, how many it feeds a day, what it costs to build."""

    code: str
    position: Position
    daily_capacity: int | None = None
    cost_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything a question is asked of: demand, the points that operate, the candidates by code."""

    homes: tuple[Home, ...]
    points: tuple[Site, ...]
    candidates: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class TownCover:
    """A town's elders, and how many of them are covered before and after."""

    code: str
    eligible: int
    before: int
    after: int

    def rate(self, after: bool = True) -> Fraction:
        return Fraction(self.after if after else self.before, self.eligible or 1)


@dataclass(frozen=True, slots=True)
class Answer:
    """The sites in order of code and what they come to.

    `optimal` only when proven: `bound`, which no choice can exceed, is what these sites cover.
    With a target: `met`, and `fewest`, the number below which nobody can get (None: not proven).
    """

    sites: tuple[str, ...]
    eligible: int
    covered_before: int
    covered_after: int
    optimal: bool
    bound: int
    towns: tuple[TownCover, ...] = ()
    cost_fen: int | None = None
    met: bool | None = None
    fewest: int | None = None

    @property
    def rate(self) -> Fraction:
        return Fraction(self.covered_after, self.eligible or 1)

    @property
    def rate_before(self) -> Fraction:
        return Fraction(self.covered_before, self.eligible or 1)

    @property
    def lowest(self) -> TownCover | None:
        """The town with the lowest rate afterwards."""
        return min((town for town in self.towns if town.eligible), key=TownCover.rate, default=None)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for keeping."""
        return {
            "sites": list(self.sites),
            "eligible": self.eligible,
            "covered_before": self.covered_before,
            "covered_after": self.covered_after,
            "optimal": self.optimal,
            "bound": self.bound,
            "towns": [[town.code, town.eligible, town.before, town.after] for town in self.towns],
            "cost_fen": self.cost_fen,
            "met": self.met,
            "fewest": self.fewest,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Answer":
        """What `to_json` wrote."""
        towns = tuple(TownCover(*town) for town in told["towns"])
        return cls(**{**told, "sites": tuple(told["sites"]), "towns": towns})


def within_reach(homes: Sequence[Home], sites: Sequence[Site], radius_m: float) -> list[list[int]]:
    """For each site the places in `homes` of those within the radius, as `coverage.rules` has it:
    a coarse test first leaves out what is certainly farther."""
    placed = sorted(
        (home.position[1], place)
        for place, home in enumerate(homes)
        if home.position is not None and home.pop60 > 0
    )
    latitudes = [latitude for latitude, _ in placed]
    band = radius_m * _SLACK / EARTH_RADIUS_M * 180 / pi + 1e-9
    return [
        sorted(
            place
            for _, place in placed[
                bisect_left(latitudes, site.position[1] - band) : bisect_right(
                    latitudes, site.position[1] + band
                )
            ]
            if is_within(homes[place].position, site.position, radius_m)
        )
        for site in sites
    ]


def is_within(home: Position | None, site: Position, radius_m: float) -> bool:
    """Whether a home lies within the radius of a site; on the circle it does."""
    if home is None or _is_far_across(home, site, radius_m):
        return False
    return great_circle_m(*home, *site) <= radius_m


def _is_far_across(home: Position, site: Position, radius_m: float) -> bool:
    """Whether the longitudes alone keep the two apart: sin(x) ≥ 2x/π up to a quarter turn."""
    across = abs(home[0] - site[0])
    if across > 180:
        return False
    cosines = cos(radians(home[1])) * cos(radians(site[1]))
    reach = sin(min(radius_m / EARTH_RADIUS_M / 2, pi / 2)) ** 2
    return cosines * (across / 180) ** 2 > reach * _SLACK + 1e-18


def covered_homes(ground: Ground, radius_m: float, sites: Iterable[Site]) -> set[int]:
    """The places in `ground.homes` of those that at least one of the sites reaches."""
    found: set[int] = set()
    for places in within_reach(ground.homes, list(sites), radius_m):
        found.update(places)
    return found


def chosen_of(ground: Ground, codes: Collection[str]) -> list[Site]:
    """The candidates with these codes, in their order on the ground."""
    return [site for site in ground.candidates if site.code in codes]


def standing_points(ground: Ground, question: Question) -> tuple[Site, ...]:
    """The points that count as there already."""
    return () if question.scratch else ground.points


def towns_of(ground: Ground) -> dict[str, int]:
    """The elders of each town, in order of code."""
    towns: dict[str, int] = {}
    for home in sorted(ground.homes, key=lambda home: home.division):
        towns[home.town] = towns.get(home.town, 0) + home.pop60
    return towns


def feeds(site: Site, uptake: Fraction) -> int | None:
    """How many elders a site can count as covered when this share of them comes on a day."""
    if site.daily_capacity is None:
        return None
    return int(site.daily_capacity / uptake)
