"""Maps as plain data: a locked report draws the same map again, whatever moved since."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from mealsvc.coverage.mapping.rules import ALL_LAYERS, Community, MapView, Outline, Planned, Site


def plain_of(view: MapView) -> dict[str, Any]:
    """What JSON can take of a map."""
    made = asdict(view)
    made["day"] = view.day.isoformat()
    made["layers"] = sorted(view.layers)
    return made


def view_of(made: Mapping[str, Any]) -> MapView:
    """The map that `plain_of` made this of."""
    given = dict(made)
    given["day"] = date.fromisoformat(made["day"])
    given["communities"] = tuple(Community(**one) for one in made["communities"])
    given["sites"] = tuple(Site(**one) for one in made["sites"])
    for name in ("planned", "offered"):
        given[name] = tuple(Planned(**one) for one in made[name])
    given["outlines"] = tuple(
        Outline(one["code"], one["name"], _tuples(one["polygons"])) for one in made["outlines"]
    )
    given["towns"] = tuple(map(tuple, made["towns"]))
    given["layers"] = frozenset(made["layers"]) & ALL_LAYERS
    return MapView(**given)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
