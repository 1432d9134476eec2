"""What the address of the map asks for: which part, on which day, within which radius, what is shown."""

from dataclasses import dataclass
from datetime import date

from flask import request

from mealsvc.coverage.mapping.rules import (
    ALL_LAYERS,
    LAYERS,
    OUTSIDE,
    Community,
    MapView,
    metres_told,
)
from mealsvc.coverage.mapping.services import map_on
from mealsvc.coverage.queries import time_meant
from mealsvc.coverage.rules import walk_of
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import tidy_code
from mealsvc.places.scope import area_of
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import current, require_division
from mealsvc.settings.services import value_on

LEAST_RADIUS_M, MOST_RADIUS_M = 100, 10_000
STATES = (
    ("blank", "空白点"),
    ("outside", "半径外"),
    ("reached", "半径内，步行较远"),
    ("walked", "步行圈内"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The map that is asked for; `radius` is how it was chosen."""

    day: date
    within: str
    radius: str
    radius_m: float
    layers: frozenset[str]

    def view(self) -> MapView:
        return map_on(self.day, self.within, radius_m=self.radius_m).with_layers(self.layers)


def asked() -> Asked:
    """The map in the address, within the scope of who asks; 403 beyond it."""
    within = tidy_code(request.args.get("within", ""))
    within = within if is_division(within) else area_of(current())
    require_division(within)
    try:
        wanted = parse_date(request.args.get("day", ""))
    except ValueError:
        wanted = None
    day = time_meant(None, wanted, local_date(clock.now()))[1]
    radius, radius_m = _radius(day)
    layers = ALL_LAYERS
    if "set" in request.args:
        layers = frozenset(request.args.getlist("layer")) & ALL_LAYERS
    return Asked(day, within, radius, radius_m, layers)


def radius_choices(day: date) -> list[tuple[str, str]]:
    """What the radius can be: the two settings, the walk, or a number of metres."""
    walk = walk_of(value_on("coverage.walk", day))
    return [
        ("near", f"{metres_told(float(value_on('coverage.near_m', day)))}（近距离）"),
        ("radius", f"{metres_told(float(value_on('coverage.radius_m', day)))}（服务半径）"),
        ("walk", f"步行圈（直线 {metres_told(walk.metres)}）"),
        ("own", "自定，见右边"),
    ]


def layer_choices(shown: frozenset[str]) -> list[tuple[str, str, bool]]:
    return [(code, name, code in shown) for code, name in LAYERS.items()]


def listed(view: MapView, state: str) -> list[Community]:
    """The communities as the table lists them: blank spots first, then the most elders."""
    found = [one for one in view.communities if not state or _is(view, one, state)]
    return sorted(found, key=lambda one: (not view.is_blank(one), -one.pop60, one.code))


def _is(view: MapView, one: Community, state: str) -> bool:
    if state == "blank":
        return view.is_blank(one)
    return view.state(one) == state and not (state == OUTSIDE and view.is_blank(one))


def _radius(day: date) -> tuple[str, float]:
    chosen = request.args.get("radius", "radius")
    own = request.args.get("own_m", default=0, type=int)
    if chosen == "own" and own:
        return chosen, float(min(max(own, LEAST_RADIUS_M), MOST_RADIUS_M))
    if chosen == "walk":
        return chosen, float(walk_of(value_on("coverage.walk", day)).metres)
    if chosen == "near":
        return chosen, float(value_on("coverage.near_m", day))
    return "radius", float(value_on("coverage.radius_m", day))
