"""Pages: a month from kitchen to plate, what does not fit first; one point day by day."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select

from mealsvc.auditing.reconciling import queries
from mealsvc.auditing.reconciling.rules import KINDS, grams_a_serving
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard
from mealsvc.servings.ledger import latest_day
from mealsvc.settlement.acts import STATE_NAMES

bp = Blueprint("reconcile", __name__, url_prefix="/reconcile")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, mismatch_name=KINDS, batch_state=STATE_NAMES)


@bp.get("")
@guard("reconcile.read")
def index() -> str:
    code, kind = tidy(request.args.get("point", "")), request.args.get("kind", "")
    point = point_or_404(code) if code else None
    month = pages.month_asked() or _latest_month()
    seen = points_seen_by(current())
    report = queries.reconcile(month, seen)
    found = [
        one
        for one in report.found
        if (point is None or one.point.code == point.code)
        and (kind not in KINDS or one.mismatch.kind == kind)
    ]
    return render_template(
        "leads/reconcile.html",
        report=report,
        month=month,
        point=point,
        page=_page(found if point else queries.together(found)),
        found=found,
        kinds=KINDS,
        points=_points_to_choose(),
        modes=queries.modes_of(point.id, month) if point else {},
        grams=grams_a_serving,
    )


def _page(found: list[queries.Found]) -> pages.Page:
    number, size = pages.page_asked(), pages.size_asked()
    start = (number - 1) * size
    return pages.Page(
        found[start : start + size], number, len(found) > start + size, len(found), False, size
    )


def _latest_month() -> Month:
    """The month of the last line of the ledger, which is where the last figures are."""
    return Month.of(latest_day() or local_date(clock.now()))


def _points_to_choose() -> list[tuple[str, str]]:
    rows = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    return [
        (code, f"{name}（{code}）")
        for code, name in db.session.execute(rows.order_by(MealPoint.code))
    ]
