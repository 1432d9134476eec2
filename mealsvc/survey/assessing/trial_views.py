"""Pages: a tariff with other amounts, replayed on past months, and kept beside the assessment."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.policies.document import read_policy
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Conditions, Policy
from mealsvc.policies.wording import CATEGORY_NAMES
from mealsvc.simulation import runs
from mealsvc.simulation.services import months_between
from mealsvc.survey.assessing import refusals, services, trials
from mealsvc.survey.assessing.forms import trial_form
from mealsvc.survey.assessing.gathering import service_month
from mealsvc.survey.rounds.access import round_or_404
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.trail.services import record

Answer = str | Response | tuple[str, int]
RULE, DELIVERY, SERVING = "rule", "delivery", "operating"

bp = Blueprint("survey_trials", __name__, url_prefix="/surveys/<int:round_id>/assessment/trials")


@bp.route("/new", methods=["GET", "POST"])
@guard("survey.write")
def new(round_id: int) -> Answer:
    row = round_or_404(round_id)
    policy = _policy(row)
    if policy is None:
        abort(404)
    amounts, (first, last) = _amounts(policy), _usual_months(row)
    form = trial_form(amounts, first=first, last=last)
    if form.validate_on_submit():
        try:
            trials.refuse_trial(row, form["name"].data)
            return _begin(row, policy, form)
        except Refusal as refusal:
            form["name"].errors = [refusal.message]
    names = [field for field, _, _ in amounts]
    page = render_template(
        "survey/assess_trial.html", row=row, policy=policy, form=form, names=names
    )
    return page, 422 if form.errors else 200


@bp.get("/<run>")
@guard("survey.write")
def replayed(round_id: int, run: str) -> str:
    """How far the replay is, and when it is done what it comes to."""
    row = round_or_404(round_id)
    found = _run_or_404(row, run)
    return render_template(
        "survey/assess_trial_run.html",
        row=row,
        run=found,
        answer=found.result,
        title=read_policy(found.document).title,
    )


@bp.post("/<run>")
@guard("survey.write")
def keep(round_id: int, run: str) -> Response:
    row = round_or_404(round_id)
    found = _run_or_404(row, run)
    try:
        if found.state != runs.DONE:
            raise refusals.NotReplayed()
        outcome = trials.outcome_of(found.result, months_between(*found.months))
        title = read_policy(found.document).title
        with writing():
            me, now = current().actor(), clock.now()
            services.keep_trial(row, title, found.document, outcome, me, now)
    except Refusal as refusal:
        flash(refusal.message, "bad")
        return redirect(url_for(".replayed", round_id=round_id, run=run), 303)
    flash("已保留到研判，可以和别的标准一起比较。", "good")
    return redirect(url_for("survey_assessing.page", round_id=round_id) + "#tariffs", 303)


def _begin(row: SurveyRound, policy: Policy, form: Any) -> Response:
    extra = None
    if form["extra"].data:
        age = int(form["extra_age"].data) if form["extra_age"].data else None
        extra = trials.extra_rule(
            form["extra_category"].data, age, form["extra"].data, form["extra_source"].data
        )
    found: dict[str, dict[str, int]] = {RULE: {}, DELIVERY: {}, SERVING: {}}
    for field, _, _ in _amounts(policy):
        kind, _, code = field.partition("_")
        found[kind][code] = form[field].data
    draft = trials.changed(policy, found[RULE], found[DELIVERY], extra, found[SERVING])
    document = trials.written(draft, form["name"].data)
    first, last = form["first"].data, form["last"].data
    with writing():
        detail = {"from": str(first), "to": str(last)}
        record(current().actor(), "simulation.run", draft.code, detail)
    run = runs.start(document, first, last, current().scope, current().name, clock.now())
    return redirect(url_for(".replayed", round_id=row.id, run=run), 303)


def _policy(row: SurveyRound) -> Policy | None:
    """The policy of the district on the round's day: the one whose amounts are tried."""
    found = [
        policy
        for policy in policies_in_force()
        if policy.division.startswith(row.division[:6])
        and policy.rules
        and policy.effective_from <= row.as_of
        and (policy.effective_to is None or policy.effective_to >= row.as_of)
    ]
    return min(found, key=lambda policy: (len(policy.division), policy.code), default=None)


def _amounts(policy: Policy) -> list[tuple[str, str, int]]:
    """The fields of the form: an amount for each rule, delivery and operating rate."""
    found = [
        (f"{RULE}_{one.code}", f"补贴：{_whom(one.when)}", one.amount_fen or 0)
        for one in policy.rules
        if one.percent is None
    ]
    found += [
        (f"{DELIVERY}_{one.code}", f"送餐补贴：{_whom(one.when)}", one.amount_fen)
        for one in policy.deliveries
    ]
    return found + [
        (f"{SERVING}_{one.code}", f"运营补贴（每份，{one.code}）", one.per_serving_fen)
        for one in policy.operating
        if one.per_serving_fen is not None
    ]


def _whom(when: Conditions) -> str:
    ages = ""
    if when.min_age is not None and when.max_age is not None:
        ages = f"{when.min_age}—{when.max_age}岁"
    elif when.min_age is not None:
        ages = f"{when.min_age}岁以上"
    kinds = "、".join(CATEGORY_NAMES.get(one, one) for one in sorted(when.categories or ()))
    return "，".join(part for part in (kinds, ages) if part) or "所有人"


def _usual_months(row: SurveyRound) -> tuple[Month, Month]:
    last = service_month(row.as_of)
    return last.previous.previous, last


def _run_or_404(row: SurveyRound, name: str) -> runs.Run:
    """A replay of a policy of the round's district."""
    found = runs.run_of(name)
    here = row.division[:6]
    if found is None or not read_policy(found.document).division.startswith(here):
        abort(404)
    return found
