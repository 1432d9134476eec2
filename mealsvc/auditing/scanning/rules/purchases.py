"""Servings against what the kitchen bought."""

from collections.abc import Iterator

import numpy as np

from mealsvc.auditing.scanning.rules import excess
from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, remembered
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, PointMonth
from mealsvc.auditing.scanning.rules.volume import joined

STAPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rice", ("米", "面", "rice", "flour")),
    ("oil", ("油", "oil")),
    ("meat", ("肉", "鱼", "鸡", "鸭", "蛋", "虾", "meat", "pork", "fish", "egg")),
)
WORDS = {"rice": "主食", "oil": "食用油", "meat": "肉禽蛋"}
WINDOW, MONTHS = 30, 3  # days, and how many such windows before
LEAST = 60  # servings of a window
FEWEST = 15  # days with servings in it
ROUNDS = 2  # of shopping at least, before and in the month
CERTAIN = 3.0  # standard errors
ONE_ROUND = 0.6  # of the logarithm: a single round, empty or full, makes no stretch
PART = 0.6  # of the band: where the statistics are sure, less than the whole band is enough
SURE, NEARLY = 0.7, 0.92  # mean probability of the lines held; without earlier months


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
    if share >= 1 - limits.purchase_band * PART:
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


@remembered
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
    days, kg, eaten = _rounds(_bought(seen, kind), series)
    now = days >= seen.first_day
    before = (days < seen.first_day) & (days >= seen.first_day - MONTHS * WINDOW)
    if now.sum() < ROUNDS or before.sum() < ROUNDS or eaten[now].sum() < LEAST:
        return None
    usual = 1000 * kg[before].sum() / eaten[before].sum()
    grams = 1000 * kg[now].sum() / eaten[now].sum()
    # by how much whole rounds of shopping differ from each other anyway
    each = np.log(np.maximum(kg[before], 1e-3) / eaten[before])
    wide = 1.4826 * float(np.median(np.abs(each - np.median(each))))
    unsure = max(wide, 0.05) * (1 / now.sum() + 1 / before.sum()) ** 0.5
    if np.log(usual / grams) < CERTAIN * unsure:
        grams = usual  # within what shopping does by itself
    return kind, float(usual), float(grams)


def _bought(seen: PointMonth, kind: str) -> list[tuple[int, float]]:
    """The days and kg of a staple."""
    words = dict(STAPLES)[kind]
    return [
        (day, kg)
        for day, item, kg in seen.point.purchases
        if any(word in item.lower() for word in words) and not (kind == "rice" and "油" in item)
    ]


def _rounds(bought: list[tuple[int, float]], series: dict[int, int]) -> tuple[Ints, Floats, Floats]:
    """What each shopping had to last for: its day, its kg, the servings until the next one.

    The last one is left out: nobody knows yet how long it lasts. So is what was bought before the
    first known serving.
    """
    if not bought or not series:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    days = np.array([day for day, _ in bought], np.int64)
    known, row = np.unique(days, return_inverse=True)
    kg: Floats = np.bincount(row, [kg for _, kg in bought], len(known)).astype(np.float64)
    at = np.array(sorted(series), np.int64)
    run = np.concatenate([[0], np.cumsum([series[day] for day in at.tolist()])]).astype(float)
    eaten = np.diff(run[np.searchsorted(at, known)])
    full = (eaten > 0) & (known[:-1] >= at[0])
    return known[:-1][full], kg[:-1][full], eaten[full]


