"""Prices that serve the subsidy rather than the elder."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth

BEFORE = 5  # days with servings that tell the price before a rise
HELD = 0.7  # of the days after it keep the raised price
ONE_PRICE = 0.8  # of the lines cost the same: the point has a set meal, not a menu
COMPARED = 5  # lines at full price that tell what others pay


def swallowed(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A14: the subsidy is as large as the bill, so that nothing was paid. Evidence: none."""
    lines = seen.lines
    which = np.flatnonzero((lines.subsidy > 0) & (lines.price <= lines.subsidy))
    if len(which):
        yield finding(
            seen,
            "A14",
            "case",
            which,
            f"{len(which)}笔餐费不高于补贴，老人没有自付。",
            "先核对价格是否录入错误、是否有合规的优惠或赠餐。",
        )


def dearer_for_elders(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A14: subsidised meals cost more than the same meal of the same day at full price.

    Only where the point charges everybody else one price that day. Evidence: `meals` compared,
    `charged` and `others` fen (the most frequent).
    """
    lines = seen.lines
    held = []
    example = (0, 0)
    for meal in range(3):
        plain = np.flatnonzero((lines.subsidy == 0) & (lines.meal == meal))
        paid = np.flatnonzero((lines.subsidy > 0) & (lines.meal == meal))
        if len(plain) < COMPARED or not len(paid):
            continue
        usual, share = _mode(lines.price[plain])
        dear = paid[lines.price[paid] > usual * (1 + limits.price_rise)]
        same_days = np.isin(lines.day[dear], lines.day[plain[lines.price[plain] == usual]])
        dear = dear[same_days]
        if share < 0.8 or len(dear) < COMPARED or len(dear) < 0.5 * len(paid):
            continue
        held.append(dear)
        example = (int(_mode(lines.price[dear])[0]), int(usual))
    if held:
        which = np.concatenate(held)
        yield finding(
            seen,
            "A14",
            "case",
            which,
            f"{len(which)}笔补贴餐按{example[0] / 100:.2f}元计价，同餐次自费只收{example[1] / 100:.2f}元。",
            "先核对是否套餐内容不同、加菜或送餐费计入。",
            evidence={"charged": example[0], "others": example[1], "meals": len(which)},
        )


def lifted(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A15: the price charged rises by more than `price_rise` within `price_days` before a policy
    starts or the month is claimed; or at any time, where only subsidised meals became dearer.

    Held are the subsidised lines at the raised price. Evidence: `from` the first day, `before` and
    `after` fen, `reason` (policy, claim, only_subsidised).
    """
    for meal in range(3):
        yield from _lifted(seen, limits, meal)
    yield from _filed(seen, limits)


def _lifted(seen: PointMonth, limits: Limits, meal: int) -> Iterator[Anomaly]:
    lines = seen.lines
    paid = np.flatnonzero((lines.subsidy > 0) & (lines.meal == meal))
    charged = lines.price[paid]
    if len(paid) < 20 or charged.max() <= charged.min() * (1 + limits.price_rise):
        return
    early = charged[: max(len(paid) // 5, 1)]
    one_price = _mode(early)[1] >= ONE_PRICE  # then a fifth of the lines at another price tells
    days, prices = _daily(lines.day[paid], charged, 0.8 if one_price else 0.5)
    for start in _rises(days, prices, limits.price_rise):
        before = float(np.median(prices[max(0, start - 7) : start]))
        dear = paid[
            (lines.day[paid] >= days[start])
            & (lines.price[paid] > before * (1 + limits.price_rise))
        ]
        reason = _reason(seen, limits, int(days[start]), meal, before)
        if not reason or not len(dear):
            continue
        after = int(np.median(lines.price[dear]))
        words = {
            "policy": "补贴政策开始前后",
            "claim": "月末申报前",
            "only_subsidised": "自费价未变时只对补贴餐",
        }
        yield finding(
            seen,
            "A15",
            "case",
            dear,
            f"{date_words(int(days[start]))}起{MEAL_WORDS[meal]}在{words[reason]}由{before / 100:.2f}元"
            f"提到{after / 100:.2f}元，涉及补贴餐{len(dear)}笔。",
            "先核对是否提前公示并备案、原料成本上涨或套餐内容增加。",
            evidence={
                "from": iso([int(days[start])]),
                "before": int(before),
                "after": after,
                "reason": reason,
            },
        )
        return


def _filed(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """The same from the filed list prices, where the rise took effect in the month."""
    for meal in range(3):
        filed = sorted((day, fen) for kind, day, fen in seen.point.filed if kind == meal)
        for (_, old), (day, new) in pairwise(filed):
            near = any(0 <= start - day <= limits.price_days for start in seen.policy_starts)
            if not seen.first_day <= day <= seen.last_day or new <= old * (1 + limits.price_rise):
                continue
            if not near:
                continue
            lines = seen.lines
            dear = (lines.day >= day) & (lines.meal == meal) & (lines.subsidy > 0)
            which = np.flatnonzero(dear & (lines.price > old * (1 + limits.price_rise)))
            yield finding(
                seen,
                "A15",
                "case",
                which,
                f"{MEAL_WORDS[meal]}备案价{date_words(day)}由{old / 100:.2f}元提到{new / 100:.2f}元，"
                f"距补贴政策开始不足{limits.price_days}天。",
                "先核对备案说明和公示时间、原料成本变化。",
                evidence={"from": iso([day]), "before": old, "after": new, "reason": "policy"},
                days=[day],
            )


def _reason(seen: PointMonth, limits: Limits, day: int, meal: int, before: float) -> str:
    """Why a rise on this day matters; empty if it does not."""
    if any(0 <= start - day <= limits.price_days for start in seen.policy_starts):
        return "policy"
    lines = seen.lines
    plain = (lines.subsidy == 0) & (lines.meal == meal)
    after = lines.price[plain & (lines.day >= day)]
    if len(after) >= COMPARED and np.mean(after <= before * (1 + limits.price_rise / 2)) >= 0.8:
        return "only_subsidised"
    return "claim" if seen.last_day - day < limits.price_days else ""


def _rises(days: Ints, prices: Floats, rise: float) -> Sequence[int]:
    """Where the daily price goes up by more than the share and stays there for most of the rest of
    two weeks (or of the month)."""
    found = []
    for start in range(BEFORE, len(days)):
        before = prices[max(0, start - 7) : start]
        after = prices[start : start + 12]
        level = float(np.median(before)) * (1 + rise)
        if (
            prices[start] > level >= prices[start - 1]
            and np.mean(before <= level) >= 0.8
            and np.mean(after > level) >= HELD
        ):
            found.append(start)
    return found


def _daily(days: Ints, prices: Ints, part: float) -> tuple[Ints, Floats]:
    """A quantile of each day's prices."""
    order = np.lexsort((prices, days))
    known, first, often = np.unique(days[order], return_index=True, return_counts=True)
    place = np.minimum((often * part).astype(np.int64), often - 1)
    return known, prices[order][first + place].astype(np.float64)


def _mode(values: NDArray[np.int64]) -> tuple[int, float]:
    """The most frequent value and its share."""
    known, often = np.unique(values, return_counts=True)
    return int(known[np.argmax(often)]), float(often.max() / len(values))
