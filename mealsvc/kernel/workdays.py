"""Working days: which days of a calendar are worked, the n-th of them, how many lie between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Workdays:
    """Monday to Friday, but for the days named here: holidays (False) and worked weekends (True)."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < SATURDAY)

    def add(self, day: date, number: int) -> date:
        """The n-th working day after `day`; before it, when n is negative; `day` itself for 0."""
        step = _DAY if number > 0 else -_DAY
        left = abs(number)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and with `last`; negative backwards."""
        if last < first:
            return -self.between(last, first)
        days = (first + timedelta(days=at) for at in range(1, (last - first).days + 1))
        return sum(self.is_working(day) for day in days)
