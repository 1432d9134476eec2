"""How likely each point is drawn: its last grade, doubts, papers, logs, and how long nobody came."""

from collections.abc import Sequence
from datetime import date, timedelta

from mealsvc.places.models import MealPoint
from mealsvc.places.units.queries import states_on
from mealsvc.plumbing.outlook import outlook
from mealsvc.settings.services import value_on
from mealsvc.supervision.logs.queries import gaps
from mealsvc.supervision.visits.draw import Candidate, Risk, candidate, weights_of
from mealsvc.supervision.visits.queries import last_visits

LOG_DAYS = timedelta(days=30)


def candidates_of(points: Sequence[MealPoint], day: date) -> list[Candidate]:
    """The points as they can be drawn on a day, in order of code."""
    weights = weights_of(value_on("visit.weights", day))
    every = int(value_on("visit.every_months", day))
    risks = risks_of(points, day)
    return [
        candidate(point.code, risks[point.id], weights, every)
        for point in sorted(points, key=lambda point: point.code)
    ]


def risks_of(points: Sequence[MealPoint], day: date) -> dict[int, Risk]:
    """What is known of each point (id) on a day; a few set-based queries for all of them."""
    ids = [point.id for point in points]
    last = last_visits(ids, day)
    anomalies = outlook().open_anomalies(ids)
    papers = states_on(day, ids)
    missing = gaps(points, day - LOG_DAYS, day - timedelta(days=1))
    return {
        each: Risk(
            last[each].grade if each in last else "",
            anomalies.get(each, 0),
            _papers(papers.get(each)),
            missing.get(each, 0.0),
            months_between(last[each].day, day) if each in last else None,
        )
        for each in ids
    }


def months_between(earlier: date, later: date) -> int:
    """Whole months from one day to another."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


def _papers(state: object) -> int:
    """2: something lapsed or missing, 1: something runs out soon, 0: all in order."""
    if getattr(state, "lapsed", None) or getattr(state, "missing", None):
        return 2
    return int(bool(getattr(state, "expiring", None)))
