"""The labels of a day's food samples."""

from io import BytesIO

from flask import Blueprint, Response, abort, current_app, request, send_file

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.months import Month
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports import sample_labels as labels
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.sample_labels import SampleLabel
from mealsvc.reports.services import note_printing
from mealsvc.supervision.logs.judging import number
from mealsvc.supervision.logs.queries import Sample, samples_of

bp = Blueprint("sample_labels", __name__, url_prefix="/logs")


@bp.get("/sample-labels.pdf")
@guard("logs.write")
def sample_labels() -> Response:
    """One PDF for a day, or for one of its meals; 404 where nothing was sampled."""
    point = point_or_404(current().point_code or "")
    try:
        day = parse_date(request.args.get("day", ""))
    except ValueError:
        day = local_date(clock.now())
    meal = request.args.get("meal", "")
    found = samples_of(point.id, day, meal if meal in MEALS else "")
    if not found:
        abort(404, description="这一天还没有登记留样：先登记留样，再打印标签。")
    pdf = labels.draw([_label(one, point.name) for one in found], is_demo(), current_app.config)
    with writing():
        note_printing("sample_labels", Month.of(day), f"{point.code}/{day}", current().actor())
    return send_file(
        BytesIO(pdf),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{labels.TITLE}_{point.code}_{day}.pdf",
    )


def _label(one: Sample, point: str) -> SampleLabel:
    entry = one.entry
    return SampleLabel(
        entry.subject,
        entry.day,
        entry.meal,
        entry.at,
        one.kept_until,
        one.person,
        number(one.grams),
        point,
    )
