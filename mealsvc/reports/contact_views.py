"""Pages and papers of contacts: the list on paper, and notices to print."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    render_template,
    request,
    send_file,
)
from sqlalchemy import select

from mealsvc.coverage.outreach import queries, rules
from mealsvc.coverage.outreach.queries import stops
from mealsvc.kernel.ages import age_on
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.rules import KITCHEN
from mealsvc.places.scope import area_of, point_or_404, points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports.contact_notice import KINDS, Notice, draw, notice_of
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.settlement_facts import bureau
from mealsvc.trail.services import record

MOST_POINTS = 500

bp = Blueprint("contact_papers", __name__, url_prefix="/contacts")


@bp.get("/sheet.pdf")
@guard("outreach.call")
def sheet() -> Response:
    """The first people of a list (`topic`) on paper."""
    from mealsvc.reports.contact_sheet import MOST_LINES, contact_sheet

    topic = rules.TOPICS.get(request.args.get("topic", "")) or abort(404)
    frame = queries.frame_of(area_of(current()), clock.now())
    rows = db.session.execute(queries.list_of(topic.code, frame).limit(MOST_LINES)).all()
    codes = {row.home for row in rows} | {row.home[:9] for row in rows} | {frame.scope}
    places = division_names(codes)
    made = contact_sheet(
        topic,
        topic.who.format(**frame.words),
        rows,
        places,
        lambda row: age_on(row.birth_on, frame.day),
        frame.day,
        places.get(frame.scope, ""),
        demo=is_demo(),
        fonts=current_app.config,
    )
    with writing():
        told = {"kind": "contacts", "rows": len(rows)}
        record(current().actor(), "reports.print", f"contacts/{topic.code}/{frame.scope}", told)
    return _pdf(made, f"联系名单_{topic.name}_{frame.day}.pdf")


@bp.get("/notices")
@guard("outreach.call")
def notices() -> str:
    """Which notice, of which point, for which days; and how it reads."""
    today = local_date(clock.now())
    asked, errors = _asked()
    notice = None
    if asked["point"] and not errors:
        notice = _notice(asked, today)
    mine = points_seen_by(current())
    found = select(MealPoint.code, MealPoint.name).where(mine, MealPoint.kind != KITCHEN)
    return render_template(
        "outreach/notices.html",
        kinds=KINDS,
        asked=asked,
        errors=errors,
        notice=notice,
        points=db.session.execute(found.order_by(MealPoint.code).limit(MOST_POINTS)).all(),
    )


@bp.get("/notice.pdf")
@guard("outreach.call")
def notice_pdf() -> Response:
    """One notice as a page to print."""
    asked, errors = _asked()
    if errors or not asked["point"]:
        abort(404)
    notice = _notice(asked, local_date(clock.now()))
    return _pdf(draw(notice, current_app.config), f"{notice.title}_{asked['point']}.pdf")


def _asked() -> tuple[dict[str, Any], dict[str, str]]:
    """What the address asks for, and what is wrong with it by field."""
    kind = request.args.get("kind", "stop")
    asked: dict[str, Any] = {
        "kind": kind if kind in KINDS else "stop",
        "point": tidy(request.args.get("point", "")),
        "from_on": None,
        "to_on": None,
    }
    errors: dict[str, str] = {}
    for name in ("from_on", "to_on"):
        typed = tidy(request.args.get(name, ""))
        try:
            asked[name] = parse_date(typed) if typed else None
        except ValueError:
            errors[name] = "请输入一个日期，如 20240506。"
    first, last = asked["from_on"], asked["to_on"]
    if first and last and last < first:
        errors["to_on"] = "结束日期不能早于开始日期。"
    return asked, errors


def _notice(asked: dict[str, Any], today: date) -> Notice:
    """A stop that is on record gives the days that nobody typed."""
    place = point_or_404(asked["point"])
    first, last = asked["from_on"], asked["to_on"]
    if asked["kind"] == "stop" and first is None:
        known = {one.point_id: one for one in stops(today)}.get(place.id)
        first, last = (known.from_on, known.to_on) if known else (today, last)
    scope = area_of(current())
    issuer = bureau() if len(scope) == 6 else division_names([scope]).get(scope, "")
    return notice_of(asked["kind"], place, first, last, issuer, today, is_demo())


def _pdf(content: bytes, name: str) -> Response:
    return send_file(
        BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name
    )
