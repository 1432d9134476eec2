"""What lower rooms ask about the records above them (see `plumbing/outlook.py`)."""

from collections.abc import Collection, Sequence
from datetime import date

from mealsvc.home import figures
from mealsvc.home.register import residents_by_division
from mealsvc.kernel.months import Month
from mealsvc.plumbing.outlook import Sums
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.services import last_day_of_policy
from mealsvc.settlement.corrections import find_corrections as facts_changed
from mealsvc.settlement.explaining import story_of_line
from mealsvc.settlement.services import latest_month
from mealsvc.supervision.findings.measures import measures_behind

__all__ = [
    "days_of",
    "facts_changed",
    "last_day_of_policy",
    "latest_month",
    "measures_behind",
    "policy_starts",
    "residents_by_division",
    "story_of_line",
    "sums_by_point",
]


def sums_by_point(month: Month, points: Sequence[int]) -> dict[int, Sums]:
    """What each of these points (ids) served in the month."""
    found = figures.by_month_and_point(points, month, month)
    return {point: sums for (_, point), sums in found.items()}


def days_of(month: Month, points: Sequence[int]) -> dict[date, int]:
    """Net servings of these points on each day that has any."""
    days = figures.by_day(points, month, month)
    return {day: sums.servings for day, sums in days.items() if sums.servings}


def policy_starts(divisions: Collection[str]) -> dict[str, list[tuple[date, str]]]:
    """First day and title of each approved policy that covers a division, by division."""
    policies = policies_in_force()
    return {
        division: [
            (policy.effective_from, policy.title) for policy in policies if policy.covers(division)
        ]
        for division in divisions
    }
