"""Pages of a point's manager: what an audit asks, about which meals, and the answer with photos."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.auditing.cases import forms, queries, rules, services, showing
from mealsvc.auditing.cases.models import AuditCase, CaseQuestion
from mealsvc.auditing.cases.views import kept_photos
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.supervision.photos.forms import prepared

Answer = str | Response | tuple[str, int]
bp = Blueprint("questions", __name__, url_prefix="/questions")


@bp.get("")
@guard("cases.answer")
def index() -> str:
    me, today = current(), local_date(clock.now())
    rows = queries.questions_seen(points_seen_by(me), request.args.get("state", ""))
    return render_template(
        "cases/questions.html",
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        waiting=queries.to_do(me, today).questions,
        answerable=rules.STARTS["answered"],
        today=today,
    )


@bp.route("/<int:question_id>", methods=["GET", "POST"])
@guard("cases.answer")
def question(question_id: int) -> Answer:
    row, one, point = question_or_404(question_id)
    form = forms.AnswerForm()
    if request.method == "GET":
        form.fill_key()
    if form.validate_on_submit():
        ready = prepared(form.photos, forms.MOST_PHOTOS)
        if not form.photos.errors:
            try:
                with writing():
                    subject = f"question/{row.id}"
                    photos = kept_photos(ready, form.key.data or "", subject, point)
                    by, now = current().actor(), clock.now()
                    services.answer(row.id, form.words.data or "", photos, by, now)
            except Refusal as refusal:
                show(form, refusal)
            else:
                flash("答复已提交，等经办人核对。", "good")
                return redirect(url_for(".question", question_id=row.id), 303)
    today = local_date(clock.now())
    page = render_template(
        "cases/question.html",
        form=form,
        asked=showing.opened(row, showing.photos_of(one.id).get(row.id, [])),
        one=one,
        point=point,
        due_on=max(row.due_on, one.due_on or row.due_on),
        page=pages.page_of(showing.lines_shown(one), pages.page_asked(), pages.size_asked()),
        answerable=row.answered_at is None and rules.may_start("answered", one.state),
        today=today,
    )
    return page, 422 if form.errors else 200


def question_or_404(question_id: int) -> tuple[CaseQuestion, AuditCase, MealPoint]:
    """The question with its case and point; 404 if there is none, 403 outside the scope."""
    row = db.session.get(CaseQuestion, question_id)
    if row is None:
        abort(404)
    one = db.session.get_one(AuditCase, row.case_id)
    point = db.session.get_one(MealPoint, one.point_id)
    require_point(point.code, point.division)
    return row, one, point
