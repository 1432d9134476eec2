"""How a rule tells what it found: the lines by index, sentences in Chinese."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth, day_of

MEAL_WORDS = ("早餐", "午餐", "晚餐")
FEW = 12  # so many names of days or people in a piece of evidence


def finding(
    seen: PointMonth,
    rule: str,
    severity: str,
    which: Ints,
    summary: str,
    honest: str,
    *,
    evidence: Mapping[str, Any] | None = None,
    chance: float | None = None,
    days: Iterable[int] = (),
) -> Anomaly:
    """An anomaly of a point with the lines at these places; `days` only where there are none."""
    lines = seen.lines
    chosen = np.unique(which).astype(np.int64)
    on = np.unique(lines.day[chosen]) if len(chosen) else np.array(sorted(set(days)), np.int64)
    return Anomaly(
        rule,
        severity,
        seen.point.code,
        tuple(np.sort(lines.sequence[chosen]).tolist()),
        tuple(on.tolist()),
        tuple(np.unique(lines.resident[chosen]).tolist()),
        summary,
        honest,
        evidence or {},
        chance,
    )


def date_words(day: int) -> str:
    """A day as a reader says it: 5月6日."""
    at = day_of(day)
    return f"{at.month}月{at.day}日"


def clock_words(second: int) -> str:
    """A time of day: 11:05."""
    return f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}"


def iso(days: Iterable[int]) -> list[str]:
    """Dates for evidence: the first few, in order."""
    return [day_of(day).isoformat() for day in sorted({int(one) for one in days})[:FEW]]
