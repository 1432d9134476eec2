"""An estimate at once: the site that adds most, again and again, then single exchanges. Pure."""

from collections.abc import Iterable

from mealsvc.coverage.planning.reduction import Case

ROUNDS = 50  # of exchanges; each one covers more elders, few are ever needed


class _Cover:
    """How often each demand is covered by the chosen sites (without capacities)."""

    def __init__(self, case: Case) -> None:
        self.elders = [demand.elders for demand in case.demands]
        self.times = [0] * len(self.elders)
        self.reach: list[list[int]] = [[] for _ in case.sites]
        for place, demand in enumerate(case.demands):
            for site in demand.sites:
                self.reach[site].append(place)
        self.chosen: list[int] = []
        self.covered = 0

    def gain(self, site: int) -> int:
        return sum(self.elders[place] for place in self.reach[site] if not self.times[place])

    def loss(self, site: int) -> int:
        return sum(self.elders[place] for place in self.reach[site] if self.times[place] == 1)

    def put(self, site: int) -> None:
        self.covered += self.gain(site)
        self.chosen.append(site)
        for place in self.reach[site]:
            self.times[place] += 1

    def take(self, site: int) -> None:
        self.chosen.remove(site)
        for place in self.reach[site]:
            self.times[place] -= 1
        self.covered -= self.gain(site)


def estimate(case: Case) -> list[int]:
    """Places in `case.sites` of a good choice within the limits, in order.

    With a target it stops as soon as that is met. Capacities are counted by filling each site in
    turn, towns not at all: there it is only a start.
    """
    if case.limited:
        return sorted(_filled(case))
    plans = [_greedy(case, by_cost) for by_cost in {False, case.budget_fen is not None}]
    best = max(plans, key=lambda plan: (plan.covered, -len(plan.chosen)))
    if not case.need:
        _exchange(case, best)
    return sorted(best.chosen)


def _greedy(case: Case, by_cost: bool) -> _Cover:
    plan = _Cover(case)
    left = case.budget_fen
    open_sites = set(range(len(case.sites)))
    while len(plan.chosen) < case.most and not _is_met(case, plan.covered):
        open_sites = {site for site in open_sites if _pays(case, site, left)}
        best = _best((_worth(case, plan.gain(site), site, by_cost), site) for site in open_sites)
        if best is None:
            break
        plan.put(best)
        open_sites.discard(best)
        left = None if left is None else left - (case.sites[best].cost_fen or 0)
    return plan


def _is_met(case: Case, covered: int) -> bool:
    return bool(case.need) and case.before + covered >= case.need


def _pays(case: Case, site: int, left: int | None) -> bool:
    return left is None or (case.sites[site].cost_fen or 0) <= left


def _worth(case: Case, gain: int, site: int, by_cost: bool) -> float:
    return gain / max(case.sites[site].cost_fen or 0, 1) if by_cost else gain


def _best(ranked: Iterable[tuple[float, int]]) -> int | None:
    worth, site = max(ranked, key=lambda pair: (pair[0], -pair[1]), default=(0, -1))
    return site if worth > 0 else None


def _exchange(case: Case, plan: _Cover) -> None:
    """Takes one site out and puts a better one in, as long as that covers more."""
    for _ in range(ROUNDS):
        if not any(_exchanged(case, plan, site) for site in list(plan.chosen)):
            return


def _exchanged(case: Case, plan: _Cover, out: int) -> bool:
    loss = plan.loss(out)
    plan.take(out)
    spent = sum(case.sites[site].cost_fen or 0 for site in plan.chosen)
    left = None if case.budget_fen is None else case.budget_fen - spent
    others = set(range(len(case.sites))) - set(plan.chosen)
    best = _best((plan.gain(site), site) for site in others if _pays(case, site, left))
    better = best is not None and plan.gain(best) > loss
    plan.put(best if best is not None and better else out)
    return better


def _filled(case: Case) -> list[int]:
    """The sites that find most elders not yet taken by a point or an earlier site."""
    left = [demand.elders for demand in case.demands]
    for point, seats in enumerate(case.point_seats):
        _take(left, [p for p, demand in enumerate(case.demands) if point in demand.points], seats)
    reach: list[list[int]] = [[] for _ in case.sites]
    for place, demand in enumerate(case.demands):
        for site in demand.sites:
            reach[site].append(place)
    chosen: list[int] = []
    money = case.budget_fen
    while len(chosen) < case.most:
        best = _best(
            (_at_most(sum(left[p] for p in reach[site]), case.seats[site]), site)
            for site in range(len(case.sites))
            if site not in chosen and _pays(case, site, money)
        )
        if best is None:
            break
        chosen.append(best)
        _take(left, reach[best], case.seats[best])
        money = None if money is None else money - (case.sites[best].cost_fen or 0)
    return chosen


def _at_most(elders: int, seats: int | None) -> int:
    return elders if seats is None else min(elders, seats)


def _take(left: list[int], places: list[int], seats: int | None) -> None:
    for place in places:
        taken = _at_most(left[place], seats)
        left[place] -= taken
        seats = None if seats is None else seats - taken
