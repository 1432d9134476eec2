"""The sheet with the code for stars and complaints, to print."""

from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import tidy
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports.feedback_poster import SIZES, feedback_poster

bp = Blueprint("feedback_papers", __name__, url_prefix="/complaints")


@bp.get("/poster.pdf")
@guard("complaints.read")
def poster() -> Response:
    """One page of A5, or of A4 by `size=A4`."""
    place = point_or_404(tidy(request.args.get("point", "")) or current().point_code or "")
    size = request.args.get("size", "A5").upper()
    if size not in SIZES:
        abort(404)
    return send_file(
        BytesIO(feedback_poster(place, local_date(clock.now()), size)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"评价投诉码_{place.name}_{size}.pdf",
    )
