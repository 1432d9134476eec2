"""An indicator month by month, and place by place: what trend lines and comparison bars show."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from mealsvc.kernel.months import Month
from mealsvc.reports.facts import Facts
from mealsvc.reports.gathering import gather
from mealsvc.reports.measures import Indicator
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import POINT, TOWN, Place

MONTHS = 12
Trend = Sequence[tuple[str, Fraction | None]]


def trend_of(
    indicators: Iterable[Indicator], last: Month, place: Place, months: int = MONTHS
) -> Mapping[str, Trend]:
    """Each of these indicators in the months up to `last`: one reading of what they need a month."""
    wanted = tuple(indicators)
    parts = {part for indicator in wanted for part in indicator.parts}
    series: dict[str, list[tuple[str, Fraction | None]]] = {one.code: [] for one in wanted}
    for month in _up_to(last, months):
        facts = gather(Period.of(month), parts).at(place)
        for one in wanted:
            value = one.work(facts) if facts.has_servings else None
            series[one.code].append((_label(month, last), value.figure if value else None))
    return series


def _up_to(last: Month, months: int) -> list[Month]:
    found = [last]
    while len(found) < months:
        found.append(found[-1].previous)
    return found[::-1]


def _label(month: Month, last: Month) -> str:
    """5月, and the year where one begins."""
    first = month.month == 1 and month != last
    return f"{month.year % 100}年1月" if first else f"{month.month}月"


def places_of(facts: Facts, level: str) -> list[Place]:
    """The towns with points, or the points that served, in order of code."""
    if level == TOWN:
        towns = sorted({point.town for point in facts.points if point.serves})
        return [Place(TOWN, code, facts.name(code)) for code in towns]
    return [
        Place(POINT, point.code, point.name)
        for point in facts.points
        if point.code in facts.days or point in facts.operating
    ]


def compared(indicator: Indicator, facts: Facts, level: str) -> list[tuple[Place, Fraction]]:
    """The indicator of each town or point of the district, where it has one, the highest first."""
    if level not in indicator.levels:
        return []
    found = []
    for place in places_of(facts, level):
        value = indicator.work(facts.at(place))
        if value is not None and value.figure is not None:
            found.append((place, value.figure))
    return sorted(found, key=lambda one: (-one[1], one[0].code))
