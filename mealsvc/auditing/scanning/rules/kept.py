"""Cards that lie in the till (A06), and elders who never miss a day (A12). Pure.

People who come on their own share neither the minute nor the day off. A group whose members stand
together day after day, wherever in the day that is, although by their own times they would as
often stand apart, was swiped by one hand; so was one whose days off are the same. Couples and
households of three are left out, and one table where everybody comes at one time shows nothing:
there they stand together on any two days, not on the same day only.
"""

from collections.abc import Iterator
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import (
    Floats,
    elders,
    groups,
    log_poisson_tail,
    log_sum,
    tally,
)
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.streams import from_outage, step_of, usual_seconds
from mealsvc.auditing.scanning.rules.telling import finding, iso
from mealsvc.auditing.scanning.rules.together import same_days
from mealsvc.auditing.scanning.rules.view import DELIVERY, MEALS, Anomaly, Ints, Lines, PointMonth

LEAST_GROUP = 4
LINKS = 2  # members each member stands with
PICKED = 1000  # groups picked for standing together have to be so much less likely
OFTEN, BESIDE = 0.5, 3  # who stands together half the time, with so many, may be a run of cards
NEAR_SECONDS, NEAR_PLACES, CLOSE = 150, 12, 60
CLOSE_SECONDS, CLOSE_PLACES = 20, 3
STEPS = 15  # seconds by which the distance of two may differ if they are entered in step
LEAST_BLOCK, WAITING, WINDOWS = 6, 600, 100
WIDEST, MOST = 600, 0.35  # seconds from first to last; share of a meal's elders
TIMES = 4  # times that two stand together before it counts
LIKELY = -5.0  # ln of the chance of a pair that may follow a sure group
BINS = 120  # seconds
SWAY = 1.3  # people also share weather and bus: more nearness by habit than their times tell
LEAST_DAYS = 8


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
    for kind, found in (("run", _runs(seen, limits)), ("days", _days(seen, limits))):
        for members, chance, meal in found:
            mine = np.isin(lines.resident, members)
            mine = _together(seen, mine & (lines.meal == meal)) if kind == "run" else mine
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
    people, number = elders(seen)
    marks = np.unique(number * 100_000 + lines.day)
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


def _runs(seen: PointMonth, limits: Limits) -> list[tuple[Ints, float, int]]:
    """Groups who stand together on the same days more than their own times explain, or who stand
    together and have the same days off."""
    lines = seen.lines
    people, person = elders(seen)
    found, meals = list[tuple[Ints, float, int]](), list[_Pairs]()
    for meal in np.unique(lines.meal).tolist():
        pairs = _Pairs(seen, person, meal)
        if not len(pairs.a):
            continue
        meals.append(pairs)
        tests = len(people) * (len(people) - 1) / 2 * len(MEALS) * 3
        linked = pairs.chances() + log(tests) < log(limits.false_chance)
        weakly = pairs.tight + log(tests) < log(0.1 * len(people))
        for group in _cores(pairs.a[linked], pairs.b[linked], LINKS):
            inside = np.isin(pairs.a, group) & np.isin(pairs.b, group) & linked
            chance = float(np.median(pairs.logs[inside])) + log(tests)
            found.append((people[_followers(pairs, group)], chance, meal))
        for group in _cores(pairs.a[weakly], pairs.b[weakly], BESIDE):
            if len(group) > LEAST_GROUP and not any(
                np.isin(people[group], one[0]).any() for one in found
            ):
                found.append((people[group], BESIDE * log(limits.false_chance), meal))
        often = pairs.near >= OFTEN * pairs.both
        for group in _cores(pairs.a[often], pairs.b[often], BESIDE):
            alike = [(*one, meal) for one in same_days(seen, people[group], limits)]
            alike = alike or _at_one_time(seen, people[group], meal, limits)
            found += [one for one in alike if one[1] < log(limits.false_chance / PICKED)]
    return found + _elsewhere(people, found, meals)


def _elsewhere(
    people: Ints, found: list[tuple[Ints, float, int]], meals: "list[_Pairs]"
) -> list[tuple[Ints, float, int]]:
    """The same groups at other meals, where less evidence is enough."""
    more = list[tuple[Ints, float, int]]()
    for members, chance, meal in found:
        for pairs in meals:
            if pairs.meal == meal:
                continue
            inside = np.isin(people[pairs.a], members) & np.isin(people[pairs.b], members)
            if inside.any() and float(np.median(pairs.logs[inside])) < LIKELY:
                more.append((members, chance, pairs.meal))
    return more


