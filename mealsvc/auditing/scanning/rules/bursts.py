"""A06: entries too quick one after another, too even, or too exact for people. Pure."""

from collections.abc import Iterator
from itertools import pairwise
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    groups,
    log_chi_square_below,
    log_poisson_tail,
    middles,
)
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import Stream, counter, from_outage
from mealsvc.auditing.scanning.rules.telling import clock_words, finding
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth, day_of

NEAR = 900  # seconds around a burst in which other days are looked at
SWAY = 2.0  # servings come in clumps: the mean is taken so many times larger
STEADY = 0.2  # gaps of an honest queue are not more even than that (coefficient of variation)
LENGTHS = (12, 18, 30)  # gaps in a run that are looked at for evenness
EXACT_DAYS = 8
EXACT_SPREAD = 75.0  # seconds; people who come to the minute are within that by themselves


def bursts(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Many entries on one till in a short time, where other days are calmer at that hour.

    Evidence: `runs` with day, from, to, count, usual (what other days have in such a time).
    """
    stream = counter(seen)
    if not len(stream):
        return
    hit = _dense(stream, limits) | _quick(stream, limits)
    hit = _unexplained(seen, stream, hit)
    chosen, told, chance = list[Ints](), list[dict[str, object]](), 0.0
    runs = _runs(hit, stream)
    for first, last in runs:
        usual = _usual(stream, first, last)
        count = last - first
        likely = exp(log_poisson_tail(count, SWAY * usual + 2)) * len(stream) / limits.burst_lines
        if likely >= limits.false_chance:
            continue
        chosen.append(np.arange(first, last))
        chance += likely
        told.append({**_run(stream, first, last), "usual": round(usual, 1)})
    if not chosen:
        return
    which = stream.at[np.concatenate(chosen)]
    most = max(told, key=lambda one: float(str(one["count"])))
    summary = (
        f"有{len(told)}段集中登记共{len(which)}笔，最多一段{most['count']}笔（{most['day']} {most['from']}起），"
        f"其他日子这个时段平均{most['usual']}笔。"
    )
    honest = "先核对是否断网后补录、集体活动或排队高峰，当天有无停电、断网记录。"
    yield finding(
        seen, "A06", "case", which, summary, honest,
        evidence={"runs": told[:12]}, chance=limits.in_district(chance),
    )  # fmt: skip


def metronome(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Entries at intervals more even than any queue of people.

    Evidence: `runs` with day, from, to, count, gap (mean seconds), swing (coefficient of variation).
    """
    stream = counter(seen)
    hit = np.zeros(len(stream), bool)
    worst = 0.0
    for length in LENGTHS:
        even, chance = _even(stream, length, limits)
        hit |= _spread_back(even, length + 1, len(stream))
        worst = max(worst, chance)
    hit = _unexplained(seen, stream, hit)
    told = list[dict[str, object]]()
    for first, last in _runs(hit, stream):
        gaps = stream.gap[first + 1 : last]
        gaps = gaps[np.isfinite(gaps)]
        if len(gaps) < LENGTHS[0] - 1:
            hit[first:last] = False
            continue
        mean = float(gaps.mean())
        told.append(
            {
                **_run(stream, first, last),
                "gap": round(mean, 1),
                "swing": round(float(gaps.std()) / max(mean, 0.1), 3),
            }
        )
    if not told:
        return
    which = stream.at[hit]
    most = max(told, key=lambda one: float(str(one["count"])))
    summary = (
        f"有{len(told)}段登记间隔几乎相等共{len(which)}笔，如{most['day']} {most['from']}起"
        f"{most['count']}笔每隔约{most['gap']}秒一笔，上下只差{100 * float(str(most['swing'])):.0f}%。"
    )
    honest = "先核对设备是否自动补传、时间是否由系统统一填写，再看当时是否真的有人排队。"
    yield finding(
        seen, "A06", "case", which, summary, honest,
        evidence={"runs": told[:12]}, chance=limits.in_district(worst),
    )  # fmt: skip


def punctual(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Several elders whose own times are far more exact than everybody else's.

    Evidence: `punctual` with the number of elders, their spread and the point's, in seconds.
    """
    lines = seen.lines
    if not len(lines):
        return
    number, count = groups(lines.resident, lines.meal)
    seconds = lines.second.astype(np.float64)
    sizes = np.bincount(number, minlength=count)
    away = np.abs(seconds - middles(seconds, number, count)[number])
    spread = 1.4826 * middles(away, number, count)
    often = np.flatnonzero(sizes >= EXACT_DAYS)
    if len(often) < 8:
        return
    logs = np.log(spread[often] + 20.0)
    middle = float(np.median(logs))
    scale = max(1.4826 * float(np.median(np.abs(logs - middle))), 0.3)
    low = (middle - logs) / scale
    exact = often[(low > 4.5) & (spread[often] < EXACT_SPREAD)]
    if len(exact) < 3:
        return
    hit = np.isin(number, exact) & (away <= np.maximum(4 * spread[number], 30.0))
    chance = len(often) * exp(-0.5 * 4.5**2) ** len(exact) * 10
    if chance >= limits.false_chance:
        return
    own, usual = float(np.median(spread[exact])), exp(middle) - 20.0
    people = len(np.unique(lines.resident[hit]))
    summary = f"{people}位老人每次登记的时刻前后只差约{own:.0f}秒，本点其他老人约{usual / 60:.0f}分钟，共{hit.sum()}笔。"
    honest = "先核对时刻是否由系统按整点填写、是否统一开饭，再看有无脚本或名单定时登记。"
    yield finding(
        seen, "A06", "case", np.flatnonzero(hit), summary, honest,
        evidence={"punctual": {"elders": people, "spread": round(own), "usual": round(usual)}},
        chance=limits.in_district(chance),
    )  # fmt: skip


def _unexplained(seen: PointMonth, stream: Stream, hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is left without the batches after an outage."""
    lines = np.zeros(len(seen.lines), bool)
    lines[stream.at[hit]] = True
    return hit & ~from_outage(seen, lines)[stream.at]


def _dense(stream: Stream, limits: Limits) -> NDArray[np.bool_]:
    """Lines among so many within so many seconds."""
    size = limits.burst_lines
    if len(stream) < size:
        return np.zeros(len(stream), bool)
    near = stream.second[size - 1 :] - stream.second[: 1 - size] <= limits.burst_seconds
    near &= stream.till[size - 1 :] == stream.till[: 1 - size]
    return _spread_back(near, size, len(stream))


def _quick(stream: Stream, limits: Limits) -> NDArray[np.bool_]:
    """Lines among so many whose gaps have a median below so many seconds."""
    size = limits.gap_lines
    if len(stream) <= size:
        return np.zeros(len(stream), bool)
    windows = np.lib.stride_tricks.sliding_window_view(stream.gap[1:], size)
    alike = stream.till[size:] == stream.till[:-size]
    quick = np.zeros(len(windows), bool)
    # a median below the limit needs at least half of the gaps below it
    below = np.cumsum(np.r_[0, stream.gap[1:] < limits.gap_seconds])
    likely = np.flatnonzero(alike & (below[size:] - below[:-size] >= size // 2))
    if len(likely):
        quick[likely] = np.median(windows[likely], axis=1) < limits.gap_seconds
    return _spread_back(quick, size + 1, len(stream))


def _even(stream: Stream, length: int, limits: Limits) -> tuple[NDArray[np.bool_], float]:
    """The places where so many gaps are too even, and the chance of that among all of them."""
    if len(stream) <= length:
        return np.zeros(0, bool), 0.0
    gap = np.where(np.isfinite(stream.gap[1:]), stream.gap[1:], 0.0)
    sums, squares = np.cumsum(np.r_[0, gap]), np.cumsum(np.r_[0, gap * gap])
    mean = (sums[length:] - sums[:-length]) / length
    variance = (squares[length:] - squares[:-length]) / length - mean * mean
    step = _step(stream.second)
    whole = (stream.till[length:] == stream.till[:-length]) & (mean >= max(2.0, 3.0 * step))
    if whole.sum() < 1:
        return whole, 0.0
    swing = np.sqrt(np.maximum(variance, 0) + step * step / 6.0)[whole] / mean[whole]
    steady = max(STEADY, float(np.quantile(swing, 0.1)))
    tests = len(LENGTHS) * max(int(whole.sum()), 1)
    most = _limit(length, log(limits.false_chance / tests)) * steady
    found = np.zeros(len(whole), bool)
    found[whole] = swing < most
    least = float(swing.min())
    chance = exp(log_chi_square_below((length - 1) * (least / steady) ** 2, length - 1)) * tests
    return found, chance if found.any() else 0.0


def _limit(length: int, wanted: float) -> float:
    """The share of the usual swing under which so many gaps fall with this log chance."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        if log_chi_square_below((length - 1) * middle * middle, length - 1) < wanted:
            low = middle
        else:
            high = middle
    return low


def _step(second: Ints) -> float:
    """What times are rounded to: 1, 10 or 60 seconds."""
    for step in (60, 10):
        if not (second % step).any():
            return float(step)
    return 1.0


def _spread_back(found: NDArray[np.bool_], size: int, length: int) -> NDArray[np.bool_]:
    """The lines covered by windows of this size that start where `found` is true."""
    marks = np.zeros(length + 1, np.int64)
    at = np.flatnonzero(found)
    np.add.at(marks, at, 1)
    np.add.at(marks, np.minimum(at + size, length), -1)
    return np.cumsum(marks[:-1]) > 0


def _runs(hit: NDArray[np.bool_], stream: Stream) -> list[tuple[int, int]]:
    """Stretches of neighbours that are hit, each at one till: first and one past the last."""
    at = np.flatnonzero(hit)
    if not len(at):
        return []
    apart = (np.diff(at) > 1) | (np.diff(stream.till[at]) != 0)
    edges = np.flatnonzero(np.r_[True, apart, True])
    return [(int(at[a]), int(at[b - 1]) + 1) for a, b in pairwise(edges)]


def _usual(stream: Stream, first: int, last: int) -> float:
    """How many entries another busy day has at about that hour, in as long a time."""
    day = stream.day[first]
    begins, ends = int(stream.second[first]), int(stream.second[last - 1])
    length = max(ends - begins, 60)
    around = (stream.second >= begins - NEAR) & (stream.second <= ends + NEAR) & (stream.day != day)
    others, second = stream.day[around], stream.second[around]
    days = len(np.unique(stream.day)) - 1
    if not len(others) or days < 1:
        return 0.0
    order = np.lexsort((second, others))
    packed = others[order] * 200_000 + second[order]
    together = np.searchsorted(packed, packed + length, "right") - np.arange(len(packed))
    number, count = groups(others[order])
    most = np.zeros(max(count, days), np.float64)
    np.maximum.at(most, number, together)
    return float(np.quantile(most, 0.6))


def _run(stream: Stream, first: int, last: int) -> dict[str, object]:
    """A run for the evidence."""
    begins, ends = int(stream.second[first]), int(stream.second[last - 1])
    return {
        "day": day_of(int(stream.day[first])).isoformat(),
        "from": f"{clock_words(begins)}:{begins % 60:02d}",
        "to": f"{clock_words(ends)}:{ends % 60:02d}",
        "count": last - first,
    }
