"""The best answer to a question, proven by HiGHS; every count is taken again in whole numbers.

What HiGHS says is used twice only: which sites it chose, and a bound that no choice exceeds. An
answer is called optimal when the exact count of its sites equals that bound.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from time import monotonic
from typing import Any

from mealsvc.coverage.planning.flow import assigned
from mealsvc.coverage.planning.greedy import estimate
from mealsvc.coverage.planning.model import COVER, FEWEST, LOWEST, Goal, Model, movable
from mealsvc.coverage.planning.reduction import Case, reduced
from mealsvc.coverage.planning.rules import (
    Answer,
    Ground,
    Question,
    TownCover,
    chosen_of,
    covered_homes,
    standing_points,
)

Stopped = Callable[[], bool]
EARLY = 0.6  # of the time that is left, for a first aim
HAIR = 0.01  # what the solver's arithmetic may be off by, far below one elder


@dataclass(frozen=True, slots=True)
class _Found:
    """A run's choice (None: none found) and the bound of its aim; `possible` False: proven that
    nothing satisfies the goal."""

    chosen: list[int] | None
    bound: float
    possible: bool = True


class _Search:
    """One question at work: a clock, the case, and the best choice so far."""

    def __init__(self, case: Case, seconds: float, stopped: Stopped | None) -> None:
        self.case = case
        self.ends = monotonic() + seconds
        self.stopped = stopped
        self.best = estimate(case)

    def run(self, goal: Goal, share: float = 1.0) -> _Found:
        """The best choice for the goal, until somebody stops it or this share of the time that is
        left has gone: what comes after needs the rest for a bound.

        The budget is counted again in whole fen; a choice beyond it is forbidden and the search
        goes on, with a bound that stays true.
        """
        if not self.case.sites or not goal.most:
            return self._nothing_to_choose(goal)
        forbidden: list[list[int]] = []
        until = monotonic() + self.left() * share
        while True:
            found = _solved(self.case, goal, self, forbidden, max(until - monotonic(), 0.0))
            if found.chosen is None or _is_paid(self.case, found.chosen):
                return found
            forbidden.append(found.chosen)

    def _nothing_to_choose(self, goal: Goal) -> _Found:
        covered = counted(self.case, [], goal.least)
        if covered is None or covered[0] < goal.need:
            return _Found(None, 0, possible=False)
        return _Found([], 0 if goal.aim == FEWEST else covered[0] - self.case.before)

    def left(self) -> float:
        if self.stopped is not None and self.stopped():
            return 0.0
        return max(self.ends - monotonic(), 0.0)


def solve(
    ground: Ground, question: Question, seconds: float, stopped: Stopped | None = None
) -> Answer:
    """The answer after at most so many seconds: proven, or the best found with a true bound."""
    case = reduced(ground, question)
    search = _Search(case, seconds, stopped)
    goal, fewest = _least_number(search, Goal(COVER, case.most, case.need), question)
    goal, is_fair = _fairest(search, goal)
    found = search.run(goal)
    chosen = _needed(case, goal, _better(case, goal, found.chosen, search.best))
    codes = tuple(case.sites[site].code for site in sorted(chosen))
    before, after = _counts(ground, question, case, chosen, goal)
    covered = sum(after.values())
    bound = max(min(_whole_bound(case, found.bound), _everybody(case)), covered)
    proven = is_fair and (question.target is None or fewest is not None)
    return Answer(
        codes,
        case.total,
        sum(before.values()),
        covered,
        proven and bound == covered,
        bound,
        _towns(case, before, after),
        _cost(ground, codes),
        None if question.target is None else covered >= case.need,
        fewest,
    )


def counted(
    case: Case, chosen: Sequence[int], least: Mapping[str, int]
) -> tuple[int, dict[str, int]] | None:
    """How many elders a choice covers, in all and by town; None if a town gets less than asked."""
    if case.limited:
        return assigned(case, chosen, least)
    picked = set(chosen)
    by_town = dict(case.towns_before) if case.by_town else {"": case.before}
    for demand in case.demands:
        if not picked.isdisjoint(demand.sites):
            by_town[demand.town] = by_town.get(demand.town, 0) + demand.elders
    if any(by_town.get(town, 0) < number for town, number in least.items()):
        return None
    return sum(by_town.values()), by_town


def _least_number(search: _Search, goal: Goal, question: Question) -> tuple[Goal, int | None]:
    """With a target: the goal with no more sites than needed, and that number if it is proven.

    A target out of reach is replaced by the most that can be reached.
    """
    if question.target is None:
        return goal, None
    found = search.run(replace(goal, aim=FEWEST), EARLY)
    if not found.possible:
        most = search.run(replace(goal, need=0), EARLY)
        covered = counted(search.case, most.chosen or [], {})
        if most.chosen is None or not covered:
            return replace(goal, need=0), None
        search.best = most.chosen
        if covered[0] != _whole_bound(search.case, most.bound):
            return replace(goal, need=0), None
        goal = replace(goal, need=covered[0])
        found = search.run(replace(goal, aim=FEWEST), EARLY)
    kept = [one for one in (found.chosen, search.best) if one is not None]
    kept = [one for one in kept if _keeps(search.case, goal, one)]
    if not kept:
        return replace(goal, need=0), None
    search.best = chosen = min(kept, key=len)
    is_proven = len(chosen) <= ceil(-found.bound - HAIR)
    return replace(goal, most=len(chosen)), len(chosen) if is_proven else None


def _fairest(search: _Search, goal: Goal) -> tuple[Goal, bool]:
    """With equity: the goal that promises each town the highest lowest rate, and whether no higher
    one exists: shown by asking for one elder more in every town below it."""
    case = search.case
    towns = movable(case)
    if not case.by_town or not towns:
        return goal, True
    found = search.run(replace(goal, aim=LOWEST), EARLY)
    first = found.chosen if found.chosen is not None else search.best
    hint = {town: floor(found.bound * case.eligible[town] - HAIR) for town in towns}
    by_town = counted(case, first, hint if found.chosen is not None else {})
    by_town = by_town or counted(case, first, {})
    proven = False
    while by_town is not None:
        search.best = first
        lowest = min(Fraction(by_town[1].get(town, 0), case.eligible[town]) for town in towns)
        goal = replace(goal, least={t: ceil(lowest * case.eligible[t]) for t in towns})
        if lowest == 1:
            return goal, True
        above = {town: floor(lowest * case.eligible[town]) + 1 for town in towns}
        found = search.run(replace(goal, least=above), EARLY)
        proven = not found.possible
        if found.chosen is None:
            break
        first = found.chosen
        by_town = counted(case, first, above)
    return goal, proven


def _better(case: Case, goal: Goal, found: list[int] | None, other: list[int]) -> list[int]:
    """The choice that keeps the goal; of two the one that covers more, then the solver's."""
    kept = [
        chosen for chosen in (found, other) if chosen is not None and _keeps(case, goal, chosen)
    ]
    if not kept:
        return found or other
    return max(kept, key=lambda chosen: (counted(case, chosen, goal.least) or (0,))[0])


