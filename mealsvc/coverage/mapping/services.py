"""Reading what a map shows, and keeping the boundaries that somebody supplied."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from math import cos, radians
from typing import Any

from sqlalchemy import select

from mealsvc.coverage.mapping.models import DivisionBoundary
from mealsvc.coverage.mapping.rules import KITCHEN, Community, MapView, Outline, Planned, Site
from mealsvc.coverage.rules import Position, managed, walk_of
from mealsvc.coverage.services import serving_on
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.distance import great_circle_m
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on

DOUBT = 1.1  # of a squared distance


def map_on(
    day: date,
    within: str = "",
    extra_sites: Sequence[Planned] = (),
    standing: Any = None,
    *,
    radius_m: float | None = None,
) -> MapView:
    """The map of a division (the whole district without one) as it stands on a day.

    `extra_sites` are sites of a plan: they count as points. `standing` (coverage.standing) names the
    communities where somebody has counted already; its radius holds unless another is given.
    """
    if radius_m is None:
        radius_m = float(standing.radius_m if standing else value_on("coverage.radius_m", day))
    sites = _sites(day)
    divisions = db.session.scalars(select(Division).order_by(Division.code)).all()
    names = {row.code: row.name for row in divisions}
    own = managed({row.code: (row.name, row.managed_by) for row in divisions})
    reached = [(one.lon, one.lat, one.name) for one in sites if one.serves]
    reached += [(one.lon, one.lat, one.name) for one in extra_sites]
    communities = tuple(
        _community(row, reached)
        for row in divisions
        if row.level == "community" and row.code in own and row.code.startswith(within)
    )
    walk = walk_of(value_on("coverage.walk", day))
    towns = tuple((code, name) for code, name in names.items() if len(code) == 9 and code in own)
    return MapView(
        day=day,
        radius_m=radius_m,
        walk_m=walk.metres,
        walk_words=walk.words,
        gap_pop60=int(value_on("coverage.gap_pop60", day)),
        communities=communities,
        sites=_near(sites, communities, radius_m) if len(within) >= 9 else tuple(sites),
        planned=tuple(extra_sites),
        outlines=outlines(within, own),
        towns=towns,
        area=names.get(within) or _district(names),
        within=within,
        source=f"时点：{chinese_date(day)}；口径：本区自管村社区60周岁以上老人，以村社区坐标到最近助餐点"
        f"的直线距离计，{walk.words}；来源：区划人口表、助餐点名录",
    )


def outlines(within: str, own: Iterable[str]) -> tuple[Outline, ...]:
    """The supplied boundaries of the towns shown, and of the communities where one town is shown."""
    rows = db.session.execute(
        select(DivisionBoundary.code, Division.name, DivisionBoundary.rings)
        .join(Division, Division.code == DivisionBoundary.code)
        .where(DivisionBoundary.code.startswith(within, autoescape=True))
        .order_by(Division.level.desc(), DivisionBoundary.code)
    ).all()
    allowed = set(own)
    shown = [row for row in rows if row.code in allowed and _is_shown(row.code, within)]
    return tuple(Outline(row.code, row.name, _read(row.rings)) for row in shown)


def _is_shown(code: str, within: str) -> bool:
    return len(code) <= 9 if len(within) < 9 else True


def _sites(day: date) -> list[Site]:
    """The points that serve on the day, and the kitchens without seats that supply them."""
    serving = MealPoint.id.in_(select(MealPoint.id).where(*serving_on(day)))
    open_kitchen = (
        (MealPoint.kind == KITCHEN)
        & MealPoint.lon.is_not(None)
        & MealPoint.lat.is_not(None)
        & (MealPoint.opened_on.is_(None) | (MealPoint.opened_on <= day))
        & (MealPoint.closed_on.is_(None) | (MealPoint.closed_on >= day))
    )
    rows = db.session.execute(
        select(
            MealPoint.code,
            MealPoint.name,
            MealPoint.kind,
            MealPoint.lon,
            MealPoint.lat,
            serving.label("serves"),
        )
        .where(serving | open_kitchen)
        .order_by(MealPoint.code)
    )
    return [Site(*row) for row in rows]


def _community(row: Division, reached: Sequence[tuple[float, float, str]]) -> Community:
    nearest_m, nearest = None, ""
    if row.lon is not None and row.lat is not None and reached:
        nearest_m, nearest = min(
            (great_circle_m(row.lon, row.lat, lon, lat), name)
            for lon, lat, name in _close(row.lon, row.lat, reached)
        )
    return Community(row.code, row.name, row.pop60 or 0, row.lon, row.lat, nearest_m, nearest)


def _close(
    lon: float, lat: float, reached: Sequence[tuple[float, float, str]]
) -> Iterator[tuple[float, float, str]]:
    """Those that can be the nearest: on a plane, which errs by less than `DOUBT` within a district."""
    across = cos(radians(lat))
    away = [((x - lon) * across) ** 2 + (y - lat) ** 2 for x, y, _ in reached]
    most = min(away) * DOUBT + 1e-12
    return (site for site, squared in zip(reached, away, strict=True) if squared <= most)


def _near(
    sites: Iterable[Site], communities: Iterable[Community], radius_m: float
) -> tuple[Site, ...]:
    """The points that a part of the district sees: whose circle reaches one of its communities."""
    spots = [(one.lon, one.lat) for one in communities if one.lon is not None]
    return tuple(one for one in sites if _reaches(one, spots, radius_m))


def _reaches(site: Site, spots: Iterable[tuple[Any, Any]], radius_m: float) -> bool:
    return any(great_circle_m(site.lon, site.lat, lon, lat) <= radius_m for lon, lat in spots)


def _district(names: dict[str, str]) -> str:
    return next((name for code, name in names.items() if len(code) == 6), "")


def _read(rings: str) -> tuple[tuple[tuple[Position, ...], ...], ...]:
    return tuple(
        tuple(tuple((spot[0], spot[1]) for spot in ring) for ring in polygon)
        for polygon in json.loads(rings)
    )
