"""A year's budget beside what it pays: line by line, with what is to come and what to mind."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from mealsvc.kernel.months import Month
from mealsvc.places.queries import division_names
from mealsvc.plumbing.db import db
from mealsvc.policies.rules import SOURCES
from mealsvc.servings.models import DailyTally
from mealsvc.settings.services import value_on
from mealsvc.settlement.area import district
from mealsvc.settlement.budget_lines import Lines, lines_of
from mealsvc.settlement.budget_rows import Limits, Row, Warned, foreseen
from mealsvc.settlement.budgeting import Line
from mealsvc.settlement.forecasting import BASE_MONTHS, Pattern, forecast, knows_season, pattern_of
from mealsvc.settlement.spending import Cost, charged, costs_of


@dataclass(frozen=True)
class Report:
    """A year within a division: its rows, and the costs behind them.

    `seasonal`: last year is known, so the forecast takes its seasons into account.
    """

    year: int
    division: str
    rows: Sequence[Row]
    costs: Sequence[Cost]
    lines: Lines
    pattern: Pattern
    seasonal: bool

    @property
    def warned(self) -> list[Warned]:
        """What there is to mind, the worst first."""
        found = [row.warned for row in self.rows if row.warned]
        return sorted(found, key=lambda one: one.tone != "bad")

    @property
    def over(self) -> bool:
        """Whether the year has passed, in the ledger at least."""
        return self.pattern.as_of >= date(self.year, 12, 31)


def report_of(year: int, today: date, division: str = "") -> Report:
    """The year's budget; `division` (a town) restricts it to what its points cost."""
    here = district()
    within = division or here
    lines, pattern = lines_of(year), pattern_of(*_served(year, today))
    costs = costs_of(year)
    before = costs_of(year - 1) if pattern.enough else []
    known = {Month.from_key(cost.month) for cost in (*costs, *before)}
    monthly: dict[Line, Counter[Month]] = defaultdict(Counter)
    meals = [cost for cost in (*costs, *before) if not cost.title]  # a grant comes once
    for line, cost, fen in charged(meals, lines):
        monthly[line][Month.from_key(cost.month)] += fen
    shown = [cost for cost in costs if cost.division.startswith(within)]
    stages: dict[Line, Counter[str]] = defaultdict(Counter)
    for line, cost, fen in charged(shown, lines):
        stages[line][cost.stage] += fen
    limits = _limits(today, pattern.as_of)
    names = division_names({place for place, _ in lines} | {here})
    rows = []
    for place, source in _listed(lines, here, within):
        line = (place, source) if (place, source) in lines else ("", source)
        row = Row(source, place, names.get(place, place), lines.get(line), stages[line], line)
        if place.startswith(within):
            ahead = forecast(year, monthly[line], known, pattern)
            rows.append(foreseen(row, ahead, limits if lines else None))
        else:
            rows.append(replace(row, budget_fen=None, elsewhere=line in lines))
    return Report(year, within, rows, shown, lines, pattern, knows_season(known, pattern))


def behind(report: Report, line: Line) -> list[tuple[Cost, int]]:
    """The costs that a row adds up, each with what this source pays of it."""
    return [
        (cost, fen) for of, cost, fen in charged(report.costs, report.lines) if of == line and fen
    ]


def _listed(lines: Collection[Line], here: str, within: str) -> Iterable[Line]:
    """Each source's line of the district, which pays the rest, and its towns' own ones."""
    for source in SOURCES:
        own = (place for place, of in lines if of == source and place != here)
        yield here, source
        yield from sorted((place, source) for place in own if place.startswith(within))


def _served(year: int, today: date) -> tuple[set[date], date]:
    """The days with meals before the rest of the year begins, as far back as it takes, and the last
    day that is known."""
    own = select(func.max(DailyTally.settle_month)).where(~DailyTally.late)
    latest = db.session.scalar(own)
    if latest is None:
        return set(), today
    if latest > year * 100 + 12:
        return set(), date(year, 12, 31)
    first = Month.from_key(latest)
    for _ in range(BASE_MONTHS):
        first = first.previous
    days = set(
        db.session.scalars(
            select(DailyTally.served_on)
            .where(DailyTally.settle_month.between(first.key, latest), ~DailyTally.late)
            .distinct()
        )
    )
    return days, max(days)


def _limits(today: date, as_of: date) -> Limits:
    return Limits(
        as_of,
        float(value_on("budget.warn_used", today)),
        int(value_on("budget.short_days", today)),
    )