def _keeps(case: Case, goal: Goal, chosen: list[int]) -> bool:
    covered = counted(case, chosen, goal.least)
    return (
        covered is not None
        and covered[0] >= goal.need
        and len(chosen) <= goal.most
        and _is_paid(case, chosen)
    )


def _needed(case: Case, goal: Goal, chosen: list[int]) -> list[int]:
    """Without those that add nothing, the last by code first."""
    covered = counted(case, chosen, goal.least)
    for site in sorted(chosen, reverse=True):
        rest = [other for other in chosen if other != site]
        if covered is not None and counted(case, rest, goal.least) == covered:
            chosen = rest
    return chosen


def _is_paid(case: Case, chosen: list[int]) -> bool:
    spent = sum(case.sites[site].cost_fen or 0 for site in chosen)
    return case.budget_fen is None or spent <= case.budget_fen


def _counts(
    ground: Ground, question: Question, case: Case, chosen: list[int], goal: Goal
) -> tuple[dict[str, int], dict[str, int]]:
    """Covered elders by town before and after; without capacities from the ground itself, so that
    nothing rests on the reduction."""
    if case.limited:
        before = counted(case, [], {})
        after = counted(case, chosen, goal.least) or counted(case, chosen, {})
        return (before[1] if before else {}), (after[1] if after else {})
    points = standing_points(ground, question)
    sites = chosen_of(ground, {case.sites[site].code for site in chosen})
    before, after = (
        _by_town(ground, covered_homes(ground, question.radius_m, [*points, *some]))
        for some in ([], sites)
    )
    return before, after


def _by_town(ground: Ground, places: set[int]) -> dict[str, int]:
    towns: dict[str, int] = {}
    for place in places:
        home = ground.homes[place]
        towns[home.town] = towns.get(home.town, 0) + home.pop60
    return towns


def _towns(case: Case, before: dict[str, int], after: dict[str, int]) -> tuple[TownCover, ...]:
    return tuple(
        TownCover(town, eligible, before.get(town, 0), after.get(town, 0))
        for town, eligible in case.eligible.items()
    )


def _cost(ground: Ground, codes: Sequence[str]) -> int | None:
    """What the sites cost together; None when that of one is not known."""
    costs = [site.cost_fen for site in chosen_of(ground, codes)]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _everybody(case: Case) -> int:
    return case.before + sum(demand.elders for demand in case.demands)


def _whole_bound(case: Case, bound: float) -> int:
    most = _everybody(case)
    return most if bound >= most else case.before + floor(bound + HAIR)


def _solved(
    case: Case, goal: Goal, search: _Search, forbidden: list[list[int]], seconds: float
) -> _Found:
    """One run of HiGHS."""
    import highspy

    model = Model(case, goal)
    for chosen in forbidden:
        model.forbid(chosen)
    solver = _solver(highspy, model)
    if not case.limited and goal.aim == COVER and _keeps(case, goal, search.best):
        start = highspy.HighsSolution()
        start.col_value = model.values_of(search.best)
        solver.setSolution(start)
    if search.stopped is not None:
        solver.cbMipInterrupt.subscribe(lambda event: event.interrupt(search.left() <= 0))
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    return _told(highspy, solver, case)


def _solver(highspy: Any, model: Model) -> Any:
    """HiGHS with the model: one thread and a fixed seed, so that a run can be repeated."""
    solver = highspy.Highs()
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.gains), len(model.lows)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.gains, [0.0] * len(model.gains), model.upper
    lp.row_lower_, lp.row_upper_ = model.lows, model.highs
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_, matrix.index_, matrix.value_ = model.starts, model.columns, model.values
    matrix.num_col_, matrix.num_row_ = lp.num_col_, lp.num_row_
    whole, any_value = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    sites = len(model.case.sites)
    lp.integrality_ = [whole] * sites + [any_value] * (len(model.gains) - sites)
    solver.passModel(lp)
    return solver


def _told(highspy: Any, solver: Any, case: Case) -> _Found:
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return _Found(None, 0.0, possible=False)
    bound = info.mip_dual_bound
    if info.primal_solution_status != highspy.kSolutionStatusFeasible:
        return _Found(None, bound)
    values = solver.getSolution().col_value
    return _Found([site for site in range(len(case.sites)) if values[site] > 0.5], bound)
