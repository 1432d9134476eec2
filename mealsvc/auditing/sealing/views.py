"""Pages: what proves the record, the seals, a verification, and what a witness is given."""

from io import BytesIO

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.auditing.sealing import running
from mealsvc.auditing.sealing.queries import last_seal, seals_shown, unsealed_rows
from mealsvc.auditing.sealing.rules import in_groups
from mealsvc.auditing.sealing.witness import note_witness, witness_file
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.settlement.area import district
from mealsvc.trail.anchor import AnchorMissing, read_anchor

bp = Blueprint("proof", __name__, url_prefix="/proof")
bp.add_app_template_filter(in_groups, "in_groups")


@bp.before_request
def _own_district() -> None:
    """The record is the whole district's."""
    if here := district():
        require_division(here)


@bp.get("")
@guard("proof.read")
def index() -> str:
    last = last_seal()
    return render_template(
        "sealing/proof.html",
        anchor=_anchor(),
        last=last,
        unsealed=unsealed_rows(last.to_seq if last else 0),
        page=pages.page_of(seals_shown(), pages.page_asked(), pages.size_asked()),
        running=running.under_way(),
        checked=running.last_check(),
    )


@bp.post("/check")
@guard("proof.read")
def check() -> BaseResponse:
    """Verifies everything now; one at a time."""
    try:
        running.start(current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    return redirect(url_for(".index"), 303)


@bp.get("/witness.json")
@guard("proof.read")
def witness() -> Response:
    """The seals for a witness to keep."""
    now = clock.now()
    content = witness_file(now)
    with writing():
        note_witness("file", current().actor())
    name = f"见证_{local_date(now)}.json"
    return send_file(BytesIO(content), "application/json", as_attachment=True, download_name=name)


def _anchor() -> int | None:
    try:
        return read_anchor(current_app.config["INSTANCE"]).seq
    except AnchorMissing:
        return None
