"""A point's month in figures: a pure function of the ledger's sums and the policies.

Amounts are integer fen, net of reversals. What was recorded after its own month was submitted
(`late`) counts in the adjustment and nowhere else.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mealsvc.kernel.months import Month
from mealsvc.policies.operating import Earned, Volume, earned, policy_for_point, split
from mealsvc.policies.rules import SOURCES, Operating, Policy

TOTALS = ("servings", "subsidised", "subsidy_fen", "payable_fen")


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one point that got the same decision; `content` is that decision's JSON.

    `lines` and `reversals` count; the amounts are their sum, so net of reversals.
    """

    content: str
    late: bool
    lines: int
    reversals: int
    price_fen: int
    subsidy_fen: int
    self_pay_fen: int
    delivery_fen: int

    @property
    def net(self) -> int:
        return self.lines - self.reversals


@dataclass(frozen=True, slots=True)
class Extra:
    """Money of this month that is no late line (see `SettlementAdjustment`), by source."""

    amount_fen: int
    funding: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """What is carved out of a month while it is checked, and by source what it would have cost."""

    fen: int = 0
    funding: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Sums:
    """What adds up while the groups are read."""

    rules: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(_two))
    funding: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_policy: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    subsidised: int = 0


def settle_point(
    point: str,
    division: str,
    month: Month,
    groups: Sequence[Group],
    days_with_serving: int,
    policies: Sequence[Policy],
    extras: Sequence[Extra] = (),
    stars: int | None = None,
) -> dict[str, Any]:
    """One point's claim for the month: its settlement, but for its status and what is held.

    `days_with_serving` counts the days of the month that keep an unreversed serving;
    `policies` are all that were ever approved; `stars` is the point's grade on the last day.
    """
    own = [group for group in groups if not group.late]
    late = [group for group in groups if group.late]
    sums, late_sums = _add_up(own), _add_up(late)
    servings = sum(group.net for group in own)
    volume = Volume(servings, days_with_serving, stars)
    operating_fen = sum(
        _fund(sums.funding, one.rule, one.fen)
        for one in _earned(sums, division, month, volume, policies)
    )
    adjustment_fen = sum(group.subsidy_fen + group.delivery_fen for group in late)
    for policy in policies:
        for rule in policy.operating:
            amount = (rule.per_serving_fen or 0) * late_sums.by_policy[policy.code]
            adjustment_fen += _fund(late_sums.funding, rule, amount)
    for extra in extras:
        adjustment_fen += extra.amount_fen
        for source, part in extra.funding.items():
            late_sums.funding[source] += part
    subsidy_fen = sum(group.subsidy_fen for group in own)
    delivery_fen = sum(group.delivery_fen for group in own)
    return {
        "point": point,
        "servings": servings,
        "subsidised": sums.subsidised,
        "reversed": sum(group.reversals for group in own),
        "late": sum(group.lines + group.reversals for group in late),
        "price_fen": sum(group.price_fen for group in own),
        "subsidy_fen": subsidy_fen,
        "self_pay_fen": sum(group.self_pay_fen for group in own),
        "delivery_fen": delivery_fen,
        "operating_fen": operating_fen,
        "adjustment_fen": adjustment_fen,
        "held_fen": 0,
        "payable_fen": subsidy_fen + delivery_fen + operating_fen + adjustment_fen,
        "rules": _rules(sums, policies),
        "funding": in_order(sums.funding),
        "adjustment_funding": in_order(late_sums.funding),
    }


def earned_by_point(
    division: str,
    month: Month,
    groups: Sequence[Group],
    days_with_serving: int,
    policies: Sequence[Policy],
    stars: int | None,
) -> list[Earned]:
    """The operating money of `settle_point`, rule by rule, without those that pay nothing."""
    own = [group for group in groups if not group.late]
    volume = Volume(sum(group.net for group in own), days_with_serving, stars)
    return [one for one in _earned(_add_up(own), division, month, volume, policies) if one.fen]


def total_of(points: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The sums over the points that a settlement shows."""
    listed = list(points)
    return {name: sum(point[name] for point in listed) for name in TOTALS}


def less_held(claim: Mapping[str, Any], held_fen: int) -> dict[str, Any]:
    """The claim with what is carved out of it."""
    return {**claim, "held_fen": held_fen, "payable_fen": claim["payable_fen"] - held_fen}


def worth(content: str, policies: Iterable[Policy]) -> tuple[int, dict[str, int]]:
    """What one subsidised line brings its point, and from which sources (fen): subsidy, delivery,
    per-serving operating money of the policy under which it was recorded. `content` is its decision.
    """
    decision = json.loads(content)
    if decision["reason"] is not None:
        return 0, {}
    sums = _add_up([Group(content, False, 1, 0, 0, 0, 0, 0)])
    for policy in policies:
        if policy.code == decision["policy"]:
            for rule in policy.operating:
                _fund(sums.funding, rule, rule.per_serving_fen or 0)
    funding = in_order(sums.funding)
    return sum(funding.values()), funding


def in_order(funding: Mapping[str, int]) -> dict[str, int]:
    """Funding in the order of the sources, zeros left out."""
    return {source: funding[source] for source in SOURCES if funding.get(source)}


def _two() -> list[int]:
    return [0, 0]


def _add_up(groups: Iterable[Group]) -> _Sums:
    sums = _Sums()
    for group in groups:
        content = json.loads(group.content)
        if content["reason"] is not None:
            continue
        sums.subsidised += group.net
        sums.by_policy[content["policy"]] += group.net
        for code, fen, funding in content["rules"]:
            paid = sums.rules[content["policy"], code]
            paid[0] += group.net
            paid[1] += group.net * fen
            for source, part in funding:
                sums.funding[source] += group.net * part
        if "delivery" in content:
            for source, part in content["delivery"][2]:
                sums.funding[source] += group.net * part
    return sums


def _earned(
    sums: _Sums, division: str, month: Month, volume: Volume, policies: Sequence[Policy]
) -> list[Earned]:
    lump_policy = policy_for_point(policies, division, month)
    return [
        earned(policy, rule, sums.by_policy[policy.code], volume, policy is lump_policy)
        for policy in policies
        for rule in policy.operating
    ]


def _fund(funding: dict[str, int], rule: Operating, amount: int) -> int:
    for source, part in split(rule, amount):
        funding[source] += part
    return amount


def _rules(sums: _Sums, policies: Sequence[Policy]) -> list[dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for policy in sorted(policies, key=lambda policy: policy.effective_from):
        for rule in policy.rules:
            count, fen = sums.rules.get((policy.code, rule.code), (0, 0))
            if fen > 0:
                entry = entries.setdefault(
                    rule.code, {"rule": rule.code, "count": 0, "subsidy_fen": 0}
                )
                entry["count"] += count
                entry["subsidy_fen"] += fen
    return list(entries.values())
