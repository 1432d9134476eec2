"""The page of bases (依据总表): what every item, threshold, indicator and paper rests on."""

from flask import Blueprint, abort, render_template, request

from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import guard

bp = Blueprint("reference", __name__)


@bp.get("/basis")
@guard("supervision.read")
def index() -> str:
    """One part at a time; the checklist first."""
    from mealsvc.reports import reference

    parts = reference.in_force(local_date(clock.now()))
    code = request.args.get("part", parts[0].code)
    shown = next((part for part in parts if part.code == code), None) or abort(404)
    counts = {state: sum(row[-1] == state for row in shown.rows) for state in reference.STATES}
    return render_template("reports/basis.html", parts=parts, shown=shown, counts=counts)
