"""What points took in and what they cost, month by month: settlement sums beside entered costs."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies.operating import policy_for_point
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Policy
from mealsvc.servings.models import DailyTally
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.services import claims_of
from mealsvc.survey.assessing.models import PointCost
from mealsvc.survey.assessing.rules.breakeven import Economics

TREND_MONTHS = 12
Claim = Mapping[str, Any]
Key = tuple[int, int]
"""A month (202405) and a point's row."""


def economics(point: MealPoint, month: Month) -> Economics:
    """A point's month."""
    return economics_of([point], [month])[month.key, point.id]


def trend(point: MealPoint, last: Month) -> list[Economics]:
    """The twelve months up to `last`, the earliest first."""
    months = [last]
    while len(months) < TREND_MONTHS:
        months.insert(0, months[0].previous)
    found = economics_of([point], months)
    return [found[month.key, point.id] for month in months]


def economics_of(points: Sequence[MealPoint], months: Sequence[Month]) -> dict[Key, Economics]:
    """These points in these months; all settled months in one query."""
    places = {point.id: point for point in points}
    days = _days(places, months)
    claims = _claims(places, months, days)
    costs, policies = costs_of(places), policies_in_force()
    return {
        (month.key, point.id): _one(
            point,
            month,
            claims.get((month.key, point.id), {}),
            days.get((month.key, point.id), 0),
            cost_in(costs.get(point.id, ()), month),
            policies,
        )
        for month in months
        for point in points
    }


def costs_of(point_ids: Collection[int]) -> dict[int, list[PointCost]]:
    """What was entered for each of these points, in the order in which it holds."""
    rows = select(PointCost).where(PointCost.point_id.in_(point_ids))
    found: dict[int, list[PointCost]] = defaultdict(list)
    for row in db.session.scalars(rows.order_by(PointCost.month, PointCost.id)):
        found[row.point_id].append(row)
    return found


def cost_in(rows: Iterable[PointCost], month: Month) -> PointCost | None:
    """What holds in a month: the row of the latest month up to it, of several the last entered."""
    return next((row for row in reversed([*rows]) if row.month <= month.key), None)


def _one(
    point: MealPoint,
    month: Month,
    claim: Claim,
    days: int,
    cost: PointCost | None,
    policies: Sequence[Policy],
) -> Economics:
    operating = claim.get("operating_fen", 0)
    return Economics(
        point=point.code,
        name=point.name,
        month=month.key,
        days=days,
        servings=claim.get("servings", 0),
        self_pay_fen=claim.get("self_pay_fen", 0),
        subsidy_fen=claim.get("subsidy_fen", 0),
        delivery_fen=claim.get("delivery_fen", 0),
        operating_fen=operating,
        by_serving_fen=min(operating, _rate(point, month, policies) * claim.get("subsidised", 0)),
        fixed_fen=cost.fixed_fen if cost else None,
        variable_fen=cost.variable_fen if cost else None,
        other_fen=cost.other_fen if cost else 0,
        basis=cost.basis if cost else "",
        cost_month=cost.month if cost else None,
    )


def _rate(point: MealPoint, month: Month, policies: Sequence[Policy]) -> int:
    """What the policy of the place pays the point for each subsidised serving."""
    policy = policy_for_point(policies, point.division, month)
    return sum(rule.per_serving_fen or 0 for rule in policy.operating) if policy else 0


def _claims(
    places: Mapping[int, MealPoint], months: Sequence[Month], served: Collection[Key]
) -> dict[Key, Claim]:
    """What was claimed for each month, or what the ledger gives where nothing was yet."""
    rows = db.session.execute(
        select(SettlementBatch.month, SettlementBatch.point_id, SettlementBatch.document).where(
            SettlementBatch.month.in_([month.key for month in months]),
            SettlementBatch.point_id.in_(places),
        )
    )
    found = {(row.month, row.point_id): json.loads(row.document) for row in rows}
    for month in months:  # usually one or two are still open
        waiting = {
            key: place
            for key, place in places.items()
            if (month.key, key) in served and (month.key, key) not in found
        }
        if waiting:
            claims = claims_of(month, waiting)
            found |= {(month.key, key): claim for key, claim in claims.items()}
    return found


def _days(places: Mapping[int, MealPoint], months: Sequence[Month]) -> dict[Key, int]:
    """The days with a serving left, by month and point."""
    per_day = (
        select(DailyTally.settle_month, DailyTally.point_id)
        .where(
            DailyTally.settle_month.in_([month.key for month in months]),
            DailyTally.point_id.in_(places),
            ~DailyTally.late,
        )
        .group_by(DailyTally.settle_month, DailyTally.point_id, DailyTally.served_on)
        .having(func.sum(DailyTally.lines - DailyTally.reversals) > 0)
        .subquery()
    )
    counted = select(per_day.c.settle_month, per_day.c.point_id, func.count()).group_by(
        per_day.c.settle_month, per_day.c.point_id
    )
    return {(month, point): days for month, point, days in db.session.execute(counted)}
