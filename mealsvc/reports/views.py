"""Pages: what can be printed for a month, and the papers themselves."""

from io import BytesIO

from flask import Blueprint, Response, abort, render_template, request, send_file

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.plumbing.pages import month_asked
from mealsvc.reports import services
from mealsvc.settlement.queries import months_with_lines, places
from mealsvc.settlement.services import district, latest_month, settlement_of

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("")
@guard("reports.print")
def index() -> str:
    """Everything that this person can print for a month."""
    me, month = current(), _month()
    seen = points_seen_by(me)
    kind, code = request.args.get("kind", ""), tidy(request.args.get("point", ""))
    named = places(seen)
    if code and code not in named:
        abort(404)
    document = settlement_of(month, me.point_code or code or None, _within())
    return render_template(
        "reports/index.html",
        month=month,
        months=[(str(each), each.chinese) for each in months_with_lines(seen)],
        kind=kind if kind in services.KINDS else "",
        kinds=list(services.KINDS.items()),
        places=named,
        choices=[(each.code, each.name) for each in named.values()],
        sheets=document["points"],
        supervises=me.sees_division(district()) and not code,
        town=tidy(request.args.get("town", "")),
        towns=towns_seen(),
    )


@bp.get("/settlement.pdf")
@guard("reports.print")
def settlement() -> Response:
    """The sheet of one point, or of all within the scope."""
    month = month_asked() or abort(404)
    code = current().point_code or tidy(request.args.get("point", "")) or None
    if code is not None:
        asked = tidy(request.args.get("point", "")) or code
        code = point_or_404(asked).code
    paper = services.settlement_sheets(month, code, "" if code else _within())
    return _given_out(services.SETTLEMENT, month, code or tidy(request.args.get("town", "")), paper)


@bp.get("/supervision.pdf")
@guard("reports.print")
def supervision() -> Response:
    """The district's report: for those who see the whole district."""
    month = month_asked() or abort(404)
    require_division(district())
    return _given_out(services.SUPERVISION, month, "", services.supervision_report(month))


def _given_out(kind: str, month: Month, place: str, paper: bytes) -> Response:
    with writing():
        services.note_printing(kind, month, place, current().actor())
    return send_file(
        BytesIO(paper),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=services.filename(kind, month, place),
    )


def _month() -> Month:
    return month_asked() or latest_month() or Month.of(local_date(clock.now()))


def _within() -> str:
    """The division whose points are meant: the town asked for, never beyond the scope."""
    if current().at_point:
        return ""
    town = tidy(request.args.get("town", ""))
    if town:
        require_division(town)
    return town or current().scope
