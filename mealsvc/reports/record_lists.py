"""Every list of records by its name."""

from mealsvc.reports import record_logs, record_meals, record_points, record_visits
from mealsvc.reports.records import Listing

LISTS: dict[str, Listing] = {
    **record_visits.LISTS,
    **record_logs.LISTS,
    **record_points.LISTS,
    **record_meals.LISTS,
}
