"""A decision in one Chinese sentence, and the words of a policy as clerks read them.

What the till shows never names a hardship category; `CATEGORY_NAMES` is for authorised pages.
"""

from mealsvc.kernel.money import display
from mealsvc.policies.rules import SOURCES, Decision, Funding, Paid

SOURCE_NAMES = {
    "district": "区",
    "town": "镇",
    "village": "村",
    "lottery": "福彩",
    "charity": "慈善",
}
REASON_NAMES = {
    "moved_out": "已迁出",
    "in_institution": "已入住养老机构",
    "out_of_scope": "不在补贴范围内",
    "no_policy": "当天没有生效的补贴政策",
    "meal_not_subsidised": "这个餐次不补贴",
    "under_age": "未到补贴年龄",
    "already_served": "这一餐已经补贴过",
    "day_cap": "当天补贴次数已满",
    "month_cap": "当月补贴次数已满",
    "no_rule": "没有适用的补贴档次",
    "price_too_low": "餐价太低，没有可补贴的部分",
    "subsidy_suspended": "本点补贴已暂停",
}
CATEGORY_NAMES = {
    "TK": "特困供养人员（分散）",
    "DB": "最低生活保障对象",
    "DBB": "最低生活保障边缘家庭",
    "ZCX": "支出型困难家庭",
    "SN": "失能、半失能、失智",
    "CJ": "重度残疾（一、二级）",
    "JS": "计划生育特殊家庭",
    "YF": "重点优抚对象",
    "DJ": "独居",
    "KC": "空巢",
    "LS": "留守",
    "LM": "劳模等",
}


def explain(decision: Decision, earlier: str = "") -> str:
    """Why the resident pays what she pays: 72岁，普惠60档，补贴3.00元（区2.00+镇1.00）.

    `earlier` says where and when this meal was subsidised already, for `already_served`.
    """
    if decision.reason is not None:
        return (
            f"{decision.age}岁，{_refused(decision, earlier)}，"
            f"按原价{display(decision.self_pay_fen)}元"
        )
    parts = [
        f"{decision.age}岁",
        decision.tier_name,
        f"补贴{display(decision.subsidy_fen)}元{_sources(decision.rules)}",
    ]
    if decision.cut_fen:
        parts.append(
            f"自付不低于{display(decision.self_pay_fen)}元，少补{display(decision.cut_fen)}元"
        )
    if decision.delivery is not None:
        parts.append(
            f"另补助餐点送餐{display(decision.delivery.fen)}元{_sources((decision.delivery,))}"
        )
    return "，".join(parts)


def _refused(decision: Decision, earlier: str) -> str:
    name = REASON_NAMES[decision.reason or ""]
    match decision.reason:
        case "under_age":
            return f"未满{decision.limit}岁"
        case "day_cap":
            return f"{name}（每天{decision.limit}餐）"
        case "month_cap":
            return f"{name}（每月{decision.limit}餐）"
        case "already_served" if earlier:
            return f"{name}（{earlier}）"
    return name


def _sources(paid: tuple[Paid, ...]) -> str:
    """（区4.00+镇1.00）: what each source pays of it all."""
    totals: dict[str, int] = {}
    for entry in paid:
        for source, fen in entry.funding:
            totals[source] = totals.get(source, 0) + fen
    return f"（{in_words(tuple(totals.items()))}）"


def in_words(funding: Funding) -> str:
    """区2.00+镇1.00, in the order of SOURCES, zeros left out."""
    amounts = dict(funding)
    return "+".join(
        f"{SOURCE_NAMES[source]}{display(amounts[source])}"
        for source in SOURCES
        if amounts.get(source)
    )
