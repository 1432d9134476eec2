"""A day of a point, closed."""

from datetime import date

from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.servings import closing
from mealsvc.servings.models import DayClose
from tests.factories.tills import SHELL


def close(code: str, day: date, explanation: str = "找零误差") -> DayClose:
    """The next close of the day, with nothing in the drawer; inside `writing()`."""
    point = point_by_code(code)
    assert point is not None
    latest = closing.latest_close(point.id, day)
    seen = (latest.number + 1 if latest else 1, closing.day_of(point.id, day).last_sequence)
    counted = closing.Counted(0, 0, explanation)
    return closing.close_day(point, day, counted, seen, SHELL, clock.now())
