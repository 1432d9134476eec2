"""Pages: complaints with what is done about them, and what diners say of each point."""

from typing import Any, NamedTuple

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import Principal, current, guard, require_point
from mealsvc.supervision.complaints import forms, lists, rules, services
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.complaints.services import Said, Stars

Answer = str | Response | tuple[str, int]
TO_FINDINGS = "findings.from_complaint"

bp = Blueprint("complaints", __name__, url_prefix="/complaints")


class Step(NamedTuple):
    """A step on the page of a complaint: its form, and what is said once it is done."""

    form: type[FlaskForm]
    done: str


STEPS = {
    "assign": Step(forms.AssignForm, "已分派。"),
    "answer": Step(forms.AnswerForm, "答复已提交，等镇（街道）或区办结。"),
    "return": Step(forms.ReturnForm, "已退回重办。"),
    "close": Step(forms.CloseForm, "已办结。"),
    "call": Step(forms.CallForm, "回访已登记。"),
}


@bp.get("")
@guard("complaints.read")
def index() -> str:
    me, today = current(), local_date(clock.now())
    rows = lists.complaints_seen(
        points_seen_by(me),
        state=request.args.get("state", ""),
        kind=request.args.get("kind", ""),
        point=tidy(request.args.get("point", "")),
    )
    if request.args.get("overdue"):
        rows = rows.where(lists.overdue_on(today))
    if month := pages.month_asked():
        rows = rows.where(lists.within_months(month.first_day, month.last_day))
    return render_template(
        "supervision/complaints/list.html",
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        waiting=lists.waiting(me, today),
        points=points_to_choose(),
        words=rules,
        today=today,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("complaints.write")
def new() -> Answer:
    """What somebody said at the counter, on the telephone or elsewhere."""
    form = forms.ComplaintForm()
    _fill(form)
    if form.validate_on_submit():
        place = point_or_404(form.point.data)
        said = Said(
            form.kind.data, form.channel.data, form.words.data or "", form.contact.data or ""
        )
        try:
            with writing():
                by, now = current().actor(), clock.now()
                made = services.receive(place, said, form.key.data or "", by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已登记，编号 {made.number}。", "good")
            return redirect(url_for(".complaint", complaint_id=made.id), 303)
    return render_template(
        "supervision/complaints/new.html", form=form
    ), 422 if form.errors else 200


@bp.get("/<int:complaint_id>")
@guard("complaints.read")
def complaint(complaint_id: int) -> str:
    return _page(*_complaint(complaint_id))


@bp.post("/<int:complaint_id>/assign")
@guard("complaints.close")
def assign(complaint_id: int) -> Answer:
    return _step(complaint_id, "assign")


@bp.post("/<int:complaint_id>/answer")
@guard("complaints.answer")
def answer(complaint_id: int) -> Answer:
    return _step(complaint_id, "answer")


@bp.post("/<int:complaint_id>/return")
@guard("complaints.close")
def send_back(complaint_id: int) -> Answer:
    return _step(complaint_id, "return")


@bp.post("/<int:complaint_id>/close")
@guard("complaints.close")
def close(complaint_id: int) -> Answer:
    return _step(complaint_id, "close")


@bp.post("/<int:complaint_id>/call")
@guard("complaints.close")
def call(complaint_id: int) -> Answer:
    return _step(complaint_id, "call")


@bp.post("/<int:complaint_id>/contact")
@guard("complaints.answer")
def contact(complaint_id: int) -> Answer:
    """How to reach who complained, for who handles it; asking leaves a trail."""
    one, place = _complaint(complaint_id)
    if not may_see_contact(current(), one):
        abort(403, description="这条投诉没有分派给您办理，不能查看联系方式。")
    try:
        with writing():
            clear = services.reveal_contact(one.id, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "warn")
        return redirect(url_for(".complaint", complaint_id=one.id), 303)
    return _page(one, place, contact=clear)


def may_see_contact(principal: Principal, one: Complaint) -> bool:
    """Who closes complaints, and at the point only who has to answer this one."""
    if not principal.can("complaints.answer"):
        return False
    handles = one.assigned_to == lists.LEVEL_OF.get(principal.role)
    return principal.can("complaints.close") or (handles and one.state != "closed")


def points_to_choose() -> list[tuple[str, str]]:
    """Codes and names of the points within the scope."""
    rows = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    found = db.session.execute(rows.order_by(MealPoint.code))
    return [(code, f"{name}（{code}）") for code, name in found]


def _fill(form: Any) -> None:
    """The points to choose from, at a point just one's own; a key the first time."""
    choices = points_to_choose()
    form.point.choices = choices if current().at_point else [("", "请选择"), *choices]
    if request.method == "GET":
        form.fill_key()
        asked = tidy(request.args.get("point", ""))
        form.point.data = asked if asked in dict(choices) else None


def _complaint(complaint_id: int) -> tuple[Complaint, MealPoint]:
    one = db.session.get(Complaint, complaint_id)
    if one is None:
        abort(404)
    place = db.session.get_one(MealPoint, one.point_id)
    require_point(place.code, place.division)
    return one, place


def _step(complaint_id: int, name: str) -> Answer:
    one, place = _complaint(complaint_id)
    form = _form(name)
    if form.validate_on_submit():
        try:
            with writing():
                _take(name, one.id, form)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(STEPS[name].done, "good")
            return redirect(url_for(".complaint", complaint_id=one.id), 303)
    return _page(one, place, bound={name: form}), 422


def _form(name: str, **more: Any) -> FlaskForm:
    """The form of a step; several stand on one page, so each field is called after its step, and
    the token against forgery, which the guard checks, is no field of theirs."""
    return STEPS[name].form(prefix=f"{name}-", meta={"csrf": False}, **more)


def _take(name: str, complaint_id: int, form: Any) -> None:
    by, now, words = current().actor(), clock.now(), form.words.data
    match name:
        case "assign":
            services.assign(complaint_id, form.level.data, words, by, now)
        case "answer":
            level = lists.LEVEL_OF.get(current().role, "")
            services.answer(complaint_id, words, level, by, now)
        case "return":
            services.send_back(complaint_id, words, by, now)
        case "close":
            services.close(complaint_id, form.upheld.data == "yes", words, by, now)
        case _:
            services.note_call(complaint_id, words, by, now)


def _page(
    one: Complaint, place: MealPoint, contact: str = "", bound: dict[str, FlaskForm] | None = None
) -> str:
    """`bound` is a form that was sent and not done, with what was typed."""
    me, bound = current(), bound or {}
    answers = me.can("complaints.answer") and one.assigned_to == lists.LEVEL_OF.get(me.role)
    allowed = {
        "assign": me.can("complaints.close") and rules.may_start("assigned", one.state),
        "answer": answers and rules.may_start("answered", one.state),
        "return": me.can("complaints.close") and rules.may_start("returned", one.state),
        "close": me.can("complaints.close") and rules.may_start("closed", one.state),
        "call": me.can("complaints.close") and rules.may_start("called", one.state),
    }
    shown = {name: bound.get(name) or _form(name, formdata=None) for name in STEPS}
    return render_template(
        "supervision/complaints/complaint.html",
        one=one,
        place=place,
        said=vault().open(one.words),
        contact=contact,
        may_see_contact=one.contact is not None and may_see_contact(me, one),
        acts=lists.acts_of(one.id),
        forms={name: shown[name] for name, may in allowed.items() if may or name in bound},
        to_findings=_to_findings(one),
        words=rules,
        today=local_date(clock.now()),
    )


def _to_findings(one: Complaint) -> str:
    """Where an upheld complaint is made a finding, as far as this installation has that page."""
    known = TO_FINDINGS in current_app.view_functions
    if not (known and one.upheld and current().can("orders.issue")):
        return ""
    return url_for(TO_FINDINGS, complaint_id=one.id)


@bp.route("/rate", methods=["GET", "POST"])
@guard("complaints.write")
def rate() -> Answer:
    """What a diner says at the counter, or when called back."""
    form = forms.RatingForm()
    _fill(form)
    if form.validate_on_submit():
        place = point_or_404(form.point.data)
        given = Stars(int(form.stars.data), **form.grades())
        with writing():
            by, now = current().actor(), clock.now()
            services.rate(place, given, form.channel.data, form.key.data or "", by, now)
        flash("评价已登记。", "good")
        return redirect(url_for(".rate", point=place.code), 303)
    return render_template(
        "supervision/complaints/rate.html", form=form
    ), 422 if form.errors else 200
