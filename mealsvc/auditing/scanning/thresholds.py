"""The thresholds of a scan out of the settings, as they hold on a day."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.settings.services import value_on


def _times(factor: int) -> Callable[[str], int]:
    return lambda told: int(told) * factor


def _share(told: str) -> float:
    return float(told) / 100


# field of Limits: the setting, the place of the number in it, what it means there
FIELDS: dict[str, tuple[str, int, Callable[[str], Any]]] = {
    "false_leads": ("audit.false_leads", 0, float),
    "grace": ("audit.opening_grace_min", 0, _times(60)),
    "burst_seconds": ("audit.burst", 0, int),
    "burst_lines": ("audit.burst", 1, int),
    "gap_seconds": ("audit.burst_gap", 0, int),
    "gap_lines": ("audit.burst_gap", 1, int),
    "manual_share": ("audit.manual_share", 0, _share),
    "manual_a_day": ("audit.manual_a_day", 0, int),
    "every_day": ("audit.every_day", 0, int),
    "clock_error": ("audit.clock", 0, _times(60)),
    "batch_age": ("audit.clock", 1, _times(3600)),
    "travel_seconds": ("audit.travel", 0, _times(60)),
    "travel_metres": ("audit.travel", 1, int),
    "turns": ("audit.turns_per_meal", 0, int),
    "price_rise": ("audit.price_rise", 0, _share),
    "price_days": ("audit.price_rise", 1, int),
    "purchase_band": ("audit.purchase_band", 0, _share),
    "till_share": ("audit.till_difference", 0, _share),
    "till_fen": ("audit.till_difference", 1, _times(100)),
    "phone_elders": ("audit.phone_elders", 0, int),
    "count_deviation": ("visit.count_deviation", 0, _share),
}


def limits_on(day: date, points: int) -> Limits:
    """What the rules compare with on that day, over so many points."""
    told = {key: value_on(key, day).split(",") for key, _, _ in FIELDS.values()}
    values = {name: read(told[key][place]) for name, (key, place, read) in FIELDS.items()}
    return Limits(points=max(points, 1), **values)


def written(limits: Limits) -> str:
    """The same as canonical JSON, as it is kept with a scan."""
    return json.dumps(asdict(limits), sort_keys=True, separators=(",", ":"))
