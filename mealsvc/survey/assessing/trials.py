"""Tariffs that are tried for an assessment: a policy with other amounts, replayed by the simulation.

A trial is a policy document like any other; the replay runs as on the simulation's own page. What
is kept of its answer names nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.money import share
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.policies.rules import Conditions, Funding, Operating, Policy, Rule
from mealsvc.settlement.services import settlement_of
from mealsvc.survey.assessing import refusals
from mealsvc.survey.assessing.models import TariffTrial
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.survey.rounds.refusals import RoundLocked

MOST = 6
EXTRA = "EXTRA"
KEPT = (
    "policy", "title", "division", "months", "lines", "base", "trial", "difference", "winners",
    "losers", "unchanged", "by_month", "bands", "towns", "points", "year",
)  # fmt: skip


def refuse_trial(row: SurveyRound, name: str) -> None:
    """Raises `RoundLocked`, `SameTrial`, `TooManyTrials`."""
    if row.locked_at is not None:
        raise RoundLocked(number=row.number)
    own = TariffTrial.round_id == row.id
    if db.session.scalar(select(TariffTrial.id).where(own, TariffTrial.name == name)) is not None:
        raise refusals.SameTrial(name=name)
    if (db.session.scalar(select(func.count(TariffTrial.id)).where(own)) or 0) >= MOST:
        raise refusals.TooManyTrials(most=MOST)


def outcome_of(answer: Mapping[str, Any], months: Sequence[Month]) -> dict[str, Any]:
    """What is kept of a simulation's answer, with the days replayed and the price of the meals."""
    points = [entry for month in months for entry in settlement_of(month)["points"]]
    return {name: answer[name] for name in KEPT} | {
        "days": sum(month.last_day.day for month in months),
        "price_fen": sum(entry["price_fen"] for entry in points),
        "price_servings": sum(entry["servings"] for entry in points),
    }


def changed(
    policy: Policy,
    amounts: Mapping[str, int],
    deliveries: Mapping[str, int],
    extra: Rule | None,
    per_serving: Mapping[str, int],
) -> Policy:
    """The policy with other amounts by code (fen); each source pays in proportion as before."""
    rules = tuple(
        replace(
            rule, amount_fen=amounts[rule.code], funding=scaled(rule.funding, amounts[rule.code])
        )
        if rule.code in amounts and rule.percent is None
        else rule
        for rule in policy.rules
    )
    carried = tuple(
        replace(
            one, amount_fen=deliveries[one.code], funding=scaled(one.funding, deliveries[one.code])
        )
        if one.code in deliveries
        else one
        for one in policy.deliveries
    )
    monthly = tuple(
        replace(one, per_serving_fen=per_serving.get(one.code, one.per_serving_fen))
        for one in policy.operating
    )
    more = (extra,) if extra else ()
    return replace(
        policy,
        code="TRIAL",
        rules=tuple(rule for rule in rules if rule.percent is not None or rule.amount_fen) + more,
        deliveries=tuple(one for one in carried if one.amount_fen),
        operating=monthly,
        construction=(),
    )


def extra_rule(category: str, min_age: int | None, fen: int, source: str) -> Rule:
    """A further amount for some elders, on top of what they get."""
    when = Conditions(min_age=min_age, categories=frozenset({category}) if category else None)
    return Rule(EXTRA, "extra", when, fen, None, None, ((source, fen),))


def scaled(funding: Funding, whole: int) -> Funding:
    """The amount shared out over the same sources in the same proportion."""
    weights = [part for _, part in funding]
    parts = share(whole, weights)
    return tuple((name, part) for (name, _), part in zip(funding, parts, strict=True) if part)


def written(policy: Policy, title: str) -> str:
    """The policy as a document that `read_policy` reads back."""
    head: dict[str, Any] = {
        "code": policy.code,
        "title": title,
        "division": policy.division,
        "exclude": list(policy.exclude),
        "effective_from": policy.effective_from,
        "effective_to": policy.effective_to,
        "scope": policy.scope,
        "min_age": policy.min_age,
        "age_counts_from": policy.age_counts_from,
        "min_self_pay_fen": policy.min_self_pay_fen,
        "per_day": policy.per_day,
        "per_month": policy.per_month,
        "meals": sorted(policy.meals),
    }
    parts = [_table("[policy]", head)]
    parts += [_table("[[rule]]", _rule(rule)) for rule in policy.rules]
    parts += [
        _table(
            "[[delivery]]",
            {"code": one.code, **_when(one.when), "amount_fen": one.amount_fen}
            | {"funding": dict(one.funding)},
        )
        for one in policy.deliveries
    ]
    parts += [_table("[[operating]]", _operating(one)) for one in policy.operating]
    return "\n".join(parts)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "layer": rule.layer,
        **_when(rule.when),
        "amount_fen": rule.amount_fen,
        "percent": rule.percent,
        "max_fen": rule.max_fen,
        "funding": dict(rule.funding),
    }


def _operating(one: Operating) -> dict[str, Any]:
    return {
        "code": one.code,
        "per_serving_fen": one.per_serving_fen,
        "monthly_fen": one.monthly_fen,
        "min_daily_average": one.min_daily_average,
        "min_days": one.min_days,
        "min_stars": one.min_stars,
        "steps": [{"from": s.first, "per_serving_fen": s.per_serving_fen} for s in one.steps],
        "funding": dict(one.funding),
    }


def _when(when: Conditions) -> dict[str, Any]:
    return {
        "min_age": when.min_age,
        "max_age": when.max_age,
        "categories": sorted(when.categories) if when.categories is not None else None,
        "meals": sorted(when.meals) if when.meals is not None else None,
        "modes": sorted(when.modes) if when.modes is not None else None,
    }


def _table(head: str, values: Mapping[str, Any]) -> str:
    lines = [f"{name} = {_toml(value)}" for name, value in values.items() if _said(value)]
    return "\n".join([head, *lines, ""])


def _said(value: Any) -> bool:
    return value is not None and value != [] and value != {}


def _toml(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    return str(value)
