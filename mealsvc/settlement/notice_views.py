"""Pages: public notices that were posted, posting one, and what one shows."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.scope import points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.settlement import notices
from mealsvc.settlement.models import PublicNotice
from mealsvc.settlement.notice_forms import NoticeForm
from mealsvc.settlement.notice_roster import amounts_of
from mealsvc.settlement.steps import prove_lines

Answer = str | Response | tuple[str, int]
PLACE = "镇（街道）、村（社区）公告栏和助餐点门口"
bp = Blueprint("notices", __name__, url_prefix="/settlements/notices")


@bp.get("")
@guard("settlement.read")
def index() -> str:
    rows = notices.posted(points_seen_by(current()))
    return render_template(
        "settlement/notices.html",
        page=pages.page_of(rows, pages.page_asked()),
        today=local_date(clock.now()),
        waiting=_waiting(),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("settlement.notice")
def new() -> Answer:
    me, form = current(), NoticeForm()
    months = _waiting()
    month = pages.month_asked() or (min(months) if months else Month.of(local_date(clock.now())))
    towns = towns_seen()
    town = tidy(request.args.get("town", ""))
    if town:
        require_division(town)
    within = town or me.scope
    rows: Any = db.session.execute(
        notices.ready(month)
        .where(points_seen_by(me), MealPoint.division.startswith(within, autoescape=True))
        .order_by(MealPoint.code)
    ).all()
    if request.method == "GET":
        first = local_date(clock.now()) + timedelta(days=1)
        form.from_on.data = first
        form.to_on.data = notices.last_day(first, notices.working_days(first))
        form.place.data = PLACE
    codes = request.form.getlist("point")
    if form.validate_on_submit():
        listed = {point.code for _, point in rows}
        try:
            prove_lines(batch for batch, point in rows if point.code in codes)
            with writing():
                made = notices.post_notice(
                    month,
                    within,
                    [code for code in codes if code in listed],
                    form.from_on.data,
                    form.to_on.data,
                    form.place.data or "",
                    me.actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"公示 {made.number} 已登记，请打印张贴。", "good")
            return redirect(url_for(".notice", notice_id=made.id), 303)
    page = render_template(
        "settlement/notice_new.html",
        form=form,
        month=month,
        rows=amounts_of(month, rows),
        ticked=codes if request.method == "POST" else None,
        days=notices.working_days(local_date(clock.now())),
        months=[(str(one), one.chinese) for one in sorted({*months, month})],
        towns=towns,
        town=town,
    )
    return page, 422 if form.errors else 200


@bp.get("/<int:notice_id>")
@guard("settlement.read")
def notice(notice_id: int) -> str:
    one = notice_or_404(notice_id)
    month = Month.from_key(one.month)
    division = db.session.get(Division, one.division)
    return render_template(
        "settlement/notice.html",
        notice=one,
        month=month,
        division=division.name if division else one.division,
        rows=amounts_of(month, notices.batches_in(one, points_seen_by(current()))),
        today=local_date(clock.now()),
    )


def notice_or_404(notice_id: int) -> PublicNotice:
    """The notice with this id; 404 unless it shows a point within the scope."""
    one = db.session.get(PublicNotice, notice_id)
    if one is None or not notices.batches_in(one, points_seen_by(current())):
        abort(404)
    return one


def _waiting() -> list[Month]:
    """The months that have something to be posted within the scope."""
    if not current().can("settlement.notice"):
        return []
    return notices.months_ready(points_seen_by(current()))
