"""To be filled."""

from collections.abc import Iterator

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import Anomaly, PointMonth


def kept_cards(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    yield from ()


def every_day(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    yield from ()
