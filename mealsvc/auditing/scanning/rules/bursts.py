"""A06: entries too quick one after another, or too exact for people. Pure."""

from collections.abc import Iterator
from itertools import pairwise
from math import exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    groups,
    log_chi_square_below,
    log_choose,
    log_poisson_tail,
    middles,
)
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import Stream, counter, from_outage, step_of
from mealsvc.auditing.scanning.rules.telling import clock_words, finding
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Ints, PointMonth, day_of

NEAR = 900  # seconds around a burst in which other days are looked at
SWAY = 2.0  # servings come in clumps: the mean is taken so many times larger
APART = 4  # times the gap of a burst that part its ends from guests
FEW_DAYS, SELDOM = 2, 0.2  # bursts on so many days, on such a share of them, are no habit
PEAK_DAYS = 5  # other days that tell how dense a point's days become
PEAK_SWAY, LEAST_SWAY = 0.2, 0.8  # deviation of a day's peak at least: of its mean, in entries
EULER = 0.5772
EXACT_DAYS, EXACT_SHARE, EXACT_REACH = 7, 0.6, 60  # most of so many days within so many seconds
HUMAN = 15.0  # seconds by which the most punctual differ from day to day
EXACT_EACH = 0.05  # the chance under which one elder counts as exact


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
    dense, whole = (len(np.unique(days)) for days in (stream.day[hit], stream.day))
    rare = dense <= max(FEW_DAYS, SELDOM * whole)
    for run in runs:
        first, last = _trimmed(stream, *run, APART * limits.gap_seconds)
        count = last - first
        if count < limits.burst_lines:  # what an outage left of a run
            continue
        usual = _usual(stream, first, last)
        likely = exp(log_poisson_tail(count, SWAY * usual + 2)) * len(stream) / limits.burst_lines
        if rare:
            likely = 2 * min(likely, _above_peaks(stream, first, last, limits.burst_seconds))
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


def punctual(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Several elders whose own times are more exact than anybody's can be.

    Evidence: `punctual` with the number of elders, their spread and the point's, in seconds.
    """
    lines = seen.lines
    counter = np.flatnonzero((lines.mode != DELIVERY) & ~households(seen))
    number, count = groups(lines.resident[counter], lines.meal[counter])
    step = step_of(lines.second)
    if not count or step > HUMAN:
        return
    seconds = lines.second[counter].astype(np.float64)
    away = seconds - middles(seconds, number, count)[number]
    near = np.abs(away) <= EXACT_REACH
    sizes, inside = (np.bincount(number, held, count) for held in (np.ones(len(near)), near))
    squares = np.bincount(number, np.where(near, away * away, 0.0), count)
    often = np.flatnonzero((inside >= EXACT_DAYS) & (inside >= EXACT_SHARE * sizes))
    spread = np.sqrt(squares / np.maximum(inside, 1))
    human = HUMAN**2 + step**2 / 6
    each = np.array([log_chi_square_below(squares[k] / human, int(inside[k]) - 1) for k in often])
    exact = often[each < log(EXACT_EACH)] if len(often) else often
    if len(exact) < 3:
        return
    tried = int((sizes >= EXACT_DAYS).sum())
    total = float(each[each < log(EXACT_EACH)].sum()) + log_choose(tried, len(exact))
    chance = exp(min(0.0, total))
    if chance >= limits.false_chance:
        return
    hit = np.isin(number, exact) & near
    usual = 1.4826 * float(np.median(middles(np.abs(away), number, count)[sizes >= EXACT_DAYS]))
    own = float(np.median(spread[exact]))
    people = len(np.unique(lines.resident[counter[hit]]))
    summary = f"{people}位老人每次登记的时刻前后只差约{own:.0f}秒，本点老人一般约{usual:.0f}秒，共{hit.sum()}笔。"
    honest = "先核对时刻是否由系统按整点填写、是否统一开饭，再看有无脚本或名单定时登记。"
    yield finding(
        seen, "A06", "case", counter[hit], summary, honest,
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


def _trimmed(stream: Stream, first: int, last: int, apart: float) -> tuple[int, int]:
    """A run without guests before and after, who stand further apart than so many seconds."""
    close = np.flatnonzero(stream.gap[first + 1 : last] <= apart)
    return (first + int(close[0]), first + int(close[-1]) + 2) if len(close) else (first, first)


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


def _above_peaks(stream: Stream, first: int, last: int, least: int) -> float:
    """The chance that a day of the month peaks so high, by the peaks of its other days, wherever
    in the day they lie: those of a point that is used to such density are as high."""
    length = max(int(stream.second[last - 1] - stream.second[first]), least)
    packed = stream.till * 200_000 + stream.second
    together = np.searchsorted(packed, packed + length, "right") - np.arange(len(packed))
    day, days = groups(stream.day)
    peaks = np.zeros(days)
    np.maximum.at(peaks, day, together)
    sizes = np.bincount(day, minlength=days)
    others = np.arange(days) != day[first]
    if others.sum() < PEAK_DAYS:
        return 1.0
    # a day with more guests may peak higher
    fuller = (sizes[day[first]] - (last - first)) / sizes[others].mean()
    middle = float(peaks[others].mean()) * min(max(fuller, 1.0), 2.0)
    scale = max(float(peaks[others].std()), PEAK_SWAY * middle, LEAST_SWAY) * sqrt(6) / pi
    # the highest of many counts is Gumbel's
    beyond = (last - first - middle) / scale + EULER
    return float(-np.expm1(-exp(-beyond)) * days)


def _run(stream: Stream, first: int, last: int) -> dict[str, object]:
    """A run for the evidence."""
    begins, ends = int(stream.second[first]), int(stream.second[last - 1])
    return {
        "day": day_of(int(stream.day[first])).isoformat(),
        "from": f"{clock_words(begins)}:{begins % 60:02d}",
        "to": f"{clock_words(ends)}:{ends % 60:02d}",
        "count": last - first,
    }
