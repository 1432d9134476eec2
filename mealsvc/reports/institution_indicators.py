"""制度化: funding (Z1)."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from mealsvc.policies.rules import SOURCES
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import DOWN, Indicator, Target, Value, per, text, yuan
from mealsvc.reports.point_facts import DISTRICT, TOWN
from mealsvc.reports.words import SOURCE_TITLES

Work = Callable[[Facts], Value | None]
WIDE = (DISTRICT, TOWN)


def budget_committed(facts: Facts) -> Value | None:
    """Z11-1: what the submitted months of the year cost ÷ the year's budget, and by source."""
    return _of_budget(by_source(facts.committed), by_source(facts.budget))


def budget_paid(facts: Facts) -> Value | None:
    """Z11-2: what was paid for the months of the year ÷ the year's budget, and by source."""
    return _of_budget(by_source(facts.paid), by_source(facts.budget)) if facts.paid else None


def by_source(lines: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Lines of all divisions together."""
    sums: dict[str, int] = {}
    for (_, source), fen in lines.items():
        sums[source] = sums.get(source, 0) + fen
    return sums


def _of_budget(part: Mapping[str, int], budget: Mapping[str, int]) -> Value | None:
    whole = sum(budget.values())
    if not whole:
        return None
    each = "，".join(
        f"{SOURCE_TITLES[source]}{text(Fraction(part.get(source, 0) * 100, budget[source]), 1)}%"
        for source in SOURCES
        if budget.get(source)
    )
    return _money_share(sum(part.values()), whole, f"按来源：{each}。" if each else "")


def cost_of_a_meal(facts: Facts) -> Value | None:
    """Z12: subsidy, delivery and operating money of the whole months for each of their servings."""
    fen = sum(one.cost_fen for one in facts.money.values())
    meals = sum(one.servings for one in facts.money.values())
    return per(Fraction(fen, 100), meals, 2, f"{yuan(fen)}元", f"{meals:,}份", "元")


def source_share(source: str) -> Work:
    """Z13: what one source pays of all that the whole months' meals cost beyond the operators' own."""

    def work(facts: Facts) -> Value | None:
        parts = sources_of(facts)
        return _money_share(parts.get(source, 0), sum(parts.values()))

    return work


def days_to_pay(percentile: int) -> Work:
    """Z14: from the end of a month to its payment, of the batches that were paid."""

    def work(facts: Facts) -> Value | None:
        days = sorted(one.days_to_pay for one in facts.batches if one.days_to_pay is not None)
        if not days:
            return None
        figure = median(days) if percentile == MEDIAN else nearest_rank(days, percentile)
        return per(figure, 1, 1, f"{len(days)}批", "", "天")

    return work


def median(days: Sequence[int]) -> Fraction:
    """The middle of sorted values, half-way between the two where there are two."""
    middle = len(days) // 2
    return Fraction(days[middle] + days[~middle], 2)


def nearest_rank(days: Sequence[int], percentile: int) -> Fraction:
    """The smallest of sorted values that so many percent of them do not exceed."""
    return Fraction(days[-(-percentile * len(days) // 100) - 1])


def arrears(facts: Facts) -> Value | None:
    """Z15: what was approved too long ago and is not paid; without any approved month no record."""
    if "approved" not in facts.kept:
        return None
    late = [one for one in facts.batches if one.waits]
    fen = sum(one.payable_fen for one in late)
    shown = f"{yuan(fen)}元"
    return Value(shown, f"{len(late)}批", shown, Fraction(fen, 100))


def sources_of(facts: Facts) -> dict[str, int]:
    """Fen by source, the families' own payment last."""
    sums: dict[str, int] = {}
    for one in facts.money.values():
        for source, fen in one.funding.items():
            sums[source] = sums.get(source, 0) + fen
    return sums | {FAMILY: sum(one.self_pay_fen for one in facts.money.values())}


def _money_share(part: int, whole: int, detail: str = "") -> Value | None:
    if whole <= 0:
        return None
    figure = Fraction(part * 100, whole)
    return per(figure, 1, 1, f"{yuan(part)}元", f"{yuan(whole)}元", "%", detail)


FAMILY = "family"
MEDIAN = 50
PAID = ("拨付记录",)
CLAIMS = ("完整月份的结算记录",)
MONEY = ("money",)
RULES = "区老年助餐资金管理要求"
Z13 = "完整月份的补贴、送餐补贴、运营补贴和老人自付合计中该来源的比例；企业优惠暂无记录"
FUNDING = (
    Indicator("Z11-1", "预算支出申报率", "本年截至{end}已提交结算的应付金额占年度预算的比例，含调整", "已提交结算", "年度预算", "%", ("年度预算记录",), budget_committed, MONEY, RULES, WIDE, records=("batches", "budget")),
    Indicator("Z11-2", "预算执行率", "本年已拨付金额占年度预算的比例", "已拨付", "年度预算", "%", PAID, budget_paid, MONEY, RULES, WIDE, records=("batches_paid", "budget")),
    Indicator("Z12", "每餐补贴成本", "完整月份的补贴、送餐补贴、运营补贴合计除以这些月份的就餐份数", "补贴合计", "就餐", "元", CLAIMS, cost_of_a_meal, MONEY, RULES, records=("batches", "days")),
    *(
        Indicator(f"Z13-{number}", f"{SOURCE_TITLES[source]}占比", Z13, SOURCE_TITLES[source], "合计", "%", CLAIMS, source_share(source), MONEY, RULES, records=("batches", "days"))
        for number, source in enumerate((*SOURCES, FAMILY), 1)
    ),
    Indicator("Z14-1", "结算天数（中位数）", "{noun}拨付的结算，从结算月月末到拨付日的天数的中位数", "拨付批次", "", "天", PAID, days_to_pay(MEDIAN), MONEY, RULES, better=DOWN, records=("batches_paid_now",)),
    Indicator("Z14-2", "结算天数（90分位）", "{noun}拨付的结算，从结算月月末到拨付日的天数，九成批次不超过的天数", "拨付批次", "", "天", PAID, days_to_pay(90), MONEY, RULES, better=DOWN, records=("batches_paid_now",)),
    Indicator("Z15", "拖欠额", "审批后超过{settle_days}天、到{end}仍未拨付的金额", "未拨付", "批次", "元", ("审批和拨付记录",), arrears, MONEY, RULES, better=DOWN, target=Target(DOWN, lambda facts: 0, RULES), additive=True, records=("batches_late",)),
)  # fmt: skip
