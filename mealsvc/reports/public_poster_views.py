"""The posters with the codes of public pages, to print: one point's, or all that somebody sees."""

from collections.abc import Sequence
from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file
from sqlalchemy import select

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.rules import KITCHEN
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.reports.public_poster import public_posters

MOST = 500
bp = Blueprint("public_posters", __name__, url_prefix="/reports/posters")


@bp.get("/<code>.pdf")
@guard("reports.print")
def one(code: str) -> Response:
    place = point_or_404(code)
    return _given([place], f"公开信息_{place.name}.pdf")


@bp.get("/all.pdf")
@guard("reports.print")
def every() -> Response:
    """Of all points that serve citizens and have not closed; `town` narrows."""
    today, town = local_date(clock.now()), tidy(request.args.get("town", ""))
    if town and not current().at_point:
        require_division(town)
    rows = (
        select(MealPoint)
        .where(
            points_seen_by(current()),
            MealPoint.kind != KITCHEN,
            MealPoint.closed_on.is_(None) | (MealPoint.closed_on >= today),
            MealPoint.division.startswith(town, autoescape=True),
        )
        .order_by(MealPoint.code)
        .limit(MOST)
    )
    places = db.session.scalars(rows).all()
    if not places:
        abort(404)
    return _given(places, f"公开信息_{len(places)}个助餐点.pdf")


def _given(places: Sequence[MealPoint], name: str) -> Response:
    return send_file(
        BytesIO(public_posters(places, local_date(clock.now()))),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=name,
    )
