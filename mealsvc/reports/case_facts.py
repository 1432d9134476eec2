"""Reads what became of the cases whose explanation fell due in a time: counts and fen by point."""

from collections.abc import Mapping
from typing import Any

from mealsvc.auditing.cases.queries import cases_in
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.reports.oversight_facts import CaseFacts
from mealsvc.reports.period import Period


def cases_part(period: Period, codes: Mapping[int, str]) -> dict[str, Any]:
    """Cases by point; one that still has time is neither in time nor late."""
    today = local_date(clock.now())
    found = cases_in(period.first_day, period.last_day, codes, today)
    return {
        "cases": {
            codes[point]: CaseFacts(
                one.due, one.in_time, one.refused_fen, one.recovered_fen, tuple(one.cases)
            )
            for point, one in found.items()
        }
    }
