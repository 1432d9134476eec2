"""No month is too odd for the rules: empty, one line, one day, one elder, one second, no history."""

from dataclasses import replace

import numpy as np
import pytest

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.scan import finish, scan_point
from mealsvc.auditing.scanning.rules.view import DELIVERY, LUNCH, MANUAL, Lines, Point, PointMonth
from tests.fraud.plot import plot_of
from tests.fraud.reading import point_months

LIMITS = Limits()
pytestmark = pytest.mark.only("sqlite")  # no database is used


@pytest.fixture(scope="module")
def months() -> list[PointMonth]:
    """Small points of a month with frauds: with deliveries, a village table, and others."""
    by_size = sorted(point_months(plot_of(6)), key=lambda seen: len(seen.lines))
    delivering = [seen for seen in by_size if (seen.lines.mode == DELIVERY).any()]
    return [*by_size[:3], delivering[0]]


def parts(lines: Lines) -> dict[str, np.ndarray]:
    """Masks that leave little."""
    return {
        "nothing": np.zeros(len(lines), bool),
        "one line": np.arange(len(lines)) == len(lines) // 2,
        "two lines": np.arange(len(lines)) // 2 == 3,
        "one day": lines.day == lines.day[0],
        "two days": lines.day <= lines.day[0] + 1,
        "one elder": lines.resident == lines.resident[0],
        "deliveries": lines.mode == DELIVERY,
        "by hand": lines.method == MANUAL,
        "no lunch": lines.meal != LUNCH,
        "every tenth": np.arange(len(lines)) % 10 == 0,
    }


def at_noon(seen: PointMonth) -> PointMonth:
    """All lines in one second, all by hand, or all delivered: whatever is set."""
    lines = replace(seen.lines, second=np.full(len(seen.lines), 43_200))
    return replace(seen, lines=lines)


def bare(seen: PointMonth) -> PointMonth:
    """The same without anything known of the point, its past or its elders."""
    empty = {
        name: getattr(seen.habits, name)[:0]
        for name in type(seen.habits).__dataclass_fields__
        if name != "days"
    }
    point = Point(seen.point.id, seen.point.code, seen.point.name, seen.point.kind)
    return replace(seen, point=point, habits=replace(seen.habits, **empty, days=0))


def alike(seen: PointMonth, **values: int) -> PointMonth:
    """The same with some columns of one value."""
    n = len(seen.lines)
    return replace(seen, lines=replace(seen.lines, **{k: np.full(n, v) for k, v in values.items()}))


def sound(seen: PointMonth) -> None:
    """The rules come to an end, and hold only lines that are there."""
    there = set(seen.lines.sequence.tolist())
    for anomaly in finish(scan_point(seen, LIMITS), LIMITS):
        assert set(anomaly.sequences) <= there, anomaly.rule
        assert anomaly.summary.endswith("。"), anomaly.rule
        assert anomaly.honest, anomaly.rule


@pytest.mark.parametrize("name", sorted(parts(Lines(*[np.zeros(1, np.int64)] * 11))))
def test_a_month_of_which_little_is_left_can_be_scanned(months: list[PointMonth], name) -> None:
    for seen in months:
        left = seen.only(parts(seen.lines)[name])
        sound(left)
        sound(bare(left))


def test_a_month_in_one_second_by_hand_or_delivered_can_be_scanned(
    months: list[PointMonth],
) -> None:
    for seen in months:
        sound(at_noon(seen))
        sound(alike(seen, method=MANUAL))
        sound(alike(seen, mode=DELIVERY))
        sound(alike(bare(seen), source=0, second=43_200))
