"""Construction grants (建设补贴): claimed once per point and policy rule, reviewed and paid in stages.

The amount is what the policy says for the cost; each step computes it anew and refuses if it is
not what was claimed.
"""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.payments import grant_refusals as refusals
from mealsvc.payments.grant_acts import APPROVED, NOT_APPLIED, RETURNED, STEPS, return_from
from mealsvc.payments.grant_budget import check_budget
from mealsvc.payments.grant_chain import (
    StageAt,
    check_turn,
    not_its_turn,
    stage_at,
    stages_at,
    stages_of,
    take,
)
from mealsvc.payments.grant_models import ConstructionGrant, GrantStage
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies import construction
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Construction, Policy
from mealsvc.settlement.rules import in_order


@dataclass(frozen=True, slots=True)
class Claim:
    """What a point states when it claims a grant; `documents` lists what it hands in."""

    completed_on: date
    cost_fen: int
    documents: str


@dataclass(frozen=True, slots=True)
class PayableStage:
    """An approved stage as a payment order takes it up."""

    id: int
    point_id: int
    number: str
    name: str
    amount_fen: int
    funding: dict[str, int]


def claim_grant(
    point: MealPoint, policy: str, rule: str, claim: Claim, by: Actor, now: datetime
) -> ConstructionGrant:
    """Claims a grant under one rule of one policy, and with it applies for the first stage.

    Raises `NoGrantRule`, `GrantExists`, `GrantTooSmall`, and what `apply_stage` raises.
    """
    _check_claim(claim, now)
    _refuse_closed(point, now)
    found = _rule_for(point, policy, rule, claim.completed_on)
    taken = db.session.scalar(
        select(ConstructionGrant.number).where(
            ConstructionGrant.point_id == point.id,
            ConstructionGrant.policy == policy,
            ConstructionGrant.rule == rule,
        )
    )
    if taken is not None:
        raise refusals.GrantExists(point=point.name, number=taken)
    amount = _amount(found, claim.cost_fen)
    grant = ConstructionGrant(
        number=_next_number(local_date(now).year),
        point_id=point.id,
        policy=policy,
        rule=rule,
        completed_on=claim.completed_on,
        cost_fen=claim.cost_fen,
        amount_fen=amount,
        status="applied",
        applied_by=str(by),
        applied_at=now,
    )
    db.session.add(grant)
    db.session.flush()
    parts = construction.parts_of(found, amount)
    for number, (stage, fen) in enumerate(zip(found.stages, parts, strict=True), 1):
        db.session.add(
            GrantStage(
                grant_id=grant.id,
                number=number,
                name=stage.name,
                percent=stage.percent,
                after_months=stage.after_months,
                amount_fen=fen,
                funding=json.dumps(construction.funding_of(found, fen)),
                due_on=construction.due_on(stage.after_months, claim.completed_on, point.opened_on),
                status=NOT_APPLIED,
            )
        )
    db.session.flush()
    apply_stage(stages_of(grant.id)[0], claim.documents, by, now)
    return grant


def restate(stage: GrantStage, claim: Claim, by: Actor, now: datetime) -> None:
    """Applies anew for a first stage that was sent back, with other facts: the amounts follow."""
    at = stage_at(stage)
    if (stage.number, stage.status) != (1, RETURNED):
        raise not_its_turn(at, STEPS["apply"].name)
    _check_claim(claim, now)
    grant, point = at.grant, at.point
    found = _rule_for(point, grant.policy, grant.rule, claim.completed_on)
    grant.completed_on, grant.cost_fen = claim.completed_on, claim.cost_fen
    grant.amount_fen = _amount(found, claim.cost_fen)
    parts = construction.parts_of(found, grant.amount_fen)
    for one, fen in zip(stages_of(grant.id), parts, strict=True):
        one.amount_fen, one.funding = fen, json.dumps(construction.funding_of(found, fen))
        one.due_on = construction.due_on(one.after_months, claim.completed_on, point.opened_on)
    db.session.flush()
    apply_stage(stage, claim.documents, by, now)


def apply_stage(stage: GrantStage, documents: str, by: Actor, now: datetime) -> None:
    """Applies for a stage that is due, for the first time or after it was sent back.

    Raises `EarlierStageOpen`, `OpeningUnknown`, `StageNotDue`, `GrantPointClosed`, and what a
    step raises.
    """
    at = stage_at(stage)
    if not documents:
        raise refusals.DocumentsMissing()
    _refuse_before_time(at, now)
    stage.documents = documents
    take(STEPS["apply"], at, by, now, documents)


def first_review(stage: GrantStage, opinion: str, by: Actor, now: datetime) -> None:
    """The town's review (初审)."""
    take(STEPS["first_review"], stage_at(stage), by, now, opinion)


def recheck(stage: GrantStage, opinion: str, by: Actor, now: datetime) -> None:
    """The district's recheck (复核)."""
    take(STEPS["recheck"], stage_at(stage), by, now, opinion)


def approve(stage: GrantStage, opinion: str, by: Actor, now: datetime, decision: str = "") -> None:
    """Approves a stage (审批): from now on it can be paid, and the grant's facts are fixed. Beyond the
    budget only with a `decision` (超预算决定), which is noted.
    """
    at = stage_at(stage)
    _refuse_before_time(at, now)
    check_turn(STEPS["approve"], at, by)
    budget = check_budget(at, decision, now)
    stage.approved_on = local_date(now)
    take(STEPS["approve"], at, by, now, opinion, budget)
    if at.grant.status == "applied":
        at.grant.status = "running"
        db.session.flush()


