"""A budget line with what it paid and what it will, and when it is worth a warning. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mealsvc.kernel.dates import chinese_date
from mealsvc.policies.wording import SOURCE_NAMES
from mealsvc.settlement.budgeting import Line
from mealsvc.settlement.forecasting import Forecast

DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """When a line is worth a warning: percent used, days before it runs short, counted from `as_of`."""

    as_of: date
    used_percent: float
    short_days: int


@dataclass(frozen=True, slots=True)
class Warned:
    """What to mind about a line: `tone` and `chip` for its mark, and a sentence."""

    tone: str
    chip: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a line gives, what it paid by stage, and what it will.

    `budget_fen` is None where there is no line (then `line` has no division), or where it is one of
    the whole district (`elsewhere`) of which a part is shown.
    """

    source: str
    division: str
    name: str
    budget_fen: int | None
    stages: Mapping[str, int]
    line: Line
    elsewhere: bool = False
    forecast: Forecast | None = None
    short_on: date | None = None
    short_worst: date | None = None
    warned: Warned | None = None

    @property
    def label(self) -> str:
        """区资金; a town's own 湖塘镇的镇资金."""
        return line_label(self.source, self.division, self.name)

    @property
    def used_fen(self) -> int:
        return sum(self.stages.values())

    @property
    def left_fen(self) -> int | None:
        return None if self.budget_fen is None else self.budget_fen - self.used_fen

    @property
    def percent(self) -> float | None:
        return 100 * self.used_fen / self.budget_fen if self.budget_fen else None

    @property
    def year_fen(self) -> tuple[int, int, int] | None:
        """The whole year as expected, at the lowest and at the highest."""
        if self.forecast is None:
            return None
        used, rest = self.used_fen, self.forecast
        return used + rest.expected_fen, used + rest.low_fen, used + rest.high_fen


def line_label(source: str, division: str, name: str) -> str:
    """What a line is called: the district's by its source alone."""
    money = f"{SOURCE_NAMES[source]}资金"
    return f"{name}的{money}" if len(division) > DISTRICT_DIGITS else money


def foreseen(row: Row, forecast: Forecast | None, limits: Limits | None) -> Row:
    """The row with its forecast, the days on which it runs short, and its warning; without limits
    (a year that has no budget at all) there is none.
    """
    left = row.left_fen
    if forecast is not None:
        row = replace(row, forecast=forecast)
        if left is not None and left >= 0:
            row = replace(
                row,
                short_on=forecast.short_on(left),
                short_worst=forecast.short_on(left, worst=True),
            )
    return replace(row, warned=limits and warning_of(row, limits))


def warning_of(row: Row, limits: Limits) -> Warned | None:
    """The worst that there is to mind about a line."""
    if row.budget_fen is None:
        said = f"{row.label}有支出，但没有安排预算：请补录预算。"
        return Warned("warn", "未安排预算", said) if row.used_fen > 0 else None
    if row.used_fen > row.budget_fen:
        return Warned("bad", "已超预算", f"{row.label}已超出预算：请追加预算。")
    if row.short_on is not None:
        near = row.short_on <= limits.as_of + timedelta(days=limits.short_days)
        said = f"{row.label}预计{chinese_date(row.short_on)}前后用完：请提前申请追加。"
        return Warned("bad" if near else "warn", f"预计{_day(row.short_on)}用完", said)
    if row.short_worst is not None:
        said = f"{row.label}如按支出最高的月份推算，{chinese_date(row.short_worst)}前后用完。"
        return Warned("warn", f"最早{_day(row.short_worst)}用完", said)
    if (row.percent or 0) >= limits.used_percent:
        return Warned("warn", f"已用{row.percent:.0f}%", f"{row.label}已用{row.percent:.0f}%。")
    return None


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
