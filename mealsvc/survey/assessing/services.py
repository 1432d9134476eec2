"""The assessment's verbs: weigh a round up, freeze it, enter what points cost, keep a tariff tried."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.survey.assessing import figures as told
from mealsvc.survey.assessing import refusals, snapshots
from mealsvc.survey.assessing.assessment import Assessment, assess_ground
from mealsvc.survey.assessing.costing import Cost, cost_of_sheet
from mealsvc.survey.assessing.economics import costs_of
from mealsvc.survey.assessing.figures import Figure
from mealsvc.survey.assessing.gathering import gather
from mealsvc.survey.assessing.models import PointCost, TariffTrial
from mealsvc.survey.rounds.models import SurveyRound, SurveySnapshot
from mealsvc.survey.rounds.queries import accepted
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Study:
    """A round weighed up: its figures and its tables."""

    figures: dict[str, Figure]
    assessment: Assessment
    locked: bool = False


def study(round_id: int | None, month: Month | None = None) -> Study:
    """Live, or as it stood when the round was locked; without a round of a month (the latest)."""
    kept = db.session.get(SurveySnapshot, round_id) if round_id else None
    if kept is not None:
        stored = json.loads(kept.figures)
        if "figures" in stored and "assessment" in stored:
            found = told.from_plain(stored["figures"])
            return Study(found, snapshots.assessment(stored["assessment"]), True)
    ground = gather(round_id, month)
    result = assess_ground(ground)
    return Study(told.figures_of(ground, result), result)


def assess(round_id: int | None) -> Assessment:
    """The tables of a round."""
    return study(round_id).assessment


def snapshot(round_id: int) -> dict[str, Any]:
    """What the lock keeps: plain values of JSON, exact, always the same for the same records."""
    found = study(round_id)
    return {"figures": told.plain(found.figures), "assessment": snapshots.plain(found.assessment)}


def put_cost(point: MealPoint, month: Month, cost: Cost, by: Actor, now: datetime) -> PointCost:
    """Enters what a point costs from a month on; what was entered before stays. Raises `SameCost`."""
    before = [row for row in costs_of([point.id]).get(point.id, ()) if row.month == month.key]
    if before and Cost.of(before[-1]) == cost:
        raise refusals.SameCost(month=month.chinese)
    row = _cost_row(point.id, month, cost, by, now)
    db.session.add(row)
    db.session.flush()
    record(by, "economics.cost", point.code, {"month": str(month), **cost.amounts()})
    return row


def take_costs(round_id: int, by: Actor, now: datetime) -> int:
    """Enters what the round's accepted supply sheets say, from the month of its day on; how many
    points' costs are new. Raises `NoSheets`."""
    row = db.session.get_one(SurveyRound, round_id)
    month = Month.of(row.as_of)
    sheets = {one.unit: one.answers for one in accepted(round_id, "B")}
    if not sheets:
        raise refusals.NoSheets()
    points = _points(list(sheets))
    kept, served = costs_of([point.id for point in points]), _self_pay(points, month)
    basis = f"{row.title}（{row.number}）供给表"
    rows = []
    for point in points:
        cost = cost_of_sheet(sheets[point.code], served[point.id], basis)
        own = [one for one in kept.get(point.id, ()) if one.month == month.key]
        if not own or Cost.of(own[-1]) != cost:
            rows.append(_cost_row(point.id, month, cost, by, now))
    db.session.add_all(rows)
    db.session.flush()
    record(by, "economics.take", row.number, {"month": str(month), "points": len(rows)})
    return len(rows)


def keep_trial(
    row: SurveyRound, name: str, document: str, outcome: dict[str, Any], by: Actor, now: datetime
) -> TariffTrial:
    """Keeps a tariff that was replayed beside the round's assessment. Raises `RoundLocked`,
    `SameTrial`, `TooManyTrials`."""
    from mealsvc.survey.assessing.trials import refuse_trial

    refuse_trial(row, name)
    kept = TariffTrial(
        round_id=row.id,
        name=name,
        document=document,
        outcome=json.dumps(outcome, ensure_ascii=False, sort_keys=True),
        at=now,
        by=str(by),
    )
    db.session.add(kept)
    db.session.flush()
    detail = {"trial": kept.id, "policy": outcome["policy"], "months": outcome["months"]}
    record(by, "economics.trial", row.number, detail)
    return kept


def _points(codes: list[str]) -> list[MealPoint]:
    rows = db.select(MealPoint).where(MealPoint.code.in_(codes)).order_by(MealPoint.code)
    return list(db.session.scalars(rows))


def _self_pay(points: list[MealPoint], month: Month) -> dict[int, int]:
    from mealsvc.survey.assessing.economics import economics_of

    found = economics_of(points, [month])
    return {point.id: found[month.key, point.id].self_pay_fen for point in points}


def _cost_row(point_id: int, month: Month, cost: Cost, by: Actor, now: datetime) -> PointCost:
    return PointCost(
        point_id=point_id,
        month=month.key,
        **cost.amounts(),
        basis=cost.basis,
        at=now,
        by=str(by),
    )
