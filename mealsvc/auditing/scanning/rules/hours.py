"""A08: entries when nothing is served. Pure.

One or two late guests are everywhere; a list is entered in one go, and its elders don't usually
come towards closing. More than an hour outside stated hours nobody is late. Deliveries have their own window and rule.
"""

from collections.abc import Iterator
from math import exp

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, log_poisson_tail
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import from_outage, usual_seconds
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, clock_words, finding
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Lines, PointMonth, day_of

LEAST = 3  # entries of one day and meal on one side of the hours
OFTEN = 4  # such entries of one elder
FAR = 3600  # seconds beyond stated hours and grace that no late guest explains
NARROW, TELLING = 0.6, 12  # of a meal's days; guests a day that tell hours nobody stated
CUSTOM, CUSTOM_DAYS = 0.5, 5  # share of a meal's days with such entries: hours stated wrongly
TAIL = 1200  # seconds: a queue that was there at closing is served by then
LATE = 2700  # seconds before closing that count as coming late
MEAL_FROM = (0, 34_200, 54_000, 200_000)  # no lunch before 9:30, no dinner before 15:00
MOSTLY = 0.4  # of a meal's entries lie within its hours, if those can be learnt at all
BIN, QUIET, RARE = 600, 2, 0.3  # hours that nobody stated: two quiet stretches end the service
STRAYS = 0.5  # entries outside the hours that an honest day may have


