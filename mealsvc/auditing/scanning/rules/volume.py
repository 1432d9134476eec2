"""How many servings: more than the seats and the kitchen allow, or too much the same every day."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules import excess, profile
from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    groups,
    log_binomial_tail,
    log_chi_square_below,
    normal_tail,
    remembered,
)
from mealsvc.auditing.scanning.rules.crowds import of_weekdays, one_stretch
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, date_words, finding, iso
from mealsvc.auditing.scanning.rules.view import DINE_IN, Anomaly, Ints, PointMonth

HEAVY = 1.3  # honest counts have heavier tails than a normal's
RAISED, RAISED_SHARE = 2.5, 0.03  # swings above the usual, and how many honest days are so
NEAR_LIMIT = 0.85  # usual counts so near the limit: the seats in the register are wrong
JOINED = 45  # days since enrolment
QUARTER = 0.674  # standard deviations between a normal's middle and its first quarter
QUARTER_TO_TENTH = 0.607  # standard deviations between a normal's first quarter and tenth
KNOWN_DAYS = 8  # days with servings before "usual" means anything
EVEN_DAYS, EVEN_SERVINGS = 12, 10
LIKE_OTHERS = 0.75  # of the swing that independent elders make: then the rest is honest
STEPS = np.linspace(0.03, 0.6, 39)
SURE = 0.8  # mean probability at which lines beyond the literal limit are held


@dataclass(frozen=True, slots=True)
class _Table:
    """Servings by day and meal; `cell` numbers each line's."""

    days: Ints
    counts: Ints  # days × 3
    cell: Ints
    usual: Floats  # days × 3
    swing: Floats  # one standard deviation of an honest count


