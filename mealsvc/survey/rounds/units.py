"""Whom each form asks: communities and towns that the district runs itself, points that operate."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from mealsvc.coverage.rules import managed
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.queries import statuses
from mealsvc.plumbing.db import db

LEVEL_OF = {"A": "community", "C": "community", "E": "town"}
BY_POINT, BY_PERSON = "B", "D"


class Unit(NamedTuple):
    """Who fills a sheet: `unit` is a division, a point or a place in the draw, `division` where it
    stands, `resident_id` the person drawn."""

    unit: str
    division: str
    resident_id: int | None = None


def units_of(form: str, division: str, day: date) -> list[Unit]:
    """Everybody within the division whom this form asks on this day, in order of code; nobody for
    D, whose persons are drawn."""
    if form == BY_PERSON:
        return []
    if form == BY_POINT:
        return _points(division, day)
    own = _managed()
    return [
        Unit(code, code)
        for code, level in own.items()
        if level == LEVEL_OF[form] and code.startswith(division)
    ]


def _points(division: str, day: date) -> list[Unit]:
    rows = select(MealPoint).where(MealPoint.division.startswith(division, autoescape=True))
    points = db.session.scalars(rows.order_by(MealPoint.code)).all()
    status, own = statuses(points, day), _managed()
    return [
        Unit(one.code, one.division)
        for one in points
        if status[one.id] == "operating" and one.division in own
    ]


def _managed() -> dict[str, str]:
    """Code → level of the divisions that their district runs itself, in order of code."""
    rows = db.session.execute(
        select(Division.code, Division.name, Division.managed_by, Division.level).order_by(
            Division.code
        )
    ).all()
    own = managed({row.code: (row.name, row.managed_by) for row in rows})
    return {row.code: row.level for row in rows if row.code in own}
