"""What a policy means for elders of each age at one price: what menus, posters and citizens read. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from mealsvc.policies.rules import Meal, Policy, ResidentFacts, Usage, decide_under, governing


class Tier(NamedTuple):
    """What elders of these ages pay for one price."""

    label: str
    subsidy_fen: int
    self_pay_fen: int


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price of a meal: what the public pays, what elders pay before the subsidy, what each age pays."""

    meal: str
    name: str
    public_fen: int
    elder_fen: int
    tiers: tuple[Tier, ...]


def plain_policy(policies: Sequence[Policy], division: str, day: date) -> Policy | None:
    """The policy that governs somebody who lives and is registered in that division."""
    policy = governing(policies, _elder(60, division, day), day)
    return None if isinstance(policy, str) else policy


def tiers_for(
    policies: Sequence[Policy], division: str, day: date, meal: str, price_fen: int
) -> tuple[Tier, ...]:
    """What the policy in force gives residents of that place, by age; no category but age."""
    policy = plain_policy(policies, division, day)
    if policy is None:
        return ()
    starts = {policy.min_age or 0}
    for rule in policy.rules:
        if rule.when.categories is None:
            starts |= {rule.when.min_age or 0, (rule.when.max_age or -1) + 1}
    ages = sorted(age for age in starts if age >= (policy.min_age or 0))
    served = Meal(day, meal, "dine_in", price_fen)
    found = []
    for age, following in zip(ages, [*ages[1:], None], strict=True):
        made = decide_under(policy, served, _elder(age, division, day), Usage())
        words = f"{age}岁以上" if following is None else f"{age}–{following - 1}岁"
        found.append(Tier(words, made.subsidy_fen, made.self_pay_fen))
    return tuple(found)


def tariff(rows: Iterable[PriceRow]) -> list[tuple[tuple[str, ...], PriceRow]]:
    """The prices, each once with the meals that cost so, the cheapest first."""
    meals: dict[PriceRow, list[str]] = {}
    for row in rows:
        meals.setdefault(replace(row, meal=""), []).append(row.meal)
    found = [(tuple(served), row) for row, served in meals.items()]
    return sorted(found, key=lambda one: (one[1].elder_fen, one[1].name))


def _elder(age: int, division: str, day: date) -> ResidentFacts:
    """Somebody whose age counts on that day in each of the four ways."""
    born = day - timedelta(days=40)
    birth = date(born.year - age, born.month, min(born.day, 28))
    return ResidentFacts(birth, division, division)
