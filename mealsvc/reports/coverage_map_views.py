"""The coverage map as a paper, with what its page's address asks for."""

from io import BytesIO

from flask import Blueprint, Response, current_app, send_file

from mealsvc.coverage.mapping.asking import asked
from mealsvc.plumbing.guards import guard
from mealsvc.reports.gathering import is_demo

bp = Blueprint("coverage_map_paper", __name__, url_prefix="/coverage")


@bp.get("/map.pdf")
@guard("coverage.read")
def map_pdf() -> Response:
    from mealsvc.reports.coverage_map import coverage_map

    view = asked().view()
    return send_file(
        BytesIO(coverage_map(view, demo=is_demo(), fonts=current_app.config)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"服务覆盖图_{view.area}_{view.day}.pdf",
    )
