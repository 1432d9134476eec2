"""Inspection results that are published: signed visits of authorities, without people or words."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.visits import rules
from mealsvc.supervision.visits.models import Visit

PUBLISHED = (rules.ADMIN, rules.PATROL, rules.NPC, rules.JOINT)
"""Not the unit's own checks, and not checks of the subsidy, which are about people."""
SETTLED = ("closed", "fixed")
GRADE_WORDS = {"A": "A 优秀", "B": "B 良好", "C": "C 一般", "D": "D 较差"}
COLUMNS = (
    Visit.id,
    Visit.point_id,
    Visit.planned_on.label("day"),
    Visit.kind,
    Visit.grade,
    Visit.score,
)


@dataclass(frozen=True, slots=True)
class Result:
    """One inspection: `problems` were found, `settled` of them are put right."""

    point_id: int
    day: date
    kind: str
    grade: str
    score: int | None
    problems: int
    settled: int


def published(point_id: int | None = None) -> Any:
    """The published visits, the newest first."""
    rows = (
        select(*COLUMNS).where(_is_published()).order_by(Visit.planned_on.desc(), Visit.id.desc())
    )
    return rows if point_id is None else rows.where(Visit.point_id == point_id)


def published_with_points() -> Any:
    """The same with code and name of the point."""
    return (
        published()
        .add_columns(MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == Visit.point_id)
    )


def last_of(point_ids: Collection[int]) -> dict[int, Result]:
    """The last published visit of each of these points."""
    rank = func.row_number().over(
        partition_by=Visit.point_id, order_by=(Visit.planned_on.desc(), Visit.id.desc())
    )
    newest = (
        select(*COLUMNS, rank.label("place"))
        .where(Visit.point_id.in_(point_ids), _is_published())
        .subquery()
    )
    rows = db.session.execute(select(newest).where(newest.c.place == 1)).all()
    return {one.point_id: one for one in with_findings(rows)}


def with_findings(rows: Any) -> list[Result]:
    """Rows of `COLUMNS` with how many problems were found and put right."""
    found: Counter[int] = Counter()
    settled: Counter[int] = Counter()
    counted = (
        select(Finding.visit_id, Finding.state, func.count())
        .where(Finding.visit_id.in_([row.id for row in rows]))
        .group_by(Finding.visit_id, Finding.state)
    )
    rows_of: Any = db.session.execute(counted)
    for visit, state, number in rows_of:
        found[visit] += number
        settled[visit] += number if state in SETTLED else 0
    return [
        Result(
            row.point_id, row.day, row.kind, row.grade, row.score, found[row.id], settled[row.id]
        )
        for row in rows
    ]


def _is_published() -> Any:
    return (Visit.status == rules.SIGNED) & Visit.kind.in_(PUBLISHED) & (Visit.grade != "")
