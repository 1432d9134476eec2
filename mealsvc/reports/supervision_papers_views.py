"""Pages that give out the papers of supervision (监督文书), each within the reader's scope."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, send_file
from sqlalchemy import select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard, require_division, require_point
from mealsvc.supervision.findings.models import RectificationOrder
from mealsvc.supervision.visits.models import Visit
from mealsvc.supervision.visits.queries import visits_seen_by

bp = Blueprint("supervision_papers", __name__)

WHOLE_DISTRICT = ("plan",)
NOT_FOR_THE_UNIT = ("referral",)
OF_AN_ORDER = ("reinspection",)


@bp.get("/supervision/papers/<kind>/<int:id>.pdf")
@guard("supervision.read")
def paper(kind: str, id: int) -> Response:
    """One paper: 404 for a kind or row that there is not, 403 outside the scope."""
    from mealsvc.reports.supervision import papers  # reportlab: not before somebody prints

    row = papers.row_of(kind, id) or abort(404)
    _check_scope(kind, row)
    printing = papers.paper_of(kind, id)
    with writing():
        content = papers.hand_over(printing, current().actor(), clock.now())
    return send_file(
        BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=printing.filename,
    )


def _check_scope(kind: str, row: Any) -> None:
    me = current()
    if kind in WHOLE_DISTRICT:
        require_division(row.division)
        return
    if kind in OF_AN_ORDER:
        row = db.session.get_one(RectificationOrder, row.order_id)
    point = db.session.execute(
        select(MealPoint.code, MealPoint.division).where(MealPoint.id == row.point_id)
    ).one()
    require_point(point.code, point.division)
    if me.at_point and kind in NOT_FOR_THE_UNIT:
        abort(403)
    if isinstance(row, Visit) and not _is_told(row):
        abort(404)  # the unit does not learn of a visit before its notice, or before it is there


def _is_told(visit: Visit) -> bool:
    """Whether the reader may see this visit yet, as its page has it."""
    told = select(Visit.id).join(MealPoint, MealPoint.id == Visit.point_id)
    told = told.where(Visit.id == visit.id, visits_seen_by(current()))
    return db.session.scalar(told) is not None
