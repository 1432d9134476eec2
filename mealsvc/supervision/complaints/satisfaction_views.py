"""The page of satisfaction: shares of good answers by point and month, always with how many answered."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard
from mealsvc.settings.services import value_on
from mealsvc.supervision.complaints import queries
from mealsvc.supervision.complaints.models import Rating
from mealsvc.supervision.complaints.rules import Rated

MONTHS = 6

bp = Blueprint("satisfaction", __name__, url_prefix="/complaints/satisfaction")


@bp.get("")
@guard("complaints.read")
def index() -> str:
    """The month in the address with the five before it."""
    month = pages.month_asked() or _latest()
    months = [month]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous)
    seen = select(MealPoint).where(points_seen_by(current())).order_by(MealPoint.code)
    ids = [point.id for point in db.session.scalars(seen)]
    page = pages.page_of(seen, pages.page_asked(), pages.size_asked())
    shown = [point.id for point in page.items]
    said = queries.ratings(month.first_day, month.last_day, ids)
    counted = queries.counts(month.first_day, month.last_day, ids)
    cases, served, rate = queries.cases_per_ten_thousand(month.first_day, month.last_day, ids)
    return render_template(
        "supervision/complaints/satisfaction.html",
        page=page,
        month=month,
        months=months,
        cells=_cells(months, shown),
        said=said,
        due=sum(one.due for one in counted.values()),
        in_time=sum(one.in_time for one in counted.values()),
        cases=cases,
        served=served,
        rate=rate,
        target=int(value_on("satisfaction.target", month.last_day)),
        least=int(value_on("satisfaction.least_answers", month.last_day)),
    )


def _cells(months: list[Month], points: list[int]) -> dict[tuple[int, int], Rated]:
    return queries.ratings_by_month(months[0].first_day, months[-1].last_day, points)


def _latest() -> Month:
    """The latest month in which somebody within the scope answered, else this one."""
    rows: Any = select(Rating.rated_on).join(MealPoint, MealPoint.id == Rating.point_id)
    rows = rows.where(points_seen_by(current())).order_by(Rating.rated_on.desc()).limit(1)
    found: date | None = db.session.scalar(rows)
    return Month.of(found or local_date(clock.now()))