def off_hours(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Batches before opening, after closing, or on a day on which the point is closed.

    Evidence: `batches` with day, meal, from, to, count; `strays`: entries outside the hours that
    are left to lateness; `hours`: `stated` or `learnt`.
    """
    lines = seen.lines
    if not len(lines):
        return
    opens, closes, stated = _hours(seen)
    own = lines.mode != DELIVERY
    shut = np.isin(lines.day, list(seen.point.closed_days)) & own
    early = own & (lines.second < opens[lines.meal] - limits.grace)
    late = own & (lines.second > closes[lines.meal] + limits.grace)
    away = np.maximum(opens[lines.meal] - lines.second, lines.second - closes[lines.meal])
    fact = shut | _far(seen, (early | late) & ~shut, away - limits.grace)
    hit = fact.copy()
    batches = 0
    for side in (early & ~shut, late & ~shut):
        side &= ~from_outage(seen, side) & ~_usual_then(seen, side)
        chosen, number = _batches(seen, side, closes)
        regulars = _regulars(lines, side)
        hit |= chosen | regulars
        batches += number + len(np.unique(lines.day[regulars & ~chosen]))
    if not hit.any():
        return
    strays = int((early | late).sum() - (hit & ~shut).sum())
    days = len(np.unique(lines.day))
    rate = max(STRAYS, 2.0 * strays / days)
    chance = exp(log_poisson_tail(int((hit & ~fact).sum()), rate * max(batches, 1))) * days
    if chance >= limits.false_chance:
        hit = fact
    if not hit.any():
        return
    told = _told(lines, hit)
    most = max(told, key=lambda one: int(str(one["count"])))
    meal = int(str(most["meal"]))
    summary = (
        f"不在供餐时段登记{hit.sum()}笔，分{len(told)}批；最多一批{most['day']} {most['from']}起{most['count']}笔"
        f"（{MEAL_WORDS[meal]}{'规定' if stated else '惯常'}{_span(opens[meal], closes[meal])}）。"
    )
    honest = "先核对当天是否延时供餐、停电断网后补录或设备时钟不准，闭餐后一两位老人晚到不算。"
    yield finding(
        seen, "A08", "case", np.flatnonzero(hit), summary, honest,
        evidence={"batches": told[:12], "strays": strays, "hours": "stated" if stated else "learnt"},
        chance=None if fact.any() else limits.in_district(chance),
    )  # fmt: skip


def _far(seen: PointMonth, outside: NDArray[np.bool_], away: Floats) -> NDArray[np.bool_]:
    """Lines more than an hour outside stated hours, but for the days of an outage and for meals
    that are entered so far out on most days."""
    lines = seen.lines
    far = outside & (away > FAR) & np.isin(lines.meal, list(seen.point.hours))
    if not far.any():
        return far
    far &= ~np.isin(lines.day, lines.day[from_outage(seen, outside)])
    for meal in np.unique(lines.meal[far]).tolist():
        of = lines.meal == meal
        days = len(np.unique(lines.day[far & of]))
        if days >= CUSTOM_DAYS and days >= CUSTOM * len(np.unique(lines.day[of])):
            far &= ~of
    return far


def _hours(seen: PointMonth) -> tuple[Floats, Floats, bool]:
    """Opening and closing by meal: as stated, else as most days show; and whether all are stated."""
    opens, closes = np.full(3, -1e9), np.full(3, 1e9)
    stated = True
    for meal in np.unique(seen.lines.meal).tolist():
        if meal in seen.point.hours:
            opens[meal], closes[meal] = seen.point.hours[meal]
        else:
            stated = False
            opens[meal], closes[meal] = _learnt(seen.lines, meal)
    return opens, closes, stated


def _learnt(lines: Lines, meal: int) -> tuple[float, float]:
    """From the busiest time of the meal outwards to where most days are quiet."""
    counter = lines.mode != DELIVERY
    own = counter & (lines.meal == meal)
    if not own.any():
        return -1e9, 1e9
    days = len(np.unique(lines.day[own]))
    size = int(lines.second.max()) // BIN + QUIET + 2
    share = _shares(lines, own, size) / days
    # a meal entered at the time of another has its own time elsewhere, if it has any
    at = np.arange(size) * BIN
    apart = np.where((at >= MEAL_FROM[meal]) & (at < MEAL_FROM[meal + 1]), share, 0.0)
    share = apart if apart.max() >= RARE else share
    busy = share >= RARE
    entries = np.bincount(lines.second[own] // BIN, minlength=size)
    low = high = int(np.argmax(np.where(share > 0, entries, 0)))
    while low > 0 and busy[max(low - QUIET, 0) : low].any():
        low -= 1
    while high + 1 < size and busy[high + 1 : high + 1 + QUIET].any():
        high += 1
    served = own & (lines.second >= low * BIN) & (lines.second < (high + 1) * BIN)
    if served.sum() < MOSTLY * own.sum():
        return -1e9, 1e9  # too few come to tell the hours
    return float(low * BIN), float((high + 1) * BIN)


def _shares(lines: Lines, which: NDArray[np.bool_], size: int) -> Floats:
    """On how many days each stretch of time has an entry."""
    pairs = np.unique(lines.day[which] * size + lines.second[which] // BIN)
    return np.bincount(pairs % size, minlength=size).astype(np.float64)


def _batches(
    seen: PointMonth, side: NDArray[np.bool_], closes: Floats
) -> tuple[NDArray[np.bool_], int]:
    """The lines outside the hours that came as a batch, not as a queue that was still there."""
    lines = seen.lines
    found = np.zeros(len(lines), bool)
    at = np.flatnonzero(side)
    if not len(at):
        return found, 0
    number, count = groups(lines.day[at], lines.meal[at])
    sizes = np.bincount(number, minlength=count)
    usual = usual_seconds(seen)[at]
    closing = closes[lines.meal[at]]
    comes_late = (lines.second[at] <= closing + TAIL) & (usual >= closing - LATE)
    late = np.bincount(number, comes_late, count)
    batch = (sizes >= LEAST) & (late < 0.6 * sizes)
    found[at[batch[number]]] = True
    return found, int(batch.sum())


def _usual_then(seen: PointMonth, side: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines outside hours that were learnt from too few guests a day: on most days some lie there."""
    lines = seen.lines
    found = np.zeros(len(lines), bool)
    for meal in set(np.unique(lines.meal[side]).tolist()) - set(seen.point.hours):
        of = lines.meal == meal
        days = [len(np.unique(lines.day[which])) for which in (side & of, of)]
        if days[0] >= NARROW * days[1] and of.sum() < TELLING * days[1]:
            found |= side & of
    return found


def _regulars(lines: Lines, side: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The lines of those who are entered outside the hours again and again, and hardly in them."""
    people, number = np.unique(lines.resident, return_inverse=True)
    outside = np.bincount(number, side, len(people))
    whole = np.bincount(number, minlength=len(people))
    often = (outside >= OFTEN) & (outside >= 0.5 * whole)
    return side & often[number] if often.sum() >= LEAST else np.zeros(len(lines), bool)


def _span(opens: float, closes: float) -> str:
    """Hours in words; empty where nothing tells them."""
    return f"{clock_words(int(opens))}至{clock_words(int(closes))}" if opens > 0 else "时段不详"


def _told(lines: Lines, hit: NDArray[np.bool_]) -> list[dict[str, object]]:
    """The batches for the evidence, the largest first."""
    at = np.flatnonzero(hit)
    number, count = groups(lines.day[at], lines.meal[at])
    told = list[dict[str, object]]()
    for one in range(count):
        of = at[number == one]
        told.append(
            {
                "day": day_of(int(lines.day[of[0]])).isoformat(),
                "meal": int(lines.meal[of[0]]),
                "from": clock_words(int(lines.second[of].min())),
                "to": clock_words(int(lines.second[of].max())),
                "count": len(of),
            }
        )
    return sorted(told, key=lambda one: (-int(str(one["count"])), str(one["day"])))
