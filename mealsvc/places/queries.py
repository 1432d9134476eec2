"""Points and divisions as the lists filter them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from mealsvc.places.models import Division, MealPoint, PointSuspension
from mealsvc.places.rules import (
    KITCHEN,
    LICENCE_WARNING,
    POINT,
    SERVING,
    SUBSIDY,
    status_on,
)
from mealsvc.plumbing.db import db


@dataclass(frozen=True, slots=True)
class PointFilter:
    """What a list of points is narrowed to; empty texts don't narrow."""

    text: str = ""
    kind: str = ""
    status: str = ""
    town: str = ""
    licence: str = ""


def found_points(seen: ColumnElement[bool], wanted: PointFilter, today: date) -> Select[Any]:
    """The points that somebody sees, narrowed, in order of code."""
    rows = select(MealPoint).where(seen).order_by(MealPoint.code)
    if wanted.text:
        name = MealPoint.name.contains(wanted.text, autoescape=True)
        rows = rows.where(name | MealPoint.code.startswith(wanted.text, autoescape=True))
    if wanted.kind == SERVING:
        rows = rows.where(MealPoint.kind != KITCHEN)
    elif wanted.kind:
        rows = rows.where(MealPoint.kind == wanted.kind)
    if wanted.town:
        rows = rows.where(MealPoint.division.startswith(wanted.town, autoescape=True))
    if wanted.licence == "due":
        rows = rows.where(MealPoint.licence_expires_on <= today + LICENCE_WARNING)
        rows = rows.where(~_closed(today))
    status = _status_conditions(today).get(wanted.status)
    return rows if status is None else rows.where(status)


def suspended_on(day: date) -> set[int]:
    """Ids of the points that may not serve on this day."""
    return set(db.session.scalars(select(PointSuspension.point_id).where(_covers(day))))


def stopped_on(point: MealPoint, day: date) -> str | None:
    """`point` where it may not serve on this day, `subsidy` where it serves at full price."""
    rows = select(PointSuspension.scope).where(PointSuspension.point_id == point.id, _span(day))
    scopes = set(db.session.scalars(rows))
    status = status_on(day, point.opened_on, point.closed_on, POINT in scopes)
    if status != "operating":
        return POINT
    return SUBSIDY if SUBSIDY in scopes else None


def withheld_spans(
    first: date, last: date, points: Collection[int] | None = None
) -> list[tuple[int, date, date]]:
    """When the subsidy of which points is suspended within these days: point, from and to, inclusive."""
    rows = select(PointSuspension.point_id, PointSuspension.from_on, PointSuspension.to_on).where(
        PointSuspension.scope == SUBSIDY,
        PointSuspension.from_on <= last,
        or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= first),
    )
    return [
        (row.point_id, max(row.from_on, first), min(row.to_on or last, last))
        for row in db.session.execute(rows)
        if points is None or row.point_id in points
    ]


def statuses(points: Iterable[MealPoint], day: date) -> dict[int, str]:
    """The status of each point on a day, by id."""
    suspended = suspended_on(day)
    return {
        point.id: status_on(day, point.opened_on, point.closed_on, point.id in suspended)
        for point in points
    }


def division_names(codes: Collection[str]) -> dict[str, str]:
    """Names of divisions, by code; codes that are not in the list are left out."""
    found = select(Division.code, Division.name).where(Division.code.in_(codes))
    return dict(db.session.execute(found).all())


def names_within(prefix: str) -> dict[str, str]:
    """Names of the divisions whose code starts so, by code and in its order."""
    found = select(Division.code, Division.name).where(
        Division.code.startswith(prefix, autoescape=True)
    )
    return dict(db.session.execute(found.order_by(Division.code)).all())


def found_divisions(area: str, level: str, town: str) -> Select[Any]:
    """The divisions in an area, narrowed by level and town, in order of code."""
    rows = select(Division).where(Division.code.startswith(area, autoescape=True))
    if level:
        rows = rows.where(Division.level == level)
    if town:
        rows = rows.where(Division.code.startswith(town, autoescape=True))
    return rows.order_by(Division.code)


def summed_up(counts: Mapping[str, int], prefixes: Iterable[str]) -> dict[str, int]:
    """Counts by division added up to each of these prefixes."""
    wanted = dict.fromkeys(prefixes, 0)
    lengths = sorted({len(prefix) for prefix in wanted})
    for code, number in counts.items():
        for length in lengths:
            if code[:length] in wanted and len(code) >= length:
                wanted[code[:length]] += number
    return wanted


def _covers(day: date) -> ColumnElement[bool]:
    return and_(PointSuspension.scope == POINT, _span(day))


def _span(day: date) -> ColumnElement[bool]:
    until = or_(PointSuspension.to_on.is_(None), PointSuspension.to_on >= day)
    return and_(PointSuspension.from_on <= day, until)


def _closed(today: date) -> ColumnElement[bool]:
    return and_(MealPoint.closed_on.is_not(None), MealPoint.closed_on < today)


def _status_conditions(today: date) -> dict[str, ColumnElement[bool]]:
    """The same as `status_on`, as conditions of a query."""
    closed = _closed(today)
    future = and_(~closed, MealPoint.opened_on.is_not(None), MealPoint.opened_on > today)
    suspended = MealPoint.id.in_(select(PointSuspension.point_id).where(_covers(today)))
    running = and_(~closed, or_(MealPoint.opened_on.is_(None), MealPoint.opened_on <= today))
    return {
        "point_closed": closed,
        "not_opened": future,
        "suspended": and_(running, suspended),
        "operating": and_(running, ~suspended),
    }
