"""What one line gets under a set of policies, each different question decided once. Pure.

A decision depends on the governing policy, the age only as far as a rule asks for it, the
categories that a rule names, the meal, its way and price, and on what is used up already.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from mealsvc.policies.rules import (
    CATEGORIES,
    CategoryFact,
    Conditions,
    Decision,
    Departure,
    Meal,
    Policy,
    ResidentFacts,
    Usage,
    decide_under,
    governing,
    withheld,
)

DECEASED = "resident_deceased"
_CAPPED = {None, "no_rule", "price_too_low"}  # reasons that come after slot and caps
_NO_DAY_CAP, _NO_MONTH_CAP = 9, 99  # three meals a day, 93 a month
_FULL = Usage(day_count=_NO_DAY_CAP), Usage(month_count=_NO_MONTH_CAP)
_DECADES = {60, 70, 80, 90}


def trial_policies(draft: Policy, approved: Iterable[Policy]) -> tuple[Policy, ...]:
    """The approved policies with the draft in place of those of its division, on every day."""
    others = [policy for policy in approved if policy.division != draft.division]
    return (*others, replace(draft, effective_from=date.min, effective_to=None))


def age_edges(policies: Iterable[Policy]) -> list[int]:
    """The ages at which something in these policies changes, in order."""
    edges: set[int | None] = set()
    for policy in policies:
        edges.add(policy.min_age)
        for when in _conditions(policy):
            edges |= {when.min_age, None if when.max_age is None else when.max_age + 1}
    return sorted(edge for edge in edges if edge)


def bands(edges: Iterable[int]) -> list[int]:
    """Where the age bands of the tables begin: by decade, and wherever a policy changes."""
    return sorted(_DECADES | {edge for edge in edges if edge >= min(_DECADES)})


def band_of(starts: Sequence[int], age: int) -> int:
    """How many of the starts this age has reached."""
    return bisect_right(starts, age)


def band_name(starts: Sequence[int], number: int) -> str:
    """60–69岁, 90岁以上; `number` counts the starts that were reached."""
    if number == 0:
        return f"{starts[0] - 1}岁以下"
    first = starts[number - 1]
    if number == len(starts):
        return f"{first}岁以上"
    last = starts[number] - 1
    return f"{first}岁" if last == first else f"{first}–{last}岁"


def category_rank(code: str) -> int:
    """The place of a category in their order; who holds none comes last."""
    return CATEGORIES.index(code) if code else len(CATEGORIES)


def category_at(rank: int) -> str | None:
    """The category of this rank."""
    return CATEGORIES[rank] if rank < len(CATEGORIES) else None


class Situation(NamedTuple):
    """What is known of a resident on a day, but for her age."""

    hukou: str
    residence: str | None
    categories: frozenset[str]
    departure: str

    @classmethod
    def on(cls, day: date, facts: ResidentFacts) -> "Situation":
        categories = frozenset(facts.categories_on(day))
        return cls(
            facts.hukou_division,
            facts.residence_division,
            categories,
            _departure(day, facts.departures),
        )

    def undated(self, birth_on: date) -> ResidentFacts:
        """The same facts for a person of this birth, on whatever day one asks."""
        gone = (Departure(self.departure, date.min),) if self.departure else ()
        held = tuple(CategoryFact(code) for code in CATEGORIES if code in self.categories)
        return ResidentFacts(birth_on, self.hukou, self.residence, held, gone)

    @property
    def group(self) -> str:
        """The category under which she is counted: the first that she holds; "" for none."""
        return next((code for code in CATEGORIES if code in self.categories), "")


def _departure(day: date, departures: Iterable[Departure]) -> str:
    """The departure that counts first; a death has no end."""
    there = {
        fact.event
        for fact in departures
        if fact.from_on <= day
        and (fact.to_on is None or day <= fact.to_on or fact.event == "deceased")
    }
    return next((one for one in ("deceased", "moved_out", "institution") if one in there), "")


@dataclass(eq=False, slots=True)
class Outcome:
    """What a line gets, and what instead once a slot or a cap is used up.

    `number` is its place in the judge's list. From `per_day` subsidised meals of the day on it
    becomes `day_cap`, from `per_month` of the month on `month_cap`; `withheld` is what is given
    where the point's subsidy is suspended.
    """

    subsidy_fen: int
    reason: str | None
    number: int
    per_day: int = _NO_DAY_CAP
    per_month: int = _NO_MONTH_CAP
    taken: "Outcome" = None  # pyright: ignore[reportAssignmentType]
    day_cap: "Outcome" = None  # pyright: ignore[reportAssignmentType]
    month_cap: "Outcome" = None  # pyright: ignore[reportAssignmentType]
    withheld: "Outcome" = None  # pyright: ignore[reportAssignmentType]

    def __post_init__(self) -> None:
        self.taken = self.day_cap = self.month_cap = self.withheld = self


class View(NamedTuple):
    """All that a judge has to know of a resident: the same view gets the same outcomes."""

    governed: int | str
    band: int
    categories: frozenset[str]


class Judge:
    """Decides under one set of policies. `given` lists policy and decision of each outcome."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = tuple(policies)
        self.given: list[tuple[int | str, Decision]] = []
        self._places = {id(policy): place for place, policy in enumerate(self.policies)}
        self._edges = [age_edges([policy]) for policy in self.policies]
        self._named = [_categories_named(policy) for policy in self.policies]
        self._known: dict[tuple, Outcome] = {}

    def view(self, situation: Situation, day: date, ages: dict[str, int]) -> View:
        """How the policies of that day see her; `ages` by the ways of counting."""
        governed = governing(self.policies, situation.undated(day), day)
        if isinstance(governed, str):
            return View(governed, 0, frozenset())
        place = self._places[id(governed)]
        band = bisect_right(self._edges[place], ages[governed.age_counts_from])
        return View(place, band, situation.categories & self._named[place])

    def outcome(self, view: View, facts: ResidentFacts, meal: Meal) -> Outcome:
        """What this meal gets; `facts` are of anybody who is seen so on the meal's day."""
        place = view.governed
        policy = place if isinstance(place, str) else self.policies[place]
        decision = decide_under(policy, meal, facts, Usage())
        made = self._known_as(place, decision)
        made.withheld = self._known_as(place, withheld(decision))
        if isinstance(policy, str) or made.reason not in _CAPPED:
            return made
        made.per_day = policy.per_day or _NO_DAY_CAP
        made.per_month = policy.per_month or _NO_MONTH_CAP
        made.taken, made.day_cap, made.month_cap = (
            self._known_as(place, decide_under(policy, meal, facts, used))
            for used in (Usage(slot_taken=True), *_FULL)
        )
        return made

    def _known_as(self, place: int | str, decision: Decision) -> Outcome:
        key = (place, decision.reason, decision.rules, decision.delivery)
        found = self._known.get(key)
        if found is None:
            found = Outcome(decision.subsidy_fen, decision.reason, len(self.given))
            self._known[key] = found
            self.given.append((place, decision))
        return found


def _conditions(policy: Policy) -> list[Conditions]:
    return [entry.when for entry in (*policy.rules, *policy.deliveries)]


def _categories_named(policy: Policy) -> frozenset[str]:
    named: set[str] = set()
    for when in _conditions(policy):
        named |= when.categories or frozenset()
    return frozenset(named)