def over_capacity(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A10: more at the tables of a meal than seats × turns, or more on a day than the kitchen can.

    Held are the least likely lines: as many as exceed the limit; on such a day as many as exceed
    what is usual for it where they can be told apart.
    Evidence: `days`, `excess` lines beyond the limit, `usual` servings, `capacity`, `seats`.
    """
    lines, point = seen.lines, seen.point
    seats, kitchen = (point.seats or 0) * limits.turns, point.daily_capacity or 0
    if not len(lines) or not (seats or kitchen):
        return
    table = _table(seen)
    seated = lines.mode == DINE_IN
    tables = np.bincount(table.cell[seated], minlength=table.counts.size)
    full = tables > seats if seats else np.zeros(len(tables), bool)
    whole = table.counts.sum(axis=1)
    over = whole > kitchen if kitchen else np.zeros(len(whole), bool)
    if not (full.any() or over.any()):
        return
    scores = profile.surprise(seen)
    on_day = np.searchsorted(table.days, lines.day)
    held = [np.zeros(0, np.int64)]
    for cell in np.flatnonzero(full).tolist():
        most = _most(seats, table.usual.ravel()[cell], table.swing.ravel()[cell])
        number = int(tables[cell] - most)
        held.append(profile.least_likely(seen, seated & (table.cell == cell), number, scores))
    for row in np.flatnonzero(over).tolist():
        most = _most(kitchen, table.usual[row].sum(), float((table.swing[row] ** 2).sum() ** 0.5))
        held.append(profile.least_likely(seen, on_day == row, int(whole[row] - most), scores))
    literal = np.unique(np.concatenate(held))
    hot = full[table.cell] | over[on_day]
    beyond = _beyond(seen, table, hot)
    which = np.union1d(literal, beyond)
    days = np.unique(lines.day[hot])
    worst = int(days[np.argmax(whole[np.searchsorted(table.days, days)])])
    row = int(np.searchsorted(table.days, worst))
    usual = float(table.usual[row].sum())
    limit = f"座位{point.seats}个（每餐最多{seats}份）" if seats and full.any() else ""
    limit += ("、" if limit else "") + (f"日供餐能力{kitchen}份" if kitchen and over.any() else "")
    yield finding(
        seen,
        "A10",
        "high",
        which,
        f"{len(days)}天超出供餐能力，如{date_words(worst)}登记{int(whole[row])}份，"
        f"{limit}，平常约{usual:.0f}份。",
        "先核对座位数和供餐能力是否更新，是否节日活动、外卖自取误登记为堂食。",
        evidence={
            "days": iso(days.tolist()),
            "excess": len(literal),
            "usual": round(usual, 1),
            "capacity": kitchen or None,
            "seats": point.seats,
        },
    )


def surges(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A10: days far above the point's own usual, by lines unlike those of other days.

    A festival brings more of the same; here what came on top must differ from the usual in who,
    when and how. Evidence: `days`, `usual`, `most` of a day, `sure`.
    """
    if len(np.unique(seen.lines.day)) < KNOWN_DAYS:
        return
    table = _table(seen)
    z = np.where(table.counts >= 10, (table.counts - table.usual) / table.swing, 0.0)
    single = [normal_tail(float(one) / HEAVY) * z.size for one in z.ravel()]
    cells = np.array(single).reshape(z.shape) < limits.false_chance
    chance = float(min(single))
    for meal in range(3):
        high = z[:, meal] > RAISED
        known = int((table.counts[:, meal] > 0).sum())
        many = exp(log_binomial_tail(int(high.sum()), known, RAISED_SHARE)) * 3
        if of_weekdays(table.days, high) or (high.sum() >= 3 and one_stretch(high)):
            cells[:, meal] = False
        elif many < limits.false_chance:
            cells[:, meal] |= high
            chance = min(chance, many)
    if not cells.any():
        return
    hot = cells.ravel()[table.cell]
    which = _beyond(seen, table, hot)
    settled = which[~joined(seen)[which]]
    which = settled if len(settled) > 0.5 * len(which) else settled[:0]
    if len(which) < 5:
        return
    days = np.unique(seen.lines.day[which])
    row, meal = np.unravel_index(np.argmax(np.where(cells, z, 0)), z.shape)
    yield finding(
        seen,
        "A10",
        "high",
        which,
        f"{len(days)}天份数明显高于平常，如{date_words(int(table.days[row]))}{MEAL_WORDS[meal]}"
        f"{int(table.counts[row, meal])}份（平常约{table.usual[row, meal]:.0f}份），"
        f"多出的{len(which)}笔在人员、时刻或方式上与平常不同。",
        "先核对当天是否有节日活动、邻近助餐点停业分流或集体用餐。",
        evidence={
            "days": iso(days.tolist()),
            "usual": round(float(table.usual[row, meal]), 1),
            "most": int(table.counts[row, meal]),
        },
        chance=limits.in_district(min(1.0, chance)),
    )


def too_even(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """A11: daily counts swing less than elders who decide for themselves can produce.

    The swing of the day's count around its weekday's mean is compared with the sum of the elders'
    own swings: equal where they come independently, larger with weather and couples, smaller only
    where somebody fills up to a figure. Held are the fewest lines without which the rest swings as
    it should, by elders who rarely came before or keep no time of their own; none if there are
    none. Evidence: `mean`, `swing` and `expected` standard deviation, `days`.
    """
    for meal in range(3):
        at = np.flatnonzero(seen.lines.meal == meal)
        found = _evenness(seen, at)
        if found is None:
            continue
        ratio, freedom, counts = found
        logged = log_chi_square_below(ratio * freedom, freedom) + log(3)
        if logged > log(limits.false_chance):
            continue
        which = _fill(seen, at)
        spread, mean = float(counts.std()), float(counts.mean())
        held = f"，补足的多为平时很少来的老人，共{len(which)}笔" if len(which) else ""
        yield finding(
            seen,
            "A11",
            "case" if len(which) else "watch",
            which,
            f"{MEAL_WORDS[meal]}{len(counts)}天平均{mean:.0f}份，上下只差{spread:.1f}份，"
            f"老人各自来去至少应差{(spread / max(ratio, 1e-3) ** 0.5):.1f}份{held}。",
            "先核对是否按固定份数订餐、限量供应或统一配送。",
            evidence={
                "mean": round(mean, 1),
                "swing": round(spread, 2),
                "expected": round(spread / max(ratio, 1e-3) ** 0.5, 2),
                "days": len(counts),
            },
            chance=limits.in_district(min(1.0, exp(logged))),
            days=np.unique(seen.lines.day[at]).tolist(),
        )


def _most(limit: int, usual: float, swing: float) -> float:
    """What is still allowed: the limit, or the usual where the limit is clearly out of date."""
    return max(limit, usual + 2 * swing) if usual > NEAR_LIMIT * limit else limit


@remembered
def _table(seen: PointMonth) -> _Table:
    """Counts with what is usual: the lower of the months before and the rest of this month."""
    lines = seen.lines
    days = np.unique(lines.day)
    cell = np.searchsorted(days, lines.day) * 3 + lines.meal
    counts = np.bincount(cell, minlength=len(days) * 3).reshape(-1, 3)
    usual, swing = np.zeros(counts.shape), np.ones(counts.shape)
    for meal in range(3):
        now = counts[:, meal][counts[:, meal] > 0]
        before = np.array([n for (_, m), n in seen.point.counts.items() if m == meal and n])
        if len(now) < KNOWN_DAYS and len(before) < KNOWN_DAYS:
            usual[:, meal], swing[:, meal] = counts[:, meal], max(1.0, float(counts.max()))
            continue
        usual[:, meal], wide = _middle(now, before)
        middle = usual[0, meal]
        swing[:, meal] = max(wide, middle**0.5, 0.08 * middle, 1.0)
    return _Table(days, counts, cell, usual, swing)


def _middle(now: Ints, before: Ints) -> tuple[float, float]:
    """The usual count of a day, and its standard deviation.

    The months before tell it where they still fit; a point that has grown is judged by the lower
    half of this month, which a fraud on most of its days leaves alone.
    """
    if len(now) < KNOWN_DAYS:
        now = before
    tenth, quiet, middle = (float(one) for one in np.quantile(now, (0.1, 0.25, 0.5)))
    if len(before) >= KNOWN_DAYS and quiet * 0.8 <= np.median(before) <= middle:
        tenth, quiet, middle = (float(one) for one in np.quantile(before, (0.1, 0.25, 0.5)))
    wide = (quiet - tenth) / QUARTER_TO_TENTH
    return min(middle, quiet + QUARTER * max(wide, quiet**0.5)), wide


def joined(seen: PointMonth) -> NDArray[np.bool_]:
    """Lines of elders who joined lately: more of them is growth, and cohorts have their own rule."""
    people = seen.people
    fresh = people.enrolled_day >= seen.first_day - JOINED
    return fresh[people.at(seen.lines.resident)]


def _beyond(seen: PointMonth, table: _Table, hot: NDArray[np.bool_]) -> Ints:
    """The lines of these cells that exceed the usual, where they can be told apart."""
    lines = seen.lines
    cells = np.unique(table.cell[hot])
    room = table.usual.ravel()[cells]
    wanted = int(np.maximum(table.counts.ravel()[cells] - room, 0).sum())
    calm = ~hot & np.isin(lines.meal, np.unique(lines.meal[hot]))
    hot_days = len(np.unique(lines.day[hot]))
    calm_days = len(np.unique(lines.day[calm]))
    if not wanted or calm_days < 4:
        return np.zeros(0, np.int64)
    number, count = groups(lines.resident, lines.meal)
    before, _ = excess.habit_of(seen)
    came = np.bincount(number, calm, count)[number] + before
    usual = came / (calm_days + seen.habits.days) * hot_days
    told = excess.blame(seen, hot, calm, wanted, usual)
    return told.which if told.sure >= SURE else told.which[:0]


def _evenness(seen: PointMonth, at: Ints) -> tuple[float, int, Ints] | None:
    """The swing of the counts over that of independent elders, its degrees of freedom, counts."""
    lines = seen.lines
    if len(at) < EVEN_DAYS * EVEN_SERVINGS:
        return None
    days, day = np.unique(lines.day[at], return_inverse=True)
    if len(days) < EVEN_DAYS or len(at) < len(days) * EVEN_SERVINGS:
        return None
    ratio, freedom = _swing(lines.resident[at], day, days)
    return (ratio, freedom, np.bincount(day)) if freedom >= 8 else None


def _swing(resident: Ints, day: Ints, days: Ints) -> tuple[float, int]:
    """Sums of squares around weekday means: of the counts, over those of each elder together."""
    weekday = np.unique(days % 7, return_inverse=True)[1]
    each = np.bincount(weekday)
    elder, count = groups(resident)
    table = np.zeros((count, len(each)))
    np.add.at(table, (elder, weekday[day]), 1)
    alone = float((table - table**2 / each).sum())
    counts = np.bincount(day, minlength=len(days)).astype(np.float64)
    sums = np.bincount(weekday, counts)
    together = float((counts**2).sum() - (sums**2 / each).sum())
    return together / max(alone, 1e-9), int(len(days) - len(each))


def _fill(seen: PointMonth, at: Ints) -> Ints:
    """The fewest lines without which the others swing as independent elders do."""
    lines = seen.lines
    days, day = np.unique(lines.day[at], return_inverse=True)
    best = np.zeros(0, np.int64)
    for score in _suspicions(seen, at):
        order = np.argsort(-score, kind="stable")
        for share in STEPS:
            least = score[order[min(len(at) - 1, int(share * len(at)))]]
            out = score >= least
            size = int(out.sum())
            if size > 0.62 * len(at) or (len(best) and size >= len(best)):
                break
            rest = ~out
            ratio, _ = _swing(lines.resident[at][rest], day[rest], days)
            if ratio >= LIKE_OTHERS:
                best = at[out]
                break
    return best


def _suspicions(seen: PointMonth, at: Ints) -> list[Floats]:
    """Orders in which lines may have been filled in: elders who hardly came before, elders without
    a time of their own, single lines far from it."""
    lines = seen.lines
    elder, count = groups(lines.resident[at])
    came = np.bincount(elder, minlength=count)
    off = np.nan_to_num(excess.away(seen)[at], nan=float(np.nanmedian(excess.away(seen)[at])))
    restless = (np.bincount(elder, off, count) / came)[elder]
    before, _ = excess.habit_of(seen)
    found = [restless, off]
    if seen.habits.days >= 10:
        expected = before[at] / seen.habits.days
        found.insert(0, -expected + 1e-6 * restless)
    return found
