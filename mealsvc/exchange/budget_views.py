"""The year's budget as a file to take home."""

from io import BytesIO

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from mealsvc.exchange.exports import export_table
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.settlement.area import district

YEARS = range(2000, 2100)
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

bp = Blueprint("budget_export", __name__)


@bp.get("/budget/export/<int:year>.<ending>")
@guard("exports.run")
def export(year: int, ending: str) -> Response:
    if year not in YEARS or ending not in TYPES:
        abort(404)
    if here := district():
        require_division(here)
    stream = BytesIO()
    kind = "csv" if ending == "csv" else "xlsx"
    export_table("budget", year, stream, kind, current().actor())
    stream.seek(0)
    name = f"{year}年经费预算执行.{ending}"
    return send_file(stream, TYPES[ending], as_attachment=True, download_name=name)
