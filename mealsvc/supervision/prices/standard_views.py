"""Pages: menus in time, set meals, nutrition, variety, diet meals and weighed portions by point."""

from typing import Any

from flask import Blueprint, render_template

from mealsvc.places.scope import point_or_404, towns_seen
from mealsvc.plumbing.guards import guard
from mealsvc.supervision.prices import standards, weighing
from mealsvc.supervision.prices.views import pages_of, period_asked, points_asked

bp = Blueprint("supervision_standards", __name__, url_prefix="/supervision/standards")


@bp.get("")
@guard("supervision.read")
def index() -> str:
    period, points = period_asked(), points_asked()
    ids = list(points)
    facts = standards.menu_facts(period.from_on, period.to_on, ids)
    weighed = weighing.weighed(period.from_on, period.to_on, ids)
    rows = [(points[key], facts[key], weighed.get(key)) for key in points if key in facts]
    return render_template(
        "supervision/prices/standards.html",
        period=period,
        page=pages_of(rows),
        total=standards.total(facts.values()),
        weighed=weighing.total(weighed.values()),
        choices=towns_seen(),
    )


@bp.get("/<code>")
@guard("supervision.read")
def point(code: str) -> str:
    """The weeks, menus, lunches and weighings behind one point's figures."""
    place, period = point_or_404(code), period_asked()
    found: Any = standards.menu_records(period.from_on, period.to_on, [place.id])
    counts, records = found.get(place.id) or (standards.MenuStandards(), standards.MenuRecords())
    return render_template(
        "supervision/prices/standard_point.html",
        place=place,
        period=period,
        counts=counts,
        records=records,
        weighings=weighing.entries(period.from_on, period.to_on, [place.id]),
    )