def send_back(stage: GrantStage, review: str, reason: str, by: Actor, now: datetime) -> None:
    """Sends a stage back to its point, in the turn of this review (a step of `REVIEWS`)."""
    if not reason:
        raise refusals.ReturnReasonMissing()
    take(return_from(review), stage_at(stage), by, now, reason)


def payable_stages(point_ids: Collection[int] | None = None) -> list[PayableStage]:
    """The approved stages that no order pays yet, of these points or of all, in order of approval."""
    rows = (
        select(GrantStage, ConstructionGrant.point_id, ConstructionGrant.number)
        .join(ConstructionGrant, ConstructionGrant.id == GrantStage.grant_id)
        .where(GrantStage.status == "approved")
        .order_by(GrantStage.approved_on, GrantStage.id)
    )
    if point_ids is not None:
        rows = rows.where(ConstructionGrant.point_id.in_(point_ids))
    return [
        PayableStage(
            stage.id, point_id, number, stage.name, stage.amount_fen, json.loads(stage.funding)
        )
        for stage, point_id, number in db.session.execute(rows)
    ]


def mark_ordered(stage_ids: Collection[int], order: str, by: Actor, now: datetime) -> None:
    """These approved stages are in a payment order (its number) from now on."""
    for at in stages_at(stage_ids):
        take(STEPS["order"], at, by, now, "", {"payment_order": order})


def mark_recalled(stage_ids: Collection[int], order: str, by: Actor, now: datetime) -> None:
    """The order was taken back: the stages are approved again."""
    for at in stages_at(stage_ids):
        take(STEPS["recall"], at, by, now, "", {"payment_order": order})


def mark_paid(
    stage_ids: Collection[int], order: str, paid_on: date, by: Actor, now: datetime
) -> None:
    """The treasury has paid the order; a grant whose every stage is paid is finished."""
    for at in stages_at(stage_ids):
        at.stage.paid_on = paid_on
        take(STEPS["pay"], at, by, now, "", {"payment_order": order, "paid_on": str(paid_on)})
        if all(one.status == "paid" for one in stages_of(at.grant.id)):
            at.grant.status = "finished"
    db.session.flush()


def committed_by_source(year: int) -> dict[str, int]:
    """What was approved in a year, by source (fen), whether it has been paid since or not."""
    return _by_source(GrantStage.approved_on, year)


def paid_by_source(year: int) -> dict[str, int]:
    """What was paid in a year, by source (fen)."""
    return _by_source(GrantStage.paid_on, year)


def rules_for(point: MealPoint) -> list[tuple[Policy, Construction]]:
    """What a point may still claim, on whatever day its works are or were completed."""
    claimed = set(
        db.session.execute(
            select(ConstructionGrant.policy, ConstructionGrant.rule).where(
                ConstructionGrant.point_id == point.id
            )
        )
    )
    return [
        (policy, rule)
        for policy in policies_in_force()
        for rule in policy.construction
        if policy.covers(point.division)
        and construction.fits(rule, point.kind, point.division)
        and (policy.code, rule.code) not in claimed
    ]


def _by_source(day: Any, year: int) -> dict[str, int]:
    rows = select(GrantStage.funding).where(day.between(date(year, 1, 1), date(year, 12, 31)))
    total: Counter[str] = Counter()
    for funding in db.session.scalars(rows):
        total.update(json.loads(funding))
    return in_order(total)


def _check_claim(claim: Claim, now: datetime) -> None:
    if claim.completed_on > local_date(now):
        raise refusals.CompletedInFuture()
    if not claim.documents:
        raise refusals.DocumentsMissing()


def _rule_for(point: MealPoint, policy: str, rule: str, completed_on: date) -> Construction:
    fitting = construction.open_to(policies_in_force(), point.kind, point.division, completed_on)
    for one, found in fitting:
        if (one.code, found.code) == (policy, rule):
            return found
    raise refusals.NoGrantRule(day=chinese_date(completed_on), point=point.name)


def _amount(rule: Construction, cost_fen: int) -> int:
    amount = construction.amount_of(rule, cost_fen)
    if amount < construction.LEAST_FEN:
        raise refusals.GrantTooSmall()
    return amount


def _refuse_before_time(at: StageAt, now: datetime) -> None:
    """A stage is due some months after the opening, after the stage before it, while the point is
    not closed."""
    _refuse_closed(at.point, now)
    stage = at.stage
    due = construction.due_on(stage.after_months, at.grant.completed_on, at.point.opened_on)
    if due is None:
        raise refusals.OpeningUnknown(point=at.point.name, stage=stage.name)
    if local_date(now) < due:
        raise refusals.StageNotDue(stage=stage.name, day=chinese_date(due))
    stage.due_on = due
    for one in stages_of(at.grant.id):
        if one.number < stage.number and one.status not in APPROVED:
            raise refusals.EarlierStageOpen(earlier=one.name, stage=stage.name)


def _refuse_closed(point: MealPoint, now: datetime) -> None:
    """A point still serves on the day on which it closes."""
    if point.closed_on is not None and point.closed_on < local_date(now):
        raise refusals.GrantPointClosed(point=point.name, day=chinese_date(point.closed_on))


def _next_number(year: int) -> str:
    known = db.session.scalar(
        select(func.count()).where(ConstructionGrant.number.startswith(f"JB-{year}-"))
    )
    return f"JB-{year}-{(known or 0) + 1:03d}"
