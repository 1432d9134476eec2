"""Pages that give out the paper of a seal."""

from io import BytesIO

from flask import Blueprint, Response, abort, current_app, send_file

from mealsvc.auditing.sealing.models import RecordSeal
from mealsvc.auditing.sealing.queries import last_seal
from mealsvc.auditing.sealing.witness import note_witness
from mealsvc.papers.services import content_of, draft, issue
from mealsvc.plumbing import clock
from mealsvc.plumbing.addresses import number_asked
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.reports import witness_sheet
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.settlement_facts import bureau
from mealsvc.settlement.area import district

bp = Blueprint("proof_papers", __name__)


@bp.get("/proof/witness.pdf")
@guard("proof.read")
def witness() -> Response:
    """The sheet of the last seal, or of the one asked for (`seal=12`)."""
    if here := district():
        require_division(here)
    asked = number_asked("seal")
    seal = last_seal() if asked is None else db.session.get(RecordSeal, asked)
    if seal is None:
        abort(404)
    issuer, demo, fonts = bureau(), is_demo(), current_app.config
    paper = draft(
        witness_sheet.matter_of(seal, issuer),
        lambda stamp: witness_sheet.draw(seal, issuer, demo, stamp, fonts),
    )
    with writing():
        issued = issue(paper, current().actor(), clock.now())
        note_witness("paper", current().actor())
    name = f"{witness_sheet.TITLE}_{issued.number}.pdf"
    return send_file(
        BytesIO(content_of(issued)), "application/pdf", as_attachment=True, download_name=name
    )
