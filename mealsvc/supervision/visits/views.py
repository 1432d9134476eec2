"""Pages: the visits, one visit with everything in it, arranging one without a plan, changing one."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist.items import MODE_NAMES, RESULT_NAMES
from mealsvc.supervision.checklist.rules import GRADES, items_for
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.visits import forms, planning, queries, rules, services, showing, traits
from mealsvc.supervision.visits.inspectors import recusals
from mealsvc.supervision.visits.models import Inspector, Visit, VisitPlan
from mealsvc.supervision.visits.queries import VisitFilter

Answer = str | Response | tuple[str, int]
bp = Blueprint("visits", __name__, url_prefix="/visits")


@bp.record_once
def _words(setup: Any) -> None:
    pages.add_words(
        setup.app,
        visit_kind=rules.KIND_NAMES,
        visit_mode=MODE_NAMES,
        visit_status=rules.STATUS_NAMES,
        plan_status=rules.PLAN_STATUS_NAMES,
        plan_source=rules.SOURCES,
        item_result=RESULT_NAMES,
        outcome_name=rules.OUTCOME_NAMES,
        sign_part=rules.PART_NAMES,
    )


@bp.get("")
@guard("supervision.read")
def index() -> str:
    args = request.args
    wanted = VisitFilter(
        tidy(args.get("point", "")),
        args.get("kind", ""),
        args.get("state", ""),
        args.get("grade", ""),
        pages.month_asked(),
    )
    me, today = current(), local_date(clock.now())
    page = pages.page_of(queries.found_visits(me, wanted), pages.page_asked(), count_up_to=10_000)
    return render_template(
        "supervision/visits/index.html",
        page=page,
        people=queries.inspectors_of([visit.id for visit, _ in page.items]),
        todo=queries.to_do(me, today),
        today=today,
        kinds=list(rules.KIND_NAMES.items()),
        states=list(rules.STATUS_NAMES.items()),
        grades=[(grade, f"{grade}级") for grade, _ in GRADES],
        narrowed=wanted != VisitFilter(),
    )


@bp.get("/calendar")
@guard("supervision.read")
def calendar() -> str:
    month = pages.month_asked() or Month.of(local_date(clock.now()))
    rows = queries.open_in(current(), month)
    return render_template(
        "supervision/visits/calendar.html",
        month=month,
        weeks=showing.weeks(month, [(visit.planned_on, (visit, point)) for visit, point in rows]),
        count=len(rows),
        today=local_date(clock.now()),
    )


@bp.get("/points")
@guard("supervision.read")
def points() -> str:
    """When each point was last visited, its grade, and this year's count against the cap."""
    me, today = current(), local_date(clock.now())
    found = select(MealPoint).where(points_seen_by(me)).order_by(MealPoint.code)
    found = found.where(or_(MealPoint.closed_on.is_(None), MealPoint.closed_on >= today))
    every = int(value_on("visit.every_months", today))
    if request.args.get("state") == "overdue":
        found = found.where(~queries.visited_since(rules.months_before(today, every)))
    page = pages.page_of(found, pages.page_asked())
    ids = [point.id for point in page.items]
    return render_template(
        "supervision/visits/points.html",
        page=page,
        last=queries.last_visits(ids, today),
        counts=queries.admin_counts(ids, today.year),
        cap=int(value_on("visit.cap_a_year", today)),
        since=rules.months_before(today, every),
        every=every,
        today=today,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("visits.conduct")
def new() -> Answer:
    me, form, today = current(), forms.VisitForm(), local_date(clock.now())
    seen = _points_to_choose(today)
    people = people_to_choose(me.scope)
    form.point.choices = [
        ("", "请选择"),
        *((one.code, f"{one.name}（{one.code}）") for one in seen),
    ]
    form.inspectors.choices = people
    forms.offer_lead(form, people)
    if request.method == "GET":
        form.point.data, form.planned_on.data = tidy(request.args.get("point", "")), today
        form.inspectors.data = _mine(me.login)
    if form.validate_on_submit():
        point = next(one for one in seen if one.code == form.point.data)
        try:
            with writing():
                made = services.make_visit(
                    point,
                    form.kind.data,
                    form.mode.data,
                    form.planned_on.data or today,
                    form.inspectors.data or [],
                    form.lead.data or next(iter(form.inspectors.data or []), None),
                    me.actor(),
                    clock.now(),
                    reason=tidy(form.reason.data or ""),
                    unannounced=form.unannounced.data,
                    late=form.late.data,
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("检查已安排。", "good")
            return redirect(url_for(".visit", visit_id=made.id), 303)
    page = render_template("supervision/visits/new.html", form=form, kinds=rules.KINDS)
    return page, 422 if form.errors else 200


@bp.get("/<int:visit_id>")
@guard("supervision.read")
def visit(visit_id: int) -> str:
    one, point = visit_or_404(visit_id)
    checklist, results = checklist_of(one.checklist), queries.results_of(one.id)
    asked = items_for(checklist, one.mode, traits.read(one.traits), showing.open_items(one))
    plan = db.session.get(VisitPlan, one.plan_id) if one.plan_id else None
    return render_template(
        "supervision/visits/visit.html",
        visit=one,
        point=point,
        plan=plan if plan and len(current().scope) == planning.DISTRICT_DIGITS else None,
        people=queries.inspectors_of([one.id])[one.id],
        groups=showing.groups(checklist, results, queries.photos_of(one.id)),
        score=showing.score_of(checklist, results),
        asked=showing.grouped(asked),
        asked_count=len(asked),
        signatures=showing.signatures_of(one.id),
        percent=int(value_on("visit.count_deviation", one.planned_on)),
        deviation=rules.deviation,
        deviates=rules.deviates,
        repeated=showing.repeated(one) if one.status in rules.OPEN else [],
        cap=_cap(one, point) if rules.KINDS[one.kind].planned else None,
        kind=rules.KINDS[one.kind],
        today=local_date(clock.now()),
        can_open=one.status in rules.OPEN,
    )


@bp.post("/<int:visit_id>/notice")
@guard("visits.plan")
def notice(visit_id: int) -> Response:
    one, _ = visit_or_404(visit_id)
    try:
        with writing():
            done = services.notice(one.id, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash(f"检查通知书 {done.notice_number} 已编号，请打印送达。", "good")
    return redirect(url_for(".visit", visit_id=visit_id), 303)


@bp.route("/<int:visit_id>/change", methods=["GET", "POST"])
@guard("visits.conduct")
def change(visit_id: int) -> Answer:
    """Another day, other inspectors, a recusal, or cancelling: four small forms on one page."""
    one, point = visit_or_404(visit_id)
    if one.status not in rules.OPEN:
        abort(404)
    filled = _change_forms(one, point)
    act = request.form.get("act", "")
    form = filled.get(act)
    if form is not None and form.validate_on_submit():
        try:
            with writing():
                _change(one.id, act, form)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("检查安排已更新。", "good")
            return redirect(url_for(".visit", visit_id=visit_id), 303)
    page = render_template(
        "supervision/visits/change.html", visit=one, point=point, forms=filled, act=act
    )
    return page, 422 if request.method == "POST" else 200


def visit_or_404(visit_id: int) -> tuple[Visit, MealPoint]:
    """The visit and its point: 404 if there is none or it is not told yet, 403 outside the scope."""
    one = db.session.get(Visit, visit_id)
    if one is None:
        abort(404)
    point = db.session.get_one(MealPoint, one.point_id)
    require_point(point.code, point.division)
    told = select(Visit.id).join(MealPoint, MealPoint.id == Visit.point_id)
    told = told.where(Visit.id == visit_id, queries.visits_seen_by(current()))
    if db.session.scalar(told) is None:
        abort(404)
    return one, point


def people_to_choose(scope: str) -> list[tuple[int, str]]:
    """The active inspectors of offices within or above a division."""
    rows = db.session.scalars(
        select(Inspector).where(Inspector.active).order_by(Inspector.office, Inspector.id)
    )
    return [
        (one.id, f"{one.name}（{one.office}，{one.card_no}）")
        for one in rows
        if one.division.startswith(scope) or scope.startswith(one.division)
    ]


def _change_forms(one: Visit, point: MealPoint) -> dict[str, Any]:
    given = request.form if request.method == "POST" else None
    act = request.form.get("act", "")
    made: dict[str, Any] = {
        name: form(given if act == name else None, prefix=name, meta=forms.GUARDED)
        for name, form in (
            ("move", forms.MoveForm),
            ("people", forms.PeopleForm),
            ("recuse", forms.RecuseForm),
            ("cancel", forms.WhyForm),
        )
    }
    going = queries.inspectors_of([one.id])[one.id]
    away = recusals(point)
    people = [
        (each, f"{words}——应回避" if each in away else words)
        for each, words in people_to_choose(point.division)
    ]
    made["people"].inspectors.choices = people
    forms.offer_lead(made["people"], people)
    made["recuse"].inspector.choices = [(row.id, row.name) for row in going if not row.recused_why]
    if act != "move":
        made["move"].planned_on.data, made["move"].unannounced.data = (
            one.planned_on,
            one.unannounced,
        )
    if act != "people":
        made["people"].inspectors.data = [row.id for row in going if not row.recused_why]
        made["people"].lead.data = next((row.id for row in going if row.lead), None)
    return made


def _change(visit_id: int, act: str, form: Any) -> None:
    by, now = current().actor(), clock.now()
    if act == "move":
        services.move(
            visit_id, form.planned_on.data, form.unannounced.data, form.reason.data or "", by, now
        )
    elif act == "people":
        chosen = form.inspectors.data or []
        services.change_inspectors(
            visit_id, chosen, form.lead.data or next(iter(chosen), None), by, now
        )
    elif act == "recuse":
        services.recuse(visit_id, form.inspector.data or 0, form.why.data or "", by, now)
    else:
        services.cancel(visit_id, form.why.data or "", by, now)


def _points_to_choose(today: date) -> list[MealPoint]:
    return list(
        db.session.scalars(
            select(MealPoint)
            .where(
                points_seen_by(current()),
                or_(MealPoint.closed_on.is_(None), MealPoint.closed_on >= today),
            )
            .order_by(MealPoint.code)
            .limit(1000)
        )
    )


def _mine(login: str) -> list[int]:
    own = db.session.scalar(select(Inspector.id).where(Inspector.login == login, Inspector.active))
    return [] if own is None else [own]


def _cap(one: Visit, point: MealPoint) -> tuple[int, int]:
    cap = int(value_on("visit.cap_a_year", one.planned_on))
    return services.counted_in_year(point.id, one.planned_on.year), cap
