"""Words that several papers use."""

from collections.abc import Mapping

from mealsvc.kernel.meals import MEALS, MODES
from mealsvc.kernel.money import display
from mealsvc.policies.rules import Rule
from mealsvc.policies.wording import CATEGORY_NAMES

SOURCE_TITLES = {
    "district": "区级财政",
    "town": "镇（街道）财政",
    "village": "村（社区）集体",
    "lottery": "福彩公益金",
    "charity": "慈善捐赠",
    "family": "老人自付",
}


def conditions_in_words(rule: Rule) -> str:
    """Who gets how much by a rule: 60—79周岁；午餐、晚餐；每份3.00元."""
    when = rule.when
    parts = [
        _ages(when.min_age, when.max_age),
        _listed(when.categories, CATEGORY_NAMES),
        _listed(when.meals, MEALS),
        _listed(when.modes, MODES),
        _amount(rule),
    ]
    return "；".join(part for part in parts if part)


def _ages(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{low}—{high}周岁"
    if low is not None:
        return f"{low}周岁以上"
    return "" if high is None else f"{high}周岁以下"


def _listed(codes: frozenset[str] | None, names: Mapping[str, str]) -> str:
    return "、".join(names[code] for code in names if codes and code in codes)


def _amount(rule: Rule) -> str:
    if rule.percent is None:
        return f"每份{display(rule.amount_fen or 0)}元"
    limit = "" if rule.max_fen is None else f"，最高{display(rule.max_fen)}元"
    return f"餐价的{rule.percent}%{limit}"
