"""Which points and divisions somebody may see, as conditions of a query."""

from flask import abort
from sqlalchemy import ColumnElement, select

from mealsvc.places.models import Division, MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal, current, require_point


def points_seen_by(principal: Principal) -> ColumnElement[bool]:
    """The points within somebody's scope."""
    if principal.at_point:
        return MealPoint.code == principal.scope
    return MealPoint.division.startswith(principal.scope, autoescape=True)


def point_or_404(code: str) -> MealPoint:
    """The point with this code; 404 if there is none, 403 outside the scope."""
    point = point_by_code(code)
    if point is None:
        abort(404)
    require_point(point.code, point.division)
    return point


def area_of(principal: Principal) -> str:
    """The division in which somebody works: the scope, or the division of one's point."""
    if not principal.at_point:
        return principal.scope
    own = select(MealPoint.division).where(MealPoint.code == principal.scope)
    return db.session.scalar(own) or ""


def towns_seen() -> list[tuple[str, str]]:
    """Codes and names of the towns within the scope, where there is more than one to choose from."""
    me = current()
    if me.at_point or len(me.scope) >= 9:
        return []
    towns = (
        select(Division.code, Division.name)
        .where(Division.level == "town", Division.code.startswith(me.scope, autoescape=True))
        .order_by(Division.code)
    )
    return [(row.code, row.name) for row in db.session.execute(towns)]
