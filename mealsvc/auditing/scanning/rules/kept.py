"""Cards that lie in the till (A06), and elders who never miss a day (A12). Pure.

People who come on their own share neither the minute nor the day off. A group whose members stand
together day after day, wherever in the day that is, although by their own times they would as
often stand apart, was swiped by one hand; so was one whose days off are the same. Couples and
households of three are left out, and one table where everybody comes at one time shows nothing:
there they stand together on any two days, not on the same day only.
"""

from collections.abc import Iterator
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups, log_sum
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import from_outage
from mealsvc.auditing.scanning.rules.telling import finding, iso
from mealsvc.auditing.scanning.rules.view import DELIVERY, Anomaly, Ints, PointMonth

LEAST_GROUP = 4
LINKS = 3  # members each member stands with: couples who are friends do not reach it
NEAR_SECONDS, NEAR_PLACES = 150, 12
TIMES = 4  # times that two stand together before it counts
BINS = 120  # seconds
SWAY = 1.3  # people also share weather and bus: more nearness by habit than their times tell
LEAST_DAYS, LEAST_OFF = 8, 2


def kept_cards(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Groups that are swiped together, in one run or on the same days.

    Evidence: `groups` with elders, days (number), lines, kind (`run`: side by side; `days`: the
    same days off), off (some days on which none of them came).
    """
    lines = seen.lines
    if len(lines) < LEAST_GROUP * LEAST_DAYS:
        return
    hit = np.zeros(len(lines), bool)
    told, logs = list[dict[str, object]](), list[float]()
    for kind, found in (("run", _runs(seen, limits)), ("days", _same_days(seen, limits))):
        for members, chance in found:
            mine = _together(seen, members) if kind == "run" else np.isin(lines.resident, members)
            mine &= ~from_outage(seen, mine)
            if (mine & ~hit).sum() < LEAST_GROUP * 2:
                continue
            hit |= mine
            logs.append(chance)
            off = np.setdiff1d(np.unique(lines.day), np.unique(lines.day[mine]))
            told.append(
                {
                    "kind": kind,
                    "elders": len(members),
                    "days": len(np.unique(lines.day[mine])),
                    "lines": int(mine.sum()),
                    "off": iso(off),
                }
            )
    if not told:
        return
    most = max(told, key=lambda one: int(str(one["lines"])))
    how = "总在几分钟内挨着登记" if most["kind"] == "run" else "来与不来的日子几乎完全相同"
    summary = (
        f"{most['elders']}位老人{how}，{most['days']}天共{most['lines']}笔；"
        f"这类情况{len(told)}组、{hit.sum()}笔。"
    )
    honest = "先核对是否同一楼栋、同一活动小组结伴来吃，或由志愿者统一代领；再看卡是否在本人手里。"
    yield finding(
        seen, "A06", "case", np.flatnonzero(hit), summary, honest,
        evidence={"groups": told[:12]},
        chance=limits.in_district(exp(min(0.0, log_sum(logs)))),
    )  # fmt: skip


def every_day(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Elders who never missed a day, this month or in those before: to be telephoned.

    Evidence: `elders`, `days` (opening days without one missed).
    """
    lines, habits = seen.lines, seen.habits
    opened = np.unique(lines.day)
    days = habits.days + len(opened)
    if days < limits.every_day or not len(lines):
        return
    people, number = np.unique(lines.resident, return_inverse=True)
    marks = np.unique(number.astype(np.int64) * 100_000 + lines.day)
    came = np.bincount(marks // 100_000, minlength=len(people))
    before = np.zeros(len(people), np.int64)
    known = np.isin(habits.resident, people)
    np.maximum.at(before, np.searchsorted(people, habits.resident[known]), habits.servings[known])
    always = people[(came == len(opened)) & (before >= habits.days)]
    if not len(always):
        return
    summary = f"{len(always)}位老人连续{days}个供餐日一天不缺，请列入电话回访。"
    honest = "天天来吃的老人很常见，这里只供抽样回访，不说明有问题。"
    yield Anomaly(
        "A12", "watch", seen.point.code, (), tuple(opened[-1:].tolist()), tuple(always.tolist()),
        summary, honest, {"elders": len(always), "days": days},
    )  # fmt: skip


def _runs(seen: PointMonth, limits: Limits) -> list[tuple[Ints, float]]:
    """Groups who stand together on the same days more than their own times explain."""
    lines = seen.lines
    people, person = np.unique(lines.resident, return_inverse=True)
    meal, meals = groups(lines.day, lines.meal)
    a, b, near = _near_pairs(seen, person.astype(np.int64), meal)
    if not len(a):
        return []
    present = np.zeros((len(people), meals), np.float32)
    present[person, meal] = 1
    both = np.einsum("ij,ij->i", present[a], present[b])
    keep = near >= np.maximum(TIMES, 0.25 * both)
    a, b, near, both = a[keep], b[keep], near[keep], both[keep]
    if not len(a):
        return []
    by_habit = _by_habit(seen, person.astype(np.int64), len(people), a, b, near, both)
    share = near / both
    logs = np.where(
        share > by_habit,
        -both * _divergence(np.minimum(share, 1 - 1e-9), by_habit),
        0.0,
    )
    tests = len(people) * (len(people) - 1) / 2
    linked = logs + log(tests) < log(limits.false_chance)
    found = list[tuple[Ints, float]]()
    for group in _cores(len(people), a[linked], b[linked]):
        inside = np.isin(a, group) & np.isin(b, group) & linked
        found.append((people[group], float(np.median(logs[inside])) + log(tests)))
    return found


def _near_pairs(seen: PointMonth, person: Ints, meal: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of persons who stood near each other, and at how many meals."""
    lines = seen.lines
    own = np.flatnonzero((lines.mode != DELIVERY) & ~households(seen))
    own = own[np.lexsort((lines.second[own], meal[own]))]
    second, of, who = lines.second[own], meal[own], person[own]
    most = int(person.max(initial=0)) + 1
    keys = list[Ints]()
    for step in range(1, NEAR_PLACES + 1):
        near = (of[step:] == of[:-step]) & (second[step:] - second[:-step] <= NEAR_SECONDS)
        one, other = who[:-step][near], who[step:][near]
        keys.append(np.minimum(one, other) * most + np.maximum(one, other))
    pairs, times = np.unique(np.concatenate(keys), return_counts=True)
    pairs, times = pairs[times >= TIMES], times[times >= TIMES]
    return pairs // most, pairs % most, times


def _by_habit(
    seen: PointMonth, person: Ints, people: int, a: Ints, b: Ints, near: Ints, both: Floats
) -> Floats:
    """How often each pair would stand near each other if their days were shuffled."""
    lines = seen.lines
    counter = lines.mode != DELIVERY
    first = int(lines.second.min()) // BINS
    bins = int(lines.second.max()) // BINS - first + 3
    at = lines.second // BINS - first + 1 + lines.meal * bins
    table = np.zeros((people, 3 * bins), np.float32)
    np.add.at(table, (person[counter], at[counter]), 1)
    wide = table.copy()
    wide[:, 1:] += table[:, :-1]
    wide[:, :-1] += table[:, 1:]
    meals = np.zeros((people, 3), np.float32)
    np.add.at(meals, (person[counter], lines.meal[counter]), 1)
    cross = np.einsum("ij,ij->i", wide[a], table[b]) * (2 * NEAR_SECONDS / (3 * BINS))
    tries = np.einsum("ij,ij->i", meals[a], meals[b])
    shuffled = np.maximum(cross - near, 0) + 1
    return np.minimum(SWAY * shuffled / np.maximum(tries - both + 1, 1), 0.95)


def _divergence(share: Floats, chance: Floats) -> Floats:
    """Kullback–Leibler's distance of two shares, for Chernoff's bound."""
    return share * np.log(share / chance) + (1 - share) * np.log((1 - share) / (1 - chance))


def _cores(people: int, a: Ints, b: Ints) -> list[Ints]:
    """Groups in which everybody is linked with at least so many of the others."""
    links: dict[int, set[int]] = {}
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        links.setdefault(one, set()).add(other)
        links.setdefault(other, set()).add(one)
    weak = [one for one, others in links.items() if len(others) < LINKS]
    while weak:
        one = weak.pop()
        for other in links.pop(one, set()):
            links[other].discard(one)
            if len(links[other]) == LINKS - 1:
                weak.append(other)
    found = list[Ints]()
    while links:
        group, edge = set[int](), [min(links)]
        while edge:
            one = edge.pop()
            if one in links:
                group.add(one)
                edge.extend(links.pop(one))
        if len(group) >= LEAST_GROUP:
            found.append(np.array(sorted(group), np.int64))
    return found


def _together(seen: PointMonth, members: Ints) -> NDArray[np.bool_]:
    """The lines of a group that stand near at least two others of it."""
    lines = seen.lines
    own = np.flatnonzero(np.isin(lines.resident, members) & (lines.mode != DELIVERY))
    own = own[np.lexsort((lines.second[own], lines.meal[own], lines.day[own]))]
    meal, _ = groups(lines.day[own], lines.meal[own])
    found = np.zeros(len(lines), bool)
    packed = meal * 1_000_000 + lines.second[own]
    reach = 2 * NEAR_SECONDS
    beside = np.searchsorted(packed, packed + reach, "right") - np.searchsorted(
        packed, packed - reach, "left"
    )
    found[own[beside > 2]] = True
    return found


def _same_days(seen: PointMonth, limits: Limits) -> list[tuple[Ints, float]]:
    """Groups whose days off are the same, beyond what weekends and full attendance explain."""
    lines = seen.lines
    days, day = np.unique(lines.day, return_inverse=True)
    own = ~households(seen)
    people, person = np.unique(lines.resident[own], return_inverse=True)
    if len(days) < LEAST_DAYS or len(people) < LEAST_GROUP:
        return []
    came = np.zeros((len(people), len(days)), bool)
    came[person, day[own]] = True
    visits = came.sum(1)
    weekend = (days + 3) % 7 >= 5
    likely = _likely(came, weekend)
    fit = np.flatnonzero((visits >= LEAST_DAYS) & (visits <= len(days) - LEAST_OFF))
    if len(fit) < LEAST_GROUP:
        return []
    patterns, number = np.unique(came[fit], axis=0, return_inverse=True)
    number = number.ravel()
    sizes = np.bincount(number)
    found, taken = list[tuple[Ints, float]](), np.zeros(len(people), bool)
    for at in np.argsort(-sizes, kind="stable"):
        if sizes[at] < 2:
            break
        apart = (came[fit] != patterns[at]).sum(1)
        best, members = 0.0, fit[:0]
        for most in (0, 1, 2):
            group = fit[(apart <= most) & ~taken[fit]]
            chance = _alike(likely, came, group, most, len(people))
            if len(group) >= LEAST_GROUP and chance < best:
                best, members = chance, group
        if len(members) and best + log(max(len(sizes), 1)) < log(limits.false_chance):
            taken[members] = True
            found.append((people[members], best))
    return found


def _likely(came: NDArray[np.bool_], weekend: NDArray[np.bool_]) -> Floats:
    """The chance that each comes on each day: own share on such days, times how full the day is."""
    likely = np.empty(came.shape)
    for part in (weekend, ~weekend):
        if part.any():
            own = (came[:, part].sum(1) + 0.7) / (part.sum() + 1.4)
            full = came[:, part].sum(0) / max(came[:, part].sum(0).mean(), 1e-9)
            odds = (own / (1 - own))[:, None] * np.clip(full, 0.05, 5)[None, :] ** 1.5
            likely[:, part] = odds / (1 + odds)
    return likely


def _alike(likely: Floats, came: NDArray[np.bool_], group: Ints, most: int, people: int) -> float:
    """ln of the chance that such a group anywhere among so many people is alike but for so much."""
    size = len(group)
    if size < 2:
        return 0.0
    pattern = came[group].mean(0) > 0.5
    same = np.where(pattern, likely[group], 1 - likely[group])
    each = np.log(np.clip(same, 1e-6, 1.0)).sum(1)
    # up to `most` days may differ, any of them
    ways = log(sum(_choose(came.shape[1], k) for k in range(most + 1)))
    each = np.minimum(each + ways, 0.0)
    # the first of them sets the pattern
    total = float(np.sort(each)[: size - 1].sum() if size > 1 else 0.0)
    choices = lgamma(people + 1) - lgamma(size + 1) - lgamma(people - size + 1)
    return total + choices


def _choose(n: int, k: int) -> float:
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))
