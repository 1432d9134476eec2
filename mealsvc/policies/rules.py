"""Who pays what for one meal: the policy paper as values in, one decision out.

Money is integer fen, dates are local (Asia/Shanghai), division codes are digits whose
prefixes are the parents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from mealsvc.kernel.ages import age_on
from mealsvc.kernel.money import share

Funding = tuple[tuple[str, int], ...]
"""(source, fen or share), in the order of the policy file; what is cut is cut from the end."""

MEALS = ("breakfast", "lunch", "dinner")
MODES = ("dine_in", "take_away", "delivery")
SOURCES = ("district", "town", "village", "lottery", "charity")
CATEGORIES = ("TK", "DB", "DBB", "ZCX", "SN", "CJ", "JS", "YF", "DJ", "KC", "LS", "LM")
LAYER_NAMES = {"universal": "普惠", "targeted": "特惠"}
REASONS = (
    "moved_out",
    "in_institution",
    "out_of_scope",
    "no_policy",
    "meal_not_subsidised",
    "under_age",
    "already_served",
    "day_cap",
    "month_cap",
    "no_rule",
    "price_too_low",
    "subsidy_suspended",
)
"""Why a meal is recorded at full price; of several the first in this order is given.

The last one is about the point, not the resident: it is given only where the meal would have been
subsidised, so that the others read as they would without a suspension.
"""
SUSPENDED = REASONS[-1]


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule or a delivery applies; what is None always holds. Ages are inclusive."""

    min_age: int | None = None
    max_age: int | None = None
    categories: frozenset[str] | None = None
    meals: frozenset[str] | None = None
    modes: frozenset[str] | None = None

    def hold(self, meal: "Meal", age: int, categories: Iterable[str]) -> bool:
        """Whether a resident of this age and these categories meets them with this meal."""
        return (
            (self.min_age is None or age >= self.min_age)
            and (self.max_age is None or age <= self.max_age)
            and (self.meals is None or meal.meal in self.meals)
            and (self.modes is None or meal.mode in self.modes)
            and (self.categories is None or not self.categories.isdisjoint(categories))
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One [[rule]]: either `amount_fen`, or `percent` of the price up to `max_fen`."""

    code: str
    layer: str
    when: Conditions
    amount_fen: int | None
    percent: int | None
    max_fen: int | None
    funding: Funding

    def gives(self, price_fen: int) -> int:
        """Fen for a meal of this price, before any cut."""
        if self.percent is None:
            return self.amount_fen or 0
        amount = price_fen * self.percent // 100
        return amount if self.max_fen is None else min(amount, self.max_fen)

    def split(self, amount_fen: int) -> Funding:
        """The sources of that amount, before any cut."""
        return self.funding if self.percent is None else split_by_share(self.funding, amount_fen)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One [[delivery]]: what the point earns for bringing a subsidised meal."""

    code: str
    when: Conditions
    amount_fen: int
    funding: Funding


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a volume rate: what each serving earns from the `first` one (from 1) on."""

    first: int
    per_serving_fen: int


@dataclass(frozen=True, slots=True)
class Operating:
    """One [[operating]]: what the point earns for the month; `funding` holds shares.

    `min_stars` is asked for the lump sum and the steps; a point without a grade has no stars.
    """

    code: str
    per_serving_fen: int | None
    monthly_fen: int | None
    min_daily_average: int | None
    min_days: int | None
    funding: Funding
    steps: tuple[Step, ...] = ()
    min_stars: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage in which a construction grant is paid: its share, and how many months after the
    point's opening it is due (None: with the acceptance of the works)."""

    name: str
    percent: int
    after_months: int | None = None


@dataclass(frozen=True, slots=True)
class Construction:
    """One [[construction]]: what building a point earns, once; `funding` holds shares.

    Either `amount_fen`, or `percent_of_cost` up to `max_fen`; `divisions` are prefixes.
    """

    code: str
    kinds: frozenset[str]
    divisions: tuple[str, ...]
    amount_fen: int | None
    percent_of_cost: int | None
    max_fen: int | None
    stages: tuple[Stage, ...]
    funding: Funding


@dataclass(frozen=True)
class Policy:
    """One subsidy policy; all its entries in the order of the file."""

    code: str
    title: str
    division: str
    exclude: tuple[str, ...]
    effective_from: date
    effective_to: date | None
    scope: str
    min_age: int | None
    age_counts_from: str
    min_self_pay_fen: int
    per_day: int | None
    per_month: int | None
    meals: frozenset[str]
    rules: tuple[Rule, ...]
    deliveries: tuple[Delivery, ...]
    operating: tuple[Operating, ...]
    construction: tuple[Construction, ...] = ()

    @cached_property
    def layers(self) -> tuple[tuple[Rule, ...], ...]:
        """The rules by layer, layers in the order of their first rule in the file."""
        layers: dict[str, list[Rule]] = {}
        for rule in self.rules:
            layers.setdefault(rule.layer, []).append(rule)
        return tuple(tuple(rules) for rules in layers.values())

    def in_effect(self, day: date) -> bool:
        """Whether the policy is in effect on that day; both ends are inclusive."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    def covers(self, division: str | None) -> bool:
        """Whether a division code lies in the policy's area; an unknown one never does."""
        return (
            division is not None
            and division.startswith(self.division)
            and not division.startswith(self.exclude)
        )


@dataclass(frozen=True, slots=True)
class CategoryFact:
    """A category (see CATEGORIES) held from `from_on` to `to_on`, inclusive; None is open."""

    code: str
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """`deceased`, `moved_out` or `institution`, inclusive; without `to_on` for good."""

    event: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class ResidentFacts:
    """What a decision has to know of a resident."""

    birth_on: date
    hukou_division: str
    residence_division: str | None = None
    categories: tuple[CategoryFact, ...] = ()
    departures: tuple[Departure, ...] = ()

    def categories_on(self, day: date) -> list[str]:
        """The codes held on that day."""
        return [
            fact.code
            for fact in self.categories
            if (fact.from_on is None or fact.from_on <= day)
            and (fact.to_on is None or day <= fact.to_on)
        ]


@dataclass(frozen=True, slots=True)
class Meal:
    """One meal as served: local date, meal, mode, price before any subsidy."""

    day: date
    meal: str
    mode: str
    price_fen: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The resident's subsidised, unreversed servings recorded so far, whatever their policy.

    `slot_taken` is about this date and meal, at any point. A count that the policy does not cap
    (`per_day`, `per_month`) may stay 0.
    """

    slot_taken: bool = False
    day_count: int = 0
    month_count: int = 0


@dataclass(frozen=True, slots=True)
class Paid:
    """What one rule or delivery pays for one meal after the cut; `funding` adds up to `fen`."""

    code: str
    fen: int
    funding: Funding


@dataclass(frozen=True, slots=True)
class Decision:
    """Who pays what for one meal. `subsidy_fen + self_pay_fen` is the price.

    `reason` is None when the meal is subsidised. `rules` are those that pay more than 0, in the
    order of their layers; `tier` is their codes joined by "+" (None at full price); `tier_name`
    is what the till shows. `cut_fen` is what the self-pay floor took away. `limit` is the age or
    the cap that the reason speaks of. `age` counts as the governing policy counts.
    """

    policy_code: str | None
    reason: str | None
    subsidy_fen: int
    self_pay_fen: int
    age: int
    tier: str | None = None
    tier_name: str = ""
    rules: tuple[Paid, ...] = ()
    delivery: Paid | None = None
    cut_fen: int = 0
    limit: int | None = None


def decide(meal: Meal, facts: ResidentFacts, policies: Sequence[Policy], usage: Usage) -> Decision:
    """Decide one meal; `governing` and `decide_under` are its two halves."""
    return decide_under(governing(policies, facts, meal.day), meal, facts, usage)


def governing(policies: Iterable[Policy], facts: ResidentFacts, day: date) -> Policy | str:
    """The policy that governs a resident's meals on a day, or the reason why none does.

    The longest division wins; at one length (a hukou and a residence policy) the hukou's.
    """
    if _departed(facts, "moved_out", day):
        return "moved_out"
    if _departed(facts, "institution", day):
        return "in_institution"
    reason, best, best_rank = "no_policy", None, (0, False)
    for policy in policies:
        if not policy.in_effect(day):
            continue
        reason = "out_of_scope"
        by_hukou = policy.scope == "hukou"
        rank = (len(policy.division), by_hukou)
        division = facts.hukou_division if by_hukou else facts.residence_division
        if rank > best_rank and policy.covers(division):
            best, best_rank = policy, rank
    return reason if best is None else best


def decide_under(policy: Policy | str, meal: Meal, facts: ResidentFacts, usage: Usage) -> Decision:
    """Decide one meal under what `governing` answered for its day."""
    if isinstance(policy, str):
        age = age_on(facts.birth_on, meal.day, "birthday")
        return Decision(None, policy, 0, meal.price_fen, age)
    age = age_on(facts.birth_on, meal.day, policy.age_counts_from)
    barred = _barred(policy, meal, age, usage)
    if barred is not None:
        reason, limit = barred
        return Decision(policy.code, reason, 0, meal.price_fen, age, limit=limit)
    categories = facts.categories_on(meal.day)
    winners = _winners(policy, meal, age, categories)
    gross = sum(amount for _, amount in winners)
    room = meal.price_fen - policy.min_self_pay_fen
    if gross == 0 or room <= 0:
        reason = "price_too_low" if winners else "no_rule"
        return Decision(policy.code, reason, 0, meal.price_fen, age)
    subsidy = min(gross, room)
    paid = _pay(winners, subsidy)
    return Decision(
        policy.code,
        None,
        subsidy,
        meal.price_fen - subsidy,
        age,
        "+".join(entry.code for _, entry in paid),
        "+".join(tier_name(rule) for rule, _ in paid),
        tuple(entry for _, entry in paid),
        _delivery(policy, meal, age, categories),
        gross - subsidy,
    )


def withheld(decision: Decision) -> Decision:
    """The same meal at a point whose subsidy is suspended: at full price, no delivery money."""
    if decision.reason is not None:
        return decision
    price = decision.subsidy_fen + decision.self_pay_fen
    return Decision(decision.policy_code, SUSPENDED, 0, price, decision.age)


def overlap(one: Policy, other: Policy) -> bool:
    """Whether two policies of the same division are both in effect on some day."""
    first = max(one.effective_from, other.effective_from)
    return one.division == other.division and one.in_effect(first) and other.in_effect(first)


def split_by_share(funding: Funding, amount_fen: int) -> Funding:
    """Split an amount by shares: largest remainder, ties to the earlier source."""
    parts = share(amount_fen, [weight for _, weight in funding])
    return tuple((source, part) for (source, _), part in zip(funding, parts, strict=True))


def tier_name(rule: Rule) -> str:
    """What the till shows for a rule: 普惠60档, 特惠档; never a hardship category."""
    age = "" if rule.when.min_age is None else rule.when.min_age
    share_of_price = "" if rule.percent is None else f"（餐价{rule.percent}%）"
    return f"{LAYER_NAMES.get(rule.layer, '叠加')}{age}档{share_of_price}"


def _departed(facts: ResidentFacts, event: str, day: date) -> bool:
    for departure in facts.departures:
        if (
            departure.event == event
            and departure.from_on <= day
            and (departure.to_on is None or day <= departure.to_on)
        ):
            return True
    return False


def _barred(policy: Policy, meal: Meal, age: int, usage: Usage) -> tuple[str, int | None] | None:
    """The first reason before any rule is read, with the age or cap that it speaks of."""
    if meal.meal not in policy.meals:
        return "meal_not_subsidised", None
    if policy.min_age is not None and age < policy.min_age:
        return "under_age", policy.min_age
    if usage.slot_taken:
        return "already_served", None
    if policy.per_day is not None and usage.day_count >= policy.per_day:
        return "day_cap", policy.per_day
    if policy.per_month is not None and usage.month_count >= policy.per_month:
        return "month_cap", policy.per_month
    return None


def _winners(policy: Policy, meal: Meal, age: int, categories: list[str]) -> list[tuple[Rule, int]]:
    """In each layer the rule that gives most before any cut; of equal ones the first."""
    winners = []
    for rules in policy.layers:
        best, most = None, -1
        for rule in rules:
            if rule.when.hold(meal, age, categories):
                amount = rule.gives(meal.price_fen)
                if amount > most:
                    best, most = rule, amount
        if best is not None:
            winners.append((best, most))
    return winners


def _pay(winners: list[tuple[Rule, int]], left: int) -> list[tuple[Rule, Paid]]:
    """Fill from the first source of the first layer until nothing is left.

    Filling from the front is the same as cutting from the last layer and the last source.
    """
    paid = []
    for rule, amount in winners:
        funding = []
        before = left
        for source, fen in rule.split(amount):
            part = min(fen, left)
            if part:
                funding.append((source, part))
                left -= part
        if funding:
            paid.append((rule, Paid(rule.code, before - left, tuple(funding))))
    return paid


def _delivery(policy: Policy, meal: Meal, age: int, categories: list[str]) -> Paid | None:
    """What the point earns for bringing this subsidised meal: the largest, the first of equals."""
    best, most = None, 0
    if meal.mode == "delivery":
        for delivery in policy.deliveries:
            if delivery.amount_fen > most and delivery.when.hold(meal, age, categories):
                best, most = delivery, delivery.amount_fen
    if best is None:
        return None
    return Paid(best.code, most, tuple((source, fen) for source, fen in best.funding if fen))
