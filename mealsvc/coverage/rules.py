"""Who lives within reach of a meal point: a pure function of homes and sites.

Demand stands at a community's own position; distance is the great circle in metres.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mealsvc.kernel.distance import great_circle_m
from mealsvc.kernel.divisions import parent_of

Position = tuple[float, float]
"""Longitude and latitude in degrees."""
AGED, OLD = "80+", 80
GROUP_NAMES = {"TK": "特困", "DB": "低保", "SN": "失能失智", "DJ": "独居", AGED: "80岁以上"}
CARED_FOR = tuple(code for code in GROUP_NAMES if code != AGED)


@dataclass(frozen=True, slots=True)
class Walk:
    """How far an elder walks in so many minutes, as a straight line in metres, and how that was
    reckoned."""

    metres: int
    words: str


@dataclass(frozen=True, slots=True)
class Home:
    """A community of the managed area with its residents of 60 and over."""

    division: str
    pop60: int
    position: Position | None

    @property
    def town(self) -> str:
        return self.division[:9]


@dataclass(frozen=True, slots=True)
class Reach:
    """A home with its distance (m) to the nearest site; None without a position or a site."""

    home: Home
    nearest_m: float | None

    def within(self, radius_m: float) -> bool:
        return self.nearest_m is not None and self.nearest_m <= radius_m


def walk_of(setting: str) -> Walk:
    """The walk of the setting `coverage.walk`: metres a second, detour factor, minutes.

    speed × minutes × 60 ÷ detour, rounded down to 10 m: "0.8,1.3,15" gives 550 m.
    """
    speed, detour, minutes = (Fraction(part.strip()) for part in setting.split(","))
    metres = int(speed * minutes * 60 / detour) // 10 * 10
    said = [f"{float(part):g}" for part in (speed, detour, minutes)]
    words = f"按步速{said[0]}米/秒、绕行{said[1]}倍、{said[2]}分钟折算为直线{metres:,}米"
    return Walk(metres, words)


def managed(divisions: Mapping[str, tuple[str, str]]) -> set[str]:
    """The codes that their district runs itself, from code → (name, managed_by).

    An empty `managed_by` inherits from the division above; a district that names nobody runs
    itself under its own name.
    """
    return {code for code in divisions if _manager(code, divisions) == _own(code, divisions)}


def reaches(homes: Iterable[Home], sites: Sequence[Position]) -> list[Reach]:
    """Each home with the distance to its nearest site."""
    return [Reach(home, _nearest(home.position, sites)) for home in homes]


def summary(found: Sequence[Reach], radius_m: float, gap_pop60: int) -> dict[str, Any]:
    """How many elders live within the radius, by town, and the communities of `gap_pop60`
    elders or more outside it, the largest first."""
    towns: dict[str, dict[str, Any]] = {}
    for reach in sorted(found, key=lambda reach: reach.home.division):
        town = towns.setdefault(
            reach.home.town, {"code": reach.home.town, "eligible": 0, "covered": 0}
        )
        town["eligible"] += reach.home.pop60
        town["covered"] += reach.home.pop60 if reach.within(radius_m) else 0
    eligible = sum(town["eligible"] for town in towns.values())
    covered = sum(town["covered"] for town in towns.values())
    return {
        "radius_m": radius_m,
        "eligible": eligible,
        "covered": covered,
        "rate": covered / eligible if eligible else 0.0,
        "towns": list(towns.values()),
        "gaps": [
            {
                "division": reach.home.division,
                "pop60": reach.home.pop60,
                "nearest_m": None if reach.nearest_m is None else round(reach.nearest_m, 1),
            }
            for reach in gaps(found, radius_m, gap_pop60)
        ],
    }


def gaps(found: Iterable[Reach], radius_m: float, gap_pop60: int) -> list[Reach]:
    """The blank spots (空白点), the largest first, then in order of code."""
    outside = [
        reach for reach in found if reach.home.pop60 >= gap_pop60 and not reach.within(radius_m)
    ]
    return sorted(outside, key=lambda reach: (-reach.home.pop60, reach.home.division))


def _nearest(position: Position | None, sites: Sequence[Position]) -> float | None:
    if position is None:
        return None
    return min((great_circle_m(*position, *site) for site in sites), default=None)


def _manager(code: str, divisions: Mapping[str, tuple[str, str]]) -> str:
    above: str | None = code
    while above is not None and len(above) > 6:
        manager = divisions.get(above, ("", ""))[1]
        if manager:
            return manager
        above = parent_of(above)
    return _own(code, divisions)


def _own(code: str, divisions: Mapping[str, tuple[str, str]]) -> str:
    name, manager = divisions.get(code[:6], ("", ""))
    return manager or name
