"""A policy as a clerk reads it: conditions, amounts and sources in words. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mealsvc.kernel.meals import MEALS, MODES
from mealsvc.kernel.money import display
from mealsvc.places.rules import KIND_NAMES
from mealsvc.policies.construction import stage_in_words
from mealsvc.policies.operating import Earned, counted
from mealsvc.policies.rules import (
    CATEGORIES,
    LAYER_NAMES,
    Conditions,
    Construction,
    Delivery,
    Funding,
    Operating,
    Policy,
    Rule,
    Step,
)
from mealsvc.policies.wording import CATEGORY_NAMES, SOURCE_NAMES, in_words

AGE_NAMES = {
    "birthday": "满周岁当天起算",
    "next_day": "满周岁次日起算",
    "month": "满周岁当月1日起算",
    "next_month": "满周岁次月1日起算",
}
SCOPE_NAMES = {"hukou": "户籍在本区域", "residence": "居住在本区域"}


@dataclass(frozen=True, slots=True)
class Row:
    """One rule, delivery or operating entry: what it is called, when, how much, from whom."""

    code: str
    kind: str
    when: str
    amount: str
    funding: str


def rule_rows(policy: Policy) -> list[Row]:
    """The rules in the order of the file; within a layer the largest wins, layers add up."""
    return [
        Row(rule.code, layer_name(rule.layer), conditions(rule.when), _gives(rule), _funding(rule))
        for rule in policy.rules
    ]


def delivery_rows(policy: Policy) -> list[Row]:
    """What points earn for bringing a subsidised meal."""
    return [_delivery(entry) for entry in policy.deliveries]


def operating_rows(policy: Policy) -> list[Row]:
    """What points earn for the month."""
    return [_operating(entry) for entry in policy.operating]


def general(policy: Policy) -> list[tuple[str, str]]:
    """The conditions that hold for the whole policy, as label and words."""
    caps = [
        f"每人{unit}最多{cap}餐"
        for unit, cap in (("每天", policy.per_day), ("每月", policy.per_month))
        if cap is not None
    ]
    return [
        ("补贴对象", SCOPE_NAMES[policy.scope]),
        ("起始年龄", "不限" if policy.min_age is None else f"{policy.min_age}周岁"),
        ("年龄算法", AGE_NAMES[policy.age_counts_from]),
        ("补贴餐次", _names(policy.meals, MEALS)),
        ("次数上限", "，".join(caps) or "不限"),
        ("老人至少自付", f"{display(policy.min_self_pay_fen)}元"),
        ("不适用的区划", "、".join(policy.exclude) or "无"),
    ]


def rule_in_words(rule: Rule) -> str:
    """普惠：60至79岁，每餐3.00元"""
    return f"{layer_name(rule.layer)}：{conditions(rule.when)}，{_gives(rule)}"


def layer_name(layer: str) -> str:
    """The layer as people say it; one of the file's own making shows itself."""
    return LAYER_NAMES.get(layer, layer)


def conditions(when: Conditions) -> str:
    """60至79岁，午餐，特困供养人员（分散）或最低生活保障对象; 不限 when nothing is asked."""
    parts = [_ages(when.min_age, when.max_age)]
    if when.categories:
        named = [CATEGORY_NAMES[code] for code in CATEGORIES if code in when.categories]
        parts.append("或".join(named))
    if when.meals:
        parts.append(_names(when.meals, MEALS))
    if when.modes:
        parts.append(_names(when.modes, MODES))
    return "，".join(part for part in parts if part) or "不限"


