"""The ground of a plan as the tables hold it: communities, points of a day, candidate sites."""

from collections.abc import Collection, Sequence
from datetime import date
from fractions import Fraction

from sqlalchemy import select

from mealsvc.coverage.planning.refusals import NoUptake
from mealsvc.coverage.planning.rules import Ground, Site
from mealsvc.coverage.services import homes, serving_on
from mealsvc.places.models import CandidateSite, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on


def ground_on(day: date, within: str = "") -> Ground:
    """Demand within a division (the whole district without one); points of the day and candidates
    count wherever they stand."""
    points = db.session.execute(
        select(MealPoint.code, MealPoint.lon, MealPoint.lat, MealPoint.daily_capacity)
        .where(*serving_on(day))
        .order_by(MealPoint.code)
    )
    return Ground(
        tuple(home for home in homes() if home.division.startswith(within)),
        tuple(
            Site(code, (lon, lat), capacity)
            for code, lon, lat, capacity in points
            if lon is not None and lat is not None
        ),
        tuple(
            Site(row.code, (row.lon, row.lat), row.daily_capacity, row.build_cost_fen)
            for row in candidates()
        ),
    )


def candidates(codes: Collection[str] | None = None) -> Sequence[CandidateSite]:
    """The candidate sites in order of code; only those with these codes if any are given."""
    rows = select(CandidateSite).order_by(CandidateSite.code)
    if codes is not None:
        rows = rows.where(CandidateSite.code.in_(codes))
    return db.session.scalars(rows).all()


def uptake_on(day: date) -> Fraction:
    """The share of covered elders who come on a day, by the setting."""
    share = Fraction(value_on("plan.uptake", day)) / 100
    if not 0 < share <= 1:
        raise NoUptake()
    return share
