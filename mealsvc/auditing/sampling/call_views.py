"""Pages: the caller's desk, one call at a time; a telephone number is shown once and traced."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from mealsvc.auditing.sampling import calling, queries, wording
from mealsvc.auditing.sampling.asking import fill_answer, taken_of
from mealsvc.auditing.sampling.forms import AnswerForm
from mealsvc.auditing.sampling.models import AuditSample, CallTask, SampleItem
from mealsvc.auditing.sampling.refusals import NotYourCall
from mealsvc.auditing.sampling.rules.answers import WAITING, state_of
from mealsvc.kernel import masking
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.settings.services import value_on

Answer = str | Response | tuple[str, int]
MOST_SKIPPED, COMPLAINTS = 500, "service.complaint_phone"

bp = Blueprint("calls", __name__, url_prefix="/calls")


@bp.get("")
@guard("calls.make")
def index() -> str:
    """The next line to call, or `skip` further on; nothing to do is said."""
    skip = min(max(request.args.get("skip", 0, int), 0), MOST_SKIPPED)
    tasks = queries.my_tasks(current()).limit(1)
    found = db.session.execute(tasks.offset(skip)).first()
    if found is None and skip:  # past the last one: from the first again
        skip, found = 0, db.session.execute(tasks).first()
    return _desk(found.CallTask if found else None, skip=skip)


@bp.post("/<int:sample_id>/<int:sequence>/phone")
@guard("calls.make")
def phone(sample_id: int, sequence: int) -> Answer:
    """Shows one number, once: the answer is not kept anywhere, the trail tells who asked."""
    _line_or_404(sample_id, sequence)
    try:
        with writing():
            number = calling.reveal(sample_id, sequence, current().id, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "warn")
        return redirect(url_for(".index"), 303)
    task = db.session.get_one(CallTask, (sample_id, sequence))
    response = make_response(_desk(task, number=number))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<int:sample_id>/<int:sequence>/answer")
@guard("calls.make")
def answer(sample_id: int, sequence: int) -> Answer:
    told = _line_or_404(sample_id, sequence)
    task = db.session.get(CallTask, (sample_id, sequence))
    if task is None or task.account_id != current().id:
        flash(NotYourCall().message, "warn")
        return redirect(url_for(".index"), 303)
    form = AnswerForm()
    fill_answer(form, told.code)
    if form.validate_on_submit():
        try:
            with writing():
                me = current()
                taken = taken_of(form, told.code)
                calling.answer(sample_id, sequence, taken, me.id, me.actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记，这是下一条。", "good")
            return redirect(url_for(".index"), 303)
    return _desk(task, form=form), 422


def _line_or_404(sample_id: int, sequence: int) -> Any:
    """The line of a sample, within the scope; the services ask whose call it is."""
    if db.session.get(SampleItem, (sample_id, sequence)) is None:
        abort(404)
    told = queries.details_of(sample_id, [sequence])[sequence]
    require_point(told.code, told.division)
    return told


def _desk(
    task: CallTask | None, *, skip: int = 0, number: str = "", form: AnswerForm | None = None
) -> str:
    told: Any = None
    today = local_date(clock.now())
    state, tries, calls = "", [], 0
    if task is not None:
        told = queries.details_of(task.sample_id, [task.sequence])[task.sequence]
        sample = db.session.get_one(AuditSample, task.sample_id)
        calls = queries.most_calls(sample)
        tries = queries.tries_of(task.sample_id, [task.sequence]).get(task.sequence, [])
        state = state_of(tries, calls)
        if form is None:
            form = AnswerForm(formdata=None)
            form.way.data = "visit" if state == "visit" else "call"
            fill_answer(form, told.code)
    return render_template(
        "calls/desk.html",
        task=task,
        told=told,
        state=state if state in WAITING else "",
        tries=tries,
        calls=calls,
        left=queries.to_do(current(), today),
        complaint=value_on(COMPLAINTS, today),
        number=number,
        skip=skip,
        form=form,
        surname=masking.surname(told.name) if told else "",
        words=wording,
    )
