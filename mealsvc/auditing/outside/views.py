"""Pages of an outside auditor: what was given, its figures, lines, sample, and the export that proves
itself. Whatever does not belong to an open batch of the visitor's is not there."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file

from mealsvc.auditing.outside import queries
from mealsvc.auditing.outside.models import AuditBatch
from mealsvc.auditing.sampling.queries import details_of, sample_shown
from mealsvc.auditing.sampling.rules.answers import STATES
from mealsvc.auditing.sealing.exporting import export_proof, note_export
from mealsvc.auditing.sealing.refusals import NothingToExport
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.settlement.services import settlement_of

bp = Blueprint("batches", __name__, url_prefix="/batches")


@bp.get("")
@guard("batches.read")
def index() -> str:
    """What the visitor was given."""
    found = queries.open_batches(current(), local_date(clock.now()))
    return render_template("outside/batches.html", batches=found)


@bp.get("/<int:batch_id>")
@guard("batches.read")
def batch(batch_id: int) -> str:
    """One month of a batch, point by point; a door to the others."""
    found = queries.batch_or_404(batch_id)
    months = queries.months_of(found)
    month = _month(found) or months[-1]
    points = queries.points_of(found)
    return render_template(
        "outside/batch.html",
        batch=found,
        months=months,
        month=month,
        rows=_figures(month, points),
    )


@bp.get("/<int:batch_id>/lines")
@guard("batches.read")
def lines(batch_id: int) -> str:
    """The lines of a month at a point, masked."""
    found = queries.batch_or_404(batch_id)
    months, points = queries.months_of(found), queries.points_of(found)
    if not points:
        abort(404)
    month = _month(found) or months[-1]
    code = tidy(request.args.get("point", ""))
    point = queries.point_of_batch(found, code) if code else points[0]
    try:
        day = parse_date(tidy(request.args.get("day", "")))
    except ValueError:
        day = None
    rows = queries.lines_of(month, point, day)
    return render_template(
        "outside/lines.html",
        batch=found,
        month=month,
        point=point,
        months=[(str(one), one.chinese) for one in months],
        points=[(one.code, one.name) for one in points],
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
    )


@bp.get("/<int:batch_id>/sample")
@guard("batches.read")
def sample(batch_id: int) -> str:
    """The sample given along, with its results."""
    found = queries.batch_or_404(batch_id)
    shown = None if found.sample_id is None else sample_shown(found.sample_id)
    if shown is None:
        abort(404)
    page, size = pages.page_asked(), pages.size_asked()
    part = shown.items[(page - 1) * size : page * size]
    listed = pages.Page(part, page, len(shown.items) > page * size, len(shown.items), False, size)
    details = details_of(shown.row.id, [one.sequence for one in part])
    return render_template(
        "outside/sample.html",
        batch=found,
        sample=shown,
        page=listed,
        details=details,
        states=STATES,
    )


@bp.get("/<int:batch_id>/proof/<month>.zip")
@guard("batches.read")
def proof(batch_id: int, month: str) -> Response:
    """A month's lines with what proves them, and the program that checks them."""
    found = queries.batch_or_404(batch_id)
    asked = queries.month_of_batch(found, month)
    codes = [point.code for point in queries.points_of(found)]
    file = BytesIO()
    try:
        count = export_proof(asked, codes, file, clock.now())
    except NothingToExport:
        abort(404)
    with writing():
        note_export(asked, codes, count, current().actor())
    file.seek(0)
    name = f"流水证明_{asked}.zip"
    return send_file(file, "application/zip", as_attachment=True, download_name=name)


def _month(found: AuditBatch) -> Month | None:
    written = request.args.get("month", "")
    return queries.month_of_batch(found, written) if written else None


def _figures(month: Month, points: Any) -> list[tuple[MealPoint, dict[str, Any]]]:
    settled = {one["point"]: one for one in settlement_of(month)["points"]}
    return [(point, settled[point.code]) for point in points if point.code in settled]
