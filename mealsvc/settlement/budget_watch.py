"""What there is to mind about this year's budget, kept while nothing moves it."""

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import func, select

from mealsvc.plumbing.db import db
from mealsvc.settlement.budget_report import report_of
from mealsvc.settlement.budget_rows import Warned
from mealsvc.settlement.models import BatchAct, BudgetChange
from mealsvc.settlement.services import latest_month

_CACHE = "budget_watch"


def warnings_on(today: date) -> tuple[int, Sequence[Warned]]:
    """The year of the latest meals, and its warnings, the worst first.

    Computed once a day, and again after each step of a month and each change of the budget: what
    the open month grows by within a day does not move a year's forecast.
    """
    latest = latest_month()
    if latest is None:
        return today.year, ()
    moved = select(
        select(func.max(BatchAct.id)).scalar_subquery(),
        select(func.max(BudgetChange.id)).scalar_subquery(),
    )
    key = (today, latest, *db.session.execute(moved).one())
    caches = current_app.extensions["mealsvc.caches"]
    kept = caches.get(_CACHE)
    if kept is None or kept[0] != key:
        found = report_of(latest.year, today).warned if key[-1] is not None else []
        kept = caches[_CACHE] = (key, found)
    return latest.year, kept[1]