def _at_one_time(
    seen: PointMonth, members: Ints, meal: int, limits: Limits
) -> list[tuple[Ints, float, int]]:
    """The group, if so many exact people share a minute in the middle of the meal.

    Of the other elders as exact as these so few come within the same minutes that there would
    hardly be a group. Who waits for the doors to open comes at one time, too, and does not count.
    """
    lines = seen.lines
    own = (lines.mode != DELIVERY) & (lines.meal == meal)
    mine = own & np.isin(lines.resident, members)
    others = own & ~mine
    if len(members) < LEAST_BLOCK or others.sum() < len(members):
        return []
    low, high = np.quantile(lines.second[mine], [0.1, 0.9])
    if high - low > WIDEST or len(members) > MOST * _people(lines, own):
        return []
    opens = np.median(
        [lines.second[others & (lines.day == day)].min() for day in np.unique(lines.day[others])]
    )
    if low < opens + WAITING:
        return []
    away = np.abs(lines.second - usual_seconds(seen))
    exact = float(np.nanquantile(away[mine], 0.75))
    if exact > 0.75 * float(np.nanmedian(away[others])):
        return []
    number, count = groups(lines.resident[others])
    visits = np.bincount(number, minlength=count)
    near = np.bincount(number, away[others] <= exact, count)
    rivals = int(((visits >= TIMES) & (near >= 0.6 * visits)).sum())
    share = float(((lines.second[others] >= low - 60) & (lines.second[others] <= high + 60)).mean())
    expected = SWAY * (rivals * share + 0.5)
    chance = log_poisson_tail(len(members), expected) + log(WINDOWS)
    return [(members, chance, meal)] if chance < log(limits.false_chance) else []


def _followers(pairs: "_Pairs", group: Ints) -> Ints:
    """The group, and who stands with several of it, if less surely."""
    one, other = np.isin(pairs.a, group), np.isin(pairs.b, group)
    likely = pairs.logs < LIKELY
    outside = np.r_[pairs.b[one & ~other & likely], pairs.a[other & ~one & likely]]
    more, times = np.unique(outside, return_counts=True)
    return np.union1d(group, more[times >= max(LINKS, 0.25 * len(group))])


def _people(lines: Lines, which: NDArray[np.bool_]) -> int:
    return len(np.unique(lines.resident[which]))


