"""The year's budget as a table: a line's year, then its months."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from mealsvc.exchange.sheets import SheetColumn
from mealsvc.kernel.months import Month
from mealsvc.policies.wording import SOURCE_NAMES
from mealsvc.settlement.budget_report import Report, behind, report_of
from mealsvc.settlement.budget_rows import Row
from mealsvc.settlement.budget_words import STAGE_NAMES

COLUMNS = (
    SheetColumn("年度", "number"),
    SheetColumn("区划代码"),
    SheetColumn("区划", width=18),
    SheetColumn("资金来源"),
    SheetColumn("月份"),
    SheetColumn("预算", "yuan"),
    *(SheetColumn(name, "yuan") for name in STAGE_NAMES.values()),
    SheetColumn("合计", "yuan"),
    SheetColumn("结余", "yuan"),
    SheetColumn("全年预计", "yuan"),
    SheetColumn("全年预计低", "yuan"),
    SheetColumn("全年预计高", "yuan"),
)


def budget_rows(year: int, today: date) -> Iterator[Sequence[object]]:
    """Each line of the district and its towns: the whole year, and each month with money in it."""
    report = report_of(year, today)
    for row in report.rows:
        named = (year, row.division, row.name, SOURCE_NAMES[row.source])
        yield (
            *named,
            "全年",
            row.budget_fen,
            *_amounts(row.stages),
            row.left_fen,
            *(row.year_fen or (None, None, None)),
        )
        for month, stages in _months(report, row):
            yield *named, str(month), None, *_amounts(stages), None, None, None, None


def _months(report: Report, row: Row) -> list[tuple[Month, Counter[str]]]:
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for cost, fen in behind(report, row.line):
        sums[cost.month][cost.stage] += fen
    return [(Month.from_key(key), sums[key]) for key in sorted(sums)]


def _amounts(stages: Mapping[str, int]) -> tuple[int, ...]:
    each = tuple(stages.get(one, 0) for one in STAGE_NAMES)
    return *each, sum(each)
