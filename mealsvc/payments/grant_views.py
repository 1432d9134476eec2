"""Pages: construction grants, one grant with its chain, claiming one, and the reviews of its stages."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.payments import grant_budget, grant_queries, grants
from mealsvc.payments.grant_acts import APPROVED, NOT_APPLIED, RETURNED, STATE_NAMES, review_of
from mealsvc.payments.grant_chain import acts_of, rule_of, stage_at, stages_of, step_name
from mealsvc.payments.grant_forms import RETURN, FactsForm, GrantForm, ReviewForm, StageForm
from mealsvc.payments.grant_models import ConstructionGrant, GrantStage
from mealsvc.payments.grant_queries import GrantFilter
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.policies import construction
from mealsvc.policies.rules import Construction, Policy
from mealsvc.policies.summary import construction_words
from mealsvc.settlement import spending
from mealsvc.settlement.budget_check import sentences

Answer = str | Response | tuple[str, int]
REVIEWERS = {"first_review": grants.first_review, "recheck": grants.recheck}

bp = Blueprint("grants", __name__, url_prefix="/grants")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, grant_state=STATE_NAMES)
    spending.also(state.app, grant_budget.costs)


@bp.get("")
@guard("grants.read")
def listed() -> str:
    asked = {name: tidy(request.args.get(name, "")) for name in ("point", "town", "state")}
    seen = points_seen_by(current())
    rows = grant_queries.found_grants(seen, GrantFilter(**asked))
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    stages = grant_queries.stages_by_grant([row.ConstructionGrant.id for row in page.items])
    return render_template(
        "payments/grants.html",
        page=page,
        stages=stages,
        standing={grant_id: grant_queries.standing(some) for grant_id, some in stages.items()},
        waiting=grant_queries.waiting_for(seen, current().actions),
        states=[(code, name) for code, name in STATE_NAMES.items() if code != NOT_APPLIED],
        towns=towns_seen(),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("grants.apply")
def claim() -> Answer:
    """A manager claims a grant for the own point."""
    point, form = point_or_404(current().point_code or ""), GrantForm()
    open_rules = {
        f"{policy.code}/{rule.code}": (policy, rule) for policy, rule in grants.rules_for(point)
    }
    form.rule.choices = [
        ("", "请选择"),
        *((key, _words_of(*one)) for key, one in open_rules.items()),
    ]
    if form.validate_on_submit():
        policy, rule = open_rules[form.rule.data]
        try:
            with writing():
                grant = grants.claim_grant(
                    point, policy.code, rule.code, _facts(form), current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已申请，编号{grant.number}，请等待镇街初审。", "good")
            return redirect(url_for(".one", grant_id=grant.id), 303)
    facts = {"point": point, "open_rules": open_rules}
    return render_template("payments/grant_new.html", form=form, **facts), _status(form)


@bp.get("/<int:grant_id>")
@guard("grants.read")
def one(grant_id: int) -> Answer:
    return _page(*_grant_or_404(grant_id), None)


@bp.route("/<int:grant_id>/apply", methods=["GET", "POST"])
@guard("grants.apply")
def apply(grant_id: int) -> Answer:
    """Applies for the next stage, or again for one that was sent back."""
    grant, point = _grant_or_404(grant_id)
    stage = _to_apply_for(stages_of(grant.id))
    if stage is None:
        flash("现在没有可以申请的下一期。", "warn")
        return redirect(url_for(".one", grant_id=grant.id), 303)
    again = stage.number == 1
    form = FactsForm(obj=grant, documents=stage.documents) if again else StageForm(obj=stage)
    if form.validate_on_submit():
        try:
            with writing():
                by, now = current().actor(), clock.now()
                if isinstance(form, FactsForm):
                    grants.restate(stage, _facts(form), by, now)
                else:
                    grants.apply_stage(stage, form.documents.data or "", by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已申请，请等待镇街初审。", "good")
            return redirect(url_for(".one", grant_id=grant.id), 303)
    page = render_template(
        "payments/grant_apply.html", form=form, grant=grant, point=point, stage=stage
    )
    return page, _status(form)


@bp.post("/<int:grant_id>/review")
@guard("grants.review")
def first_review(grant_id: int) -> Answer:
    return _reviewed(grant_id, "first_review")


@bp.post("/<int:grant_id>/recheck")
@guard("grants.recheck")
def recheck(grant_id: int) -> Answer:
    return _reviewed(grant_id, "recheck")


@bp.post("/<int:grant_id>/approve")
@guard("grants.approve")
def approve(grant_id: int) -> Answer:
    return _reviewed(grant_id, "approve")


def _reviewed(grant_id: int, review: str) -> Answer:
    grant, point = _grant_or_404(grant_id)
    form = ReviewForm()
    asked = str(form.stage.data or "")
    stage = next((one for one in stages_of(grant.id) if str(one.number) == asked), None)
    if stage is None:
        abort(404)
    if form.validate_on_submit():
        opinion, by, now = form.opinion.data or "", current().actor(), clock.now()
        back = form.verdict.data == RETURN
        try:
            with writing():
                if back:
                    grants.send_back(stage, review, opinion, by, now)
                elif review == "approve":
                    grants.approve(stage, opinion, by, now, form.decision.data or "")
                else:
                    REVIEWERS[review](stage, opinion, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已退回助餐点。" if back else "已办理。", "good")
            return redirect(url_for(".one", grant_id=grant.id), 303)
    return _page(grant, point, form)


def _page(grant: ConstructionGrant, point: MealPoint, form: ReviewForm | None) -> Answer:
    stages = stages_of(grant.id)
    waiting = next((one for one in stages if review_of(one.status) is not None), None)
    step = review_of(waiting.status) if waiting else None
    mine = step is not None and current().can(step.right)
    if form is None:
        form = ReviewForm(stage=waiting.number if waiting else "")
    beyond = []
    if mine and step and waiting and step.code == "approve":
        beyond = sentences(grant_budget.excess_now(stage_at(waiting), clock.now()) or [])
    rule = rule_of(grant)
    page = render_template(
        "payments/grant.html",
        grant=grant,
        point=point,
        stages=stages,
        acts=acts_of([one.id for one in stages]),
        names={one.id: one.name for one in stages},
        step_name=step_name,
        why=construction.explain(rule, grant.cost_fen) if rule else "",
        waiting=waiting,
        step=step if mine else None,
        next_stage=_to_apply_for(stages),
        form=form,
        beyond=beyond,
    )
    return page, _status(form)


def _grant_or_404(grant_id: int) -> tuple[ConstructionGrant, MealPoint]:
    grant = db.session.get(ConstructionGrant, grant_id)
    if grant is None:
        abort(404)
    point = db.session.get_one(MealPoint, grant.point_id)
    require_point(point.code, point.division)
    return grant, point


def _to_apply_for(stages: Sequence[GrantStage]) -> GrantStage | None:
    """The next stage that the point can apply for, once those before it are approved."""
    for stage in stages:
        if stage.status in (NOT_APPLIED, RETURNED):
            return stage
        if stage.status not in APPROVED:
            return None
    return None


def _facts(form: FactsForm) -> grants.Claim:
    assert form.completed_on.data is not None
    assert form.cost_fen.data is not None
    return grants.Claim(form.completed_on.data, form.cost_fen.data, form.documents.data or "")


def _words_of(policy: Policy, rule: Construction) -> str:
    return f"{rule.code}：{construction_words(rule)}（{policy.title}）"


def _status(form: Any) -> int:
    return 422 if form.errors else 200
