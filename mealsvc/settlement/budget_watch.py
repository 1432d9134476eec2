"""What there is to mind about this year's budget, kept while nothing moves it."""

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import func, select

from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally
from mealsvc.settlement.budget_report import Report, report_of
from mealsvc.settlement.budget_rows import Warned
from mealsvc.settlement.models import BatchAct, BudgetChange

_CACHE = "budget_watch"


def warnings_on(today: date) -> tuple[int, Sequence[Warned]]:
    """The year of the latest meals, and its warnings, the worst first."""
    report = report_on(today)
    return (report.year, report.warned) if report else (today.year, ())


def report_on(today: date) -> Report | None:
    """The budget of the year of the latest meals; None without meals or a budget.

    Computed once a day, and again after each step of a month and each change of the budget: what
    the open month grows by within a day does not move a year's forecast.
    """
    moved = select(
        select(func.max(DailyTally.settle_month)).where(~DailyTally.late).scalar_subquery(),
        select(func.max(BatchAct.id)).scalar_subquery(),
        select(func.max(BudgetChange.id)).scalar_subquery(),
    )
    latest, acted, changed = db.session.execute(moved).one()
    if latest is None or changed is None:
        return None
    year, key = latest // 100, (today, latest, acted, changed)
    caches = current_app.extensions["mealsvc.caches"]
    kept = caches.get(_CACHE)
    if kept is None or kept[0] != key:
        kept = caches[_CACHE] = (key, report_of(year, today))
    return kept[1]
