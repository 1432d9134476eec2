"""What is left of the year's budget, and whether it lasts at the pace of the replayed months."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from mealsvc.kernel.meals import local_date
from mealsvc.settlement.budget_lines import lines_of
from mealsvc.settlement.services import latest_month
from mealsvc.settlement.spending import costs_of
from mealsvc.simulation import figures
from mealsvc.simulation.figures import Sums


def year_of(sums: Sums, days: int, now: datetime) -> dict[str, Any] | None:
    """The year of the latest meals by source; None without meals. `days` are those replayed.

    The days left follow the last day of the latest month with meals, or today within it. Lines of
    towns count under their source.
    """
    latest = latest_month()
    if latest is None:
        return None
    until = min(latest.last_day, max(local_date(now), latest.first_day))
    left = (date(latest.year, 12, 31) - until).days
    given, spent = Counter[str](), Counter[str]()
    for (_, source), fen in lines_of(latest.year).items():
        given[source] += fen
    for cost in costs_of(latest.year):
        spent.update(cost.funding)
    rests = [
        figures.rest_of_year(figures.in_order(side.funding), days, left)
        for side in (sums.base, sums.trial)
    ]
    whole, used = given.total(), spent.total()
    base, trial = (sum(rest.values()) for rest in rests)
    return {
        "year": latest.year,
        "from": until.isoformat(),
        "days_left": left,
        "budget": whole if given else None,
        "spent": used,
        "rest_base": base,
        "rest_trial": trial,
        "enough_base": used + base <= whole if given else None,
        "enough_trial": used + trial <= whole if given else None,
        "sources": figures.by_source(given, spent, rests),
    }
