"""Pages: what can be printed for a month, and the papers themselves."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.queries import division_names
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.plumbing.pages import month_asked
from mealsvc.reports import report_forms, services
from mealsvc.reports.asking import period_asked, place_seen
from mealsvc.reports.point_facts import DISTRICT
from mealsvc.settlement.queries import PlaceName, months_with_lines, places
from mealsvc.settlement.services import district, latest_month, settlement_of

TOWN_DIGITS = 9

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
        summed=_towns_of(document["points"], named),
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
    return _handed_over(services.settlement_sheets(month, code, "" if code else _within()))


@bp.get("/town.pdf")
@guard("reports.print")
def town() -> Response:
    """A town's summary: by that town, and by those who see the whole district."""
    month = month_asked() or abort(404)
    code = tidy(request.args.get("town", "")) or current().scope
    require_division(code)
    if len(code) != TOWN_DIGITS:
        abort(404)
    return _handed_over(services.summary(services.TOWN, month, code))


@bp.get("/district.pdf")
@guard("reports.print")
def whole_district() -> Response:
    """The district's summary: for those who see the whole district."""
    month = month_asked() or abort(404)
    require_division(district())
    return _handed_over(services.summary(services.DISTRICT, month, district()))


@bp.get("/opinions.pdf")
@guard("reports.print")
def opinions() -> Response:
    """What was said about a point's month."""
    month = month_asked() or abort(404)
    code = current().point_code or tidy(request.args.get("point", "")) or abort(404)
    point = point_or_404(tidy(request.args.get("point", "")) or code)
    return _handed_over(services.opinions(month, point.code))


@bp.get("/supervision.pdf")
@guard("reports.print")
def supervision() -> Response:
    """The supervision report, its brief or a point's card: for those who see that place."""
    period = period_asked() or abort(404)
    place = place_seen()
    form = request.args.get("form", "")
    paper = report_forms.paper_of(form, period, place)
    with writing():
        subject = "" if place.level == DISTRICT else place.code
        services.note_printing(services.SUPERVISION, str(period), subject, current().actor())
    return _sent(paper, report_forms.named(form, period, place))


def _handed_over(printing: services.Printing) -> Response:
    with writing():
        paper = services.hand_over(printing, current().actor(), clock.now())
    return _sent(paper, services.filename(printing.kind, printing.month, printing.place))


def _sent(paper: bytes, name: str) -> Response:
    return send_file(
        BytesIO(paper), mimetype="application/pdf", as_attachment=True, download_name=name
    )


def _towns_of(
    entries: Sequence[Mapping[str, Any]], named: Mapping[str, PlaceName]
) -> list[tuple[str, str]]:
    """The towns whose points settle in the month; nobody at a point sees a town's summary."""
    if current().at_point:
        return []
    towns = {named[entry["point"]].division[:TOWN_DIGITS] for entry in entries}
    names = division_names(towns)
    return [(code, names.get(code, code)) for code in sorted(towns)]


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
