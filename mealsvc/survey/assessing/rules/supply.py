"""What points can cook and seat beside what is wanted, town by town and point by point."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mealsvc.kernel.distance import great_circle_m

Position = tuple[float, float]
LEAST_DEGREE_M = 111_000  # a degree of latitude is a little longer


@dataclass(frozen=True, slots=True)
class Site:
    """A point that operates: where it stands, what it can make a day, what it seats."""

    code: str
    name: str
    town: str
    position: Position | None
    capacity: int
    seats: int
    servings_day: Fraction


@dataclass(frozen=True, slots=True)
class Spot:
    """A community with its elders and the meals a day that they want."""

    division: str
    name: str
    town: str
    eligible: int
    demand: Fraction
    position: Position | None


@dataclass(frozen=True, slots=True)
class TownRow:
    """A town: what is wanted a day by all who wish, and at today's price (low, expected, high); what
    its points can make, what points whose radius reaches into it can make, what their seats hold;
    `gap` is expected at today's price less capacity."""

    town: str
    name: str
    eligible: int
    wish: Fraction
    low: Fraction
    demand: Fraction
    high: Fraction
    capacity: int
    reaching: int
    seats: int
    turned: int
    served: Fraction

    @property
    def gap(self) -> Fraction:
        return self.demand - self.capacity

    @property
    def gap_low(self) -> Fraction:
        return self.low - self.capacity

    @property
    def gap_high(self) -> Fraction:
        return self.high - self.capacity


@dataclass(frozen=True, slots=True)
class Catchment:
    """The communities for which a point is the nearest within the radius (服务片区)."""

    point: str
    name: str
    town: str
    communities: int
    eligible: int
    demand: Fraction
    capacity: int
    served: Fraction

    @property
    def load(self) -> Fraction | None:
        """What is wanted in percent of what the point can make; None where nobody says."""
        return self.demand * 100 / self.capacity if self.capacity else None

    @property
    def overloaded(self) -> bool:
        return bool(self.capacity) and self.demand > self.capacity


@dataclass(frozen=True, slots=True)
class Catchments:
    """Every point's catchment, and the communities that belong to none, the largest first."""

    points: tuple[Catchment, ...]
    outside: tuple[Spot, ...]
    nearest: Mapping[str, tuple[str, float]]


def catchments(spots: Iterable[Spot], sites: Sequence[Site], radius_m: float) -> Catchments:
    """Each community goes to its nearest site, if that lies within the radius; of sites at the same
    distance to the first by code."""
    standing = sorted((site for site in sites if site.position), key=lambda site: site.code)
    own: dict[str, list[Spot]] = defaultdict(list)
    outside, nearest = [], {}
    for spot in spots:
        found = _nearest(spot, standing)
        if found is not None:
            nearest[spot.division] = (found[1].code, found[0])
        if found is None or found[0] > radius_m:
            outside.append(spot)
        else:
            own[found[1].code].append(spot)
    rows = [_catchment(site, own[site.code]) for site in sorted(sites, key=lambda site: site.code)]
    outside.sort(key=lambda spot: (-spot.eligible, spot.division))
    return Catchments(tuple(rows), tuple(outside), nearest)


def reaching(spots: Iterable[Spot], sites: Sequence[Site], radius_m: float) -> dict[str, int]:
    """By town the capacity of the sites within whose radius any of its communities lies."""
    found: dict[str, set[str]] = defaultdict(set)
    capacity = {site.code: site.capacity for site in sites}
    for spot in spots:
        for site in sites:
            if spot.position and site.position and within(spot.position, site.position, radius_m):
                found[spot.town].add(site.code)
    return {town: sum(capacity[code] for code in codes) for town, codes in found.items()}


def within(one: Position, other: Position, radius_m: float) -> bool:
    """Whether two places are no farther apart; those far apart in latitude are not measured."""
    if abs(one[1] - other[1]) * LEAST_DEGREE_M > radius_m:
        return False
    return great_circle_m(*one, *other) <= radius_m


def rank_gaps(rows: Iterable[TownRow]) -> list[TownRow]:
    """Towns where more is wanted than their points can make, the widest gap first."""
    return sorted((row for row in rows if row.gap > 0), key=lambda row: (-row.gap, row.town))


def _nearest(spot: Spot, sites: Sequence[Site]) -> tuple[float, Site] | None:
    if spot.position is None or not sites:
        return None
    measured = (
        (great_circle_m(*spot.position, *(site.position or (0, 0))), site) for site in sites
    )
    return min(measured, key=lambda pair: (pair[0], pair[1].code))


def _catchment(site: Site, spots: Sequence[Spot]) -> Catchment:
    return Catchment(
        site.code,
        site.name,
        site.town,
        len(spots),
        sum(spot.eligible for spot in spots),
        sum((spot.demand for spot in spots), Fraction(0)),
        site.capacity,
        site.servings_day,
    )
