"""The page about a point's economics, to print."""

from io import BytesIO

from flask import Blueprint, Response, current_app, send_file

from mealsvc.kernel.months import Month
from mealsvc.places.queries import division_names
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import pages
from mealsvc.plumbing.guards import guard
from mealsvc.reports.gathering import is_demo
from mealsvc.settlement.area import district
from mealsvc.settlement.services import latest_month
from mealsvc.survey.assessing.economics import trend

bp = Blueprint("economics_sheet", __name__, url_prefix="/points/<code>/economics.pdf")


@bp.get("")
@guard("economics.read")
def sheet(code: str) -> Response:
    """One page of A4 for the month in the address, or the latest."""
    from mealsvc.reports.economics_sheet import draw

    point = point_or_404(code)
    months = trend(point, pages.month_asked() or latest_month() or Month(2000, 1))
    here = district()
    name = division_names([here]).get(here, "")
    content = draw(months, district=name, demo=is_demo(), fonts=current_app.config)
    return send_file(
        BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"收支平衡表_{point.name}_{months[-1].month}.pdf",
    )
