"""A06: entries at equal distances, as a script makes them, also between the guests. Pure.

From each two entries near each other the next ones are foretold, at the same distance; a chain
that goes on and on is no chance where entries are few, and no queue where the queue is slower,
quicker or less even.
"""

from collections.abc import Iterator
from math import exp, log

import numpy as np

from mealsvc.auditing.scanning.rules.arithmetic import Floats
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import Stream, counter, from_outage, step_of
from mealsvc.auditing.scanning.rules.telling import clock_words, finding
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth, day_of

LEAST = 10  # entries of a chain
AHEAD = 6  # entries among which the second of a chain is sought
SHORTEST, LONGEST = 4.0, 200.0  # seconds between two
EVEN = 1.6  # seconds by which an entry may miss the time foretold
STEADY = 0.12  # the most even queue: its gaps' coefficient of variation
FEW = 400  # of the longest chains are looked at


def metronome(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Entries at intervals more even than any queue of people.

    Evidence: `runs` with day, from, to, count, gap (mean seconds), off (mean miss in seconds).
    """
    stream = counter(seen)
    step = step_of(stream.second)
    if len(stream) < LEAST or step > 10:
        return
    # both ends of a distance are rounded
    reach = EVEN + (step if step > 1 else 0.5)
    heads, gaps = _chains(stream, reach)
    tests = max(len(stream) * AHEAD, 1)
    hit = np.zeros(len(stream), bool)
    told, worst = list[dict[str, object]](), 0.0
    for head, gap in zip(heads, gaps, strict=True):
        places = _walk(stream, int(head), float(gap), reach)
        if hit[places].mean() > 0.3 or len(places) < LEAST:
            continue
        chance = exp(min(0.0, _chance(stream, places, reach) + log(tests)))
        if chance >= limits.false_chance:
            continue
        hit[places] = True
        worst = max(worst, chance)
        told.append(_told(stream, places))
    lines = np.zeros(len(seen.lines), bool)
    lines[stream.at[hit]] = True
    lines &= ~from_outage(seen, lines)
    if lines.sum() < LEAST:
        return
    told.sort(key=lambda one: (-int(str(one["count"])), str(one["day"])))
    most = told[0]
    summary = (
        f"有{len(told)}段登记间隔几乎相等共{lines.sum()}笔，如{most['day']} {most['from']}起"
        f"{most['count']}笔每隔{most['gap']}秒一笔，平均只差{most['off']}秒。"
    )
    honest = "先核对设备是否自动补传、时间是否由系统统一填写，再看当时是否真的有人排队。"
    yield finding(
        seen, "A06", "case", np.flatnonzero(lines), summary, honest,
        evidence={"runs": told[:12]}, chance=limits.in_district(worst),
    )  # fmt: skip


def _chains(stream: Stream, off: float) -> tuple[Ints, Floats]:
    """Where long chains begin: first entry and distance; the longest first."""
    count = len(stream)
    heads, nexts = list[Ints](), list[Ints]()
    for ahead in range(1, min(AHEAD, count - 1) + 1):
        gap = stream.second[ahead:] - stream.second[:-ahead]
        good = (
            (stream.till[ahead:] == stream.till[:-ahead])
            & (gap >= max(SHORTEST, 2 * off))
            & (gap <= LONGEST)
        )
        at = np.flatnonzero(good)
        heads.append(at)
        nexts.append(at + ahead)
    head, last = np.concatenate(heads), np.concatenate(nexts)
    packed = stream.till * 200_000 + stream.second
    length = np.full(len(head), 2, np.int64)
    alive = np.arange(len(head))
    while len(alive):
        begin, end = packed[head[alive]], packed[last[alive]]
        gap = (end - begin) / (length[alive] - 1)
        found = _nearest(packed, end + gap, off)
        on = found > last[alive]  # never the entry itself
        alive = alive[on]
        last[alive] = found[on]
        length[alive] += 1
    long = np.flatnonzero(length >= LEAST)
    long = long[np.argsort(-length[long], kind="stable")][:FEW]
    gap = (packed[last[long]] - packed[head[long]]) / np.maximum(length[long] - 1, 1)
    return head[long], gap


def _nearest(packed: Ints, wanted: Floats, off: float) -> Ints:
    """The entry nearest to each wanted time, -1 if none is near enough."""
    after = np.minimum(np.searchsorted(packed, wanted), len(packed) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(packed[before] - wanted) < np.abs(packed[after] - wanted)
    best = np.where(nearer, before, after)
    return np.where(np.abs(packed[best] - wanted) <= off, best, -1)


def _walk(stream: Stream, head: int, gap: float, off: float) -> Ints:
    """The entries of the chain that starts here with about this distance."""
    till = stream.till[head]
    low, high = np.searchsorted(stream.till, [till, till + 1])
    second = stream.second[low:high]
    found = [head - int(low)]
    while True:
        begun = second[found[0]]
        beat = (second[found[-1]] - begun) / (len(found) - 1) if len(found) > 3 else gap
        wanted = second[found[-1]] + beat
        at = int(np.searchsorted(second, wanted))
        near = [k for k in (at - 1, at) if found[-1] < k < len(second)]
        best = min(near, key=lambda k: abs(second[k] - wanted), default=-1)
        if best < 0 or abs(second[best] - wanted) > off:
            return np.array(found, np.int64) + int(low)
        found.append(best)


def _chance(stream: Stream, places: Ints, reach: float) -> float:
    """ln of the chance of such a chain from one start: by the others' density, or as a queue."""
    second = stream.second[places].astype(np.float64)
    length = len(places)
    span = max(float(second[-1] - second[0]), 1.0)
    others = max(int(places[-1] - places[0] + 1) - length, 0)
    width = 2 * reach
    density = (length - 2) * log(min(1.0, width * (others + 2.0) / span))
    # the entries of a queue drift away from any beat: a Brownian bridge that stays so small
    place = np.arange(length)
    slope, base = np.polyfit(place, second, 1)
    off = float(np.square(second - slope * place - base).mean()) + 1 / 12
    queue = -length * (STEADY * slope) ** 2 / (8 * off)
    return max(density, queue)


def _told(stream: Stream, places: Ints) -> dict[str, object]:
    """A chain for the evidence."""
    second = stream.second[places]
    begins, ends = int(second[0]), int(second[-1])
    gap = (ends - begins) / max(len(places) - 1, 1)
    off = np.abs(np.diff(second) - gap).mean()
    return {
        "day": day_of(int(stream.day[places[0]])).isoformat(),
        "from": f"{clock_words(begins)}:{begins % 60:02d}",
        "to": f"{clock_words(ends)}:{ends % 60:02d}",
        "count": len(places),
        "gap": round(gap, 1),
        "off": round(float(off), 1),
    }
