"""The week's menu as a poster."""

from datetime import date
from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import tidy
from mealsvc.menus.rules import monday_of
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports.menu_poster import SIZES, menu_poster

bp = Blueprint("menu_papers", __name__, url_prefix="/menus")


@bp.get("/poster.pdf")
@guard("menus.read")
def poster() -> Response:
    """One page of A4, or of A3 by `size=A3`."""
    place = point_or_404(tidy(request.args.get("point", "")) or current().point_code or "")
    size = request.args.get("size", "A4").upper()
    monday = _monday()
    if size not in SIZES:
        abort(404)
    return send_file(
        BytesIO(menu_poster(place, monday, size)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"一周菜单_{place.name}_{monday}_{size}.pdf",
    )


def _monday() -> date:
    try:
        asked = parse_date(request.args.get("week", ""))
    except ValueError:
        abort(404)
    if not 2000 <= asked.year <= local_date(clock.now()).year + 1:
        abort(404)
    return monday_of(asked)
