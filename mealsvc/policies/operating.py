"""Operating money: what a point earns for a month beside the subsidies of its residents."""

from collections.abc import Iterable

from mealsvc.kernel.months import Month
from mealsvc.policies.rules import Funding, Operating, Policy, split_by_share


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


def monthly_due(operating: Operating, servings_net: int, days_with_serving: int) -> int:
    """The lump sum in fen for a point's month, 0 when it is not earned.

    `servings_net` are all servings net of reversals, full-price ones too; `days_with_serving` are
    the days that keep an unreversed serving. A point without servings earns nothing.
    """
    if servings_net <= 0:
        return 0
    if servings_net < (operating.min_daily_average or 0) * days_with_serving:
        return 0
    if days_with_serving < (operating.min_days or 0):
        return 0
    return operating.monthly_fen or 0


def split(operating: Operating, amount_fen: int) -> Funding:
    """What each source pays of one point's operating money, zeros left out."""
    return tuple(
        (source, fen) for source, fen in split_by_share(operating.funding, amount_fen) if fen
    )
