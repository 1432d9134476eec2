"""Pages: closing a point's day, one close with what came after it, and the list of closes."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.servings import closing
from mealsvc.servings.close_forms import CloseForm
from mealsvc.servings.models import DayClose
from mealsvc.servings.uploads import count_open

Answer = Response | tuple[str, int]

EARLIEST_YEAR = 2000

bp = Blueprint("closes", __name__)


@bp.get("/till/close")
@guard("days.close")
def close() -> Answer:
    point, day = _own_point(), _day_asked()
    if day > local_date(clock.now()):
        day = local_date(clock.now())
    return _counting(point, day, CloseForm(formdata=None), 200)


@bp.post("/till/close")
@guard("days.close")
def close_now() -> Answer:
    """First what was counted is compared with the ledger, then the person confirms."""
    point, day, form = _own_point(), _day_asked(), CloseForm()
    if not form.validate():
        return _counting(point, day, form, 422)
    if "edit" in request.form:
        return _counting(point, day, form, 200)
    difference = form.counted.fen - closing.day_of(point.id, day).total.self_pay_fen
    if "confirmed" not in request.form:
        return _confirming(point, day, form, 200)
    if difference and not form.explains():
        return _confirming(point, day, form, 422)
    try:
        with writing():
            made = closing.close_day(
                point, day, form.counted, form.seen, current().actor(), clock.now()
            )
    except Refusal as refusal:
        show(form, refusal)
        return _counting(point, day, form, 422)
    flash(f"{pages.cn_date(day, 'short')}第{made.number}次日结已保存。", "good")
    return redirect(url_for(".close_page", code=point.code, day=day, nth=made.number), 303)


@bp.get("/days")
@guard("servings.read")
def closes() -> str:
    """The closes of a month that this person may see, the latest first."""
    seen, month = points_seen_by(current()), _month()
    rows = closing.closes_seen(
        seen, month.first_day, month.last_day, tidy(request.args.get("point", ""))
    )
    return render_template(
        "servings/closes.html",
        month=month,
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        points=_points_to_choose(seen),
    )


@bp.get("/days/<code>/<day>/<int:nth>")
@guard("servings.read")
def close_page(code: str, day: str, nth: int) -> str:
    point, found = close_or_404(code, day, nth)
    latest = closing.latest_close(point.id, found.served_on) or found
    is_latest = latest.number == found.number
    return render_template(
        "servings/close_done.html",
        point=point,
        close=found,
        day=closing.day_of(point.id, found.served_on, up_to=found.last_sequence),
        latest=latest,
        later=closing.after_close(latest) if is_latest else closing.Sums(),
        unsettled=_unsettled(point, found.served_on) if is_latest else None,
        may_close=current().can("days.close"),
    )


def close_or_404(code: str, day: str, nth: int) -> tuple[MealPoint, DayClose]:
    """The close that an address names; 404 if there is none, 403 outside the scope."""
    point = point_or_404(code)
    try:
        found = closing.close_of(point.id, parse_date(day), nth)
    except ValueError:
        found = None
    if found is None:
        abort(404)
    return point, found


def _own_point() -> MealPoint:
    return point_or_404(current().point_code or "")


def _day_asked() -> date:
    """The day in the address; today if it names none. A day that makes no sense is not found."""
    written = tidy(request.args.get("day", ""))
    try:
        day = parse_date(written) if written else local_date(clock.now())
    except ValueError:
        abort(404)
    return day if day.year >= EARLIEST_YEAR else abort(404)


def _month() -> Month:
    return pages.month_asked() or Month.of(_latest_close() or local_date(clock.now()))


def _latest_close() -> date | None:
    rows = select(func.max(DayClose.served_on)).join(MealPoint, MealPoint.id == DayClose.point_id)
    return db.session.scalar(rows.where(points_seen_by(current())))


def _counting(point: MealPoint, day: date, form: CloseForm, status: int) -> tuple[str, int]:
    """The first step: what the ledger has, and the fields for what was counted."""
    found, latest = closing.day_of(point.id, day), closing.latest_close(point.id, day)
    later = closing.after_close(latest) if latest else None
    form.number.raw_data = form.last.raw_data = None  # shown anew: the ledger may have gone on
    form.number.data = latest.number + 1 if latest else 1
    form.last.data = found.last_sequence
    facts = {"day": day, "found": found, "latest": latest, "later": later}
    return _page("servings/close.html", point, form, **facts), status


def _confirming(point: MealPoint, day: date, form: CloseForm, status: int) -> tuple[str, int]:
    """The second step: the comparison, the reason for a difference, and one button."""
    found = closing.day_of(point.id, day)
    difference = form.counted.fen - found.total.self_pay_fen
    form.why.flags.required = difference != 0
    facts = {
        "day": day,
        "found": found,
        "difference": difference,
        "refunds": closing.refunds_for_earlier_days(point.id, day),
    }
    return _page("servings/close_confirm.html", point, form, **facts), status


def _page(template: str, point: MealPoint, form: CloseForm, **facts: Any) -> str:
    facts["unsettled"] = _unsettled(point, facts["day"])
    return render_template(template, point=point, form=form, today=local_date(clock.now()), **facts)


def _unsettled(point: MealPoint, day: date) -> dict[str, Any]:
    """What may still change this day: queues of the point's tills, and conflicts to settle."""
    return {
        "devices": closing.waiting_devices(point.code, day, clock.now()),
        "conflicts": count_open(point.code),
    }


def _points_to_choose(seen: Any) -> list[tuple[str, str]]:
    if current().at_point:
        return []
    rows = select(MealPoint.code, MealPoint.name).where(seen).order_by(MealPoint.code)
    return [(code, f"{name}（{code}）") for code, name in db.session.execute(rows)]
