"""Pages: ask what another policy would have cost, read the answer, file the draft."""

import io
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.scope import area_of
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.policies import services as policies
from mealsvc.policies.document import BadPolicy, read_policy
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.settlement.area import district
from mealsvc.settlement.services import latest_month
from mealsvc.simulation import runs, wording
from mealsvc.simulation.forms import SimulationForm
from mealsvc.simulation.workbook import workbook
from mealsvc.trail.services import record

Answer = str | BaseResponse | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = {policies.DRAFT: "待批准", policies.APPROVED: "已批准"}

bp = Blueprint("simulation", __name__, url_prefix="/simulation")
bp.add_app_template_filter(wording.recorded_as, "recorded_as")


@bp.before_request
def _own_district() -> None:
    """A simulation shows the whole district; old ones are deleted."""
    if here := district():
        require_division(here)
    runs.sweep(clock.now())


@bp.route("", methods=["GET", "POST"])
@guard("simulation.run")
def simulation() -> Answer:
    first, last = _usual_months()
    form = SimulationForm(first=first, last=last, policy=request.args.get("policy", ""))
    rows = _policies()
    named = [(row.code, f"{row.code} {row.title}（{STATES[row.status]}）") for row in rows]
    form.policy.choices = [("", "用下面的内容"), *named]
    if form.validate_on_submit():
        chosen = next((row.document for row in rows if row.code == form.policy.data), None)
        document = chosen or (form.document.data or "").replace("\r\n", "\n")
        try:
            return _begin(document, form.first.data, form.last.data)
        except BadPolicy as refusal:
            form.document.errors = [str(problem) for problem in refusal.problems]
    page = render_template("simulation/simulation.html", form=form)
    return page, 422 if form.errors else 200


@bp.get("/<run>")
@guard("simulation.run")
def result(run: str) -> str:
    found = _run_or_404(run)
    answer = found.result
    return render_template(
        "simulation/result.html",
        run=found,
        answer=answer,
        sentence=wording.sentence(answer) if answer else "",
        sources=_sources(answer) if answer else [],
        why_other=wording.why_other,
        is_filed=_is_filed(found),
    )


_OF_PEOPLE = ("categories", "residents")  # for those who may read the register


@bp.get("/<run>.json")
@guard("simulation.run")
def as_json(run: str) -> Response:
    """The same document as `mealsvc simulate --json` prints."""
    answer = _done_or_404(run).result
    if not current().can("residents.read"):
        answer = {name: part for name, part in answer.items() if name not in _OF_PEOPLE}
    return Response(wording.as_json(answer), mimetype="application/json")


@bp.get("/<run>.xlsx")
@guard("simulation.run")
def as_xlsx(run: str) -> BaseResponse:
    answer = _done_or_404(run).result
    content = workbook(answer, current().can("residents.read"))
    name = f"政策测算-{answer['policy']}.xlsx"
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)


@bp.post("/<run>/stop")
@guard("simulation.run")
def stop(run: str) -> BaseResponse:
    found = _run_or_404(run)
    runs.ask_to_stop(found.name)
    flash("正在停止。测算不写入任何数据。", "info")
    return redirect(url_for(".result", run=run), 303)


@bp.post("/<run>/draft")
@guard("policies.draft")
def draft(run: str) -> BaseResponse:
    """Files the policy of the simulation as a draft, which somebody else has to approve."""
    found = _done_or_404(run)
    try:
        require_division(read_policy(found.document).division)
        with writing():
            row = policies.draft_policy(found.document, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
        return redirect(url_for(".result", run=run), 303)
    flash("已存为草案，请另一位有审批权限的人员批准。", "good")
    return redirect(url_for("policies.policy", code=row.code), 303)


def _begin(document: str, first: Month, last: Month) -> BaseResponse:
    policy, by = read_policy(document), current().actor()
    with writing():
        record(by, "simulation.run", policy.code, {"from": str(first), "to": str(last)})
    me = current()
    name = runs.start(document, first, last, me.scope, me.name, clock.now())
    return redirect(url_for(".result", run=name), 303)


def _usual_months() -> tuple[Month, Month]:
    """The last three months that have ended."""
    today = local_date(clock.now())
    latest = min(latest_month() or Month.of(today), Month.of(today).previous)
    return latest.previous.previous, latest


def _policies() -> list[SubsidyPolicy]:
    """The drafts and approved policies of the district, of those within and above it."""
    area = area_of(current())
    rows = db.session.scalars(
        select(SubsidyPolicy)
        .where(SubsidyPolicy.status.in_(STATES))
        .order_by(SubsidyPolicy.status.desc(), SubsidyPolicy.effective_from.desc())
    )
    return [row for row in rows if row.division.startswith(area) or area.startswith(row.division)]


def _run_or_404(name: str) -> runs.Run:
    found = runs.run_of(name)
    if found is None:
        abort(404)
    return found


def _done_or_404(name: str) -> runs.Run:
    found = _run_or_404(name)
    if found.state != runs.DONE:
        abort(404)
    return found


def _is_filed(run: runs.Run) -> bool:
    """Whether a policy of this code is in the register: then there is nothing to file."""
    code = run.result.get("policy")
    return bool(db.session.scalar(select(SubsidyPolicy.id).where(SubsidyPolicy.code == code)))


def _sources(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What each source pays on both sides."""
    base, trial = answer["base"]["funding"], answer["trial"]["funding"]
    return [
        {"source": source, "base": base.get(source, 0), "trial": trial.get(source, 0)}
        for source in ("district", "town", "village", "lottery", "charity")
        if source in base or source in trial
    ]
