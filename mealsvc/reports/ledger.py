"""Which lines of the ledger a month's report counts."""

from typing import Any

from sqlalchemy import case, func

from mealsvc.kernel.months import Month
from mealsvc.servings.models import Serving

NET = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))
"""Servings less those taken back."""


def own_lines(month: Month) -> tuple[Any, ...]:
    """The condition for lines that were eaten in the month and settle in it, as its settlement
    counts them."""
    return (
        Serving.served_on.between(month.first_day, month.last_day),
        Serving.settle_month == month.key,
        ~Serving.late,
    )
