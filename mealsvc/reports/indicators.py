"""The indicator table: one more indicator is one function and one line in its section's file."""

from typing import NamedTuple

from mealsvc.reports import coverage_indicators, institution_indicators, standard_indicators
from mealsvc.reports.facts import MonthFacts
from mealsvc.reports.measures import Indicator, Reading, read_all


class Chapter(NamedTuple):
    """A section of the report with its indicators; `heading` as it is printed."""

    heading: str
    indicators: tuple[Indicator, ...]


STANDARDISATION = (
    Chapter("（一）食品安全", standard_indicators.FOOD_SAFETY),
    Chapter("（二）食品价格", standard_indicators.PRICE),
    Chapter("（三）用餐标准", standard_indicators.STANDARDS),
    Chapter("（四）用餐单位", standard_indicators.UNITS),
)
COVERAGE = Chapter("四、普及化情况", coverage_indicators.COVERAGE)
INSTITUTION = (
    Chapter("（一）经费保障", institution_indicators.FUNDING),
    Chapter("（二）人员保障", institution_indicators.STAFFING),
    Chapter("（三）运行管理", institution_indicators.RUNNING),
    Chapter("（四）过程监督", institution_indicators.OVERSIGHT),
)
CHAPTERS = (*STANDARDISATION, COVERAGE, *INSTITUTION)
INDICATORS = tuple(indicator for chapter in CHAPTERS for indicator in chapter.indicators)


def readings(now: MonthFacts, before: MonthFacts) -> dict[str, Reading]:
    """Every indicator by its code, read for the month and for the month before."""
    return {reading.indicator.code: reading for reading in read_all(INDICATORS, now, before)}
