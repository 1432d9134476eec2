"""Servings against what the kitchen bought."""

from collections.abc import Iterator

import numpy as np

from mealsvc.auditing.scanning.rules import excess
from mealsvc.auditing.scanning.rules.arithmetic import Floats
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import finding, iso
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth

STAPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rice", ("米", "面", "rice", "flour")),
    ("oil", ("油", "oil")),
    ("meat", ("肉", "鱼", "鸡", "鸭", "蛋", "虾", "meat", "pork", "fish", "egg")),
)
WORDS = {"rice": "主食", "oil": "食用油", "meat": "肉禽蛋"}
WINDOW = 30
LEAST = 60  # servings of a window
SURE = 0.7


def unbought(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A16: food bought per serving far below the point's own median of earlier 30 days, or of the
    other weeks of the month where nothing is known before.

    Held are as many of the least likely lines as the food does not explain, if they can be told.
    Evidence: `now` and `usual` grams a serving by staple, `share` of the usual, `unexplained`.
    """
    if not seen.point.purchases or len(seen.lines) < LEAST:
        return
    series = _servings(seen)
    low = [one for kind, _ in STAPLES if (one := _ratio(seen, kind, series, limits)) is not None]
    known = [one for one in low if one[1] > 0]
    if not known:
        return
    share = float(np.median([now / usual for _, usual, now in known]))
    if share >= 1 - limits.purchase_band * 0.6:
        return
    missing = [one for one in known if one[2] / one[1] < 1 - limits.purchase_band]
    wanted = int(len(seen.lines) * (1 - share))
    told = _blamed(seen, wanted)
    literal = bool(missing)
    if not literal and not len(told):
        return
    grams = "、".join(
        f"{WORDS[kind]}{now:.0f}克（平常{usual:.0f}克）" for kind, usual, now in known
    )
    yield finding(
        seen,
        "A16",
        "case",
        told,
        f"本月每份用料只有平常的{share:.0%}：{grams}，约{wanted}份没有相应采购。",
        "先核对是否有赠送、调拨、集中采购未登记，或菜式和供餐方式改变。",
        evidence={
            "share": round(share, 3),
            "unexplained": wanted,
            "now": {kind: round(now) for kind, _, now in known},
            "usual": {kind: round(usual) for kind, usual, _ in known},
        },
        days=np.unique(seen.lines.day).tolist(),
    )


def idle_kitchen(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A16: a week of servings without anything bought, where the kitchen buys every few days.

    Evidence: `days` of that stretch, `servings` in it, `gap` usual days between purchases.
    """
    bought = np.unique([day for day, _, _ in seen.point.purchases])
    if len(bought) < 8:
        return
    gaps = np.diff(bought)
    usual = float(np.median(gaps))
    most = max(7.0, 4 * usual, 2.0 * float(np.quantile(gaps, 0.9)))
    for start, end in zip(bought, [*bought[1:], seen.last_day + 1], strict=True):
        first = max(int(start) + int(np.ceil(usual)), seen.first_day)
        inside = (seen.lines.day >= first) & (seen.lines.day < end)
        if end - start <= most or end <= seen.first_day or inside.sum() < LEAST / 3:
            continue
        days = np.unique(seen.lines.day[inside])
        yield finding(
            seen,
            "A16",
            "case",
            np.zeros(0, np.int64),
            f"连续{int(end - start - 1)}天没有采购记录却登记{int(inside.sum())}份，平常每{usual:.0f}天采购一次。",
            "先核对采购台账是否漏登、是否由供餐方统一采购。",
            evidence={"days": iso(days.tolist()), "servings": int(inside.sum()), "gap": usual},
            days=days.tolist(),
        )


def _servings(seen: PointMonth) -> dict[int, int]:
    """Servings of each day, the months before and this one."""
    found: dict[int, int] = {}
    for (day, _), number in seen.point.counts.items():
        found[day] = found.get(day, 0) + number
    days, counts = np.unique(seen.lines.day, return_counts=True)
    found.update(zip(days.tolist(), counts.tolist(), strict=True))
    return found


def _ratio(
    seen: PointMonth, kind: str, series: dict[int, int], limits: Limits
) -> tuple[str, float, float] | None:
    """The staple, its usual grams a serving, and this month's."""
    words = dict(STAPLES)[kind]
    bought = [
        (day, kg)
        for day, item, kg in seen.point.purchases
        if any(word in item.lower() for word in words) and not (kind == "rice" and "油" in item)
    ]
    now = _grams(bought, series, seen.first_day, seen.last_day)
    earlier = []
    for back in (1, 2, 3):
        end = seen.first_day - 1 - WINDOW * (back - 1)
        grams = _grams(bought, series, end - WINDOW + 1, end)
        if grams is not None and grams > 0:
            earlier.append(grams)
    if now is None or not earlier:
        return None
    return kind, float(np.median(earlier)), now


def _grams(
    bought: list[tuple[int, float]], series: dict[int, int], first: int, last: int
) -> float | None:
    servings = sum(number for day, number in series.items() if first <= day <= last)
    if servings < LEAST:
        return None
    return 1000 * sum(kg for day, kg in bought if first <= day <= last) / servings


def _blamed(seen: PointMonth, wanted: int) -> Ints:
    """The lines that the food does not explain, by elders who should not have come so often."""
    before, _ = excess.habit_of(seen)
    days = len(np.unique(seen.lines.day))
    usual: Floats = before / max(seen.habits.days, 1) * days
    if seen.habits.days < 10:
        return np.zeros(0, np.int64)
    everything = np.ones(len(seen.lines), bool)
    told = excess.blame(seen, everything, ~everything, wanted, usual)
    return told.which if told.sure >= SURE else told.which[:0]
