"""Who is common to which two meals, and in which order: the walk along which lists are sought. Pure."""

from dataclasses import dataclass

import numpy as np

from mealsvc.auditing.scanning.rules.arithmetic import groups, places, starts
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


def steps_of(seen: PointMonth) -> Steps | None:
    """Who is common to which two meals, and in which order."""
    lines = seen.lines
    own = np.flatnonzero(lines.mode != DELIVERY)
    own = own[~households(seen)[own]]
    if len(own) < LEAST_COMMON:
        return None
    meal_number, meals = groups(lines.day[own], lines.meal[own])
    # who is entered in the same second has no order
    shuffled = (lines.resident[own] * 2_654_435_761 + meal_number * 40_503) % 1_000_003
    own = own[np.lexsort((shuffled, lines.second[own], meal_number))]
    meal_number, meals = groups(lines.day[own], lines.meal[own])
    place = places(meal_number)
    first = _first_of_meal(lines, own, meal_number, meals)
    one, other = _same_elder(lines.resident[own])
    kind = np.where(first.meal[meal_number[one]] == first.meal[meal_number[other]], 0, 1)
    keep = (kind == 0) | (first.day[meal_number[one]] == first.day[meal_number[other]])
    one, other, kind = one[keep], other[keep], kind[keep]
    pair = (meal_number[one] * (meals + 1) + meal_number[other]) * 3 + kind
    # and the order of the register beside each meal
    everyone = np.arange(len(own))
    pair = np.r_[pair, (meals * (meals + 1) + meal_number) * 3 + 2]
    ranked = np.unique(lines.resident[own], return_inverse=True)[1]
    place_one, place_other = np.r_[place[one], ranked], np.r_[place[other], place]
    line_one, line_other = np.r_[own[one], np.full(len(own), -1)], np.r_[own[other], own[everyone]]
    return _ordered(pair, place_one, place_other, line_one, line_other)


def _ordered(pair: Ints, one: Ints, other: Ints, line_one: Ints, line_other: Ints) -> Steps | None:
    """Sorted by pair of meals and place in the later one; pairs with few in common left out."""
    sizes = np.bincount(pair)
    keep = sizes[pair] >= LEAST_COMMON
    if not keep.any():
        return None
    pair, one, other = pair[keep], one[keep], other[keep]
    line_one, line_other = line_one[keep], line_other[keep]
    wide = int(max(one.max(), other.max())) + 1
    by_one = np.argsort(pair * wide + one)
    rank = np.empty(len(pair), np.int64)
    rank[by_one] = places(pair[by_one])
    by_other = np.argsort(pair * wide + other)
    pair = pair[by_other]
    group = np.cumsum(np.r_[0, np.diff(pair) != 0])
    return Steps(
        line_one[by_other], line_other[by_other], rank[by_other], group,
        np.bincount(group), pair[starts(pair)] % 3,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Meals:
    day: Ints
    meal: Ints


def _first_of_meal(lines: Lines, own: Ints, number: Ints, count: int) -> _Meals:
    """Day and meal of each meal number."""
    at = own[starts(number)]
    return _Meals(lines.day[at], lines.meal[at])


def _same_elder(resident: Ints) -> tuple[Ints, Ints]:
    """All pairs of rows of one elder, the earlier row first; rows are in the order of time."""
    order = np.argsort(resident, kind="stable")
    of = resident[order]
    place = places(of)
    sizes = np.diff(np.r_[starts(of), len(of)])
    rest = np.repeat(sizes, sizes) - 1 - place
    one = np.repeat(np.arange(len(of)), rest)
    first = np.cumsum(rest) - rest
    other = one + 1 + np.arange(len(one)) - np.repeat(first, rest)
    return order[one], order[other]
