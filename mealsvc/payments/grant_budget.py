"""What construction grants take out of the year's budget, and no approval beyond it unnoticed."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.payments import grant_refusals as refusals
from mealsvc.payments.grant_chain import StageAt
from mealsvc.payments.grant_models import ConstructionGrant, GrantAct, GrantStage
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settlement.budget_check import NO_BUDGET, excess_of, sentences
from mealsvc.settlement.budgeting import Excess
from mealsvc.settlement.spending import Cost


def costs(year: int) -> Iterable[Cost]:
    """The stages that a year's budget bears: those approved in it, and those applied for in it that
    wait for their approval.
    """
    rows = db.session.execute(
        select(GrantStage, ConstructionGrant, MealPoint, func.min(GrantAct.at))
        .join(ConstructionGrant, ConstructionGrant.id == GrantStage.grant_id)
        .join(MealPoint, MealPoint.id == ConstructionGrant.point_id)
        .join(GrantAct, GrantAct.stage_id == GrantStage.id)
        .group_by(GrantStage.id, ConstructionGrant.id, MealPoint.id)
        .order_by(GrantStage.id)
    )
    for stage, grant, point, applied_at in rows:
        day = stage.approved_on or local_date(applied_at)
        if day.year == year:
            yield Cost(
                point.code,
                point.name,
                point.division,
                Month.of(day).key,
                stage.status,
                json.loads(stage.funding),
                f"建设补贴{grant.number}“{stage.name}”",
            )


def excess_now(at: StageAt, now: datetime) -> list[Excess] | None:
    """The sources that a stage, approved now, would take beyond their budget; None without one."""
    return excess_of(local_date(now).year, at.point.division, json.loads(at.stage.funding))


def check_budget(at: StageAt, decision: str, now: datetime) -> dict[str, Any]:
    """What the approval notes about the budget; raises `GrantBeyondBudget` where it goes beyond it
    without a decision.
    """
    found = excess_now(at, now)
    if found is None:
        return {"budget": NO_BUDGET}
    if not found:
        return {}
    if not decision:
        raise refusals.GrantBeyondBudget(lines="；".join(sentences(found)))
    return {"decision": decision, "beyond": [asdict(one) for one in found]}
