"""Groups of elders with the same days off. Pure.

Cards that one hand swipes rest when the hand does. What weekends, storms and an illness of some
days in a row explain does not count.
"""

from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import Ints, PointMonth

LEAST_GROUP = 4
LEAST_DAYS, LEAST_VISITS = 10, 6
SEEDS = 250  # pairs whose common days off are tried
TELLING = -1.5  # ln of the chance of a member's days off; who is away often tells nothing
NEXT_DAY = 0.25  # a day off right after one tells so much less
GROUPS = 3


def same_days(
    seen: PointMonth, among: Ints | None, limits: Limits
) -> list[tuple[Ints, float]]:
    """Groups (of these elders, else of all) with common days off, and ln of the chance of each."""
    lines = seen.lines
    days, day = np.unique(lines.day, return_inverse=True)
    own = ~households(seen)
    people, person = np.unique(lines.resident[own], return_inverse=True)
    if len(days) < LEAST_DAYS or len(people) < LEAST_GROUP:
        return []
    came = np.zeros((len(people), len(days)), bool)
    came[person, day[own]] = True
    logs = np.log(np.clip(1 - _likely(came, (days + 3) % 7 >= 5), 1e-4, 1.0))
    visits = came.sum(1)
    fit = (visits >= LEAST_VISITS) & (visits < len(days))
    if among is not None:
        fit &= np.isin(people, among)
    found = list[tuple[Ints, float]]()
    wanted = log(limits.false_chance / GROUPS / 2)
    while len(found) < GROUPS and fit.sum() >= LEAST_GROUP:
        members, chance = _best(~came[fit], logs[fit])
        if chance >= wanted:
            break
        chosen = np.flatnonzero(fit)[members]
        found.append((people[chosen], chance))
        fit[chosen] = False
    return found


def _best(away: NDArray[np.bool_], logs: Floats) -> tuple[Ints, float]:
    """The group whose common days off are the least likely, and ln of the chance."""
    offs = _candidates(away, logs)
    if not len(offs):
        return np.zeros(0, np.int64), 0.0
    size, count = away.shape
    number = offs.sum(1)
    weights = offs.astype(np.float64)
    weights[:, 1:][offs[:, 1:] & offs[:, :-1]] = NEXT_DAY
    each = weights @ logs.T
    whole = offs.astype(np.float32) @ away.T.astype(np.float32) >= number[:, None]
    each = np.where(whole & (each <= TELLING), each, 0.0)
    order = np.argsort(each, axis=1)
    sums = np.cumsum(np.take_along_axis(each, order, 1), axis=1)
    heads = np.arange(1, size + 1)
    choices = np.array([_log_choose(size, int(k)) for k in heads])
    picked = np.array([_log_choose(count, int(k)) for k in range(count + 1)])
    # one member sets the days, the others follow
    first = np.take_along_axis(each, order, 1)[:, :1]
    total = sums - first + choices[None, :] + np.minimum(picked[number], 1e9)[:, None]
    members = (np.take_along_axis(each, order, 1) < 0).sum(1)
    total = np.where((heads >= LEAST_GROUP) & (heads <= members[:, None]), total, 0.0)
    at = int(np.argmin(total))
    row, head = divmod(at, size)
    return np.sort(order[row, : head + 1]), float(total[row, head])


def _candidates(away: NDArray[np.bool_], logs: Floats) -> NDArray[np.bool_]:
    """Common days off of the pairs that share most beyond chance."""
    weight = np.where(away, -logs, 0.0)
    shared = weight @ away.T - weight @ np.exp(logs).T
    shared = shared + shared.T
    one, other = np.triu_indices(len(away), 1)
    if not len(one):
        return away[:0]
    values = shared[one, other]
    if len(values) > SEEDS:
        best = np.argpartition(-values, SEEDS)[:SEEDS]
        one, other = one[best], other[best]
    offs = np.unique(away[one] & away[other], axis=0)
    return offs[offs.sum(1) >= 2]


def _likely(came: NDArray[np.bool_], weekend: NDArray[np.bool_]) -> Floats:
    """The chance that each comes on each day: own share on such days, times how full the day is."""
    likely = np.empty(came.shape)
    for part in (weekend, ~weekend):
        if part.any():
            own = (came[:, part].sum(1) + 0.7) / (part.sum() + 1.4)
            full = came[:, part].sum(0) / max(float(came[:, part].sum(0).mean()), 1e-9)
            odds = (own / (1 - own))[:, None] * np.clip(full, 0.05, 5.0)[None, :] ** 1.5
            likely[:, part] = odds / (1 + odds)
    return likely


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
