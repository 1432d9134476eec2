"""Drawing at random, weighted, so that anybody who has the seed draws the same. Pure.

In step k the remaining candidates lie in a row in order of their key, each as long as its weight;
SHA-256 of `seed|what|k`, taken as a whole number modulo the row's length, points at the one drawn.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BASE = 10  # every candidate can be drawn
GRADE_SHARES = {"A": 0, "B": 333, "C": 667, "D": 1000, "": 500}  # never inspected: in the middle
MANY_ANOMALIES = 5
FACTORS = ("等级", "异常", "临期", "日志缺", "久未查")


@dataclass(frozen=True, slots=True)
class Risk:
    """What is known of a point when it may be drawn. `gap` is the share of due logs missing.

    `papers`: 2 lapsed or missing, 1 expiring, 0 in order; `months` since the last visit, None: never.
    """

    grade: str = ""
    anomalies: int = 0
    papers: int = 0
    gap: float = 0.0
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody or something that can be drawn: its key, weight, and what the weight comes from."""

    key: str
    weight: int
    reasons: tuple[str, ...] = ()


def draw(seed: str, what: str, weights: Mapping[str, int], count: int) -> list[str]:
    """The keys drawn, in the order of drawing; all of them if there are no more than `count`."""
    left = dict(sorted((key, weight) for key, weight in weights.items() if weight > 0))
    drawn: list[str] = []
    while left and len(drawn) < count:
        text = f"{seed}|{what}|{len(drawn) + 1}"
        at = int(hashlib.sha256(text.encode()).hexdigest(), 16) % sum(left.values())
        key = next(key for key, end in _ends(left) if at < end)
        drawn.append(key)
        del left[key]
    return drawn


def _ends(weights: Mapping[str, int]) -> list[tuple[str, int]]:
    ends, at = [], 0
    for key, weight in weights.items():
        at += weight
        ends.append((key, at))
    return ends


def weights_of(setting: str) -> tuple[int, ...]:
    """The five weights of the setting `visit.weights`; what it leaves out weighs nothing."""
    given = [int(part) for part in setting.split(",")][: len(FACTORS)]
    return (*given, *[0] * (len(FACTORS) - len(given)))


def candidate(key: str, risk: Risk, weights: Sequence[int], every_months: int) -> Candidate:
    """A point with its weight: 10, and of each factor's weight the share that the risk makes up."""
    shares = (
        GRADE_SHARES[risk.grade],
        min(risk.anomalies, MANY_ANOMALIES) * 1000 // MANY_ANOMALIES,
        risk.papers * 500,
        int(Decimal(str(min(max(risk.gap, 0.0), 1.0))) * 1000),
        1000 if risk.months is None else min(risk.months * 1000 // max(every_months, 1), 1000),
    )
    points = [weight * share // 1000 for weight, share in zip(weights, shares, strict=True)]
    said = _said(risk)
    reasons = tuple(
        f"{name}+{plus}（{words}）"
        for name, plus, words in zip(FACTORS, points, said, strict=True)
        if plus
    )
    return Candidate(key, BASE + sum(points), (f"基础{BASE}", *reasons))


def _said(risk: Risk) -> tuple[str, ...]:
    papers = ("证照正常", "证照临期", "证照过期或缺失")[risk.papers]
    since = "从未检查" if risk.months is None else f"距上次{risk.months}个月"
    grade = f"上次{risk.grade}级" if risk.grade else "尚无等级"
    return grade, f"未处理异常{risk.anomalies}件", papers, f"日志缺{risk.gap:.0%}", since


def usual_seed(day: date, number: str) -> str:
    """The seed of a draw: known before anybody can know the candidates' weights of that day."""
    return f"{day:%Y%m%d}-{number}"
