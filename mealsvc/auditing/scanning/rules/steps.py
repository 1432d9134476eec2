"""Who is common to which two meals, and in which order: the walk along which lists are sought. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import elders, groups, starts
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.view import DELIVERY, Ints, Lines, PointMonth

LEAST_COMMON = 7


@dataclass(frozen=True, slots=True)
class Steps:
    """Elders common to two meals, pair of meals by pair, in the order of the later meal.

    `earlier` and `later` are lines (earlier is -1 for the register's order); `rank` is the place in
    the earlier meal among the common ones; `group` numbers the pairs of meals.
    """

    earlier: Ints
    later: Ints
    rank: Ints
    group: Ints
    sizes: Ints  # of each group
    kind: Ints  # of each group: 0 same meal, 1 another meal, 2 the register's order

    def of(self, chosen: NDArray[np.bool_]) -> tuple[Ints, "Steps"]:
        """The steps of some groups: where they stand here, and by themselves."""
        at = np.flatnonzero(np.repeat(chosen, self.sizes))
        sizes = self.sizes[chosen]
        return at, Steps(
            self.earlier[at], self.later[at], self.rank[at],
            np.repeat(np.arange(len(sizes)), sizes), sizes, self.kind[chosen],
        )  # fmt: skip


def steps_of(seen: PointMonth) -> Steps | None:
    """Who is common to which two meals, and in which order.

    There are many times more steps than lines, and so nothing is sorted here: a place among the
    common ones is a running count of who was at the other meal, too.
    """
    lines = seen.lines
    own = _in_order(seen)
    if len(own) < LEAST_COMMON:
        return None
    meal, meals = groups(lines.day[own], lines.meal[own])
    people, person = len(elders(seen)[0]), elders(seen)[1][own]
    first = starts(meal)
    line = np.full((meals, people), -1, np.int32)
    line[meal, person] = np.arange(len(own))
    there = line >= 0
    met = there.take(person, axis=1)  # whether the elder of each line was at each meal
    before = np.zeros((meals, len(own) + 1), np.int32)
    np.cumsum(met, axis=1, out=before[:, 1:])
    wanted, common, same = _pairs(lines, own[first], there)
    pairs = common[wanted]
    one, other = (np.repeat(which, pairs) for which in np.nonzero(wanted))
    met &= wanted.take(meal, axis=1)
    later = np.flatnonzero(met) - one * len(own)
    source = line.ravel()[one * people + person[later]]
    count = before.ravel()
    row = other * (len(own) + 1)
    rank = count[row + source] - count[row + first[one]]
    # and the order of the register beside each meal
    everyone = np.bincount(meal, minlength=meals)
    enough = everyone >= LEAST_COMMON
    rest = np.flatnonzero(enough[meal])
    sizes = np.r_[pairs, everyone[enough]]
    if not len(sizes):
        return None
    register = (np.cumsum(there, axis=1, dtype=np.int32) - 1)[meal[rest], person[rest]]
    return Steps(
        np.r_[own[source], np.full(len(rest), -1)],
        own[np.r_[later, rest]],
        np.r_[rank, register],
        np.repeat(np.arange(len(sizes)), sizes),
        sizes,
        np.r_[np.where(same[wanted], 0, 1), np.full(int(enough.sum()), 2)],
    )


def _pairs(
    lines: Lines, first: Ints, there: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], Ints, NDArray[np.bool_]]:
    """Which two meals are compared, how many elders are common to any two, which are alike.

    The same meal on two days, and two meals of one day.
    """
    day, kind = lines.day[first], lines.meal[first]
    both = there.astype(np.float32)
    common = (both @ both.T).astype(np.int64)
    same = kind[:, None] == kind[None, :]
    wanted = np.triu(same | (day[:, None] == day[None, :]), 1) & (common >= LEAST_COMMON)
    return wanted, common, same


def _in_order(seen: PointMonth) -> Ints:
    """The counter's lines by meal and time, an elder's first at each meal, one for a household."""
    lines = seen.lines
    own = np.flatnonzero(lines.mode != DELIVERY)
    own = own[~households(seen)[own]]
    meal, _ = groups(lines.day[own], lines.meal[own])
    # who is entered in the same second has no order
    shuffled = (lines.resident[own] * 2_654_435_761 + meal * 40_503) % 1_000_003
    order = np.lexsort((shuffled, lines.second[own], meal))
    own, meal = own[order], meal[order]
    people, person = elders(seen)
    key = meal * len(people) + person[own]
    place = np.zeros(int(key.max(initial=-1)) + 1, np.int64)
    place[key[::-1]] = np.arange(len(own))[::-1]
    return own[place[key] == np.arange(len(own))]
