"""Operating money: what a point earns for a month beside the subsidies of its residents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mealsvc.kernel.months import Month
from mealsvc.policies.rules import Funding, Operating, Policy, Step, split_by_share


@dataclass(frozen=True, slots=True)
class Volume:
    """What a point's month is judged by, net of reversals and without late lines.

    `servings` are all, full-price ones too; `days` those that keep an unreversed serving;
    `stars` is the point's grade on the month's last day, None without one.
    """

    servings: int
    days: int
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """What one operating rule pays a point for a month: for each serving, by steps, as a lump sum.

    `subsidised` are the point's servings that were recorded under the rule's policy.
    """

    policy: str
    rule: Operating
    subsidised: int
    per_serving_fen: int
    steps_fen: int
    monthly_fen: int

    @property
    def fen(self) -> int:
        return self.per_serving_fen + self.steps_fen + self.monthly_fen


def policy_for_point(
    policies: Iterable[Policy], point_division: str, month: Month
) -> Policy | None:
    """The policy that judges a point's lump sums for the whole month, None if none does.

    Of those that cover the point's division and are in effect on some day of the month, the one
    that is so latest in it; of several the longest division.
    """
    best, best_rank = None, None
    for policy in policies:
        last = month.last_day
        if policy.effective_to is not None:
            last = min(last, policy.effective_to)
        if last < max(month.first_day, policy.effective_from) or not policy.covers(point_division):
            continue
        rank = (last, len(policy.division))
        if best_rank is None or rank > best_rank:
            best, best_rank = policy, rank
    return best


def earned(policy: Policy, rule: Operating, subsidised: int, month: Volume, lump: bool) -> Earned:
    """What a rule pays for a month; `lump` says whether its policy judges the lump sums."""
    return Earned(
        policy.code,
        rule,
        subsidised,
        (rule.per_serving_fen or 0) * subsidised,
        steps_due(rule, subsidised, month.stars),
        monthly_due(rule, month.servings, month.days, month.stars) if lump else 0,
    )


def monthly_due(
    operating: Operating, servings_net: int, days_with_serving: int, stars: int | None = None
) -> int:
    """The lump sum in fen for a point's month, 0 when it is not earned.

    `servings_net` are all servings net of reversals, full-price ones too; `days_with_serving` are
    the days that keep an unreversed serving. A point without servings earns nothing.
    """
    if servings_net <= 0 or not enough_stars(operating, stars):
        return 0
    if servings_net < (operating.min_daily_average or 0) * days_with_serving:
        return 0
    if days_with_serving < (operating.min_days or 0):
        return 0
    return operating.monthly_fen or 0


def steps_due(operating: Operating, subsidised: int, stars: int | None = None) -> int:
    """What so many subsidised servings of one month earn by the steps: each step's rate for the
    servings within it.
    """
    if not enough_stars(operating, stars):
        return 0
    return sum(count * step.per_serving_fen for step, count in counted(operating.steps, subsidised))


def counted(steps: Sequence[Step], subsidised: int) -> list[tuple[Step, int]]:
    """How many servings fall into each step."""
    ends = [later.first - 1 for _, later in pairwise(steps)]
    return [
        (step, max(0, min(subsidised, end) - (step.first - 1)))
        for step, end in zip(steps, [*ends, max(subsidised, 0)], strict=False)
    ]


def enough_stars(operating: Operating, stars: int | None) -> bool:
    """Whether a point of this grade has the stars that the rule asks for."""
    return operating.min_stars is None or (stars or 0) >= operating.min_stars


def split(operating: Operating, amount_fen: int) -> Funding:
    """What each source pays of one point's operating money, zeros left out."""
    return tuple(
        (source, fen) for source, fen in split_by_share(operating.funding, amount_fen) if fen
    )
