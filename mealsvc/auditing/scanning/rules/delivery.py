"""Meals said to have been delivered."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import finding
from mealsvc.auditing.scanning.rules.view import (
    BREAKFAST,
    DELIVERY,
    DINNER,
    LUNCH,
    Anomaly,
    PointMonth,
)

HOUR = 3600
WINDOWS = {
    BREAKFAST: (6 * HOUR, 10 * HOUR),
    LUNCH: (10 * HOUR, 13.5 * HOUR),
    DINNER: (16.5 * HOUR, 19.5 * HOUR),
}
BEFORE = 15  # days before the month that would have shown how the point works
STEADY = 1500  # seconds: a round whose hour differs by less from day to day is a custom
TOO_LATE = 5400  # seconds after the window: no custom delivers a meal two hours after it closed
HOT_MINUTES = 120  # from cooking to the door without a temperature


def unproven(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A21: deliveries without a signature and a receiver, or hot food over two hours old without a
    temperature; only at points that keep delivery records. Evidence: `unsigned`, `untested`.
    """
    lines = seen.lines
    sent = np.flatnonzero(lines.mode == DELIVERY)
    if not len(sent) or not seen.delivered:
        return
    unsigned, untested = [], []
    for at in sent.tolist():
        told = seen.delivered.get(int(lines.sequence[at]))
        if told is None:
            continue
        minutes = told.get("minutes")
        if not told.get("signed") and not told.get("receiver"):
            unsigned.append(at)
        elif minutes is not None and minutes > HOT_MINUTES and told.get("temperature") is None:
            untested.append(at)
    if not unsigned and not untested:
        return
    yield finding(
        seen,
        "A21",
        "case",
        np.array(unsigned, np.int64),
        f"送餐{len(sent)}笔中{len(unsigned)}笔没有签收，{len(untested)}笔超过两小时未测温。",
        "先核对是否由邻居代收、设备离线导致签收未上传。",
        evidence={"unsigned": len(unsigned), "untested": len(untested)},
        days=np.unique(lines.day[np.array(unsigned + untested)]).tolist(),
    )


def at_odd_hours(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A21: deliveries at hours at which neither the meal nor this point delivers.

    A whole round entered late in one go is what a courier does whose telephone had no network: held
    are only elders who are never delivered to at other times. Evidence: `deliveries`, `odd`.
    """
    lines = seen.lines
    sent = lines.mode == DELIVERY
    if not sent.any():
        return
    low = np.array([WINDOWS[meal][0] for meal in range(3)])
    high = np.array([WINDOWS[meal][1] for meal in range(3)])
    for meal, (opens, closes) in seen.point.hours.items():
        low[meal], high[meal] = opens - HOUR, closes + HOUR / 2
    odd = sent & ((lines.second < low[lines.meal]) | (lines.second > high[lines.meal]))
    known = np.unique(lines.resident[sent & ~odd])
    before = seen.habits.resident[seen.habits.delivered > 0]
    which = np.flatnonzero(odd & ~np.isin(lines.resident, np.union1d(known, before)))
    far = odd & (lines.second > high[lines.meal] + TOO_LATE)
    if len(which) < 3 or (not len(known) and not far.any() and _works_so(seen, odd)):
        return
    yield finding(
        seen,
        "A21",
        "case",
        which,
        f"{len(which)}笔送餐登记在不可能送餐的时段，这些老人此前没有正常送餐记录。",
        "先核对是否送达后集中补登、就餐时间填错。",
        evidence={"deliveries": int(sent.sum()), "odd": int(odd.sum())},
    )


def _works_so(seen: PointMonth, odd: NDArray[np.bool_]) -> bool:
    """Whether a point whose deliveries are all at such hours may have its custom in it: it had
    deliveries before, or the round is at about the same hour every day."""
    if seen.habits.delivered.any():
        return True
    if seen.habits.days >= BEFORE:
        return False
    days = np.unique(seen.lines.day[odd])
    hours = [np.median(seen.lines.second[odd & (seen.lines.day == day)]) for day in days]
    return len(days) < 5 or float(np.std(hours)) < STEADY
