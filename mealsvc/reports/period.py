"""The time that a report is about: a month, a quarter, or any days up to a year."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Self

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal

LONGEST = 366  # days: a year, whichever
YEARS = range(1900, 2200)
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_DAYS = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})_([0-9]{4}-[0-9]{2}-[0-9]{2})")


class PeriodTooLong(Refusal):
    """报告期间要从早到晚，最长{longest}天：请改小起止日期的范围。"""

    code = "period_too_long"


@dataclass(frozen=True, order=True)
class Period:
    """Days from `first_day` to `last_day`, both inclusive; reads and sorts as its days do.

    Raises `PeriodTooLong` where the days are the wrong way round or more than a year.
    """

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if not 1 <= self.length <= LONGEST or {self.first_day.year, self.last_day.year} - {*YEARS}:
            raise PeriodTooLong(longest=LONGEST)

    @classmethod
    def of(cls, month: Month) -> Self:
        return cls(month.first_day, month.last_day)

    @classmethod
    def of_quarter(cls, year: int, quarter: int) -> Self:
        first = Month(year, quarter * 3 - 2)
        return cls(first.first_day, first.next.next.last_day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`2024-05`, `2024-Q2` or `2024-04-03_2024-05-09`. Raises ValueError for anything else."""
        text = text.strip()
        if (found := _QUARTER.fullmatch(text)) and int(found[1]) in YEARS:
            return cls.of_quarter(int(found[1]), int(found[2]))
        if found := _DAYS.fullmatch(text):
            return cls(date.fromisoformat(found[1]), date.fromisoformat(found[2]))
        return cls.of(Month.parse(text))

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months that it touches."""
        month, last = Month.of(self.first_day), Month.of(self.last_day)
        found = [month]
        while month < last:
            month = month.next
            found.append(month)
        return tuple(found)

    @cached_property
    def whole_months(self) -> tuple[Month, ...]:
        """The months that lie in it from their first day to their last."""
        return tuple(
            month
            for month in self.months
            if self.first_day <= month.first_day and month.last_day <= self.last_day
        )

    @property
    def month(self) -> Month | None:
        """The month that it is, if it is one."""
        return self.months[0] if len(self.months) == len(self.whole_months) == 1 else None

    @property
    def quarter(self) -> int | None:
        """1 to 4 where it is a quarter."""
        first = self.months[0]
        whole = len(self.months) == len(self.whole_months) == 3 and first.month % 3 == 1
        return first.month // 3 + 1 if whole else None

    @property
    def previous(self) -> Self:
        """The one before it of the same kind: month, quarter, or as many days."""
        if self.month:
            return type(self).of(self.month.previous)
        if self.quarter:
            end = self.months[0].previous
            return type(self).of_quarter(end.year, end.month // 3)
        day = timedelta(days=1)
        return type(self)(self.first_day - self.length * day, self.first_day - day)

    @property
    def noun(self) -> str:
        return "本月" if self.month else "本季度" if self.quarter else "本期"

    @property
    def before(self) -> str:
        """What the time before it is called."""
        return "上月" if self.month else "上季度" if self.quarter else "上期"

    @property
    def end(self) -> str:
        return "月末" if self.month else "季末" if self.quarter else "期末"

    @property
    def chinese(self) -> str:
        """2024年5月, 2024年第二季度, 2024年4月3日至5月9日."""
        if self.month:
            return self.month.chinese
        if self.quarter:
            return f"{self.first_day.year}年第{'一二三四'[self.quarter - 1]}季度"
        return self.days

    @property
    def days(self) -> str:
        """2024年4月3日至5月9日, whatever it is."""
        last = chinese_date(self.last_day)
        if self.first_day.year == self.last_day.year:
            last = last.partition("年")[2]
        return f"{chinese_date(self.first_day)}至{last}"

    def scaled(self, days_a_month: int) -> int:
        """So many days a month, over this time: by its months, or by 30 days where they are cut."""
        if len(self.months) == len(self.whole_months):
            return days_a_month * len(self.months)
        return -(-days_a_month * self.length // 30)

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        if self.month:
            return str(self.month)
        if self.quarter:
            return f"{self.first_day.year}-Q{self.quarter}"
        return f"{self.first_day}_{self.last_day}"
