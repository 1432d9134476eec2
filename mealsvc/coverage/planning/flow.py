"""Who is covered where seats are limited: the largest assignment of elders to sites, in whole
numbers. Each town may be promised a least number first."""

from collections import deque
from collections.abc import Collection, Mapping

from mealsvc.coverage.planning.reduction import Case


class _Network:
    """Arcs in pairs: the arc `a ^ 1` is the way back of the arc `a`."""

    def __init__(self, nodes: int) -> None:
        self.to: list[int] = []
        self.room: list[int] = []
        self.out: list[list[int]] = [[] for _ in range(nodes)]

    def add(self, tail: int, head: int, room: int) -> int:
        arc = len(self.to)
        for node, other, left in ((tail, head, room), (head, tail, 0)):
            self.out[node].append(len(self.to))
            self.to.append(other)
            self.room.append(left)
        return arc

    def push(self, source: int, sink: int) -> int:
        """Adds as much flow as fits, along shortest ways; what has left the source stays out."""
        total = 0
        while level := self._levels(source, sink):
            following = [0] * len(self.out)
            while found := self._way(source, sink, level, following):
                amount = min(self.room[arc] for arc in found)
                for arc in found:
                    self.room[arc] -= amount
                    self.room[arc ^ 1] += amount
                total += amount
        return total

    def _levels(self, source: int, sink: int) -> list[int]:
        level = [-1] * len(self.out)
        level[source] = 0
        ahead = deque([source])
        while ahead:
            node = ahead.popleft()
            for arc in self.out[node]:
                if self.room[arc] and level[self.to[arc]] < 0:
                    level[self.to[arc]] = level[node] + 1
                    ahead.append(self.to[arc])
        return level if level[sink] >= 0 else []

    def _way(self, source: int, sink: int, level: list[int], following: list[int]) -> list[int]:
        way: list[int] = []
        node = source
        while node != sink:
            while following[node] < len(self.out[node]):
                arc = self.out[node][following[node]]
                if self.room[arc] and level[self.to[arc]] == level[node] + 1:
                    break
                following[node] += 1
            else:
                if not way:
                    return []
                node = self.to[way.pop() ^ 1]
                following[node] += 1
                continue
            way.append(arc)
            node = self.to[arc]
        return way


def assigned(
    case: Case, chosen: Collection[int], least: Mapping[str, int]
) -> tuple[int, dict[str, int]] | None:
    """The most elders that points and chosen sites can count, and how many of each town, if each
    town of `least` gets its number; None if it cannot."""
    towns = sorted({demand.town for demand in case.demands})
    opened = [(True, point, seats) for point, seats in enumerate(case.point_seats)]
    opened += [(False, site, case.seats[site]) for site in sorted(chosen)]
    first_demand = 2 + len(towns)
    first_site = first_demand + len(case.demands)
    net = _Network(first_site + len(opened))
    places = {town: place for place, town in enumerate(towns)}
    gates = {town: net.add(0, 2 + place, least.get(town, 0)) for town, place in places.items()}
    numbers = {(is_point, site): first_site + n for n, (is_point, site, _) in enumerate(opened)}
    for place, demand in enumerate(case.demands):
        net.add(2 + places[demand.town], first_demand + place, demand.elders)
        for is_point, sites in ((True, demand.points), (False, demand.sites)):
            for site in sites:
                if (is_point, site) in numbers:
                    net.add(first_demand + place, numbers[is_point, site], demand.elders)
    for is_point, site, seats in opened:
        net.add(numbers[is_point, site], 1, case.total if seats is None else seats)
    if net.push(0, 1) < sum(least.get(town, 0) for town in towns):
        return None
    for town, gate in gates.items():
        net.room[gate] += case.total - least.get(town, 0)
    net.push(0, 1)
    by_town = {town: net.room[gate ^ 1] for town, gate in gates.items()}
    return sum(by_town.values()), by_town
