"""Groups of elders with the same days off. Pure.

Cards that one hand swipes rest when the hand does. What weekends, storms and an illness of some
days in a row explain does not count.
"""

from math import log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, elders, groups, log_choices
from mealsvc.auditing.scanning.rules.households import pairs_and_trios
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import usual_seconds
from mealsvc.auditing.scanning.rules.view import Ints, PointMonth

LEAST_GROUP = 4
LEAST_DAYS, LEAST_VISITS = 10, 6
SEEDS = 80  # pairs whose common days off are tried
TELLING = -1.5  # ln of the chance of a member's days off; who is away often tells nothing
NEXT_DAY = 0.25  # a day off right after one tells so much less
GROUPS = 3
ERRATIC = (0.15, 0.3)  # of the elders: those with the least habit of time, looked at by themselves


def same_days(seen: PointMonth, among: Ints | None, limits: Limits) -> list[tuple[Ints, float]]:
    """Groups (of these elders, else of all) with common days off, and ln of the chance of each."""
    lines = seen.lines
    own = ~pairs_and_trios(seen)
    everyone, whose = elders(seen)
    person, _ = groups(whose[own])
    people = everyone[np.unique(whose[own])]
    days, day = np.unique(lines.day, return_inverse=True)
    if len(days) < LEAST_DAYS or len(people) < LEAST_GROUP:
        return []
    came = np.zeros((len(people), len(days)), bool)
    came[person, day[own]] = True
    visits = came.sum(1)
    regular = visits >= LEAST_VISITS
    logs = np.log(np.clip(1 - _likely(came, regular, (days + 3) % 7 >= 5), 1e-4, 1.0))
    fit = regular & (visits < len(days))
    found = list[tuple[Ints, float]]()
    wanted = log(limits.false_chance / GROUPS / (len(ERRATIC) + 2))
    if among is None:
        parts = (*_erratic(seen, own, person, fit), fit)
    else:
        parts = (fit & np.isin(people, among),)
    for part in parts:
        while len(found) < GROUPS and part.sum() >= LEAST_GROUP:
            members, chance = _best(~came[part], logs[part])
            if chance >= wanted:
                break
            chosen = np.flatnonzero(part)[members]
            found.append((people[chosen], chance))
            for other in parts:
                other[chosen] = False
    return found


def _erratic(
    seen: PointMonth, own: NDArray[np.bool_], person: Ints, fit: NDArray[np.bool_]
) -> list[NDArray[np.bool_]]:
    """Those of the fit whose times of day differ most from day to day: the most erratic first."""
    away = np.abs(seen.lines.second - usual_seconds(seen))[own]
    known = ~np.isnan(away)
    times = np.bincount(person[known], minlength=len(fit))
    spread = np.bincount(person[known], away[known], len(fit)) / np.maximum(times, 1)
    if not fit.any():
        return []
    return [fit & (spread >= np.quantile(spread[fit], 1 - part)) for part in ERRATIC]


def _best(away: NDArray[np.bool_], logs: Floats) -> tuple[Ints, float]:
    """The group whose common days off are the least likely, and ln of the chance."""
    offs = _candidates(away, logs)
    whole = offs.astype(np.float32) @ away.T.astype(np.float32) >= offs.sum(1)[:, None]
    enough = whole.sum(1) >= LEAST_GROUP
    if not enough.any():
        return np.zeros(0, np.int64), 0.0
    offs, whole = offs[enough], whole[enough]
    size, count = away.shape
    number = offs.sum(1)
    weights = offs.astype(np.float64)
    weights[:, 1:][offs[:, 1:] & offs[:, :-1]] = NEXT_DAY
    each = (weights @ logs.T) * _drawn(away.sum(1), number, count)
    each = np.where(whole & (each <= TELLING), each, 0.0)
    ranked = np.sort(each, axis=1)
    heads = np.arange(1, size + 1)
    total = np.cumsum(ranked, axis=1) + log_choices(size)[1:] + log_choices(count)[number][:, None]
    total = np.where((heads >= LEAST_GROUP) & (ranked < 0), total, 0.0)
    row, head = divmod(int(np.argmin(total)), size)
    return np.sort(np.argsort(each[row], kind="stable")[: head + 1]), float(total[row, head])


def _drawn(away: Ints, number: Ints, count: int) -> Floats:
    """How much more days off tell of one with few of them, who cannot be away on many at once.

    The log chance that so many given days are among those away, over that of independent days.
    """
    lost = np.arange(count)
    left = np.maximum(away[:, None] - lost[None, :], 0.5) / (count - lost)[None, :]
    together = np.cumsum(np.log(left), axis=1)
    alone = np.log(np.maximum(away, 0.5) / count)[:, None] * (lost + 1)[None, :]
    ratio = together / np.minimum(alone, -1e-6)
    return np.clip(ratio[:, number - 1].T, 1.0, 4.0)


def _candidates(away: NDArray[np.bool_], logs: Floats) -> NDArray[np.bool_]:
    """Common days off of the pairs that share most beyond chance."""
    weight = np.where(away, -logs, 0.0).astype(np.float32)
    shared = weight @ (away - np.exp(logs)).T.astype(np.float32)
    values = -np.triu(shared + shared.T, 1).ravel()
    best = np.argpartition(values, SEEDS)[:SEEDS] if len(values) > SEEDS else np.arange(len(values))
    one, other = np.divmod(best[values[best] < 0], len(away))
    offs = away[one] & away[other]
    _, first = np.unique(offs @ (2.0 ** np.arange(offs.shape[1])), return_index=True)
    offs = offs[np.sort(first)]
    return offs[offs.sum(1) >= 2]


def _likely(
    came: NDArray[np.bool_], regular: NDArray[np.bool_], weekend: NDArray[np.bool_]
) -> Floats:
    """The chance that each comes on each day: own share on such days, times how full the day is.

    How full is told by the regular ones: strangers entered on a holiday must not hide it.
    """
    crowd = came[regular] if regular.any() else came
    likely = np.empty(came.shape)
    for part in (weekend, ~weekend):
        if part.any():
            own = (came[:, part].sum(1) + 0.7) / (part.sum() + 1.4)
            full = crowd[:, part].sum(0) / max(float(crowd[:, part].sum(0).mean()), 1e-9)
            odds = (own / (1 - own))[:, None] * np.clip(full, 0.05, 5.0)[None, :] ** 1.5
            likely[:, part] = odds / (1 + odds)
    return likely
