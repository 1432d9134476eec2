"""Points near somebody: by community, by town, or by what they are called. All in memory, no question asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from mealsvc.public.board import Area, Board, Place
from mealsvc.public.rules import by_distance

MOST = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; empty texts ask nothing."""

    text: str = ""
    town: str = ""
    near: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Points with their distance (None: unknown or not asked), and the areas to choose from next.

    `centre` is the community from which the distance is measured; `narrowed` says that not all
    points are listed.
    """

    places: Sequence[tuple[Place, float | None]]
    areas: Sequence[Area] = ()
    centre: Area | None = None
    town: Area | None = None
    narrowed: bool = False


def find(shown: Board, asked: Asked) -> Found:
    """The points that are asked for, the nearest first where a community is named."""
    centre = shown.areas.get(asked.near)
    if centre is not None:
        return _near(shown, centre)
    if asked.text:
        return _called(shown, asked.text)
    town = shown.areas.get(asked.town)
    if town is not None:
        places = [place for place in shown.listed if place.division.startswith(town.code)]
        return Found(_plain(places), shown.communities(town.code), town=town, narrowed=True)
    return Found(_plain(shown.listed))


def nearest_to(shown: Board, place: Place, number: int) -> list[tuple[Place, float | None]]:
    """Other points that operate, the nearest first; none where nobody has located it."""
    if place.lon is None or place.lat is None:
        return []
    others = [one for one in shown.listed if one.code != place.code and one.status == "operating"]
    found = by_distance(others, place.lon, place.lat)
    return [one for one in found if one[1] is not None][:number]


def _near(shown: Board, centre: Area) -> Found:
    town = shown.areas.get(centre.code[:9])
    if centre.lon is None or centre.lat is None:
        places = [place for place in shown.listed if place.town == centre.code[:9]]
        return Found(_plain(places), centre=centre, town=town, narrowed=True)
    return Found(by_distance(shown.listed, centre.lon, centre.lat), centre=centre, town=town)


def _called(shown: Board, text: str) -> Found:
    places = [place for place in shown.listed if text in f"{place.name} {place.where}"]
    areas = [
        area for area in shown.areas.values() if text in area.name and area.level != "district"
    ]
    return Found(_plain(places), areas[:MOST], narrowed=True)


def _plain(places: Sequence[Place]) -> list[tuple[Place, float | None]]:
    return [(place, None) for place in places]
