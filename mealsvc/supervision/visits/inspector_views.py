"""Pages: the register of inspectors, and from which points or units they keep away."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy, tidy_code
from mealsvc.places.models import Division, MealPoint, Operator
from mealsvc.places.scope import towns_seen
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.supervision.visits import forms, inspectors
from mealsvc.supervision.visits.models import Inspector, InspectorInterest
from mealsvc.supervision.visits.planning import DISTRICT_DIGITS

Answer = str | Response | tuple[str, int]
bp = Blueprint("inspectors", __name__, url_prefix="/inspectors")


@bp.get("")
@guard("supervision.read")
def index() -> str:
    area = current().scope[:DISTRICT_DIGITS]
    _not_at_a_point()
    rows = select(Inspector).where(Inspector.division.startswith(area, autoescape=True))
    page = pages.page_of(rows.order_by(Inspector.active.desc(), Inspector.id), pages.page_asked())
    return render_template(
        "supervision/visits/inspectors.html",
        page=page,
        interests=_interests([one.id for one in page.items]),
        divisions=_division_names(page.items),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("inspectors.write")
def new() -> Answer:
    me, form = current(), forms.InspectorForm()
    own = db.session.get(Division, me.scope)
    form.division.choices = [(me.scope, own.name if own else me.scope), *towns_seen()]
    if form.validate_on_submit():
        require_division(form.division.data)
        try:
            with writing():
                made = inspectors.add_inspector(
                    form.name.data or "",
                    tidy_code(form.card_no.data or ""),
                    form.office.data or "",
                    form.division.data,
                    me.actor(),
                    tidy_code(form.login.data or "") or None,
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("检查人员已登记。", "good")
            return redirect(url_for(".inspector", inspector_id=made.id), 303)
    page = render_template("supervision/visits/inspector_new.html", form=form)
    return page, 422 if form.errors else 200


@bp.route("/<int:inspector_id>", methods=["GET", "POST"])
@guard("inspectors.write")
def inspector(inspector_id: int) -> Answer:
    """Office, account, whether she still inspects; and one more recusal."""
    one = _inspector_or_404(inspector_id)
    adding = request.form.get("act") == "interest"
    posted = request.method == "POST"
    form = forms.ChangeInspectorForm(None if adding or not posted else request.form)
    interest = forms.InterestForm(
        request.form if adding else None, prefix="interest", meta=forms.GUARDED
    )
    if not posted or adding:
        form.office.data, form.login.data, form.active.data = one.office, one.login, one.active
    asked = interest if adding else form
    if posted and asked.validate():
        try:
            with writing():
                _add_interest(one, interest) if adding else _change(one, form)
        except Refusal as refusal:
            show(asked, refusal)
        else:
            flash("已登记回避。" if adding else "检查人员资料已更新。", "good")
            return redirect(url_for(".inspector", inspector_id=one.id), 303)
    page = render_template(
        "supervision/visits/inspector.html",
        one=one,
        form=form,
        interest=interest,
        interests=_interests([one.id], ended=True)[one.id],
    )
    return page, 422 if posted and asked.errors else 200


@bp.post("/interests/<int:interest_id>/end")
@guard("inspectors.write")
def end_interest(interest_id: int) -> Response:
    interest = db.session.get(InspectorInterest, interest_id) or abort(404)
    one = _inspector_or_404(interest.inspector_id)
    try:
        with writing():
            inspectors.end_interest(interest.id, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash("回避已解除。", "good")
    return redirect(url_for(".inspector", inspector_id=one.id), 303)


def _change(one: Inspector, form: Any) -> None:
    inspectors.change_inspector(
        one.id,
        form.office.data or "",
        tidy_code(form.login.data or "") or None,
        form.active.data,
        current().actor(),
    )


def _add_interest(one: Inspector, form: Any) -> None:
    about = tidy(form.about.data or "")
    point = point_by_code(tidy_code(about))
    if point is not None:
        require_division(point.division)
    inspectors.declare_interest(
        one.id,
        point.code if point else "",
        about,
        form.why.data or "",
        current().actor(),
        clock.now(),
    )


def _inspector_or_404(inspector_id: int) -> Inspector:
    one = db.session.get(Inspector, inspector_id) or abort(404)
    require_division(one.division)
    return one


def _interests(inspector_ids: list[int], ended: bool = False) -> dict[int, list[Any]]:
    """Recusals (row, name of the point, name of the unit) by inspector."""
    rows = (
        select(InspectorInterest, MealPoint.name.label("point"), Operator.name.label("unit"))
        .outerjoin(MealPoint, MealPoint.id == InspectorInterest.point_id)
        .outerjoin(Operator, Operator.id == InspectorInterest.operator_id)
        .where(InspectorInterest.inspector_id.in_(inspector_ids))
        .order_by(InspectorInterest.id)
    )
    if not ended:
        rows = rows.where(InspectorInterest.ended_at.is_(None))
    found: dict[int, list[Any]] = {each: [] for each in inspector_ids}
    for row in db.session.execute(rows):
        found[row.InspectorInterest.inspector_id].append(row)
    return found


def _division_names(rows: Any) -> dict[str, str]:
    codes = {one.division for one in rows}
    found = select(Division.code, Division.name).where(Division.code.in_(codes))
    return dict(db.session.execute(found).all())


def _not_at_a_point() -> None:
    if current().at_point:
        abort(403, description="检查人员名册由区、镇街查看。")
