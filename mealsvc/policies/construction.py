"""Construction grants: which rules a point may claim, how much, in which parts, and when due. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from mealsvc.kernel.money import display
from mealsvc.policies.rules import Construction, Policy, Stage, split_by_share
from mealsvc.policies.wording import SOURCE_NAMES

LEAST_FEN = 100  # so that a stage of one percent is still a fen


def open_to(
    policies: Iterable[Policy], kind: str, division: str, day: date
) -> list[tuple[Policy, Construction]]:
    """The rules that a point of this kind, completed on this day, may claim.

    They are those of one policy: of the ones in effect on the day that cover the point's division
    and have a rule for it, the one of the longest division.
    """
    best: list[tuple[Policy, Construction]] = []
    for policy in policies:
        if not (policy.in_effect(day) and policy.covers(division)):
            continue
        fitting = [(policy, rule) for rule in policy.construction if fits(rule, kind, division)]
        if fitting and (not best or len(policy.division) > len(best[0][0].division)):
            best = fitting
    return best


def fits(rule: Construction, kind: str, division: str) -> bool:
    """Whether a rule is for points of this kind in this division."""
    return kind in rule.kinds and (not rule.divisions or division.startswith(rule.divisions))


def amount_of(rule: Construction, cost_fen: int) -> int:
    """The whole grant for works of this cost: rounded down to the fen, then limited."""
    if rule.percent_of_cost is None:
        return rule.amount_fen or 0
    amount = cost_fen * rule.percent_of_cost // 100
    return amount if rule.max_fen is None else min(amount, rule.max_fen)


def parts_of(rule: Construction, amount_fen: int) -> list[int]:
    """What each stage pays, rounded down to the fen; the last takes the rest."""
    parts = [amount_fen * stage.percent // 100 for stage in rule.stages[:-1]]
    return [*parts, amount_fen - sum(parts)]


def funding_of(rule: Construction, amount_fen: int) -> dict[str, int]:
    """What each source pays of one stage, zeros left out."""
    return {source: fen for source, fen in split_by_share(rule.funding, amount_fen) if fen}


def due_on(after_months: int | None, completed_on: date, opened_on: date | None) -> date | None:
    """From which day a stage may be applied for: so many full months after the opening, and not
    before the works are completed. None while the opening is not known.
    """
    if after_months is None:
        return completed_on
    return None if opened_on is None else max(completed_on, _months_later(opened_on, after_months))


def explain(rule: Construction, cost_fen: int) -> str:
    """Why this amount: 建设成本180000.00元，按50%为90000.00元，封顶100000.00元，补贴90000.00元（…）。"""
    amount = amount_of(rule, cost_fen)
    parts = zip(rule.stages, parts_of(rule, amount), strict=True)
    staged = "，".join(f"{stage.name}{stage.percent}%即{display(fen)}元" for stage, fen in parts)
    sources = "+".join(
        f"{SOURCE_NAMES[source]}{display(fen)}" for source, fen in funding_of(rule, amount).items()
    )
    return f"{_reason(rule, cost_fen)}，补贴{display(amount)}元（{sources}）；{staged}"


def stage_in_words(stage: Stage) -> str:
    """验收合格60%; 运营满一年40%（开业满12个月）"""
    when = "" if stage.after_months is None else f"（开业满{stage.after_months}个月）"
    return f"{stage.name}{stage.percent}%{when}"


def _reason(rule: Construction, cost_fen: int) -> str:
    if rule.percent_of_cost is None:
        return "定额补贴"
    share = cost_fen * rule.percent_of_cost // 100
    words = f"建设成本{display(cost_fen)}元，按{rule.percent_of_cost}%为{display(share)}元"
    return words if rule.max_fen is None else f"{words}，封顶{display(rule.max_fen)}元"


def _months_later(day: date, months: int) -> date:
    """The day of the same number; where a month lacks it, its last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))
