"""What leaders see on one screen: eight figures and the worst problems, each with its records."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from mealsvc.auditing.cases import queries as cases
from mealsvc.coverage.queries import time_meant
from mealsvc.coverage.standing import Standing, standing
from mealsvc.home import figures
from mealsvc.home.overview_rules import Money, Overview
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.plumbing.outlook import Sums
from mealsvc.settlement.budget_report import Report
from mealsvc.settlement.budget_watch import report_on
from mealsvc.supervision.complaints import lists as complaints
from mealsvc.supervision.findings import queries as findings
from mealsvc.supervision.findings import rules
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.visits.queries import last_visits


def overview(me: Principal, today: date) -> Overview:
    """Reads it in a bounded number of questions, whatever the points and residents."""
    points = db.session.scalars(select(MealPoint).where(points_seen_by(me))).all()
    ids = [point.id for point in points]
    latest = figures.latest_month(ids) or Month.of(today)
    days = figures.by_day(ids, latest.previous, latest)
    day = max((one for one, sums in days.items() if sums.servings), default=None)
    month = Month.of(day) if day else latest
    todo, waiting = findings.to_do(me, today), complaints.waiting(me, today)
    audits = cases.to_do(me, today)
    report = report_on(today) if me.can("budget.read") else None
    return Overview(
        today=today,
        day=day,
        meals=days[day].servings if day else 0,
        usual=_usual(days, day),
        month=month,
        sums=_summed(days, month, None),
        before=_summed(days, month.previous, day),
        money=_money(report),
        warned=next(iter(report.warned), None) if report else None,
        grades=_grades(ids, today),
        **_found(me, today),
        overdue=todo["overdue"],
        complaints=waiting.open,
        complaints_overdue=waiting.overdue,
        cases=audits.open,
        cases_overdue=audits.overdue,
        here=_reach(me, today),
        points=len(points),
    )


def _reach(me: Principal, today: date) -> Standing:
    month, day = time_meant(None, None, today)
    return standing(day, month, me.scope)


def _summed(days: dict[date, Sums], month: Month, until: date | None) -> Sums:
    """A month's days; of the month before only as many as this one has come to."""
    last = until.day if until else 31
    return sum((sums for day, sums in days.items() if day in month and day.day <= last), Sums())


def _usual(days: dict[date, Sums], day: date | None) -> int:
    """What the days before served on average, half up; 0 where there were none."""
    earlier = [sums.servings for one, sums in days.items() if day and one < day and sums.servings]
    return (sum(earlier) * 2 + len(earlier)) // (2 * len(earlier)) if earlier else 0


def _money(report: Report | None) -> Money | None:
    """Of the whole district only: a town's share of a district's line is nobody's budget."""
    if report is None:
        return None
    budgets = [row.budget_fen for row in report.rows if row.budget_fen is not None]
    used = sum(row.used_fen for row in report.rows)
    return Money(report.year, sum(budgets) if budgets else None, used)


def _grades(points: Collection[int], today: date) -> dict[str, int]:
    """How many points hold each grade of their last inspection, the best first."""
    counts: dict[str, int] = {}
    for last in last_visits(points, today).values():
        if last.grade:
            counts[last.grade] = counts.get(last.grade, 0) + 1
    return dict(sorted(counts.items()))


def _found(me: Principal, today: date) -> dict[str, int]:
    running = Finding.state.not_in(rules.ENDED)
    counted = (
        select(func.count(), func.count().filter(Finding.critical))
        .select_from(Finding)
        .join(MealPoint, MealPoint.id == Finding.point_id)
        .where(points_seen_by(me), running)
    )
    number, starred = db.session.execute(counted).one()
    return {"findings": number, "starred": starred}