def _ages(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{low}至{high}岁"
    if low is not None:
        return f"{low}岁以上（含）"
    return "" if high is None else f"{high}岁以下（含）"


def _gives(rule: Rule) -> str:
    if rule.percent is None:
        return f"每餐{display(rule.amount_fen or 0)}元"
    most = "" if rule.max_fen is None else f"，最多{display(rule.max_fen)}元"
    return f"餐价的{rule.percent}%{most}"


def _funding(rule: Rule) -> str:
    return _shares(rule.funding) if rule.percent is not None else in_words(rule.funding) or "—"


def _shares(funding: Funding) -> str:
    """区60%+镇40%, or 区3：镇1 where the shares don't come out even."""
    whole = sum(weight for _, weight in funding)
    if whole and all(weight * 100 % whole == 0 for _, weight in funding):
        return "+".join(
            f"{SOURCE_NAMES[source]}{weight * 100 // whole}%" for source, weight in funding
        )
    return "：".join(f"{SOURCE_NAMES[source]}{weight}" for source, weight in funding) or "—"


def _delivery(entry: Delivery) -> Row:
    amount = f"每份{display(entry.amount_fen)}元"
    return Row(
        entry.code, "送餐补贴", conditions(entry.when), amount, in_words(entry.funding) or "—"
    )


def _operating(entry: Operating) -> Row:
    asked = []
    if entry.min_daily_average is not None:
        asked.append(f"日均不少于{entry.min_daily_average}份")
    if entry.min_days is not None:
        asked.append(f"供餐不少于{entry.min_days}天")
    if entry.min_stars is not None:
        asked.append(f"月末{entry.min_stars}星以上（含）")
    return Row(
        entry.code,
        "运营补贴",
        "，".join(asked) or "不限",
        "；".join(operating_amounts(entry)),
        _shares(entry.funding),
    )


def operating_amounts(entry: Operating) -> list[str]:
    """What an operating rule gives: for each serving, by steps, as a lump sum."""
    amounts = []
    if entry.per_serving_fen is not None:
        amounts.append(f"每份补贴餐{display(entry.per_serving_fen)}元")
    if entry.steps:
        spans = zip(_spans(entry.steps), entry.steps, strict=True)
        steps = (f"{span}每份{display(step.per_serving_fen)}元" for span, step in spans)
        amounts.append(f"当月补贴餐分档计：{'，'.join(steps)}")
    if entry.monthly_fen is not None:
        amounts.append(f"达标每月{display(entry.monthly_fen)}元")
    return amounts


def earned_in_words(one: Earned) -> str:
    """How an operating rule came to its amount: 每份1200×0.50元＋第1至1000份1000×0.20元＋达标2000.00元."""
    parts = []
    if one.per_serving_fen:
        parts.append(f"每份{one.subsidised}×{display(one.rule.per_serving_fen or 0)}元")
    if one.steps_fen:
        within = counted(one.rule.steps, one.subsidised)
        parts += [
            f"{span}{count}×{display(step.per_serving_fen)}元"
            for span, (step, count) in zip(_spans(one.rule.steps), within, strict=True)
            if count
        ]
    if one.monthly_fen:
        parts.append(f"达标{display(one.monthly_fen)}元")
    return "＋".join(parts)


def _spans(steps: Sequence[Step]) -> list[str]:
    """第1至1000份, 第1001份起"""
    spans = [
        f"第{step.first}份"
        if later.first == step.first + 1
        else f"第{step.first}至{later.first - 1}份"
        for step, later in pairwise(steps)
    ]
    return [*spans, f"第{steps[-1].first}份起"]


def construction_rows(policy: Policy) -> list[Row]:
    """What building a point earns, once for each rule."""
    return [_construction(entry) for entry in policy.construction]


def construction_words(entry: Construction) -> str:
    """建设成本的50%，最多100000.00元；验收合格60%，运营满一年40%（开业满12个月）"""
    if entry.percent_of_cost is None:
        amount = f"定额{display(entry.amount_fen or 0)}元"
    else:
        most = "" if entry.max_fen is None else f"，最多{display(entry.max_fen)}元"
        amount = f"建设成本的{entry.percent_of_cost}%{most}"
    return f"{amount}；{'，'.join(map(stage_in_words, entry.stages))}"


def _construction(entry: Construction) -> Row:
    asked = _names(entry.kinds, KIND_NAMES)
    if entry.divisions:
        asked += f"，区划{'、'.join(entry.divisions)}"
    words = construction_words(entry)
    return Row(entry.code, "建设补贴", asked, words, _shares(entry.funding))


def _names(codes: Iterable[str], names: dict[str, str]) -> str:
    chosen = set(codes)
    return "、".join(name for code, name in names.items() if code in chosen)
