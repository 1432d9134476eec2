"""Full years of age (周岁) on a day, for each way in which a policy lets a new age begin."""

from calendar import isleap
from datetime import date

COUNTS_FROM = ("birthday", "next_day", "month", "next_month")


def _anniversary(birth_on: date, year: int) -> tuple[int, int]:
    """Month and day of the birthday in `year`; 29 February is 1 March in a common year."""
    if (birth_on.month, birth_on.day) == (2, 29) and not isleap(year):
        return 3, 1
    return birth_on.month, birth_on.day


def age_on(birth_on: date, day: date, counts_from: str = "birthday") -> int:
    """Full years on the local date `day`; 0 before the first birthday, never less.

    A new age counts on the birthday (`birthday`), on the day after it (`next_day`), from the
    first of the birth month (`month`) or of the month after (`next_month`).
    Raises ValueError for another mode.
    """
    match counts_from:
        case "birthday":
            reached = (day.month, day.day) >= _anniversary(birth_on, day.year)
        case "next_day":
            reached = (day.month, day.day) > _anniversary(birth_on, day.year)
        case "month":
            reached = day.month >= birth_on.month
        case "next_month":
            reached = day.month > birth_on.month
        case _:
            raise ValueError(f"unknown way to count ages: {counts_from!r}")
    return max(day.year - birth_on.year - (not reached), 0)
