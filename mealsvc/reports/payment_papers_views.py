"""Pages that give out the papers of payments: public notice, payment order, clawback notice."""

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from mealsvc.papers.services import Draft, content_of, issue
from mealsvc.payments.views import order_or_404
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports.payment_papers import clawback_draft, notice_draft, order_draft
from mealsvc.settlement.clawback_views import clawback_or_404
from mealsvc.settlement.notice_views import notice_or_404
from mealsvc.trail.services import record

bp = Blueprint("payment_papers", __name__)


@bp.get("/settlements/notices/<int:notice_id>.pdf")
@guard("settlement.read")
def notice(notice_id: int) -> Response:
    return _given_out(notice_draft(notice_or_404(notice_id)))


@bp.get("/payments/<int:order_id>.pdf")
@guard("payments.read")
def order(order_id: int) -> Response:
    """The whole order, of many points: not for somebody at one of them."""
    if current().at_point:
        abort(403)
    return _given_out(order_draft(order_or_404(order_id)))


@bp.get("/clawbacks/<int:clawback_id>.pdf")
@guard("settlement.read")
def clawback(clawback_id: int) -> Response:
    one, _ = clawback_or_404(clawback_id)
    if one.number is None:
        abort(404)
    return _given_out(clawback_draft(one))


def _given_out(paper: Draft) -> Response:
    with writing():
        issued = issue(paper, current().actor(), clock.now())
        record(current().actor(), "reports.print", issued.number, {"kind": issued.kind})
    return send_file(
        BytesIO(content_of(issued)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{issued.title.partition('（')[0]}_{issued.number}.pdf",
    )
