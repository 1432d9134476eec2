"""Adds up a standing: the communities' own distances, the register's columns, the points' seats."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mealsvc.coverage.measuring import nearest_for, nearest_m
from mealsvc.coverage.register import ELSEWHERE, People, people_on
from mealsvc.coverage.rules import GROUP_NAMES, Position
from mealsvc.coverage.standing import TOWN_DIGITS, Group, Row, Scene, Standing, summed
from mealsvc.places.models import Division, MealPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray[Any]
    Counts = Mapping[str, Column]
BORDERS = ("near", "reached", "walked")


def reckon(scene: Scene) -> tuple[Standing, People]:
    """The whole area of a scene, and the columns that it was counted from."""
    codes, sites = [one.code for one in scene.communities], positions_of(scene.points)
    people = people_on(scene.day, scene.month, codes)
    counts = counted(people, sites, _borders(scene), len(codes))
    distances = _of_centres(scene.communities, sites)
    standing_here = _by_division(scene.points)
    rows = [
        _row(scene, one, distances[place], _of(counts, place), standing_here.get(one.code, ()))
        for place, one in enumerate(scene.communities)
    ]
    return _standing(scene, rows, _of(counts, len(codes))), people


def counted(
    people: People, sites: Sequence[Position], borders_m: Mapping[str, float], size: int
) -> "Counts":
    """Counts of people by community; the last place of each column is for those elsewhere."""
    import numpy as np

    home = np.where(people.home == ELSEWHERE, size, people.home)

    def count(which: "Column", weights: "Column | None" = None) -> "Column":
        held = None if weights is None else weights[which]
        return np.bincount(home[which], held, minlength=size + 1).astype(np.int64)

    fed = people.meals > 0
    located = people.here & ~np.isnan(people.lon) & ~np.isnan(people.lat)
    nearest = np.full(len(home), np.inf)
    nearest[located] = nearest_for(
        people.lon[located], people.lat[located], sites, tuple(borders_m.values())
    )
    found = {
        "registered": count(people.here),
        "active": count(fed),
        "servings": count(fed, people.meals),
        "own_known": count(located),
    }
    for name, border in borders_m.items():
        found[f"own_{name}"] = count(located & (nearest <= border))
    for kind in GROUP_NAMES:
        members = people.groups[kind] & people.here
        found[f"{kind} known"], found[f"{kind} served"] = count(members), count(members & fed)
    return found


def positions_of(points: Sequence[MealPoint]) -> list[Position]:
    """Where these points are, as far as it is known."""
    return [(one.lon, one.lat) for one in points if one.lon is not None and one.lat is not None]


def _borders(scene: Scene) -> dict[str, float]:
    return dict(zip(BORDERS, (scene.near_m, scene.radius_m, scene.walk.metres), strict=True))


def _of_centres(communities: Sequence[Division], sites: Sequence[Position]) -> list[float | None]:
    """The exact distance of each community's centre to the nearest point; None without either."""
    import numpy as np

    placed = [
        place
        for place, one in enumerate(communities)
        if one.lon is not None and one.lat is not None
    ]
    lon = np.array([communities[place].lon for place in placed], dtype=np.float64)
    lat = np.array([communities[place].lat for place in placed], dtype=np.float64)
    found: list[float | None] = [None] * len(communities)
    for place, metres in zip(placed, nearest_m(lon, lat, sites), strict=True):
        found[place] = metres
    return found


def _by_division(points: Sequence[MealPoint]) -> dict[str, list[MealPoint]]:
    found: dict[str, list[MealPoint]] = {}
    for point in points:
        found.setdefault(point.division, []).append(point)
    return found


def _of(counts: "Counts", place: int) -> dict[str, int]:
    return {name: int(column[place]) for name, column in counts.items()}


def _row(
    scene: Scene,
    one: Division,
    nearest: float | None,
    counts: dict[str, int],
    points: Sequence[MealPoint],
) -> Row:
    groups = _groups(counts)
    eligible = one.pop60 or 0
    unknown = counts["registered"] - counts["own_known"]
    values = {name: count for name, count in counts.items() if " " not in name}
    for name, border in _borders(scene).items():
        covered = nearest is not None and nearest <= border
        values[name] = eligible if covered else 0
        values[f"reg_{name}"] = counts[f"own_{name}"] + (unknown if covered else 0)
    effective = [point for point in points if point.id in scene.effective]
    return Row(
        division=one.code,
        name=one.name,
        town=one.code[:TOWN_DIGITS],
        eligible=eligible,
        **values,
        seats=sum(point.seats or 0 for point in effective),
        capacity=sum(point.daily_capacity or 0 for point in effective),
        points=len(points),
        effective=len(effective),
        spots=int(eligible >= scene.gap_pop60 and not values["reached"]),
        centred=0 if one.lon is None or one.lat is None else eligible,
        groups=groups,
        nearest_m=nearest,
        lon=one.lon,
        lat=one.lat,
    )


def _groups(counts: dict[str, int]) -> dict[str, Group]:
    return {kind: Group(counts[f"{kind} known"], counts[f"{kind} served"]) for kind in GROUP_NAMES}


def _standing(scene: Scene, rows: Sequence[Row], outside: dict[str, int]) -> Standing:
    by_town: dict[str, list[Row]] = {}
    for row in rows:
        by_town.setdefault(row.town, []).append(row)
    towns = tuple(
        summed(own, town, scene.names.get(town, town), town) for town, own in by_town.items()
    )
    districts = {row.division[:6] for row in rows}
    code = districts.pop() if len(districts) == 1 else ""
    total = summed(rows, code, scene.names.get(code, ""))
    plain = {name: count for name, count in outside.items() if " " not in name}
    return Standing(
        as_of=scene.as_of,
        day=scene.day,
        month=scene.month,
        radius_m=scene.radius_m,
        near_m=scene.near_m,
        walk_m=scene.walk.metres,
        walk_words=scene.walk.words,
        gap_pop60=scene.gap_pop60,
        rows=tuple(rows),
        towns=towns,
        total=total,
        located_share=total.own_known / total.registered if total.registered else 0.0,
        elsewhere=replace(Row("", ""), **plain, groups=_groups(outside)),
        left_out=scene.left_out,
    )
