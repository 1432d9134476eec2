"""Grants as the pages list them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from mealsvc.payments.grant_acts import NOT_APPLIED, REVIEWS, STEPS
from mealsvc.payments.grant_models import ConstructionGrant, GrantStage
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """What a list of grants is narrowed to; empty texts don't narrow. `state` is a stage's."""

    point: str = ""
    town: str = ""
    state: str = ""


def found_grants(seen: ColumnElement[bool], wanted: GrantFilter) -> Any:
    """The grants of the points that somebody sees, the latest first, each with its point."""
    rows = (
        select(ConstructionGrant, MealPoint)
        .join(MealPoint, MealPoint.id == ConstructionGrant.point_id)
        .where(seen)
        .order_by(ConstructionGrant.id.desc())
    )
    if wanted.point:
        rows = rows.where(MealPoint.code == wanted.point)
    if wanted.town:
        rows = rows.where(MealPoint.division.startswith(wanted.town, autoescape=True))
    if wanted.state:
        stages = select(GrantStage.grant_id).where(GrantStage.status == wanted.state)
        rows = rows.where(ConstructionGrant.id.in_(stages))
    return rows


def stages_by_grant(grant_ids: Collection[int]) -> Mapping[int, Sequence[GrantStage]]:
    """The stages of several grants, in order."""
    found: dict[int, list[GrantStage]] = {grant_id: [] for grant_id in grant_ids}
    rows = select(GrantStage).where(GrantStage.grant_id.in_(grant_ids)).order_by(GrantStage.number)
    for stage in db.session.scalars(rows):
        found[stage.grant_id].append(stage)
    return found


def standing(stages: Sequence[GrantStage]) -> GrantStage:
    """The stage that tells how a grant stands: the last that was applied for."""
    return [stage for stage in stages if stage.status != NOT_APPLIED][-1]


def waiting_for(seen: ColumnElement[bool], may: Collection[str]) -> int:
    """How many stages wait for a review that somebody with these rights may do."""
    states = [state for code in REVIEWS if STEPS[code].right in may for state in STEPS[code].starts]
    rows = (
        select(GrantStage.id)
        .join(ConstructionGrant, ConstructionGrant.id == GrantStage.grant_id)
        .join(MealPoint, MealPoint.id == ConstructionGrant.point_id)
        .where(seen, GrantStage.status.in_(states))
        .limit(100)
    )
    return len(db.session.scalars(rows).all()) if states else 0
