"""Pages: how far the service reaches, by community and town; one of them; the elders behind it."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import select

from mealsvc.coverage import queries, wording
from mealsvc.coverage.mapping.services import map_on
from mealsvc.coverage.queries import Wanted, Which
from mealsvc.coverage.rules import GROUP_NAMES
from mealsvc.coverage.services import points_on
from mealsvc.coverage.standing import TOWN_DIGITS, Standing, standing, summed
from mealsvc.kernel.ages import age_on
from mealsvc.kernel.dates import chinese_date, parse_date
from mealsvc.kernel.distance import great_circle_m
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.scope import towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.plumbing.outlook import outlook
from mealsvc.residents.models import Resident

YEARS = range(1900, 2200)
NEAR_BY_M, LEAST_NEAR_BY, MOST_NEAR_BY = 3_000, 5, 20
LEVELS = [("town", "按镇街")]
SHOWN = [("people", "登记和就餐")]
SPOTS = [("1", "只看空白点")]

bp = Blueprint("coverage", __name__)


@bp.app_context_processor
def _words() -> dict[str, Any]:
    """For templates: how shares and distances read."""
    return {"coverage_words": wording}


@bp.get("/coverage")
@guard("coverage.read")
def index() -> str:
    """Communities or towns of the scope, the worst served first."""
    month, day = time_asked()
    wanted = wanted_asked()
    here = standing(day, month, wanted.town or current().scope)
    rows = queries.found_rows(here, wanted)
    page = queries.page_of_rows(rows, pages.page_asked(), pages.size_asked())
    return render_template(
        "coverage/index.html",
        here=here,
        total=here.total,
        page=page,
        shown=summed(rows, here.total.division, here.total.name),
        wanted=wanted,
        told=figures_told(here),
        asked={"month": month, "day": day},
        towns=division_names({row.town for row in here.rows}),
        choices={
            "towns": towns_seen(),
            "levels": LEVELS,
            "shown": SHOWN,
            "spots": SPOTS,
        },
        people=request.args.get("shown") == "people",
    )


@bp.get("/coverage/<division>")
@guard("coverage.read")
def place(division: str) -> str:
    """One community or town: its figures, its groups in need, and the points around it."""
    here = _there(division)
    return render_template(
        "coverage/place.html",
        here=here,
        total=here.total,
        name=here.total.name or division,
        row=here.row(division),
        told=figures_told(here),
        asked={"month": here.month, "day": here.day},
        near=_near_by(here, division),
        view=map_on(here.day, division, standing=here),
    )


@bp.get("/coverage/<division>/elders")
@guard("residents.read")
def elders(division: str) -> str:
    """The registered elders behind the figures, masked, those who live farthest first."""
    here = _there(division)
    which = Which(**{name: tidy(request.args.get(name, "")) for name in asdict(Which())})
    by_group = current().can("residents.write")  # a list by category tells everybody's on it
    if not by_group:
        which = replace(which, group="")
    found = queries.elders_of(here.day, here.month, division, which)
    page = queries.page_of_rows(found, pages.page_asked(), pages.size_asked())
    ids = [one.resident_id for one in page.items]
    people = db.session.scalars(select(Resident).where(Resident.id.in_(ids)))
    return render_template(
        "coverage/elders.html",
        here=here,
        name=here.total.name or division,
        division=division,
        page=page,
        people={one.id: one for one in people},
        age_on=lambda one: age_on(one.birth_on, here.day),
        choices={
            "groups": list(GROUP_NAMES.items()) if by_group else [],
            "served": [("yes", "本月就过餐"), ("no", "本月没就餐")],
            "reach": [("in", "服务半径内"), ("out", "服务半径外")],
        },
    )


def time_asked() -> tuple[Month, date]:
    """The month and day in the address, or the latest month with records."""
    try:
        day = parse_date(request.args.get("day", ""))
    except ValueError:
        day = None
    if day is not None and day.year not in YEARS:
        day = None
    return queries.time_meant(pages.month_asked(), day, local_date(clock.now()))


def wanted_asked() -> Wanted:
    """The filters in the address; a town outside the scope shows nothing."""
    asked = {name: tidy(request.args.get(name, "")) for name in ("town", "text", "sort")}
    if asked["town"] and not asked["town"].startswith(current().scope):
        asked["town"] = current().scope
    level = "town" if request.args.get("level") == "town" else "community"
    return Wanted(level=level, spots=bool(request.args.get("spots")), **asked)


def figures_told(here: Standing) -> Mapping[str, wording.Figure]:
    """Names and definitions of the figures, with the thresholds and times of this answer."""
    words = {
        "radius_m": f"{here.radius_m:,}",
        "near_m": f"{here.near_m:,}",
        "walk_words": here.walk_words,
        "gap_pop60": here.gap_pop60,
        "month": here.month.chinese,
        "day": chinese_date(here.day),
    }
    return wording.told(words)


def _there(division: str) -> Standing:
    """The standing of a community or town in scope; 404 where the district runs no such one."""
    require_division(division)
    if not is_division(division) or len(division) < TOWN_DIGITS:
        abort(404)
    month, day = time_asked()
    here = standing(day, month, division)
    if not here.rows:
        abort(404)
    return here


def _near_by(here: Standing, division: str) -> list[dict[str, Any]]:
    """The points in a division and around it: within 3 km of its centre or its communities'
    centres, at least five, the nearest first."""
    centres = [(row.lon, row.lat) for row in here.rows if row.lon is not None]
    points = points_on(here.day)
    sums = outlook().sums_by_point(here.month, [point.id for point in points])
    found = [
        {
            "point": point,
            "inside": point.division.startswith(division),
            "metres": _nearest(point, centres),
            "servings": sums[point.id].servings if point.id in sums else 0,
            "seen": current().sees_point(point.code, point.division),
        }
        for point in points
    ]
    found.sort(key=lambda one: (one["metres"] is None, one["metres"] or 0, one["point"].code))
    close = [one for one in found if one["inside"] or (one["metres"] or NEAR_BY_M) < NEAR_BY_M]
    return (close if len(close) >= LEAST_NEAR_BY else found[:LEAST_NEAR_BY])[:MOST_NEAR_BY]


def _nearest(point: MealPoint, centres: list[Any]) -> float | None:
    if point.lon is None or point.lat is None or not centres:
        return None
    return min(great_circle_m(point.lon, point.lat, lon, lat) for lon, lat in centres)
