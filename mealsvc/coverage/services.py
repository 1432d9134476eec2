"""Reading who lives within reach of the points that operate on a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, not_, or_, select

from mealsvc.coverage import rules
from mealsvc.coverage.rules import Home, Position, Reach
from mealsvc.places.models import Division, MealPoint, PointSuspension
from mealsvc.places.rules import POINT
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on

CENTRAL_KITCHEN = "central_kitchen"


def coverage_summary(radius_m: float | None, day: date) -> dict[str, Any]:
    """Who lives within the radius (default: the setting) of a point that operates on the day."""
    radius_m = float(value_on("coverage.radius_m", day)) if radius_m is None else radius_m
    radius_m = int(radius_m) if float(radius_m).is_integer() else radius_m
    return rules.summary(reaches_on(day), radius_m, int(value_on("coverage.gap_pop60", day)))


def reaches_on(day: date) -> list[Reach]:
    """The managed communities with their distance to the nearest point of that day."""
    return rules.reaches(homes(), sites_on(day))


def homes() -> list[Home]:
    """The communities that the district runs itself, in order of code."""
    rows = db.session.execute(select(Division).order_by(Division.code)).scalars().all()
    own = rules.managed({row.code: (row.name, row.managed_by) for row in rows})
    return [
        Home(
            row.code,
            row.pop60 or 0,
            None if row.lon is None or row.lat is None else (row.lon, row.lat),
        )
        for row in rows
        if row.level == "community" and row.code in own
    ]


def sites_on(day: date) -> list[Position]:
    """Where meals are served on that day: closed and suspended points are not, nor is a central
    kitchen without seats."""
    rows = db.session.execute(
        select(MealPoint.lon, MealPoint.lat).where(*serving_on(day)).order_by(MealPoint.code)
    )
    return [(lon, lat) for lon, lat in rows if lon is not None and lat is not None]


def points_on(day: date) -> Sequence[MealPoint]:
    """The points where meals are served on that day, in order of code, wherever they are."""
    rows = select(MealPoint).where(*operating_on(day)).order_by(MealPoint.code)
    return db.session.scalars(rows).all()


def serving_on(day: date) -> list[ColumnElement[bool]]:
    """The conditions under which a point has a place on the ground and serves on that day."""
    return [MealPoint.lon.is_not(None), MealPoint.lat.is_not(None), *operating_on(day)]


def operating_on(day: date) -> list[ColumnElement[bool]]:
    """The conditions under which elders are served at a point on that day."""
    suspended = (
        select(PointSuspension.point_id)
        .where(
            PointSuspension.point_id == MealPoint.id,
            PointSuspension.scope == POINT,
            PointSuspension.from_on <= day,
            or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= day),
        )
        .exists()
    )
    kitchen = (MealPoint.kind == CENTRAL_KITCHEN) & (func.coalesce(MealPoint.seats, 0) == 0)
    return [
        or_(MealPoint.opened_on.is_(None), MealPoint.opened_on <= day),
        or_(MealPoint.closed_on.is_(None), MealPoint.closed_on >= day),
        not_(suspended),
        not_(kitchen),
    ]
