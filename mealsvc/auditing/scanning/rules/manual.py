"""To be filled."""

from collections.abc import Iterator

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import Anomaly, PointMonth


def by_hand(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    yield from ()
