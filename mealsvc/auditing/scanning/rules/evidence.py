"""What other records say: logs, the drawer, an inspector's count, the elder's own word."""

from collections.abc import Iterator

import numpy as np

from mealsvc.auditing.scanning.rules import profile
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import clock_words, date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import DINE_IN, Anomaly, PointMonth

NONE = np.zeros(0, np.int64)
DAILY = {"sample": "留样", "morning": "晨检", "daily": "日管控"}
KEEPS = 0.5  # of the days with servings: then the point keeps that kind of log


def unlogged(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A17: days with servings but without a kind of daily log that the point otherwise keeps.

    Holds no lines: the meals may well have been eaten. Evidence: days by kind of log.
    """
    days = np.unique(seen.lines.day).tolist()
    if not days or not seen.point.logged:
        return
    missing: dict[str, list[int]] = {}
    for kind in sorted({kind for kinds in seen.point.logged.values() for kind in kinds}):
        word = next((name for name in DAILY if kind.startswith(name)), None)
        without = [day for day in days if kind not in seen.point.logged.get(day, frozenset())]
        if word and without and len(without) <= (1 - KEEPS) * len(days):
            missing.setdefault(word, []).extend(without)
    if not missing:
        return
    told = "、".join(f"{DAILY[kind]}缺{len(without)}天" for kind, without in missing.items())
    yield finding(
        seen,
        "A17",
        "case",
        NONE,
        f"有就餐记录但没有食品安全记录：{told}。",
        "先核对是否记了纸质台账未录入、补录是否仍在期限内。",
        evidence={kind: iso(without) for kind, without in missing.items()},
        days=sorted({day for without in missing.values() for day in without}),
    )


def drawer(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A18: what was taken in differs from the recorded self-pay. Evidence: `days`, `fen` by day."""
    off = {
        day: taken - recorded
        for day, recorded, taken in seen.point.drawers
        if abs(taken - recorded) > limits.till_fen
        or abs(taken - recorded) > limits.till_share * max(recorded, 1)
    }
    if not off:
        return
    worst = max(off, key=lambda day: abs(off[day]))
    yield finding(
        seen,
        "A18",
        "case",
        NONE,
        f"{len(off)}天收款与系统应收不符，{date_words(worst)}相差{off[worst] / 100:+.2f}元，"
        f"合计{sum(off.values()) / 100:+.2f}元。",
        "先核对找零、隔日到账和退款，以及是否另有未入系统的收款。",
        evidence={"days": iso(off), "fen": [off[day] for day in sorted(off)][:12]},
        days=sorted(off),
    )


def denied(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A27: somebody says of these lines: I did not eat that. Evidence: `elders`."""
    if not seen.denied:
        return
    which = np.flatnonzero(np.isin(seen.lines.sequence, np.fromiter(seen.denied, np.int64)))
    if len(which):
        number = len(np.unique(seen.lines.resident[which]))
        yield finding(
            seen,
            "A27",
            "high",
            which,
            f"{number}位老人在回访或投诉中否认{len(which)}笔就餐。",
            "先核对是否家属代取、老人记错日期，可向家属再问一次。",
            evidence={"elders": number},
        )


def headcount(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A28: an inspector counted fewer at the tables than were recorded by that minute.

    Held are as many of the least likely lines of that meal. Evidence: `days`, `counted`,
    `recorded`, `at` of the worst.
    """
    lines = seen.lines
    held, worst, hit = [NONE], None, []
    scores = None
    for day, second, counted, recorded in seen.point.headcounts:
        excess = recorded - counted
        if excess < 2 or excess <= limits.count_deviation * max(counted, 1):
            continue
        hit.append(day)
        worst = max(worst or (0, 0, 0, 0), (excess, day, second, counted))
        before = (lines.day == day) & (lines.second <= second) & (lines.mode == DINE_IN)
        if before.any():
            before &= lines.meal == lines.meal[before][-1]
            scores = profile.surprise(seen) if scores is None else scores
            held.append(profile.least_likely(seen, before, excess, scores))
    if worst is None:
        return
    excess, day, second, counted = worst
    yield finding(
        seen,
        "A28",
        "high",
        np.concatenate(held),
        f"{date_words(day)}{clock_words(second)}现场清点{counted}人，系统已登记{counted + excess}份，多{excess}份。",
        "先核对清点时是否有人已离开、外带或在其他房间用餐。",
        evidence={
            "days": iso(hit),
            "counted": counted,
            "recorded": counted + excess,
            "at": clock_words(second),
        },
        days=hit,
    )
