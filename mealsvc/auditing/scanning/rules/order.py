"""A07: the same elders in the same order on different days, as from a list. Pure.

What tells a list from habit is local order: who comes after whom. Two days of people with habits
agree roughly over the whole meal; a list agrees step by step. A step from one elder to the next of
those common to two meals is a hit if they stand next to each other in the other meal too. Hits
and misses add up as logarithms of likelihood ratios against what the elders' own habits and the
point's other days lead to expect; by Ville's inequality a stretch that reaches x is there by chance
with at most e^-x for each place where it could start.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mealsvc.auditing.scanning.rules.arithmetic import Floats, groups
from mealsvc.auditing.scanning.rules.chains import LEAST_CHAIN, WAYS, chains_of
from mealsvc.auditing.scanning.rules.households import households
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.profile import strangeness
from mealsvc.auditing.scanning.rules.steps import Steps, steps_of
from mealsvc.auditing.scanning.rules.streams import from_outage
from mealsvc.auditing.scanning.rules.telling import MEAL_WORDS, finding
from mealsvc.auditing.scanning.rules.view import Anomaly, Ints, Lines, PointMonth, day_of

PACE = 20.0  # seconds that a copied entry may be off the list's pace
ODD = 2.5  # spreads from their usual times: then the list's first use is as odd as its reuse
MEALS, SHARE = 4, 0.4  # of so many copied meals, who is on the list stands in a chain so often


def replay(seen: PointMonth, limits: Limits) -> Iterator[Anomaly]:
    """Chains of elders in the order of another meal, or of the register.

    Evidence: `chains` with day, meal, like_day, like_meal (absent: the register's order), count,
    common, share (of steps that agree), usual (share on other days); `lists`: number of meals.
    """
    lines = seen.lines
    steps = steps_of(seen)
    if steps is None:
        return
    chains = chains_of(seen, steps, limits)
    if not chains.of:
        return
    hit = np.zeros(len(lines), bool)
    odd = np.abs(strangeness(seen))
    for first, last, _ in chains.of:
        hit[_entered(lines, steps, first, last)] = True
        source = steps.earlier[first:last]
        if (source >= 0).all() and _was_list_too(lines, source, odd):
            hit[source] = True
    hit = _listed(lines, hit)
    hit |= _partners(seen, hit)
    hit &= ~from_outage(seen, hit)
    if hit.sum() < LEAST_CHAIN:
        return
    told = [_told(lines, steps, chain, chains.usual) for chain in chains.of]
    told.sort(key=lambda one: (-int(str(one["count"])), str(one["day"])))
    yield finding(
        seen, "A07", "high", np.flatnonzero(hit), _summary(lines, hit, told),
        "先核对是否统一组织就餐、按固定桌号叫号，或当天断网后照纸质签到表补录。",
        evidence={"chains": told[:12], "lists": len(told)},
        chance=limits.in_district(chains.chance),
    )  # fmt: skip


def _listed(lines: Lines, hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The lines of those who are on the list: most of their lines of these meals are in a chain.

    A guest who only stood between two names once is not.
    """
    meal, count = groups(lines.day, lines.meal)
    copied = np.bincount(meal, hit, count) > 0
    if copied.sum() < MEALS:
        return hit
    who, people = groups(lines.resident)
    there = np.bincount(who, copied[meal], people)
    in_chain = np.bincount(who, hit, people)
    return hit & (in_chain >= SHARE * there)[who]


def _entered(lines: Lines, steps: Steps, first: int, last: int) -> Ints:
    """The lines of a chain that come from the list: of a copy in full, those at the list's pace.

    Who came in person between them did so at any time.
    """
    later = steps.later[first:last]
    if steps.kind[steps.group[first]] != 1 or last - first < LEAST_CHAIN:
        return later[_beside(steps.rank[first:last])]
    there, here = lines.second[steps.earlier[first:last]], lines.second[later]
    x, y = there - there.mean(), here - here.mean()
    jump = np.diff(steps.rank[first:last])
    next_to = np.r_[False, (jump > 0) & (jump <= WAYS[0].ahead)]
    keep = next_to | np.r_[next_to[1:], False]
    off = np.zeros(len(x))
    for _ in range(4):
        if keep.sum() < 3 or np.ptp(x[keep]) == 0:
            return later
        slope, base = np.polyfit(x[keep], y[keep], 1)
        off = np.abs(y - slope * x - base)
        keep = off <= max(3 * 1.4826 * float(np.median(off[keep])), PACE)
    return later[keep]


def _beside(rank: Ints) -> NDArray[np.bool_]:
    """Who stands near one of the two before or after in the other meal, too."""
    found = np.zeros(len(rank), bool)
    for back in (1, 2):
        close = np.abs(rank[back:] - rank[:-back]) <= WAYS[1].ahead
        found[back:] |= close
        found[:-back] |= close
    return found


def _was_list_too(lines: Lines, source: Ints, odd: Floats) -> bool:
    """Whether the earlier use of a list stands out as well: far from its elders' usual times."""
    return bool(np.median(odd[source]) > ODD)


def _partners(seen: PointMonth, hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The lines of household members left out before, between two lines that were hit."""
    lines = seen.lines
    left = households(seen)
    order = np.lexsort((lines.sequence, lines.second, lines.meal, lines.day))
    found = np.zeros(len(hit), bool)
    if len(order) < 3:
        return found
    near = hit[order]
    same = (lines.day[order][1:] == lines.day[order][:-1]) & (
        lines.meal[order][1:] == lines.meal[order][:-1]
    )
    before, after = np.r_[False, near[:-1] & same], np.r_[near[1:] & same, False]
    found[order] = left[order] & before & after
    return found


def _told(
    lines: Lines, steps: Steps, chain: tuple[int, int, float], usual: Floats
) -> dict[str, object]:
    """A chain for the evidence."""
    first, last, _ = chain
    group = int(steps.group[last - 1])
    later, earlier = int(steps.later[first]), int(steps.earlier[first])
    jump = np.abs(np.diff(steps.rank[first:last]))
    told: dict[str, object] = {
        "day": day_of(int(lines.day[later])).isoformat(),
        "meal": int(lines.meal[later]),
        "count": last - first,
        "common": int(steps.sizes[group]),
        "share": round(float((jump <= 3).mean()), 2),
        "usual": round(float(usual[group]), 2),
    }
    if earlier >= 0:
        told["like_day"] = day_of(int(lines.day[earlier])).isoformat()
        told["like_meal"] = int(lines.meal[earlier])
    return told


def _summary(lines: Lines, hit: NDArray[np.bool_], told: list[dict[str, object]]) -> str:
    """What is unusual, in a sentence."""
    most = told[0]
    meals = len(np.unique(lines.day[hit] * 3 + lines.meal[hit]))
    like = "名册"
    if "like_day" in most:
        like = f"{most['like_day']} {MEAL_WORDS[int(str(most['like_meal']))]}"
    return (
        f"有{meals}餐共{hit.sum()}笔按别处的次序登记：{most['day']} {MEAL_WORDS[int(str(most['meal']))]}"
        f"连续{most['count']}人与{like}次序相同，前后相邻占{100 * float(str(most['share'])):.0f}%，"
        f"平常约{100 * float(str(most['usual'])):.0f}%。"
    )
