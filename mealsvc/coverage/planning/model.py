"""A case as a mixed-integer model: columns and rows as plain lists, and how to read a solution."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

from mealsvc.coverage.planning.reduction import Case

INFINITE = float("inf")
COVER, FEWEST, LOWEST = "cover", "fewest", "lowest"


@dataclass(frozen=True, slots=True)
class Goal:
    """What to reach for and what must hold: at most `most` sites, at least `need` elders covered
    in all and `least` in each town."""

    aim: str
    most: int
    need: int = 0
    least: Mapping[str, int] = field(default_factory=dict)


class Model:
    """Maximise `gains` over columns of 0 … `upper` (the first ones whole: one a site) in rows."""

    def __init__(self, case: Case, goal: Goal) -> None:
        self.case = case
        self.gains: list[float] = [0.0] * len(case.sites)
        self.upper: list[float] = [1.0] * len(case.sites)
        self.lows: list[float] = []
        self.highs: list[float] = []
        self.starts: list[int] = [0]
        self.columns: list[int] = []
        self.values: list[float] = []
        self.split: list[tuple[int, int]] = []  # (demand, its column) where a demand has its own
        self._terms: list[tuple[str, int, int]] = []  # (town, column, elders for a whole unit)
        if case.limited:
            self._assign()
        else:
            self._cover()
        self._limit(goal)
        self._aim(goal)

    def _column(self, upper: float) -> int:
        self.gains.append(0.0)
        self.upper.append(upper)
        return len(self.gains) - 1

    def _row(self, low: float, high: float, terms: Iterable[tuple[int, float]]) -> None:
        for column, value in terms:
            self.columns.append(column)
            self.values.append(value)
        self.starts.append(len(self.columns))
        self.lows.append(low)
        self.highs.append(high)

    def _cover(self) -> None:
        """A demand is covered as far as one of its sites is chosen; one with a single site is it."""
        for place, demand in enumerate(self.case.demands):
            column = demand.sites[0]
            if len(demand.sites) > 1:
                column = self._column(1.0)
                self.split.append((place, column))
                self._row(0.0, INFINITE, [*((site, 1.0) for site in demand.sites), (column, -1.0)])
            self._terms.append((demand.town, column, demand.elders))

    def _assign(self) -> None:
        """Elders go from demands to points and chosen sites, as many as those can count."""
        case = self.case
        of_site: list[list[int]] = [[] for _ in case.sites]
        of_point: list[list[int]] = [[] for _ in case.point_seats]
        for demand in case.demands:
            columns = []
            for point in demand.points:
                columns.append(self._column(demand.elders))
                of_point[point].append(columns[-1])
            for site in demand.sites:
                most = _smaller(demand.elders, case.seats[site])
                columns.append(self._column(most))
                of_site[site].append(columns[-1])
                self._row(-INFINITE, 0.0, [(columns[-1], 1.0), (site, -most)])
            self._row(-INFINITE, demand.elders, ((column, 1.0) for column in columns))
            self._terms += [(demand.town, column, 1) for column in columns]
        for site, seats in enumerate(case.seats):
            if seats is not None:
                self._row(-INFINITE, 0.0, [*((c, 1.0) for c in of_site[site]), (site, -seats)])
        for point, seats in enumerate(case.point_seats):
            if seats is not None:
                self._row(-INFINITE, seats, ((column, 1.0) for column in of_point[point]))

    def _limit(self, goal: Goal) -> None:
        case = self.case
        self._row(-INFINITE, goal.most, ((site, 1.0) for site in range(len(case.sites))))
        if case.budget_fen is not None:
            costs = [site.cost_fen or 0 for site in case.sites]
            coin = gcd(*costs) or 1
            terms = [(site, cost // coin) for site, cost in enumerate(costs) if cost]
            self._row(-INFINITE, case.budget_fen // coin, terms)
        if goal.need > case.before:
            terms = [(column, elders) for _, column, elders in self._terms]
            self._row(goal.need - case.before, INFINITE, _summed(terms))
        for town, least in goal.least.items():
            missing = least - case.towns_before.get(town, 0)
            if missing > 0:
                self._row(missing, INFINITE, self._of_town(town))

    def _aim(self, goal: Goal) -> None:
        if goal.aim == FEWEST:
            for site in range(len(self.case.sites)):
                self.gains[site] = -1.0
        elif goal.aim == COVER:
            for _, column, elders in self._terms:
                self.gains[column] += elders
        else:
            rate = self._column(1.0)
            self.gains[rate] = 1.0
            for town in movable(self.case):
                terms = [*self._of_town(town), (rate, -self.case.eligible[town])]
                self._row(-self.case.towns_before.get(town, 0), INFINITE, terms)

    def _of_town(self, town: str) -> list[tuple[int, float]]:
        return _summed((column, elders) for place, column, elders in self._terms if place == town)

    def forbid(self, chosen: Sequence[int]) -> None:
        """Not all of these together."""
        self._row(-INFINITE, len(chosen) - 1, ((site, 1.0) for site in chosen))

    def values_of(self, chosen: Sequence[int]) -> list[float]:
        """The columns of a choice without capacities, for a start."""
        values = [0.0] * len(self.gains)
        for site in chosen:
            values[site] = 1.0
        for place, column in self.split:
            values[column] = float(any(values[s] for s in self.case.demands[place].sites))
        return values


def movable(case: Case) -> list[str]:
    """The towns that a candidate reaches: only their rates depend on what is chosen."""
    return sorted({demand.town for demand in case.demands if demand.town and demand.sites})


def _smaller(elders: int, seats: int | None) -> int:
    return elders if seats is None else min(elders, seats)


def _summed(terms: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    sums: dict[int, float] = {}
    for column, value in terms:
        sums[column] = sums.get(column, 0) + value
    return list(sums.items())
