"""The same elder at two points on one day, closer in time than travel and eating allow."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.district import District
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, DINE_IN, Anomaly, Ints

NEAR = 300.0  # metres: neighbours' doors, one may well go on to the other
ERRAND = 5.0  # metres a second within the town, door to door by electric bicycle
DRIVE = 11.0  # … over longer ways
AT_TABLE = 300  # seconds that nobody eats faster than
LOOK_BACK = 3  # servings of the same elder and day


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Places in District.lines: `early` and `late` lines of one elder and day at two points."""

    early: Ints
    late: Ints
    seconds: Ints
    metres: NDArray[np.float64]


def two_points(seen: District, limits: Limits) -> Iterator[Anomaly]:
    """A05: held is the line at the point that is not the elder's own; both if neither is.

    Literal: less than `travel_seconds` apart and more than `travel_metres`. Also whoever would have
    had to travel faster than a car in town, or to leave the table within five minutes; a delivered
    meal may be taken in by somebody else, so there only the literal rule counts.
    Evidence: `second` code of the other point (the most frequent), `minutes` the shortest gap,
    `metres` of it, `pairs`, `days`, `untold` pairs whose both lines are held.
    """
    pairs = _impossible(seen, _pairs(seen), limits)
    if not len(pairs.early):
        return
    held, untold = _responsible(seen, pairs)
    points = {one.point.id: one.point for one in seen.points}
    for number in np.unique(seen.where[held[held >= 0]]).tolist():
        mine = (seen.where[held] == number) & (held >= 0)
        which = np.unique(held[mine])
        rows = np.flatnonzero(mine.any(axis=1))
        shortest = rows[np.argmin(pairs.seconds[rows])]
        both = seen.where[np.stack([pairs.early[rows], pairs.late[rows]])]
        others, often = np.unique(both[both != number], return_counts=True)
        second = points[int(others[np.argmax(often)])]
        elders = np.unique(seen.lines.resident[which])
        minutes = round(float(pairs.seconds[shortest]) / 60, 1)
        metres = pairs.metres[shortest]
        far = f"、两点相距{metres / 1000:.1f}公里" if np.isfinite(metres) else ""
        yield Anomaly(
            "A05",
            "case",
            points[number].code,
            tuple(np.sort(seen.lines.sequence[which]).tolist()),
            tuple(np.unique(seen.lines.day[which]).tolist()),
            tuple(elders.tolist()),
            f"{len(elders)}位老人{len(rows)}次在两个助餐点先后就餐，间隔短得来不及赶到，最短{minutes:g}分钟{far}。",
            "先核对设备时钟、是否家属持卡代取或离线补传时刻有误。",
            {
                "second": second.code,
                "pairs": len(rows),
                "minutes": minutes,
                "metres": round(float(metres)) if np.isfinite(metres) else None,
                "untold": int(untold[rows].sum()),
                "days": iso(seen.lines.day[which].tolist()),
            },
        )


def _pairs(seen: District) -> _Pairs:
    """Each two servings of an elder and day at different points, at most three apart."""
    lines = seen.lines
    early, late = [], []
    for back in range(1, LOOK_BACK + 1):
        if len(lines) <= back:
            break
        same = (
            (lines.resident[back:] == lines.resident[:-back])
            & (lines.day[back:] == lines.day[:-back])
            & (seen.where[back:] != seen.where[:-back])
        )
        at = np.flatnonzero(same)
        early.append(at)
        late.append(at + back)
    first = np.concatenate(early) if early else np.zeros(0, np.int64)
    then = np.concatenate(late) if late else np.zeros(0, np.int64)
    return _Pairs(first, then, lines.second[then] - lines.second[first], _metres(seen, first, then))


def _metres(seen: District, first: Ints, then: Ints) -> NDArray[np.float64]:
    ids = np.array([one.point.id for one in seen.points], np.int64)
    order = np.argsort(ids)
    at = np.array([(one.point.x, one.point.y) for one in seen.points], np.float64).reshape(-1, 2)
    rows = order[np.searchsorted(ids, seen.where, sorter=order)] if len(ids) else seen.where
    apart = at[rows[first]] - at[rows[then]]
    return np.hypot(apart[:, 0], apart[:, 1])


def _impossible(seen: District, pairs: _Pairs, limits: Limits) -> _Pairs:
    lines = seen.lines
    with np.errstate(invalid="ignore"):
        literal = (pairs.seconds < limits.travel_seconds) & (pairs.metres > limits.travel_metres)
        seated = np.where(lines.mode[pairs.early] == DINE_IN, AT_TABLE, 0)
        faster = np.where(
            pairs.metres > limits.travel_metres,
            pairs.seconds < pairs.metres / DRIVE + seated,
            (pairs.metres > NEAR) & (pairs.seconds < pairs.metres / ERRAND + seated),
        )
    taken_in = (lines.mode[pairs.early] == DELIVERY) | (lines.mode[pairs.late] == DELIVERY)
    hit = literal | (faster & ~taken_in)
    return _Pairs(pairs.early[hit], pairs.late[hit], pairs.seconds[hit], pairs.metres[hit])


def _responsible(seen: District, pairs: _Pairs) -> tuple[Ints, NDArray[np.bool_]]:
    """For each pair two places in the lines, -1 for none: the stranger's line, or both."""
    own = np.stack([_own(seen, pairs.early, pairs), _own(seen, pairs.late, pairs)], axis=1)
    both = np.stack([pairs.early, pairs.late], axis=1)
    alone = _alone(seen, both)  # points that collect such pairs from many other points
    told = _less(own[:, 0], own[:, 1])
    told = np.where(told == 0, _less(-alone[:, 0], -alone[:, 1]), told)
    held = both.copy()
    held[told == 1, 1] = -1  # the early line is the stranger's
    held[told == -1, 0] = -1
    return held, told == 0


def _less(one: NDArray[np.float64], other: NDArray[np.float64]) -> Ints:
    """1 where `one` is clearly less than `other`, -1 where it is the other way round, else 0."""
    clear = 2.0 * np.minimum(one, other) + 1e-9 < np.maximum(one, other)
    clear &= np.abs(one - other) >= 1.0
    return np.where(clear, np.where(one < other, 1, -1), 0)


def _own(seen: District, at: Ints, pairs: _Pairs) -> NDArray[np.float64]:
    """How often the elder eats at that line's point, these pairs not counted."""
    base = int(max(seen.visits.point.max(initial=0), seen.where.max(initial=0))) + 1
    known = seen.visits.resident * base + seen.visits.point
    order = np.argsort(known)
    wanted = seen.lines.resident[at] * base + seen.where[at]
    used = np.unique(np.concatenate([pairs.early, pairs.late]))
    keys, times = np.unique(seen.lines.resident[used] * base + seen.where[used], return_counts=True)
    paired = times[np.searchsorted(keys, wanted)]
    if not len(known):
        return np.zeros(len(at), np.float64)
    row = order[np.clip(np.searchsorted(known, wanted, sorter=order), 0, len(known) - 1)]
    same = known[row] == wanted
    month = np.where(same, seen.visits.month[row], 0)
    apart = np.maximum(0.0, month - paired)
    # what went on before may be the same fraud: it counts as far as this month's visits are free
    before = np.where(same, seen.visits.before[row], 0) * apart / np.maximum(month, 1)
    return apart + before


def _alone(seen: District, both: Ints) -> NDArray[np.float64]:
    """In how many of these pairs each side's point takes part, in shares of all pairs × 10."""
    points, times = np.unique(seen.where[both], return_counts=True)
    share = 10.0 * times / max(1, len(both))
    return share[np.searchsorted(points, seen.where[both])]
