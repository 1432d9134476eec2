"""A smaller case with the same best answers: what cannot matter is left out, equals are merged.

Without capacities: elders covered already count as covered, communities that the same candidates
reach become one demand, and a candidate that reaches no more than another (and costs no less) goes.
With capacities nobody is covered for certain and sites add up, so only equals are merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from mealsvc.coverage.planning.rules import (
    Ground,
    Question,
    Site,
    feeds,
    standing_points,
    towns_of,
    within_reach,
)


@dataclass(frozen=True, slots=True)
class Demand:
    """Elders of one town whom the same sites reach (places in `Case.sites` and `Case.points`)."""

    elders: int
    town: str
    sites: tuple[int, ...]
    points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What is left to decide. `before` and `towns_before` hold what needs no decision;
    `seats` and `point_seats` how many elders each site and point can count (None: any number)."""

    sites: tuple[Site, ...]
    demands: tuple[Demand, ...]
    eligible: dict[str, int]
    before: int
    towns_before: dict[str, int]
    need: int
    most: int
    budget_fen: int | None
    by_town: bool
    limited: bool
    seats: tuple[int | None, ...] = ()
    point_seats: tuple[int | None, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.eligible.values())


def reduced(ground: Ground, question: Question) -> Case:
    """The case of a question; its answers are answers of the ground itself."""
    points = standing_points(ground, question)
    sites = _affordable(ground.candidates, question.budget_fen)
    limited = question.uptake is not None
    reached = _reached(ground, points, question.radius_m)
    by_site = within_reach(ground.homes, sites, question.radius_m)
    done = frozenset() if limited else frozenset(reached)
    town_done: dict[str, int] = {}
    for place in done:
        home = ground.homes[place]
        town_done[home.town] = town_done.get(home.town, 0) + home.pop60
    useful = [frozenset(places) - done for places in by_site]
    kept = _kept(sites, useful, question.budget_fen is not None, limited)
    eligible = towns_of(ground)
    target = question.target
    return Case(
        tuple(sites[site] for site in kept),
        _demands(ground, [useful[site] for site in kept], reached if limited else {}, question),
        eligible,
        sum(town_done.values()),
        town_done,
        0 if target is None else ceil(target * sum(eligible.values())),
        len(kept) if question.add is None else min(question.add, len(kept)),
        question.budget_fen,
        question.equity,
        limited,
        *_seats(question, [sites[site] for site in kept], points),
    )


def _affordable(candidates: Sequence[Site], budget_fen: int | None) -> list[Site]:
    """In order of code; under a budget only those with a known cost that it can pay."""
    ordered = sorted(candidates, key=lambda site: site.code)
    if budget_fen is None:
        return ordered
    return [site for site in ordered if site.cost_fen is not None and site.cost_fen <= budget_fen]


def _reached(ground: Ground, points: Sequence[Site], radius_m: float) -> dict[int, list[int]]:
    """For each home within reach of a point the points that reach it."""
    reached: dict[int, list[int]] = {}
    for point, places in enumerate(within_reach(ground.homes, points, radius_m)):
        for place in places:
            reached.setdefault(place, []).append(point)
    return reached


def _kept(
    sites: Sequence[Site], useful: Sequence[frozenset[int]], costs: bool, limited: bool
) -> list[int]:
    """The sites worth a decision: without the useless, and without those that another one beats."""
    some = [site for site in range(len(sites)) if useful[site]]
    if limited:
        return some
    # who comes first beats its equals: more homes, then cheaper, then the first by code
    some.sort(key=lambda site: (-len(useful[site]), sites[site].cost_fen or 0, site))
    kept: list[int] = []
    by_home: dict[int, list[int]] = {}
    for site in some:
        rare = min(useful[site], key=lambda home: len(by_home.get(home, ())))
        beaten = any(
            useful[site] <= useful[other]
            and not (costs and _cost(sites[other]) > _cost(sites[site]))
            for other in by_home.get(rare, ())
        )
        if not beaten:
            kept.append(site)
            for home in useful[site]:
                by_home.setdefault(home, []).append(site)
    return sorted(kept)


def _cost(site: Site) -> int:
    return site.cost_fen or 0


def _demands(
    ground: Ground,
    useful: Sequence[frozenset[int]],
    reached: dict[int, list[int]],
    question: Question,
) -> tuple[Demand, ...]:
    by_home: dict[int, list[int]] = {place: [] for place in reached}
    for site, places in enumerate(useful):
        for place in places:
            by_home.setdefault(place, []).append(site)
    merged: dict[tuple[str, tuple[int, ...], tuple[int, ...]], int] = {}
    for place in sorted(by_home):
        home = ground.homes[place]
        town = home.town if question.equity or question.uptake else ""
        key = (town, tuple(by_home[place]), tuple(reached.get(place, ())))
        merged[key] = merged.get(key, 0) + home.pop60
    return tuple(
        Demand(elders, town, sites, points) for (town, sites, points), elders in merged.items()
    )


def _seats(
    question: Question, sites: Sequence[Site], points: Sequence[Site]
) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    uptake = question.uptake
    if uptake is None:
        return (), ()
    return tuple(feeds(site, uptake) for site in sites), tuple(feeds(p, uptake) for p in points)
