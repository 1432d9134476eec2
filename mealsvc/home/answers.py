"""What lower rooms ask about the records above them (see `plumbing/outlook.py`)."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from mealsvc.auditing.cases.queries import open_cases
from mealsvc.auditing.scanning.queries import open_leads_by_point
from mealsvc.home import figures
from mealsvc.home.register import residents_by_division
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.plumbing.outlook import Sums
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.services import last_day_of_policy
from mealsvc.settlement.batches import undone
from mealsvc.settlement.corrections import find_corrections as facts_changed
from mealsvc.settlement.explaining import story_of_line
from mealsvc.settlement.models import LineHold
from mealsvc.settlement.services import latest_month
from mealsvc.supervision.findings.measures import measures_behind
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.findings.queries import findings_at
from mealsvc.supervision.visits.models import Visit, VisitResult

__all__ = [
    "days_of",
    "diners_a_meal",
    "facts_changed",
    "findings_at",
    "last_day_of_policy",
    "latest_month",
    "measures_behind",
    "open_anomalies",
    "open_items",
    "policy_starts",
    "residents_by_division",
    "story_of_line",
    "sums_by_point",
    "weighed_on_visits",
]


def sums_by_point(month: Month, points: Sequence[int]) -> dict[int, Sums]:
    """What each of these points (ids) served in the month."""
    found = figures.by_month_and_point(points, month, month)
    return {point: sums for (_, point), sums in found.items()}


def days_of(month: Month, points: Sequence[int]) -> dict[date, int]:
    """Net servings of these points on each day that has any."""
    days = figures.by_day(points, month, month)
    return {day: sums.servings for day, sums in days.items() if sums.servings}


def diners_a_meal(day: date, points: Sequence[int]) -> dict[int, float]:
    """Average diners of a meal at each of these points over the three months before a day's."""
    last = Month.of(day).previous
    first = last.previous.previous
    meals = figures.by_point_and_meal(points, first, last)
    served: dict[int, list[int]] = {}
    for (point, *_), sums in meals:
        if sums.servings:
            served.setdefault(point, []).append(sums.servings)
    return {point: sum(each) / len(each) for point, each in served.items()}


def policy_starts(divisions: Collection[str]) -> dict[str, list[tuple[date, str]]]:
    """First day and title of each approved policy that covers a division, by division."""
    policies = policies_in_force()
    return {
        division: [
            (policy.effective_from, policy.title) for policy in policies if policy.covers(division)
        ]
        for division in divisions
    }


def open_anomalies(points: Collection[int]) -> dict[int, int]:
    """The leads, cases and held lines of each of these points that nobody has settled."""
    held = (
        select(LineHold.point_id, func.count())
        .where(LineHold.point_id.in_(points), LineHold.outcome.is_(None), ~undone())
        .group_by(LineHold.point_id)
    )
    doubts = Counter[int](dict(db.session.execute(held).all()))
    doubts.update(open_leads_by_point(points))
    doubts.update(open_cases(points))
    return dict(doubts)


def visit_is_signed(visit_id: int) -> bool:
    """Whether a visit is signed."""
    return db.session.scalar(select(Visit.status).where(Visit.id == visit_id)) == "signed"


def open_items(points: Collection[int]) -> dict[int, frozenset[str]]:
    """The checklist items that are still to be put right at each of these points."""
    unsettled = select(Finding.point_id, Finding.item).where(
        Finding.point_id.in_(points), Finding.state.in_(("open", "ordered", "replied"))
    )
    found: dict[int, set[str]] = {}
    for point_id, item in db.session.execute(unsettled):
        found.setdefault(point_id, set()).add(item)
    return {point_id: frozenset(items) for point_id, items in found.items()}


def weighed_on_visits(
    from_on: date, to_on: date, points: Collection[int]
) -> list[tuple[int, date, float, float, int]]:
    """Portions weighed on inspections (STD-02): point, day, grams, what it should be, visit."""
    rows = (
        select(Visit.point_id, Visit.started_at, VisitResult.measured, Visit.id)
        .join(VisitResult, VisitResult.visit_id == Visit.id)
        .where(
            VisitResult.item == "STD-02",
            Visit.status == "signed",
            Visit.started_at >= datetime.combine(from_on, time(), LOCAL),
            Visit.started_at < datetime.combine(to_on + timedelta(days=1), time(), LOCAL),
            Visit.point_id.in_(points),
        )
    )
    found = []
    for point, at, text, visit in db.session.execute(rows):
        said = json.loads(text)
        grams, standard = float(said.get("grams") or 0), float(said.get("standard_grams") or 0)
        if at and standard > 0:
            found.append((point, local_date(at), grams, standard, visit))
    return found
