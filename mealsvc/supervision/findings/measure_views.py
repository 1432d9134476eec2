"""Pages: measures (suspensions, the end of an agreement), deciding one, resuming."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.addresses import number_asked
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.supervision.findings import rules, services
from mealsvc.supervision.findings.finding_views import finding_of_point
from mealsvc.supervision.findings.forms import MeasureForm, ResumeForm
from mealsvc.supervision.findings.models import Finding, Measure
from mealsvc.supervision.findings.reading import points_to_choose, row_or_404, today

Answer = str | Response | tuple[str, int]
BASIS = "服务协议；区助餐服务补贴办法"
bp = Blueprint("measures", __name__, url_prefix="/measures")


@bp.get("")
@guard("supervision.read")
def index() -> str:
    rows: Any = (
        select(Measure, MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == Measure.point_id)
        .where(points_seen_by(current()))
        .order_by(Measure.id.desc())
    )
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    code = tidy(request.args.get("point", ""))
    if kind in rules.MEASURES:
        rows = rows.where(Measure.kind == kind)
    if state:
        ended = Measure.resumed_at.is_not(None)
        rows = rows.where(ended if state == "resumed" else ~ended)
    if code:
        rows = rows.where(MealPoint.code == code)
    return render_template(
        "supervision/findings/measures.html",
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        points=points_to_choose(),
        words=rules,
        today=today(),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("measures.decide")
def new() -> Answer:
    """First what and from when; then the consequence in one sentence, to be confirmed."""
    kind, code = request.args.get("kind", ""), tidy(request.args.get("point", ""))
    point = point_or_404(code) if code else None
    if point is None or kind not in rules.MEASURES:
        chosen = {"points": points_to_choose(), "words": rules, "point": point}
        return render_template("supervision/findings/measure_choose.html", **chosen)
    about = finding_of_point(number_asked("finding"), point)
    form = MeasureForm()
    if request.method == "GET":
        form.from_on.data, form.basis.data = today(), BASIS
        form.facts.data = f"{about.item}：{about.fact}" if about else ""
    asks = False
    if form.validate_on_submit():
        if form.sure.data:
            made = _decide(kind, point, form, about)
            if made is not None:
                flash(f"{rules.MEASURES[kind]}决定 {made.number} 已登记，收银台按此办理。", "good")
                return redirect(url_for(".measure", measure_id=made.id), 303)
        else:
            asks = True
    page = render_template(
        "supervision/findings/measure_sure.html"
        if asks
        else "supervision/findings/measure_new.html",
        form=form,
        point=point,
        kind=kind,
        finding=about,
        consequence=consequence(kind, point.name, form) if asks else "",
    )
    return page, 422 if form.errors else 200


@bp.get("/<int:measure_id>")
@guard("supervision.read")
def measure(measure_id: int) -> str:
    one, point = row_or_404(Measure, measure_id)
    return render_template(
        "supervision/findings/measure.html",
        measure=one,
        point=point,
        finding=db.session.get(Finding, one.finding_id) if one.finding_id else None,
        today=today(),
    )


@bp.route("/<int:measure_id>/resume", methods=["GET", "POST"])
@guard("measures.decide")
def resume(measure_id: int) -> Answer:
    one, point = row_or_404(Measure, measure_id)
    if one.resumed_at is not None or one.kind == "terminate":
        abort(404)
    form = ResumeForm()
    if request.method == "GET":
        form.resumed_on.data = max(today(), one.from_on)
    if form.validate_on_submit():
        assert form.resumed_on.data is not None
        try:
            with writing():
                services.resume(
                    one.id,
                    form.resumed_on.data,
                    form.why.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"恢复决定 {one.resume_number} 已登记。", "good")
            return redirect(url_for(".measure", measure_id=one.id), 303)
    page = render_template("supervision/findings/resume.html", form=form, measure=one, point=point)
    return page, 422 if form.errors else 200


def consequence(kind: str, name: str, form: MeasureForm) -> str:
    """What the decision does, in one sentence."""
    assert form.from_on.data is not None
    start = "今日" if form.from_on.data == today() else chinese_date(form.from_on.data)
    told = {
        "subsidy": f"自{start}起，{name}照常供餐，但停止补贴：老人按原价付款，收银台当场提示。",
        "point": f"自{start}起，{name}停止供餐：收银台不能登记就餐，预订和送餐也停。",
        "terminate": f"自{start}起，{name}终止服务协议并停业：收银台不能登记就餐，不能恢复。",
    }
    return told[kind] + "已经登记的就餐不变。"


def _decide(kind: str, point: MealPoint, form: MeasureForm, about: Finding | None) -> Any:
    assert form.from_on.data is not None
    try:
        with writing():
            return services.suspend(
                kind,
                point,
                form.from_on.data,
                form.facts.data or "",
                form.basis.data or "",
                current().actor(),
                clock.now(),
                about.id if about else None,
            )
    except Refusal as refusal:
        show(form, refusal)
        return None
