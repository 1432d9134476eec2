"""Pages: what a total of a settlement is made of, down to its lines."""

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from mealsvc.kernel.months import Month
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import pages
from mealsvc.plumbing.guards import guard
from mealsvc.policies.summary import earned_in_words
from mealsvc.settlement import totals
from mealsvc.settlement.batches import batch_of
from mealsvc.settlement.services import earned_of, settlement_of

Answer = str | Response

bp = Blueprint("explain", __name__)


@bp.get("/settlements/<month>/<code>/explain")
@guard("settlement.read")
def figure(month: str, code: str) -> Answer:
    """`?figure=subsidy_fen`: a money column, `rule:U60` or `source:town`."""
    asked, point = _month(month), point_or_404(code)
    entries = settlement_of(asked, point.code)["points"]
    name = request.args.get("figure", "")
    if not entries or totals.figure_of(entries[0], name) is None:
        abort(404)
    made = totals.made_of(asked, point.id, name)
    batch = batch_of(asked, point.id)
    operating = earned_of(asked, point, batch) if totals.has_operating(name) else []
    return render_template(
        "settlement/explain.html",
        month=asked,
        point=point,
        name=name,
        label=totals.label_of(name),
        figure=totals.figure_of(entries[0], name),
        entry=entries[0],
        made=made,
        page=None if made.lines is None else pages.page_of(made.lines, pages.page_asked()),
        amount=made.amount,
        operating=[(one, earned_in_words(one), totals.part_of(one, name)) for one in operating],
    )


def _month(written: str) -> Month:
    try:
        return Month.parse(written)
    except ValueError:
        abort(404)
