"""The chart of a year's budget: what was spent, what will be, what there is; in ten thousand yuan."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from reportlab.graphics.shapes import Drawing

from mealsvc.plumbing.paper.charts import lines
from mealsvc.settlement.budget_report import Report, behind
from mealsvc.settlement.budget_rows import Row
from mealsvc.settlement.budget_words import WAN

WIDTH, HEIGHT = 720, 200
YEAR = range(1, 13)


def chart_of(report: Report, rows: Sequence[Row]) -> Drawing:
    """Months added up: spending to the last month that has any, the forecast to the year's end."""
    spent: Counter[int] = Counter()
    ahead: Counter[int] = Counter()
    for row in rows:
        for cost, fen in behind(report, row.line):
            spent[cost.month % 100] += fen
        if row.forecast is not None:
            ahead.update(row.forecast.by_month())
    series = {"支出": _summed([spent[month] for month in range(1, max(spent, default=1) + 1)])}
    if ahead:
        series["预计"] = _summed([spent[month] + ahead[month] for month in YEAR])
    budget = sum(row.budget_fen or 0 for row in rows)
    if budget:
        series["预算"] = [_wan(budget)] * len(YEAR)
    return lines(
        [f"{month}月" for month in YEAR], series, width=WIDTH, height=HEIGHT, unit="万元"
    )


def _summed(months: Sequence[int]) -> list[float]:
    return [_wan(fen) for fen in accumulate(months)]


def _wan(fen: int) -> float:
    return round(fen / WAN, 1)