class _Pairs:
    """Pairs of elders who stood near each other at one kind of meal, and how often."""

    def __init__(self, seen: PointMonth, person: Ints, meal: int) -> None:
        lines = seen.lines
        # by day and second
        own = np.flatnonzero((lines.mode != DELIVERY) & (lines.meal == meal) & ~households(seen))
        self.meal, self.step = meal, step_of(lines.second)
        self.second, self.who = lines.second[own], person[own]
        self.day, days = groups(lines.day[own])
        self.people = int(person.max(initial=0)) + 1
        self.a, self.b, self.near = self._near()
        present = np.zeros((self.people, days), np.float32)
        present[self.who, self.day] = 1
        both = (present @ present.T)[self.a, self.b].astype(np.int64)
        near, close = np.minimum(self.near, both), np.minimum(self._close(), both)
        keep = (near >= 0.25 * both) | (close >= TIMES)
        self.a, self.b, self.near = self.a[keep], self.b[keep], near[keep]
        self.both, self.close = both[keep], close[keep]
        self.logs = self.tight = np.zeros(0)
        self.times = np.full((self.people, days), np.nan)
        self.times[self.who, self.day] = self.second

    def _near(self) -> tuple[Ints, Ints, Ints]:
        pairs, times = tally(self._keys(NEAR_PLACES, NEAR_SECONDS))
        pairs, times = pairs[times >= TIMES], times[times >= TIMES]
        return pairs // self.people, pairs % self.people, times

    def _close(self) -> Ints:
        """How often the pairs stood within a few seconds."""
        pairs, times = tally(self._keys(CLOSE_PLACES, CLOSE_SECONDS))
        if not len(pairs):
            return np.zeros(len(self.a), np.int64)
        wanted = self.a * self.people + self.b
        at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
        return np.where(pairs[at] == wanted, times[at], 0)

    def _keys(self, places: int, seconds: int) -> Ints:
        keys = [np.zeros(0, np.int64)]
        when = self.day * 1_000_000 + self.second
        for step in range(1, min(places, len(self.who) - 1) + 1):
            at = np.flatnonzero(when[step:] - when[:-step] <= seconds)
            if not len(at):
                break  # nor is anybody near at more places
            one, other = self.who[at], self.who[at + step]
            keys.append(np.minimum(one, other) * self.people + np.maximum(one, other))
        return np.concatenate(keys)

    def chances(self) -> Floats:
        """ln of the chance that they stand together so often by their own times."""
        first = int(self.second.min()) // BINS
        bins = int(self.second.max()) // BINS - first + 3
        cell = self.who * bins + self.second // BINS - first + 1
        table = np.bincount(cell, minlength=self.people * bins).astype(np.float32)
        table = table.reshape(self.people, bins)
        wide = table.copy()
        wide[:, 1:] += table[:, :-1]
        wide[:, :-1] += table[:, 1:]
        visits = table.sum(1)
        cross = np.einsum("ij,ij->i", wide[self.a], table[self.b]) * (2 / (3 * BINS))
        tries = np.maximum(visits[self.a] * visits[self.b] - self.both + 1, 1)
        self.tight = self._beyond(self.close, cross * CLOSE_SECONDS, tries)
        self.logs = np.minimum(self._beyond(self.near, cross * NEAR_SECONDS, tries), self.tight)
        self.logs = np.minimum(self.logs, self._in_step())
        return self.logs

    def _beyond(self, times: Ints, cross: Floats, tries: Floats) -> Floats:
        habit = np.minimum(SWAY * (np.maximum(cross - times, 0) + 1) / tries, 0.95)
        share = np.clip(times / self.both, 1e-9, 1 - 1e-9)
        return np.where(share > habit, -self.both * _divergence(share, habit), 0.0)

    def _in_step(self) -> Floats:
        """ln of the chance that two whose days differ so much are so constantly apart."""
        found = np.zeros(len(self.a))
        at = np.flatnonzero((self.near >= OFTEN * self.both) & (self.both >= LEAST_DAYS))
        if not len(at):
            return found
        one, other = self.times[self.a[at]], self.times[self.b[at]]
        who, place = np.unique(np.r_[self.a[at], self.b[at]], return_inverse=True)
        alone = _spreads(self.times[who])[place.ravel()].reshape(2, -1)
        apart = _spreads(one - other) + self.step / 2
        ratio = apart**2 / (alone[0] ** 2 + alone[1] ** 2)
        degrees = 0.5 * (self.both[at] - 1)  # a median deviation knows half as much
        x = np.clip(ratio, 1e-4, 1.0)
        found[at] = np.where((x < 1) & (apart <= STEPS), degrees / 2 * (1 - x + np.log(x)), 0.0)
        return found


def _spreads(times: Floats) -> Floats:
    """Median deviation of each row, with a second for rounding; NaN are left out."""
    ranked = np.sort(times, axis=1)
    known = np.isfinite(times).sum(1)
    middle = np.take_along_axis(ranked, (np.maximum(known - 1, 0) // 2)[:, None], 1)
    away = np.sort(np.abs(times - middle), axis=1)
    return 1.4826 * np.take_along_axis(away, (np.maximum(known - 1, 0) // 2)[:, None], 1)[:, 0] + 1


def _divergence(share: Floats, chance: Floats) -> Floats:
    """Kullback–Leibler's distance of two shares, for Chernoff's bound."""
    return share * np.log(share / chance) + (1 - share) * np.log((1 - share) / (1 - chance))


def _cores(a: Ints, b: Ints, least: int) -> list[Ints]:
    """Groups in which everybody is linked with at least so many of the others."""
    links: dict[int, set[int]] = {}
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        links.setdefault(one, set()).add(other)
        links.setdefault(other, set()).add(one)
    weak = [one for one, others in links.items() if len(others) < least]
    while weak:
        one = weak.pop()
        for other in links.pop(one, set()):
            links[other].discard(one)
            if len(links[other]) == least - 1:
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


def _days(seen: PointMonth, limits: Limits) -> list[tuple[Ints, float, int]]:
    return [(*one, -1) for one in same_days(seen, None, limits)]


def _together(seen: PointMonth, mine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of a group's lines that stand near others of it: one very near, or two."""
    lines = seen.lines
    own = np.flatnonzero(mine & (lines.mode != DELIVERY))
    own = own[np.lexsort((lines.second[own], lines.meal[own], lines.day[own]))]
    meal, _ = groups(lines.day[own], lines.meal[own])
    packed = meal * 1_000_000 + lines.second[own]
    found = np.zeros(len(lines), bool)
    for reach, least in ((CLOSE, 1), (2 * NEAR_SECONDS, 2)):
        beside = np.searchsorted(packed, packed + reach, "right")
        beside -= np.searchsorted(packed, packed - reach, "left")
        found[own[beside > least]] = True
    return found
