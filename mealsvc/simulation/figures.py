"""The sums of a replay: money by point, month and source, and what changes for whom. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mealsvc.kernel.months import Month
from mealsvc.policies.operating import Volume, earned, policy_for_point, split
from mealsvc.policies.rules import SOURCES
from mealsvc.simulation.replay import Eater, MonthSums, Recorded
from mealsvc.simulation.rules import Judge

MOST_RESIDENTS = 20
MONEY = ("subsidy_fen", "delivery_fen", "operating_fen")


class Place(NamedTuple):
    """A meal point as far as money asks."""

    code: str
    name: str
    division: str


@dataclass
class Side:
    """What one set of policies costs."""

    servings: int = 0
    subsidised: int = 0
    subsidy_fen: int = 0
    delivery_fen: int = 0
    operating_fen: int = 0
    funding: Counter[str] = field(default_factory=Counter)

    @property
    def total_fen(self) -> int:
        return self.subsidy_fen + self.delivery_fen + self.operating_fen

    def add(self, other: "Side") -> None:
        for name in ("servings", "subsidised", *MONEY):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.funding.update(other.funding)

    def shown(self) -> dict[str, Any]:
        amounts = {name: getattr(self, name) for name in ("servings", "subsidised", *MONEY)}
        return amounts | {"total_fen": self.total_fen, "funding": in_order(self.funding)}


@dataclass
class Sums:
    """Both sides: all together, by point, by month."""

    base: Side = field(default_factory=Side)
    trial: Side = field(default_factory=Side)
    points: dict[int, tuple[Side, Side]] = field(default_factory=dict)
    months: dict[Month, tuple[Side, Side]] = field(default_factory=dict)


def fold(
    sums: Sums,
    month: MonthSums,
    judges: tuple[Judge, Judge],
    places: Mapping[int, Place],
    stars: Mapping[int, int],
) -> None:
    """Adds a finished month: operating money is judged by point and month, as a settlement does.

    `stars` are the grades of the points on the month's last day.
    """
    counts: dict[int, tuple[Counter[int], Counter[int]]] = {}
    for (point, ours, theirs), number in month.cells.items():
        sides = counts.setdefault(point, (Counter(), Counter()))
        sides[0][ours] += number
        sides[1][theirs] += number
    of_month = sums.months.setdefault(month.month, (Side(), Side()))
    for point, sides in counts.items():
        of_point = sums.points.setdefault(point, (Side(), Side()))
        days, grade = month.days[point].bit_count(), stars.get(point)
        for place, judge in enumerate(judges):
            side = _meals(judge, sides[place])
            volume = Volume(side.servings, days, grade)
            _operating(side, judge, sides[place], places[point].division, month.month, volume)
            for whole in (of_point[place], of_month[place], (sums.base, sums.trial)[place]):
                whole.add(side)


def _meals(judge: Judge, counts: Mapping[int, int]) -> Side:
    """What a point's lines get, outcome by outcome."""
    side = Side(servings=sum(counts.values()))
    for number, times in counts.items():
        decision = judge.given[number][1]
        if decision.reason is not None:
            continue
        side.subsidised += times
        side.subsidy_fen += times * decision.subsidy_fen
        carried = [decision.delivery] if decision.delivery else []
        side.delivery_fen += times * sum(paid.fen for paid in carried)
        for paid in (*decision.rules, *carried):
            for source, fen in paid.funding:
                side.funding[source] += times * fen
    return side


def _operating(
    side: Side,
    judge: Judge,
    counts: Mapping[int, int],
    division: str,
    month: Month,
    volume: Volume,
) -> None:
    """Adds what the point earns for the month beside its meals."""
    by_policy: Counter[int | str] = Counter()
    for number, times in counts.items():
        policy, decision = judge.given[number]
        by_policy[policy] += times * (decision.reason is None)
    judging = policy_for_point(judge.policies, division, month)
    for place, policy in enumerate(judge.policies):
        for rule in policy.operating:
            amount = earned(policy, rule, by_policy[place], volume, policy is judging).fen
            side.operating_fen += amount
            side.funding.update(dict(split(rule, amount)))


def difference(base: Mapping[str, Any], trial: Mapping[str, Any]) -> dict[str, Any]:
    """Trial less base, figure by figure."""
    made: dict[str, Any] = {
        name: trial[name] - base[name] for name in base if isinstance(base[name], int)
    }
    funding = Counter(trial["funding"])
    funding.subtract(base["funding"])
    return made | {"funding": in_order(funding)}


def in_order(funding: Mapping[str, int]) -> dict[str, int]:
    """Fen by source in the order of the sources, zeros left out."""
    return {source: funding[source] for source in SOURCES if funding.get(source)}


def change_of(eater: Eater) -> int:
    """By how much her own share grows, in fen; below 0 she gains."""
    return eater.base_subsidy - eater.trial_subsidy


def groups(eaters: Iterable[Eater], key: Callable[[Eater], Any]) -> dict[Any, dict[str, int]]:
    """Who gains and who loses by some property, each resident counted once; in order of it."""
    found: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for eater in eaters:
        row, change = found[key(eater)], change_of(eater)
        row["residents"] += 1
        row["winners"] += change < 0
        row["losers"] += change > 0
        row["servings"] += eater.servings
        row["base_fen"] += eater.base_subsidy
        row["trial_fen"] += eater.trial_subsidy
    names = ("residents", "winners", "losers", "servings", "base_fen", "trial_fen")
    return {
        one: {name: found[one][name] for name in names}
        | {"difference_fen": found[one]["trial_fen"] - found[one]["base_fen"]}
        for one in sorted(found)
    }


def most_changed(eaters: Mapping[int, Eater]) -> list[tuple[int, Eater]]:
    """The residents whose own share changes most, the largest change first."""
    changed = [(who, eater) for who, eater in eaters.items() if change_of(eater)]
    changed.sort(key=lambda one: (-abs(change_of(one[1])), one[0]))
    return changed[:MOST_RESIDENTS]


def recorded(of: Recorded) -> dict[str, Any]:
    """The ledger's own sums of the same lines, and by reason where the base gives another."""
    order = sorted(of.differing, key=lambda pair: (pair[0] or "", pair[1] or ""))
    return {
        "servings": of.servings,
        "subsidised": of.subsidised,
        "subsidy_fen": of.subsidy_fen,
        "delivery_fen": of.delivery_fen,
        "differences": [
            {
                "recorded": was,
                "replayed": now,
                "lines": of.differing[was, now][0],
                "subsidy_fen": of.differing[was, now][1],
            }
            for was, now in order
        ],
    }


def rest_of_year(funding: Mapping[str, int], days: int, left: int) -> dict[str, int]:
    """By source what so many days more cost at the pace of `days` replayed days."""
    return {source: (2 * fen * left + days) // (2 * days) for source, fen in funding.items()}


def by_source(
    budget: Mapping[str, int],
    spent: Mapping[str, int],
    rests: Sequence[Mapping[str, int]],
) -> list[dict[str, Any]]:
    """Each source that gives or pays: budget (None without one), spent, the rest of the year."""
    rows = []
    for source in SOURCES:
        given, used = budget.get(source), spent.get(source, 0)
        base, trial = (rest.get(source, 0) for rest in rests)
        if given is not None or used or base or trial:
            row = {"source": source, "budget": given, "spent": used}
            row |= {"rest_base": base, "rest_trial": trial}
            row["enough_base"] = None if given is None else used + base <= given
            row["enough_trial"] = None if given is None else used + trial <= given
            rows.append(row)
    return rows
