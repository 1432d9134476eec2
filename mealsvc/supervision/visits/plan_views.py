"""Pages: inspection plans, making one by hand or by lot, deciding it, and making its visits."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.settings.services import value_on
from mealsvc.supervision.visits import forms, planning, queries, risk, rules, services
from mealsvc.supervision.visits.draw import Candidate
from mealsvc.supervision.visits.models import Inspector, VisitPlan
from mealsvc.supervision.visits.views import people_to_choose

Answer = str | Response | tuple[str, int]
bp = Blueprint("plans", __name__, url_prefix="/plans")
USUAL_COUNT = 3


@bp.get("")
@guard("supervision.read")
def index() -> str:
    _whole_district()
    rows = (
        select(VisitPlan)
        .where(VisitPlan.division.startswith(current().scope, autoescape=True))
        .order_by(VisitPlan.id.desc())
    )
    if state := request.args.get("state", ""):
        rows = rows.where(VisitPlan.status == state)
    page = pages.page_of(rows, pages.page_asked())
    return render_template(
        "supervision/visits/plans.html",
        page=page,
        chosen={plan.id: planning.read_chosen(plan) for plan in page.items},
        states=list(rules.PLAN_STATUS_NAMES.items()),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("visits.plan")
def new() -> Answer:
    me, form, today = current(), forms.PlanForm(), local_date(clock.now())
    seen = _points(today)
    form.points.choices = [(one.code, f"{one.name}（{one.code}）") for one in seen]
    form.inspectors.choices = people_to_choose(me.scope)
    form.town.choices = [("", "全部镇街"), *towns_seen()]
    if request.method == "GET":
        form.from_on.data, form.to_on.data = today, today + timedelta(days=30)
        form.count.data = min(USUAL_COUNT, len(seen))
        form.seed.data = ""
    candidates = risk.candidates_of(_drawable(seen, form.town.data or ""), today)
    if form.validate_on_submit():
        try:
            with writing():
                plan = services.plan_visit(_proposal(form, candidates), me.actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"检查计划 {plan.number} 已编制，待另一人审批。", "good")
            return redirect(url_for(".plan", plan_id=plan.id), 303)
    page = render_template(
        "supervision/visits/plan_new.html",
        form=form,
        candidates=candidates,
        names={one.code: one.name for one in seen},
        weights=value_on("visit.weights", today),
    )
    return page, 422 if form.errors else 200


@bp.get("/<int:plan_id>")
@guard("supervision.read")
def plan(plan_id: int) -> str:
    one = plan_or_404(plan_id)
    kept = planning.read_chosen(one)
    points = _points_of(kept)
    again = bool(request.args.get("again"))
    return render_template(
        "supervision/visits/plan.html",
        plan=one,
        kept=kept,
        order=_in_order(kept, one.seed),
        points=points,
        people=_people(kept),
        visits=queries.visits_of_plan(one.id),
        counts=queries.admin_counts([each.id for each in points.values()], one.from_on.year),
        cap=int(value_on("visit.cap_a_year", one.from_on)),
        again=planning.draws_again(one) if again else None,
        kind=rules.KINDS[one.kind],
        own=one.made_by == str(current().actor()),
    )


@bp.route("/<int:plan_id>/decide", methods=["GET", "POST"])
@guard("visits.approve")
def decide(plan_id: int) -> Answer:
    one, form = plan_or_404(plan_id), forms.DecideForm()
    if form.validate_on_submit():
        try:
            with writing():
                approve = form.decision.data == "approve"
                done = services.decide_plan(
                    one.id, approve, form.why.data or "", current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"计划{rules.PLAN_STATUS_NAMES[done.status]}。", "good")
            return redirect(url_for(".plan", plan_id=one.id), 303)
    page = render_template("supervision/visits/decide.html", plan=one, form=form)
    return page, 422 if form.errors else 200


@bp.route("/<int:plan_id>/withdraw", methods=["GET", "POST"])
@guard("visits.plan")
def withdraw(plan_id: int) -> Answer:
    one, form = plan_or_404(plan_id), forms.WhyForm()
    if form.validate_on_submit():
        try:
            with writing():
                services.withdraw_plan(one.id, form.why.data or "", current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("计划已撤回，仍留在计划列表里。", "good")
            return redirect(url_for(".plan", plan_id=one.id), 303)
    page = render_template("supervision/visits/withdraw.html", plan=one, form=form)
    return page, 422 if form.errors else 200


@bp.route("/<int:plan_id>/arrange", methods=["GET", "POST"])
@guard("visits.plan")
def arrange(plan_id: int) -> Answer:
    """Gives days to the points of an approved plan; each becomes a visit."""
    one, form = plan_or_404(plan_id), forms.ArrangeForm()
    if one.status != "approved":
        abort(404)
    kept = planning.read_chosen(one)
    points, done = _points_of(kept), queries.visits_of_plan(one.id)
    waiting = [code for code in _in_order(kept, one.seed) if points[code].id not in done]
    typed = {code: tidy(request.form.get(f"on-{code}", "")) for code in waiting}
    wrong: dict[str, str] = {}
    if form.validate_on_submit():
        wrong = _arrange(one, kept, points, typed, form)
        if not wrong and any(typed.values()):
            flash("检查已安排。行政检查请逐次下达检查通知书。", "good")
            return redirect(url_for(".plan", plan_id=one.id), 303)
        if not wrong:
            form.form_errors.append("请至少填写一个助餐点的检查日期。")
    page = render_template(
        "supervision/visits/arrange.html",
        plan=one,
        form=form,
        waiting=waiting,
        points=points,
        people=_people(kept),
        kept=kept,
        typed=typed,
        wrong=wrong,
        kind=rules.KINDS[one.kind],
        earliest=services.earliest_noticed(local_date(clock.now())),
    )
    return page, 422 if form.errors or wrong else 200


def plan_or_404(plan_id: int) -> VisitPlan:
    """The plan, for those who work for the whole district."""
    one = db.session.get(VisitPlan, plan_id) or abort(404)
    require_division(one.division)
    return one


def _arrange(
    plan: VisitPlan, kept: planning.Chosen, points: Any, typed: dict[str, str], form: Any
) -> dict[str, str]:
    """Makes the visits whose day was typed, all or none; what was wrong by point."""
    days, wrong = _days(typed)
    if wrong:
        return wrong
    code = ""
    try:
        with writing():
            for code, day in days.items():
                going = kept.assigned[code]
                services.make_visit(
                    points[code],
                    plan.kind,
                    plan.mode,
                    day,
                    going,
                    going[0],
                    current().actor(),
                    clock.now(),
                    plan_id=plan.id,
                    unannounced=form.unannounced.data,
                    reason=form.reason.data or "",
                )
    except Refusal as refusal:
        return {code: refusal.message}
    return {}


def _in_order(kept: planning.Chosen, seed: str) -> list[str]:
    """The points as they were drawn, or as they were named."""
    return list(planning.order_of(kept, seed) if kept.candidates else kept.assigned)


def _days(typed: dict[str, str]) -> tuple[dict[str, date], dict[str, str]]:
    days, wrong = {}, {}
    for code, text in typed.items():
        try:
            if text:
                days[code] = parse_date(text)
        except ValueError:
            wrong[code] = "请输入一个日期，如 20240506。"
    return days, wrong


def _proposal(form: Any, candidates: list[Candidate]) -> planning.Proposal:
    by_lot = form.choose.data == "draw"
    return planning.Proposal(
        form.kind.data,
        form.mode.data,
        form.title.data,
        form.source.data,
        form.basis.data,
        form.from_on.data,
        form.to_on.data,
        () if by_lot else tuple(form.points.data or ()),
        tuple(candidates) if by_lot else (),
        form.count.data or 0 if by_lot else 0,
        form.seed.data or "",
        tuple(form.inspectors.data or ()) if form.staff.data == "hand" else (),
    )


def _whole_district() -> None:
    """Plans are the district's: whoever works for a town or a point does not see them ahead."""
    me = current()
    if me.at_point or len(me.scope) > planning.DISTRICT_DIGITS:
        abort(403, description="检查计划由区级编制和审批。")


def _points(today: date) -> list[MealPoint]:
    return list(
        db.session.scalars(
            select(MealPoint)
            .where(
                points_seen_by(current()),
                or_(MealPoint.closed_on.is_(None), MealPoint.closed_on >= today),
                or_(MealPoint.opened_on.is_(None), MealPoint.opened_on <= today),
            )
            .order_by(MealPoint.code)
            .limit(1000)
        )
    )


def _drawable(points: list[MealPoint], town: str) -> list[MealPoint]:
    return [one for one in points if one.division.startswith(town)]


def _points_of(kept: planning.Chosen) -> dict[str, MealPoint]:
    codes = {*kept.assigned, *(one.key for one in kept.candidates)}
    rows = db.session.scalars(select(MealPoint).where(MealPoint.code.in_(codes)))
    return {row.code: row for row in rows}


def _people(kept: planning.Chosen) -> dict[int, Inspector]:
    ids = {each for group in (*kept.assigned.values(), *kept.pools.values()) for each in group}
    rows = db.session.scalars(select(Inspector).where(Inspector.id.in_(ids)))
    return {row.id: row for row in rows}
