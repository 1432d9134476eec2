"""The papers of a delivery round: the route sheet and the bag labels."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from flask import Blueprint, Response, abort, current_app, request, send_file

from mealsvc.deliveries.queries import Stop
from mealsvc.deliveries.views import asked_day, asked_meal
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports import bag_labels, route_sheet, services
from mealsvc.reports.delivery_papers import labels_of, route_of, stops_of_round
from mealsvc.reports.gathering import is_demo

bp = Blueprint("delivery_papers", __name__, url_prefix="/deliveries")


@bp.get("/route-sheet.pdf")
@guard("deliveries.plan")
def route_sheet_pdf() -> Response:
    point, day, meal, stops = _asked()
    pdf = route_sheet.draw(route_of(point, day, meal, stops), is_demo(), current_app.config)
    return _given_out("route_sheet", route_sheet.TITLE, pdf, point, day)


@bp.get("/bag-labels.pdf")
@guard("deliveries.plan")
def bag_labels_pdf() -> Response:
    point, day, meal, stops = _asked()
    pdf = bag_labels.draw(labels_of(point, day, meal, stops), is_demo(), current_app.config)
    return _given_out("bag_labels", bag_labels.TITLE, pdf, point, day)


def _asked() -> tuple[MealPoint, date, str, Sequence[Stop]]:
    """The round in the address; 404 where it has nothing to carry."""
    point = point_or_404(current().point_code or "")
    day, meal = asked_day(), asked_meal()
    stops = stops_of_round(point, day, meal, request.args.get("round", default=0, type=int))
    return point, day, meal, stops or abort(404)


def _given_out(kind: str, title: str, pdf: bytes, point: MealPoint, day: date) -> Response:
    with writing():
        services.note_printing(kind, Month.of(day), f"{point.code}/{day}", current().actor())
    return send_file(
        BytesIO(pdf),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{title}_{point.code}_{day}.pdf",
    )
