"""Pages: the people of a point, their certificates and trainings, and who has left."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404
from mealsvc.places.units import reading, rules, staffing
from mealsvc.places.units.forms import LeaveForm, MemberForm, PaperForm
from mealsvc.places.units.models import StaffMember, StaffPaper
from mealsvc.places.units.views import Answer, page_of_form, withdrawing
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point

bp = Blueprint("unit_staff", __name__, url_prefix="/units")


@bp.route("/<code>/staff/new", methods=["GET", "POST"])
@guard("units.write")
def add(code: str) -> Answer:
    point, form = point_or_404(code), MemberForm()
    if request.method == "GET":
        form.joined_on.data = _today()
    if form.validate_on_submit():
        try:
            with writing():
                member = staffing.add_member(point, _values(form), current().actor())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记，请接着登记健康证明和培训。", "good")
            return redirect(url_for(".member", member_id=member.id), 303)
    return page_of_form("places/units/member_form.html", form, point=point, member=None)


@bp.get("/staff/<int:member_id>")
@guard("units.read")
def member(member_id: int) -> str:
    found, point = _member(member_id)
    return render_template(
        "places/units/member.html",
        member=found,
        point=point,
        papers=reading.all_papers_of(found),
        named=reading.namer(current()),
        may_write=current().can("units.write"),
        today=_today(),
    )


@bp.route("/staff/<int:member_id>/edit", methods=["GET", "POST"])
@guard("units.write")
def edit(member_id: int) -> Answer:
    found, point = _member(member_id)
    form = MemberForm(obj=found)
    return _changing(form, found, point, "places/units/member_form.html", "修改已保存。")


@bp.route("/staff/<int:member_id>/leave", methods=["GET", "POST"])
@guard("units.write")
def leave(member_id: int) -> Answer:
    found, point = _member(member_id)
    form = LeaveForm(left_on=found.left_on or _today())
    return _changing(form, found, point, "places/units/leave.html", "已登记离岗。")


@bp.route("/staff/<int:member_id>/papers/new", methods=["GET", "POST"])
@guard("units.write")
def add_paper(member_id: int) -> Answer:
    found, point = _member(member_id)
    form = PaperForm()
    if request.method == "GET":
        form.kind.data = request.args.get("kind", "health")
    if form.validate_on_submit():
        try:
            with writing():
                paper = staffing.enter_paper(found, _values(form), current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            name = rules.STAFF_PAPERS[form.kind.data]
            told = f"{name}已登记。" if paper else f"同样的{name}已经登记过，没有改动。"
            flash(told, "good" if paper else "info")
            return redirect(url_for(".member", member_id=found.id), 303)
    return page_of_form("places/units/paper.html", form, member=found, point=point)


@bp.route("/papers/<int:paper_id>/withdraw", methods=["GET", "POST"])
@guard("units.write")
def withdraw_paper(paper_id: int) -> Answer:
    paper = db.session.get(StaffPaper, paper_id) or abort(404)
    _, point = _member(paper.staff_id)
    back = url_for(".member", member_id=paper.staff_id)
    what = rules.STAFF_PAPERS[paper.kind]
    return withdrawing(staffing.withdraw_paper, paper, what, point, back=back)


def _changing(form: Any, found: StaffMember, point: MealPoint, template: str, done: str) -> Answer:
    if form.validate_on_submit():
        try:
            with writing():
                staffing.change_member(found, _values(form), current().actor())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(done, "good")
            return redirect(url_for(".member", member_id=found.id), 303)
    return page_of_form(template, form, member=found, point=point)


def _member(member_id: int) -> tuple[StaffMember, MealPoint]:
    found = db.session.get(StaffMember, member_id) or abort(404)
    point = db.session.get_one(MealPoint, found.point_id)
    require_point(point.code, point.division)
    return found, point


def _values(form: Any) -> dict[str, Any]:
    return {one.short_name: one.data for one in form if one.short_name != "csrf_token"}


def _today() -> date:
    return local_date(clock.now())
