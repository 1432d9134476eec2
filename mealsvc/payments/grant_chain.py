"""One step of a grant's stage: whose turn it is, which person, whether the amounts still hold."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.accounts.persons import person_of
from mealsvc.kernel.actors import Actor
from mealsvc.payments import grant_refusals as refusals
from mealsvc.payments.grant_acts import STATE_NAMES, STEPS, GrantStep
from mealsvc.payments.grant_models import ConstructionGrant, GrantAct, GrantStage
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies import construction
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Construction
from mealsvc.settlement.acts import ACTS, Done, earlier_step
from mealsvc.settlement.batches import account_of, identities, who
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class StageAt:
    """A stage with its grant and the point that is to be paid."""

    stage: GrantStage
    grant: ConstructionGrant
    point: MealPoint


def stage_at(stage: GrantStage) -> StageAt:
    """The stage with all that a step has to know."""
    return stages_at([stage.id])[0]


def stages_at(stage_ids: Collection[int]) -> list[StageAt]:
    """Several stages, in order."""
    rows = db.session.execute(
        select(GrantStage, ConstructionGrant, MealPoint)
        .join(ConstructionGrant, ConstructionGrant.id == GrantStage.grant_id)
        .join(MealPoint, MealPoint.id == ConstructionGrant.point_id)
        .where(GrantStage.id.in_(stage_ids))
        .order_by(GrantStage.id)
    )
    return [StageAt(*row) for row in rows]


def stages_of(grant_id: int) -> Sequence[GrantStage]:
    """The stages of a grant, in order."""
    return db.session.scalars(
        select(GrantStage).where(GrantStage.grant_id == grant_id).order_by(GrantStage.number)
    ).all()


def acts_of(stage_ids: Collection[int]) -> Sequence[GrantAct]:
    """Everything that was done with these stages, in order."""
    return db.session.scalars(
        select(GrantAct).where(GrantAct.stage_id.in_(stage_ids)).order_by(GrantAct.id)
    ).all()


def rule_of(grant: ConstructionGrant) -> Construction | None:
    """The policy's rule that a grant was claimed under."""
    for policy in policies_in_force():
        if policy.code == grant.policy:
            return next((one for one in policy.construction if one.code == grant.rule), None)
    return None


def take(
    step: GrantStep,
    at: StageAt,
    by: Actor,
    now: datetime,
    opinion: str = "",
    detail: Mapping[str, Any] | None = None,
) -> GrantAct:
    """One step of the chain, with its row among the acts and in the trail.

    Raises `NotGrantsTurn`, `SameGrantPerson`, `GrantDiffers`.
    """
    check_turn(step, at, by)
    _check_amounts(at)
    at.stage.status = step.leads_to
    row = _act(step, at.stage, by, now, opinion, dict(detail or {}))
    subject = f"{at.grant.number}/{at.stage.number}"
    told = {**(detail or {}), "point": at.point.code, "amount_fen": at.stage.amount_fen}
    record(by, step.action, subject, told)
    return row


def check_turn(step: GrantStep, at: StageAt, by: Actor) -> None:
    """Refuses a step whose turn it is not, and a second decisive one of the same person."""
    if at.stage.status not in step.starts:
        raise not_its_turn(at, step.name)
    earlier = earlier_step(step.step, who(by), _done_by(at.stage.id))
    if earlier is not None:
        raise refusals.SameGrantPerson(step=step_name(earlier), act=step.name)


def not_its_turn(at: StageAt, act: str) -> refusals.NotGrantsTurn:
    """The refusal of an act that does not fit the state."""
    return refusals.NotGrantsTurn(
        number=at.grant.number,
        stage=at.stage.name,
        state=STATE_NAMES[at.stage.status],
        act=f"“{act}”",
    )


def step_name(step: str) -> str:
    """What a step of a grant is called: 申请 for what a settlement calls 提交."""
    return next((one.name for one in STEPS.values() if one.step == step), ACTS[step].name)


def _check_amounts(at: StageAt) -> None:
    """The grant and all its stages are what the policy says for the cost."""
    rule, grant = rule_of(at.grant), at.grant
    stored = [(one.amount_fen, json.loads(one.funding)) for one in stages_of(grant.id)]
    if rule is not None:
        amount = construction.amount_of(rule, grant.cost_fen)
        parts = construction.parts_of(rule, amount)
        due = [(fen, construction.funding_of(rule, fen)) for fen in parts]
        if (amount, due) == (grant.amount_fen, stored):
            return
    raise refusals.GrantDiffers(number=grant.number)


def _done_by(stage_id: int) -> list[Done]:
    """The steps taken so far, each under every person that counts for it, as for a settlement."""
    acts = acts_of([stage_id])
    if not acts:
        return []
    known = identities({act.actor for act in acts}, acts[0].at)
    done = {Done(act.step, one) for act in acts for one in known[act.actor]}
    done |= {Done(act.step, f"person:{act.person}") for act in acts if act.person is not None}
    return sorted(done, key=lambda one: (one.step, one.who))


def _act(
    step: GrantStep,
    stage: GrantStage,
    by: Actor,
    now: datetime,
    opinion: str,
    detail: dict[str, Any],
) -> GrantAct:
    number = db.session.scalar(
        select(func.coalesce(func.max(GrantAct.number), 0)).where(GrantAct.stage_id == stage.id)
    )
    account = account_of(by)
    row = GrantAct(
        stage_id=stage.id,
        number=(number or 0) + 1,
        act=step.code,
        step=step.step,
        status=step.leads_to,
        person=account and person_of(account),
        actor=str(by),
        name=account.name if account else by.name,
        opinion=opinion,
        amount_fen=stage.amount_fen,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row
