"""制度化: oversight of the process (Z4)."""

from dataclasses import replace
from fractions import Fraction

from mealsvc.plumbing.pages import fen
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import UP, Indicator, Target, Value, no_records, per, share
from mealsvc.supervision.complaints.rules import weighted

TWO = 2


def plans_done(facts: Facts) -> Value | None:
    """Z41: planned visits that were made ÷ planned visits, arranged or not; who was never inspected."""
    due = [visit for visit in facts.visits if visit.due]
    never = [point.name for point in facts.operating if point.code not in facts.grades]
    detail = f"从未检查的运营助餐点{len(never)}个。" if never else ""
    return share(sum(visit.done for visit in due), len(due), "次", detail)


def two_inspectors(facts: Facts) -> Value | None:
    """Z42: visits that two inspectors signed ÷ all signed visits."""
    done = [visit for visit in facts.visits if visit.official]
    return share(sum(visit.signatures >= TWO for visit in done), len(done), "次")


def noticed(facts: Facts) -> Value | None:
    """Z44: of the months paid in the time, those that had been shown to the public."""
    paid = [batch for batch in facts.batches if batch.days_to_pay is not None]
    return share(sum(batch.noticed for batch in paid), len(paid), "批")


def satisfied(facts: Facts) -> Value | None:
    """Z45: each point's share of four and five stars, weighted by its servings.

    Of a few answers the figure is told and not judged.
    """
    rated = [one.rated for one in facts.voices.values() if one.rated.n]
    mean = weighted(rated)
    if mean is None:
        return None
    number, good = sum(one.n for one in rated), sum(one.satisfied for one in rated)
    value = per(mean * 100, 1, 1, f"{good:,}份", f"{number:,}份", "%")
    if value is None or number >= facts.limits.least_answers:
        return value
    few = f"评价不足{facts.limits.least_answers}人，仅供参考。"
    return replace(value, figure=None, detail=few)


def handled(facts: Facts) -> Value | None:
    """Z43: cases that were explained in time ÷ cases whose explanation fell due; what came of them."""
    due = sum(one.due for one in facts.cases.values())
    refused = sum(one.refused_fen for one in facts.cases.values())
    recovered = sum(one.recovered_fen for one in facts.cases.values())
    told = f"核减{fen(refused)}元，追回{fen(recovered)}元。"
    return share(sum(one.in_time for one in facts.cases.values()), due, "件", told)


VISITS = ("visits",)
TWO_LAW = "行政处罚法第四十二条；检查工作要求"
NOTICE = "政府信息公开要求；区老年助餐资金管理要求"
OVERSIGHT = (
    Indicator("Z41", "计划检查完成率", "计划在{noun}进行、截至{end}已检查并签字的占计划检查的比例；计划检查含已批准计划中在{noun}到期而没有安排的助餐点，不含无计划而事后补录的", "已完成", "计划", "%", ("检查计划", "检查记录"), plans_done, VISITS, "年度检查计划", better=UP, target=Target(UP, lambda facts: 100, "年度检查计划"), records=("visits_planned_done", "visits_planned")),
    Indicator("Z42", "双人检查率", "两名检查人员签字的检查占全部检查的比例，单位自查不计", "双人检查", "全部检查", "%", ("检查记录",), two_inspectors, VISITS, TWO_LAW, better=UP, target=Target(UP, lambda facts: 100, TWO_LAW), records=("visits_two", "visits_signed")),
    Indicator("Z43", "异常处置率", "说明期限在{noun}的核查案件中，在期限内作出说明的比例；核减、追回是这些案件的金额", "按期说明", "到期案件", "%", ("异常处置记录",), handled, ("cases",), better=UP, records=("cases_in_time", "cases_due")),
    Indicator("Z44", "公示率", "{noun}拨付的结算批次中，拨付前完成公示的比例", "已公示", "已拨付", "%", ("公示记录",), noticed, ("money",), NOTICE, better=UP, target=Target(UP, lambda facts: 100, NOTICE), records=("batches_noticed", "batches_paid_now")),
    Indicator("Z45", "满意度", "扫码、柜台和回访评价中四星、五星的比例，各点按就餐份数加权", "满意", "评价", "%", ("满意度记录",), satisfied, ("voices",), "检查项UNT-03；服务协议", better=UP, target=Target(UP, lambda facts: Fraction(str(facts.limits.satisfaction)), "系统参数：满意度目标"), records=("ratings_good", "ratings")),
    Indicator("Z46", "回访率", "完成的回访占抽样的比例", "完成回访", "抽样", "%", ("回访记录",), no_records, (), better=UP),
)  # fmt: skip
