"""The kitchen's count sheet as a paper."""

from io import BytesIO

from flask import Blueprint, Response, abort, current_app, send_file

from mealsvc.bookings.kitchen import kitchens_of
from mealsvc.bookings.receiving_views import count_asked
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports.gathering import is_demo

bp = Blueprint("kitchen_papers", __name__, url_prefix="/bookings")


@bp.get("/kitchen.pdf")
@guard("bookings.read")
def kitchen_sheet() -> Response:
    """The sheet of one kitchen, meal and day; it holds no names."""
    from mealsvc.reports import kitchen_sheet as paper

    count = count_asked(kitchens_of(points_seen_by(current()))) or abort(404)
    return send_file(
        BytesIO(paper.draw(count, clock.now(), is_demo(), current_app.config)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=paper.filename(count),
    )
