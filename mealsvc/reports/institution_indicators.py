"""制度化: funding (Z1), staff (Z2), running (Z3) and oversight of the process (Z4)."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from mealsvc.policies.rules import SOURCES
from mealsvc.reports.facts import MonthFacts
from mealsvc.reports.measures import Indicator, Value, no_records, per, share, text, yuan
from mealsvc.reports.words import SOURCE_TITLES

Work = Callable[[MonthFacts], Value | None]


def budget_committed(facts: MonthFacts) -> Value | None:
    """Z11-1: what the submitted months of the year cost ÷ the year's budget, and by source."""
    return _of_budget(facts.committed, facts.budget)


def budget_paid(facts: MonthFacts) -> Value | None:
    """Z11-2: what was paid for the months of the year ÷ the year's budget, and by source."""
    return _of_budget(facts.paid, facts.budget) if facts.paid else None


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


def cost_of_a_meal(facts: MonthFacts) -> Value | None:
    """Z12: subsidy, delivery and operating money of the month for each serving."""
    settled = facts.settled
    fen = settled["subsidy_fen"] + settled["delivery_fen"] + settled["operating_fen"]
    count = facts.servings
    return per(Fraction(fen, 100), count, 2, f"{yuan(fen)}元", f"{count:,}份", "元")


def source_share(source: str) -> Work:
    """Z13: what one source pays of all that the month's meals cost beyond the operators' own."""

    def work(facts: MonthFacts) -> Value | None:
        parts = sources_of(facts)
        return _money_share(parts.get(source, 0), sum(parts.values()))

    return work


def effective_share(facts: MonthFacts) -> Value | None:
    """Z34: operating points that meet the rule of effective operation."""
    return share(len(facts.effective), len(facts.operating), "个")


def sources_of(facts: MonthFacts) -> dict[str, int]:
    """Fen by source, the families' own payment last."""
    paid = sum(piece.self_pay_fen for piece in facts.slices)
    return dict(facts.funding) | {FAMILY: paid}


def _money_share(part: int, whole: int, detail: str = "") -> Value | None:
    if whole <= 0:
        return None
    figure = Fraction(part * 100, whole)
    return per(figure, 1, 1, f"{yuan(part)}元", f"{yuan(whole)}元", "%", detail)


FAMILY = "family"
PAID = ("拨付记录",)
STAFF = ("人员花名册",)
Z13 = "本月补贴、送餐补贴、运营补贴和老人自付合计中该来源的比例；企业优惠暂无记录"
FUNDING = (
    Indicator("Z11-1", "预算支出申报率", "本年已提交结算的应付金额占年度预算的比例，含调整", "已提交结算", "年度预算", "%", ("年度预算记录",), budget_committed),
    Indicator("Z11-2", "预算执行率", "本年已拨付金额占年度预算的比例", "已拨付", "年度预算", "%", PAID, budget_paid),
    Indicator("Z12", "每餐补贴成本", "补贴、送餐补贴、运营补贴合计除以就餐份数", "补贴合计", "就餐", "元", ("就餐流水",), cost_of_a_meal),
    *(
        Indicator(f"Z13-{number}", f"{SOURCE_TITLES[source]}占比", Z13, SOURCE_TITLES[source], "合计", "%", ("结算记录",), source_share(source))
        for number, source in enumerate((*SOURCES, FAMILY), 1)
    ),
    Indicator("Z14", "结算天数", "从月末到拨付的天数，中位数和90分位数", "天数", "", "天", PAID, no_records),
    Indicator("Z15", "拖欠额", "审批后超过规定天数未拨付的金额", "未拨付", "", "元", ("审批和拨付记录",), no_records),
)  # fmt: skip
STAFFING = (
    Indicator("Z21", "人餐比", "就餐份数除以在岗人日", "就餐份数", "在岗人日", "份", ("人员考勤记录",), no_records),
    Indicator("Z22", "持证率", "持有规定证件的人员占应持证人员的比例", "持证", "应持证", "%", (*STAFF, "证件记录"), no_records),
    Indicator("Z23", "培训完成率", "按期完成培训的人次占应完成人次的比例", "完成", "应完成", "%", ("培训记录",), no_records),
    Indicator("Z24", "人员流动率", "12个月内离职人数除以平均在岗人数", "离职", "平均在岗", "%", STAFF, no_records),
    Indicator("Z25", "志愿者时数", "志愿者送餐和服务的小时数", "时数", "", "小时", ("志愿服务记录",), no_records),
)  # fmt: skip
RUNNING = (
    Indicator("Z31", "制度健全度", "12项制度中已印发并执行的项数占比", "已执行", "12项制度", "%", ("制度文件记录",), no_records),
    Indicator("Z32", "协议签订率", "签有服务协议的助餐点占运营助餐点的比例", "已签", "运营助餐点", "%", ("服务协议记录",), no_records),
    Indicator("Z33", "应急演练", "12个月内开展过演练的助餐点占运营助餐点的比例", "已演练", "运营助餐点", "%", ("演练记录",), no_records),
    Indicator("Z34", "有效运营率", "本月有{effective_days}天以上每天就餐不少于{effective_meals}份的助餐点占运营助餐点的比例", "有效运营", "运营助餐点", "%", ("助餐点档案",), effective_share),
    Indicator("Z35", "收支平衡", "收支达到平衡的助餐点占申报助餐点的比例", "达到平衡", "申报", "%", ("收支申报记录",), no_records),
)  # fmt: skip
OVERSIGHT = (
    Indicator("Z41", "计划检查完成率", "已完成检查占计划检查的比例", "已完成", "计划", "%", ("检查计划", "检查记录"), no_records),
    Indicator("Z42", "双人检查率", "两名以上检查人员签字的检查占全部检查的比例", "双人检查", "全部检查", "%", ("检查记录",), no_records),
    Indicator("Z43", "异常处置率", "期限内办结的异常占到期异常的比例", "按期办结", "到期异常", "%", ("异常处置记录",), no_records),
    Indicator("Z44", "公示率", "完成公示的结算批次占已拨付批次的比例", "已公示", "已拨付", "%", ("公示记录",), no_records),
    Indicator("Z45", "满意度", "回访和小票评价中满意的加权比例", "满意", "评价", "%", ("满意度记录",), no_records),
    Indicator("Z46", "回访率", "完成的回访占抽样的比例", "完成回访", "抽样", "%", ("回访记录",), no_records),
)  # fmt: skip
