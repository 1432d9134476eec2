"""Pages: one step of the chain for one month or many, and how a long one gets on."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import is_storable
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settlement import jobs, queries, services, steps
from mealsvc.settlement.acts import ACTS, Act
from mealsvc.settlement.asking import NOT_YOURS, month_or_404, require_points, town_asked
from mealsvc.settlement.models import BatchJob
from mealsvc.settlement.review_forms import ActForm, SampleForm
from mealsvc.settlement.waiting import PATHS

Answer = str | Response | tuple[str, int]
MOST_CODES = 2_000

bp = Blueprint("settlement_acts", __name__, url_prefix="/settlements")


def _step(act: Act) -> Callable[..., Answer]:
    def step(month: str) -> Answer:
        return _take(act, month_or_404(month))

    step.__doc__ = f"{act.name}: asks with the consequence, then does it."
    return step


for _code, _path in PATHS.items():
    bp.add_url_rule(
        f"/<month>/{_path}",
        _code,
        guard(ACTS[_code].right)(_step(ACTS[_code])),
        methods=["GET", "POST"],
    )


@bp.get("/jobs/<int:work_id>")
@guard("settlement.read")
def job(work_id: int) -> str:
    view = jobs.view_of(_job(work_id))
    return render_template(
        "settlement/job.html",
        view=view,
        month=Month.from_key(view.job.month),
        act=ACTS[view.job.act],
        places=queries.places(points_seen_by(current())),
    )


@bp.post("/jobs/<int:work_id>/stop")
@guard("settlement.read")
def stop(work_id: int) -> Response:
    found = _job(work_id, to_act=True)
    try:
        with writing():
            jobs.ask_to_stop(db.session.get_one(BatchJob, found.id), current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash("正在停止：办完手上这一个后停下，已办的保留。", "info")
    return redirect(url_for(".job", work_id=work_id), 303)


@bp.post("/jobs/<int:work_id>/start")
@guard("settlement.read")
def start(work_id: int) -> Response:
    """Takes up what is left of a job that was stopped or interrupted."""
    found = _job(work_id, to_act=True)
    try:
        jobs.start(found.id, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    return redirect(url_for(".job", work_id=work_id), 303)


def begin(act: str, month: Month, codes: list[str], opinion: str) -> Response:
    """Starts the step for these points and shows how it gets on."""
    by = current().actor()
    with writing():
        work_id = jobs.add_job(act, month, codes, opinion, by, clock.now()).id
    jobs.start(work_id, by)
    return redirect(url_for("settlement_acts.job", work_id=work_id), 303)


def _take(act: Act, month: Month) -> Answer:
    entries = _entries(act, month)
    ready = [one for one in entries if one["status"] in act.starts]
    form = SampleForm() if act.code == "sample" else ActForm()
    if "sure" in request.form and ready and form.validate_on_submit():
        codes = [one["point"] for one in ready]
        if len(codes) > 1:
            return begin(act.code, month, codes, form.note.data or "")
        try:
            _take_one(act, month, codes[0], form)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已办理：{act.name}。", "good")
            return redirect(url_for("settlement.settlement", month=month, code=codes[0]), 303)
    page = render_template(
        "settlement/take.html",
        form=form,
        act=act,
        month=month,
        ready=ready,
        others=[one for one in entries if one["status"] not in act.starts],
        places=queries.places(points_seen_by(current())),
        over_budget=bool(form.decision.errors or form.decision.data),
    )
    return page, 422 if form.errors else 200


def _take_one(act: Act, month: Month, code: str, form: ActForm) -> None:
    by, now, opinion = current().actor(), clock.now(), form.note.data or ""
    jobs.prove(act.code, month, code)
    with writing():
        if act.code == "approve":
            steps.approve(month, code, opinion, by, now, form.decision.data or "")
        else:
            jobs.VERBS[act.code](month, code, opinion, by, now)


def _entries(act: Act, month: Month) -> list[dict[str, Any]]:
    """The months ticked; with `all` every one of the scope (or town) whose turn it is."""
    me, town = current(), town_asked()
    written = dict.fromkeys(request.values.getlist("code"))
    codes = [code for code in written if is_storable(code)][:MOST_CODES]
    if codes and "all" not in request.values:
        require_points(codes)
    entries = services.settlement_of(month, me.point_code, town or me.scope)["points"]
    if "all" in request.values:
        return [one for one in entries if one["status"] in act.starts]
    return [one for one in entries if one["point"] in codes]


def _job(work_id: int, *, to_act: bool = False) -> BatchJob:
    """The job, if all of its points lie within the scope; to act on it, with the step's right."""
    found = db.session.get(BatchJob, work_id)
    if found is None:
        abort(404)
    require_points(json.loads(found.codes))
    if to_act and not current().can(ACTS[found.act].right):
        abort(403, description=NOT_YOURS)
    return found
