"""Pages that give out the papers of cases, each within the reader's scope."""

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, send_file

from mealsvc.auditing.cases.models import AuditCase, CaseReferral
from mealsvc.auditing.cases.question_views import question_or_404
from mealsvc.auditing.cases.views import case_or_404
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard

if TYPE_CHECKING:
    from mealsvc.reports.supervision.papers import Printing

bp = Blueprint("case_papers", __name__)


@bp.get("/questions/<int:question_id>.pdf")
@guard("reports.print")
def question(question_id: int) -> Response:
    """For who reads cases, and for the point that is asked."""
    if not (current().can("audit.read") or current().can("cases.answer")):
        abort(403)
    row, _, _ = question_or_404(question_id)
    from mealsvc.reports.cases.papers import question_paper  # reportlab: not before it prints

    return _given_out(question_paper(row))


@bp.get("/cases/<int:case_id>/file.pdf")
@guard("audit.read")
def file(case_id: int) -> Response:
    one, _ = case_or_404(case_id)
    from mealsvc.reports.cases.papers import file_paper

    return _given_out(file_paper(one))


@bp.get("/cases/letters/<int:letter_id>.pdf")
@guard("audit.read")
def letter(letter_id: int) -> Response:
    row = db.session.get(CaseReferral, letter_id) or abort(404)
    case_or_404(db.session.get_one(AuditCase, row.case_id).id)
    from mealsvc.reports.cases.papers import letter_paper

    return _given_out(letter_paper(row))


def _given_out(printing: "Printing") -> Response:
    from mealsvc.reports.supervision.papers import hand_over

    with writing():
        content = hand_over(printing, current().actor(), clock.now())
    return send_file(
        BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=printing.filename,
    )
