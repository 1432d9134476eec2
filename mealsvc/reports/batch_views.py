"""The settlement sheet of a point's month, for an outside auditor to whom it was given."""

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from mealsvc.auditing.outside import queries
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports import services

bp = Blueprint("batch_papers", __name__)


@bp.get("/batches/<int:batch_id>/settlement/<month>/<code>.pdf")
@guard("batches.read")
def settlement(batch_id: int, month: str, code: str) -> Response:
    """Leaves its row in the trail, as every paper that is given out."""
    found = queries.batch_or_404(batch_id)
    asked = queries.month_of_batch(found, month)
    point = queries.point_of_batch(found, code)
    try:
        printing = services.settlement_sheets(asked, point.code)
    except services.NothingToPrint:
        abort(404)
    with writing():
        paper = services.hand_over(printing, current().actor(), clock.now())
    name = services.filename(printing.kind, printing.month, printing.place)
    return send_file(BytesIO(paper), "application/pdf", as_attachment=True, download_name=name)
