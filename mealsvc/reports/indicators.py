"""The indicator table: one more indicator is one function and one line in its section's file."""

from typing import NamedTuple

from mealsvc.reports import (
    coverage_indicators,
    institution_indicators,
    oversight_indicators,
    safety_indicators,
    staff_indicators,
    standard_indicators,
)
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import Indicator, Reading, read_one
from mealsvc.reports.point_facts import POINT


class Chapter(NamedTuple):
    """A section of the report with its indicators; `heading` as it is printed."""

    heading: str
    indicators: tuple[Indicator, ...]

    @property
    def name(self) -> str:
        """The heading without its number."""
        return self.heading.replace("、", "）").rpartition("）")[2]


STANDARDISATION = (
    Chapter("（一）食品安全", safety_indicators.FOOD_SAFETY),
    Chapter("（二）食品价格", standard_indicators.PRICE),
    Chapter("（三）用餐标准", standard_indicators.STANDARDS),
    Chapter("（四）用餐单位", standard_indicators.UNITS),
)
COVERAGE = Chapter("四、普及化情况", coverage_indicators.COVERAGE)
INSTITUTION = (
    Chapter("（一）经费保障", institution_indicators.FUNDING),
    Chapter("（二）人员保障", staff_indicators.STAFFING),
    Chapter("（三）运行管理", staff_indicators.RUNNING),
    Chapter("（四）过程监督", oversight_indicators.OVERSIGHT),
)
CHAPTERS = (*STANDARDISATION, COVERAGE, *INSTITUTION)
INDICATORS = tuple(indicator for chapter in CHAPTERS for indicator in chapter.indicators)
BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


def readings(now: Facts, before: Facts, district: Facts | None = None) -> dict[str, Reading]:
    """Every indicator that is told of this place by its code, for the time and the one before.

    `district`: the whole district in the same time, where `now` is of a town or a point.
    """
    places = 0
    if district is not None:
        operating = district.operating
        towns = {point.town for point in operating}
        places = len(operating) if now.place.level == POINT else len(towns)
    return {
        each.code: read_one(each, now, before, district, places)
        for each in INDICATORS
        if now.place.level in each.levels
    }
