"""What the pages of late facts read: proposals by fact, and the lines of one fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select

from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.residents.models import FactChange, Resident
from mealsvc.servings.models import Decision, FrozenMonth, Serving
from mealsvc.settlement.correction_models import Correction
from mealsvc.settlement.correction_words import Effect
from mealsvc.settlement.rules import worth

STATES = [
    ("proposed", "待办理"),
    ("confirmed", "已确认"),
    ("dismissed", "已驳回"),
    ("superseded", "已重新计算"),
]
MOST_KEYS = 5_000
MOST_LINES = 200  # of one fact on one page, decided together


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of proposals is narrowed to; empty values don't narrow, but for the state."""

    state: str = "proposed"
    month: Month | None = None
    point: str = ""
    facts: tuple[int, int] | None = None  # the first and last change, as of one import


@dataclass(frozen=True, slots=True)
class Touched:
    """Recorded servings that facts of one import speak of: proposals, points, money before and after;
    `first` and `last` are the changes."""

    first: int
    last: int
    lines: int
    people: int
    points: int
    before_fen: int
    after_fen: int

    @property
    def sentence(self) -> str:
        """What a clerk has to know of it at once."""
        return (
            f"已登记的就餐中有{self.lines:,}份受影响：{self.people:,}位老人，{self.points:,}个助餐点，"
            f"原补贴{display(self.before_fen)}元，应为{display(self.after_fen)}元。"
        )


def by_fact(seen: ColumnElement[bool], wanted: Wanted) -> Select[Any]:
    """One row for each fact, the latest first: how many lines and how much."""
    sums = (
        cast(func.sum(one), BigInteger) for one in (Correction.before_fen, Correction.after_fen)
    )
    rows: Any = (
        select(Correction.fact_change_id, func.count(), *sums)
        .join(MealPoint, MealPoint.id == Correction.point_id)
        .where(seen, Correction.status == wanted.state)
        .group_by(Correction.fact_change_id)
        .order_by(Correction.fact_change_id.desc())
    )
    if wanted.month is not None:
        rows = rows.where(Correction.month == wanted.month.key)
    if wanted.point:
        rows = rows.where(MealPoint.code == wanted.point)
    if wanted.facts is not None:
        rows = rows.where(Correction.fact_change_id.between(*wanted.facts))
    return rows


def last_change() -> int:
    """The last thing that became known of anybody."""
    return db.session.scalar(select(func.max(FactChange.id))) or 0


def touched_since(change_id: int) -> Touched | None:
    """What the changes after this one propose about recorded servings; None where it is nothing."""
    last = last_change()
    if last <= change_id:
        return None
    counts = (func.count(func.distinct(one)) for one in (Serving.resident_id, Correction.point_id))
    sums = (
        cast(func.coalesce(func.sum(one), 0), BigInteger)
        for one in (Correction.before_fen, Correction.after_fen)
    )
    rows = (
        select(func.count(), *counts, *sums)
        .select_from(Correction)
        .join(Serving, Serving.sequence == Correction.sequence)
        .where(Correction.fact_change_id > change_id, Correction.status == "proposed")
    )
    found = db.session.execute(rows).one()
    return Touched(change_id + 1, last, *map(int, found)) if found[0] else None


def by_point(seen: ColumnElement[bool], facts: tuple[int, int]) -> Sequence[Any]:
    """The proposals of these changes that wait, point by point and month by month of the meals."""
    first = (func.min(Serving.served_on), func.max(Serving.served_on))
    sums = (
        cast(func.sum(one), BigInteger) for one in (Correction.before_fen, Correction.after_fen)
    )
    people = func.count(func.distinct(Serving.resident_id))
    columns = (MealPoint.id, MealPoint.code, MealPoint.name)
    rows = (
        select(*columns, func.count().label("lines"), people.label("people"), *first, *sums)
        .select_from(Correction)
        .join(MealPoint, MealPoint.id == Correction.point_id)
        .join(Serving, Serving.sequence == Correction.sequence)
        .where(seen, Correction.status == "proposed", Correction.fact_change_id.between(*facts))
        .group_by(*columns)
        .order_by(func.count().desc(), MealPoint.code)
        .limit(MOST_LINES)
    )
    return db.session.execute(rows).all()


def keys_by_point(facts: tuple[int, int], point_ids: Sequence[int]) -> dict[int, list[str]]:
    """The keys of those lines, for a case about them."""
    rows = (
        select(Correction.point_id, Serving.key)
        .join(Serving, Serving.sequence == Correction.sequence)
        .where(
            Correction.status == "proposed",
            Correction.fact_change_id.between(*facts),
            Correction.point_id.in_(point_ids),
        )
        .order_by(Serving.served_on, Serving.sequence)
        .limit(MOST_KEYS)
    )
    found: dict[int, list[str]] = {}
    for row in db.session.execute(rows):
        found.setdefault(row.point_id, []).append(row.key)
    return found


def facts(ids: Sequence[int]) -> dict[int, Any]:
    """These changes with whom they concern."""
    rows = select(FactChange, Resident.name).join(Resident, Resident.id == FactChange.resident_id)
    found = db.session.execute(rows.where(FactChange.id.in_(ids)))
    return {row.FactChange.id: row for row in found}


def lines_of_fact(seen: ColumnElement[bool], change_id: int, state: str = "") -> Select[Any]:
    """The lines that one fact speaks of, in the order of their days."""
    frozen = (
        select(FrozenMonth.month)
        .where(FrozenMonth.point_id == Correction.point_id, FrozenMonth.month == Correction.month)
        .exists()
    )
    rows: Any = (
        select(
            Correction,
            Serving,
            Decision.content,
            MealPoint.code.label("point"),
            MealPoint.name.label("point_name"),
            MealPoint.division,
            frozen.label("frozen"),
        )
        .join(Serving, Serving.sequence == Correction.sequence)
        .join(Decision, Decision.id == Serving.decision_id)
        .join(MealPoint, MealPoint.id == Correction.point_id)
        .where(seen, Correction.fact_change_id == change_id)
        .order_by(Serving.served_on, Serving.sequence, Correction.id)
    )
    return rows.where(Correction.status == state) if state else rows


def effect_of(rows: Sequence[Any]) -> Effect:
    """What confirming these lines does to settlements and to the elder's purse."""
    policies = policies_in_force()
    settled = paid_more = paid_less = 0
    for row in rows:
        after = worth(row.Correction.after, policies)[0] if row.Correction.after else 0
        settled += after - worth(row.content, policies)[0]
        spared = row.Correction.after_subsidy_fen - row.Correction.before_subsidy_fen
        if row.Correction.after:
            paid_more += max(0, -spared)
            paid_less += max(0, spared)
    frozen = sum(bool(row.frozen) for row in rows)
    gone = sum(not row.Correction.after for row in rows)
    return Effect(len(rows), frozen, gone, settled, paid_more, paid_less)