def short_days(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A16: stretches of the month in which the food bought lasts for far more servings than it
    did before them, or on the month's other days.

    Held are as many lines as the food does not explain, where they differ from the other days'.
    Evidence: `days`, `share` of the usual food, `unexplained` servings.
    """
    if not seen.point.purchases or len(seen.lines) < LEAST:
        return
    series = _servings(seen)
    found = [one for kind, _ in STAPLES if len(one := _short(seen, kind, series, limits))]
    if not found:
        return
    days = np.unique(seen.lines.day)
    level = np.median(np.stack([[one.get(int(day), 1.0) for day in days] for one in found]), axis=0)
    # without earlier shopping to compare with, only what is beyond the whole band
    part = PART if any(day < seen.first_day for day, _, _ in seen.point.purchases) else 1.0
    hot_day = level < 1 - limits.purchase_band * part
    if not hot_day.any() or hot_day.mean() > 0.7:  # then it is the whole month's affair
        return
    row = np.searchsorted(days, seen.lines.day)
    hot = hot_day[row]
    wanted = int((1 - level[row])[hot].sum())
    before, _ = excess.habit_of(seen)
    number, count = groups(seen.lines.resident, seen.lines.meal)
    came = np.bincount(number, ~hot, count)[number] + before
    usual = came / (int((~hot_day).sum()) + seen.habits.days) * int(hot_day.sum())
    told = excess.blame(seen, hot, ~hot, wanted, usual)
    if told.sure < (SURE if part < 1 else NEARLY) or len(told.which) < 5:
        return
    share = float(level[hot_day].mean())
    yield finding(
        seen,
        "A16",
        "case",
        told.which,
        f"{date_words(int(days[hot_day][0]))}起{int(hot_day.sum())}天每份用料只有平常的{share:.0%}，"
        f"约{wanted}份没有相应采购。",
        "先核对是否有赠送、调拨、集中采购未登记，或菜式和供餐方式改变。",
        evidence={
            "days": iso(days[hot_day].tolist()),
            "share": round(share, 3),
            "unexplained": wanted,
        },
    )


def _short(seen: PointMonth, kind: str, series: dict[int, int], limits: Limits) -> dict[int, float]:
    """For each day of the month the food a serving, as a share of the usual, where it is surely
    lower than shopping makes it by itself."""
    days, kg, eaten = _rounds(_bought(seen, kind), series)
    recent = days >= seen.first_day - MONTHS * WINDOW
    days, each = days[recent], (kg / np.maximum(eaten, 1e-9))[recent]
    now = days >= seen.first_day
    if now.sum() < 2 * ROUNDS:
        return {}
    base = each[~now] if (~now).sum() >= 2 * ROUNDS else np.sort(each)[len(each) // 3 :]
    usual = float(np.median(base))
    logs = np.clip(np.log(np.maximum(each, 1e-6) / max(usual, 1e-6)), -ONE_ROUND, ONE_ROUND)
    logs[0] = 0.0  # the record's first shopping may have been for the days before it
    rest = (
        logs[~now]
        if (~now).sum() >= 2 * ROUNDS
        else logs[logs > np.log(1 - limits.purchase_band * PART)]
    )
    if len(rest) < ROUNDS:
        return {}
    wide = max(1.4826 * float(np.median(np.abs(rest - np.median(rest)))), 0.05)
    # a stretch of three rounds in turn: what one shopping lacks the next often brings
    smooth = np.convolve(logs, np.ones(3) / 3, "same") if len(logs) >= 5 else logs
    low = now & (-smooth > CERTAIN * wide) & (smooth < np.log(1 - limits.purchase_band * PART))
    found = {}
    for place in np.flatnonzero(low).tolist():
        end = days[place + 1] if place + 1 < len(days) else seen.last_day + 1
        for day in range(int(days[place]), int(end)):
            found[day] = float(np.exp(smooth[place]))
    return found


def _blamed(seen: PointMonth, wanted: int) -> Ints:
    """The lines that the food does not explain, by elders who should not have come so often."""
    before, _ = excess.habit_of(seen)
    days = len(np.unique(seen.lines.day))
    usual: Floats = before / max(seen.habits.days, 1) * days
    if seen.habits.days < 10:
        return np.zeros(0, np.int64)
    everything = np.ones(len(seen.lines), bool)
    told = excess.blame(seen, everything, ~everything, wanted, usual)
    return told.which[~joined(seen)[told.which]] if told.sure >= SURE else told.which[:0]
