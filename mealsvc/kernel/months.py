"""A calendar month: what is settled, closed and reported."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Self

_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of local dates; months compare in time. Raises ValueError if there is none."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """`2024-05`. Raises ValueError for anything else, and for a month so far off that there may
        be none before or after it."""
        found = _WRITTEN.fullmatch(text.strip())
        if not found or int(found[1]) not in _YEARS:
            raise ValueError("a month is written YYYY-MM")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a local date."""
        return cls(day.year, day.month)

    @classmethod
    def from_key(cls, key: int) -> Self:
        """The month of an integer key: 202405."""
        return cls(*divmod(key, 100))

    @property
    def key(self) -> int:
        """The integer 202405, which sorts as the months do."""
        return self.year * 100 + self.month

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def next(self) -> Self:
        return self._shifted(1)

    @property
    def previous(self) -> Self:
        return self._shifted(-1)

    @property
    def chinese(self) -> str:
        """2024年5月"""
        return f"{self.year}年{self.month}月"

    def __contains__(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def _shifted(self, months: int) -> Self:
        year, month0 = divmod(self.year * 12 + self.month - 1 + months, 12)
        return type(self)(year, month0 + 1)
