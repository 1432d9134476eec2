"""Figures of the survey and of what follows from it: demand, supply, gaps, costs, risks, sites."""

from collections import Counter
from fractions import Fraction
from typing import Any

from mealsvc.survey.assessing.assessment import Assessment
from mealsvc.survey.assessing.figure_words import (
    Spec,
    Value,
    Work,
    count,
    decimal,
    ratio,
    rounded,
    share,
    wan,
    words,
    yuan,
)
from mealsvc.survey.assessing.figures_present import LEDGER, PEOPLE, POINTS
from mealsvc.survey.assessing.ground import Answers, Ground
from mealsvc.survey.assessing.risk_words import (
    kitchen_part,
    licences_due,
    named,
    operator_part,
    town_part,
)
from mealsvc.survey.assessing.rules.breakeven import ABOVE, BELOW, HOPELESS
from mealsvc.survey.forms.catalogue import FORMS

SHEET_A, SHEET_B, SHEET_C = "摸排村（社区）需求表", "摸排助餐点供给表", "摸排潜在资源表"
SHEET_D, COSTS = "摸排老人抽样问卷", "助餐点成本登记、月度结算"
WEIGHTED = "按抽样权数推算到登记在册老人"


def _sheets(ground: Ground, form: str) -> list[Answers]:
    found = {"A": "villages", "B": "points", "C": "resources"}[form]
    return list((getattr(ground.survey, found) or {}).values())


def _added(form: str, *codes: str) -> Work:
    """These fields added up over the sheets; None without any."""

    def work(ground: Ground, _: Assessment) -> Value:
        sheets = _sheets(ground, form)
        return sum(sheet.get(code) or 0 for sheet in sheets for code in codes) if sheets else None

    return work


def _handed_in(form: str) -> Work:
    return lambda ground, _: len(_sheets(ground, form)) or None


def _of_asked(*codes: str) -> Work:
    """Of those whom villages asked, who said so."""

    def work(ground: Ground, result: Assessment) -> Value:
        said, asked = _added("A", *codes)(ground, result), _added("A", "A30")(ground, result)
        return ratio(said, asked) if isinstance(said, int) and isinstance(asked, int) else None

    return work


def _estimate(name: str) -> Work:
    """The middle of what the questionnaire says of everybody."""

    def work(ground: Ground, _: Assessment) -> Value:
        found = getattr(ground.survey, name)
        return found.mid if found else None

    return work


def _wish_range(ground: Ground, _: Assessment) -> Value:
    found = ground.survey.wish
    return f"{share()(found.low)}—{share()(found.high)}" if found else None


def _price(ground: Ground, _: Assessment) -> Value:
    """The weighted median of what an elder would pay for a lunch."""
    told = sorted(
        (one.answers["D12"], one.weight)
        for one in ground.survey.interviews
        if isinstance(one.answers.get("D12"), int)
    )
    half, seen = sum((weight for _, weight in told), Fraction(0)) / 2, Fraction(0)
    for fen, weight in told:
        seen += weight
        if seen >= half:
            return fen
    return None


PRICES = {"A51": "不超过5元", "A52": "5—8元", "A53": "8—10元", "A54": "10—12元", "A55": "12元以上"}


def _price_band(ground: Ground, _: Assessment) -> Value:
    """The band in which the middle of those who told a price lies."""
    sums = {code: sum(s.get(code) or 0 for s in _sheets(ground, "A")) for code in PRICES}
    whole, seen = sum(sums.values()), 0
    for code, number in sums.items():
        seen += number
        if whole and seen * 2 >= whole:
            return PRICES[code]
    return None


def _reasons(ground: Ground, _: Assessment) -> Value:
    """Why elders did not come, weighted, the three most frequent."""
    names, sums = FORMS["D"].field("D08").names, Counter[str]()
    whole = Fraction(0)
    for one in ground.survey.interviews:
        if one.answers.get("D06") == "no":
            whole += one.weight
            for code in one.answers.get("D08") or ():
                sums[code] += one.weight  # pyright: ignore[reportArgumentType]
    most = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    told = (f"{names.get(code, code)}（{share()(Fraction(part) / whole)}）" for code, part in most)
    return "、".join(told) or None


def _part(kind: str, of: str) -> Work:
    def work(_: Ground, result: Assessment) -> Value:
        found = result.by_survey if kind == "D" else result.by_sheets
        return getattr(found, of) if found else None

    return work


def _paying(of: str) -> Work:
    """What those want who would pay what elders pay now."""
    return lambda _, result: getattr(result.paying, of) if result.paying else None


def _served_share(ground: Ground, result: Assessment) -> Value:
    if not result.basis or not ground.service.days:
        return None
    wanted = result.paying.mid if result.paying else Fraction(0)
    return ratio(Fraction(ground.service.servings, ground.service.days), wanted)


def _spare(ground: Ground, _: Assessment) -> Value:
    if not ground.service.days:
        return None
    served = Fraction(ground.service.servings, ground.service.days)
    return sum(point.capacity for point in ground.serving) - served


def _turns(ground: Ground, _: Assessment) -> Value:
    served = sum((point.month.servings_day for point in ground.serving), Fraction(0))
    return ratio(served, sum(point.seats for point in ground.serving))


def _gap(_: Ground, result: Assessment) -> Value:
    return sum((row.gap for row in result.gaps), Fraction(0)) if result.basis else None


def _gap_list(_: Ground, result: Assessment) -> Value:
    if not result.basis:
        return None
    listed = (f"{row.name}每天缺{rounded(row.gap):,}份" for row in result.gaps)
    return "、".join(listed) or "各镇（街道）供餐能力都够"


def _gap_town(_: Ground, result: Assessment) -> Value:
    if not result.basis:
        return None
    return result.gaps[0].name if result.gaps else "无"


def _loaded(_: Ground, result: Assessment) -> Value:
    if not result.basis:
        return None
    told = (f"{one.name}（{share(0)((one.load or 0) / 100)}）" for one in result.overloaded)
    return named(told) or "无"


def _state(*states: str) -> Work:
    def work(_: Ground, result: Assessment) -> Value:
        known = [one.state for one in result.points if one.state]
        return sum(state in states for state in known) if known else None

    return work


def _known(_: Ground, result: Assessment) -> Value:
    return sum(one.state is not None for one in result.points)


def _median_break_even(_: Ground, result: Assessment) -> Value:
    days = sorted(one.break_even_day for one in result.points if one.break_even_day is not None)
    return Fraction(days[len(days) // 2] + days[~(len(days) // 2)], 2) if days else None


def _fixed(_: Ground, result: Assessment) -> Value:
    known = [one.fixed_fen for one in result.points if one.fixed_fen is not None]
    return sum(known) if known else None


def _variable(_: Ground, result: Assessment) -> Value:
    known = [one for one in result.points if one.variable_fen is not None and one.servings]
    cost = sum((one.variable_fen or 0) * one.servings for one in known)
    return ratio(cost, sum(one.servings for one in known))


def _loss(_: Ground, result: Assessment) -> Value:
    results = [one.result_fen for one in result.points if one.result_fen is not None]
    return -sum(min(0, fen) for fen in results) if results else None


def _missing(_: Ground, result: Assessment) -> Value:
    needed = [one.missing_day for one in result.points if one.state == BELOW]
    return sum(each or 0 for each in needed) if _known(_, result) else None


def _largest(part: Any, of: str) -> Work:
    def work(ground: Ground, _: Assessment) -> Value:
        found = part(ground)
        if found is None:
            return None
        return found.percent / 100 if of == "percent" else found.name

    return work


def _best(of: str) -> Work:
    def work(_: Ground, result: Assessment) -> Value:
        if not result.candidates or not result.candidates[0].gain:
            return None
        return getattr(result.candidates[0], of)

    return work


def _candidates(_: Ground, result: Assessment) -> Value:
    useful = [one for one in result.candidates if one.gain]
    return named(f"{one.name}（新增{one.gain:,}人）" for one in useful) or "无"


def _trials(_: Ground, result: Assessment) -> Value:
    told = []
    for one in result.trials:
        more = one.trial_year_fen - one.base_year_fen
        told.append(f"{one.name}：全年支出{'增加' if more >= 0 else '减少'}{wan(abs(more))}")
    return "；".join(told) or None


def _risk_titles(_: Ground, result: Assessment) -> Value:
    return "、".join(dict.fromkeys(one.title for one in result.risks)) or "无"


HERE = "/surveys/{round}/assessment"
ROUND = "/surveys/{round}"
RULE = "平均每天的份数"
DEMAND_FIGURES = (
    Spec("a_communities", "交表的村（社区）", count("个"), "需求表已通过审核的村（社区）", SHEET_A, "survey", ROUND, _handed_in("A")),
    Spec("a_eligible", "需求表上的老人", count("人"), "已通过审核的需求表60周岁以上户籍老人合计", SHEET_A, "survey", ROUND, _added("A", "A05")),
    Spec("a_living_alone", "需求表上的独居老人", count("人"), "已通过审核的需求表合计", SHEET_A, "survey", ROUND, _added("A", "A17")),
    Spec("a_asked", "村（社区）问到的老人", count("人"), "已通过审核的需求表实际问到的人数合计", SHEET_A, "survey", ROUND, _added("A", "A30")),
    Spec("a_wish_rate", "问到的老人中愿意助餐的", share(), "愿意到点就餐和需要送餐的除以问到的", SHEET_A, "survey", ROUND, _of_asked("A31", "A32")),
    Spec("a_delivery_wish", "问到的老人中需要送餐的", share(), "需要送餐上门的除以问到的", SHEET_A, "survey", ROUND, _of_asked("A32")),
    Spec("a_price", "多数老人能接受的午餐自付", words, "村（社区）问到的老人自付意愿的中位档", SHEET_A, "survey", ROUND, _price_band),
    Spec("demand_a_day", "每天需要的份数（需求表）", count("份"), f"{RULE}：问到的比率推到没有问到的，每周天数取各档中间值", SHEET_A, "survey", HERE + "#demand", _part("A", "mid")),
    Spec("demand_a_low", "每天至少需要的份数（需求表）", count("份"), f"{RULE}：只算明确表示愿意的，每周天数取各档最少", SHEET_A, "survey", HERE + "#demand", _part("A", "low")),
    Spec("demand_a_high", "每天最多需要的份数（需求表）", count("份"), f"{RULE}：问到的比率推到没有问到的，每周天数取各档最多", SHEET_A, "survey", HERE + "#demand", _part("A", "high")),
    Spec("sample_drawn", "抽样老人", count("人"), "按镇（街道）、年龄、居住情况分层抽取", SHEET_D, "survey", ROUND, lambda g, _: g.survey.drawn or None),
    Spec("sample_answered", "完成的问卷", count("份"), "访问结果为完成、已通过审核的问卷", SHEET_D, "survey", ROUND, lambda g, _: len(g.survey.interviews) or None),
    Spec("sample_margin", "问卷最大误差", share(), "95%置信度、比例为一半时的误差，正负，按分层权数计算", SHEET_D, "survey", HERE + "#demand", lambda g, _: g.survey.margin),
    Spec("wish_rate", "愿意助餐的老人占比", share(), f"愿意到点吃、送到家或都行的，{WEIGHTED}", SHEET_D, "survey", HERE + "#demand", _estimate("wish")),
    Spec("wish_range", "愿意助餐占比的范围", words, "95%置信区间，按分层抽样计算", SHEET_D, "survey", HERE + "#demand", _wish_range),
    Spec("delivery_wish_rate", "平时需要送餐的老人占比", share(), f"第14题答平时就需要的，{WEIGHTED}", SHEET_D, "survey", HERE + "#demand", _estimate("delivery")),
    Spec("meals_week", "愿意的老人每周想吃", decimal("份", 1), f"愿意助餐的每周天数乘以午餐、晚餐，{WEIGHTED}", SHEET_D, "survey", HERE + "#demand", _estimate("meals_week")),
    Spec("accepted_price", "一顿午餐自己最多愿意付", yuan, f"第12题的中位数，{WEIGHTED}", SHEET_D, "survey", HERE + "#demand", _price),
    Spec("top_reason", "没去吃的主要原因", words, f"第8题，占没吃过的老人，最多列三个，{WEIGHTED}", SHEET_D, "survey", HERE + "#demand", _reasons),
    Spec("demand_day", "愿意的话每天需要的份数", count("份"), f"{RULE}：各镇（街道）各年龄段的老人乘以每周想吃的午餐和晚餐，除以7", f"{SHEET_D}、{PEOPLE}", "survey", HERE + "#demand", _part("D", "mid")),
    Spec("demand_low", "愿意的话每天需要的份数（低）", count("份"), f"{RULE}：95%置信区间的下限", f"{SHEET_D}、{PEOPLE}", "survey", HERE + "#demand", _part("D", "low")),
    Spec("demand_high", "愿意的话每天需要的份数（高）", count("份"), f"{RULE}：95%置信区间的上限", f"{SHEET_D}、{PEOPLE}", "survey", HERE + "#demand", _part("D", "high")),
    Spec("demand_price_day", "按现价每天需要的份数", count("份"), f"{RULE}：同上，只算愿意付到现在平均自付的老人", f"{SHEET_D}、{LEDGER}", "survey", HERE + "#demand", _paying("mid")),
    Spec("demand_price_low", "按现价每天需要的份数（低）", count("份"), f"{RULE}：95%置信区间的下限；没有问卷的，只算需求表上明确愿意的", f"{SHEET_D}、{LEDGER}", "survey", HERE + "#demand", _paying("low")),
    Spec("demand_price_high", "按现价每天需要的份数（高）", count("份"), f"{RULE}：95%置信区间的上限；没有问卷的，按需求表推到没有问到的", f"{SHEET_D}、{LEDGER}", "survey", HERE + "#demand", _paying("high")),
    Spec("demand_near_day", "按现价、半径内每天需要的份数", count("份"), f"{RULE}：按现价需要的份数中，村（社区）在服务半径内的", f"{SHEET_D}、{LEDGER}", "survey", HERE + "#catchments", lambda g, r: r.paying_near),
    Spec("demand_served_share", "已满足的需要", share(), "日均就餐除以按现价每天需要的份数", f"{LEDGER}、摸排", "month", HERE + "#demand", _served_share),
)  # fmt: skip

SUPPLY_FIGURES = (
    Spec("b_points", "交表的助餐点", count("个"), "供给表已通过审核的助餐点", SHEET_B, "survey", ROUND, _handed_in("B")),
    Spec("b_staff", "助餐点工作人员", count("人"), "厨师（含帮厨）和服务人员（含送餐）合计", SHEET_B, "survey", ROUND, _added("B", "B11", "B12")),
    Spec("b_volunteers", "助餐点志愿者", count("人"), "经常来的志愿者合计", SHEET_B, "survey", ROUND, _added("B", "B13")),
    Spec("b_losing", "自报亏损的助餐点", count("个"), "供给表当月盈亏为负的", SHEET_B, "survey", ROUND, lambda g, _: sum((s.get("B44") or 0) < 0 for s in _sheets(g, "B")) if _sheets(g, "B") else None),
    Spec("c_resources", "可以利用的场所", count("处"), "潜在资源表上产权人愿意或可以谈的", SHEET_C, "survey", ROUND, lambda g, _: sum(row.get("C17") != "no" for s in _sheets(g, "C") for row in s.get("C01") or ()) if _sheets(g, "C") else None),
    Spec("c_willing", "产权人愿意的场所", count("处"), "潜在资源表上产权人愿意的", SHEET_C, "survey", ROUND, lambda g, _: sum(row.get("C17") == "yes" for s in _sheets(g, "C") for row in s.get("C01") or ()) if _sheets(g, "C") else None),
    Spec("e_towns", "开过座谈会的镇（街道）", count("个"), "座谈记录已通过审核的", "摸排镇级座谈记录", "survey", ROUND, lambda g, _: g.survey.meetings or None),
    Spec("spare_capacity", "空着的供餐能力", count("份"), "运营助餐点日供餐能力减日均就餐", f"{POINTS}、{LEDGER}", "month", HERE + "#gaps", _spare),
    Spec("seat_turns", "每个餐位每天用餐", decimal("人", 2), "日均就餐除以餐位，含自取和送餐", f"{POINTS}、{LEDGER}", "month", HERE + "#gaps", _turns),
    Spec("gap_day", "每天缺的份数", count("份"), "供餐能力小于按现价需要的份数的镇（街道），差额合计", f"摸排、{POINTS}", "survey", HERE + "#gaps", _gap),
    Spec("gap_towns", "供餐能力不够的镇（街道）", count("个"), "按现价每天需要的份数大于本镇（街道）供餐能力的", f"摸排、{POINTS}", "survey", HERE + "#gaps", lambda g, r: len(r.gaps) if r.basis else None),
    Spec("gap_town_largest", "缺口最大的镇（街道）", words, "按现价每天需要的份数减供餐能力最多的", f"摸排、{POINTS}", "survey", HERE + "#gaps", _gap_town),
    Spec("gap_list", "各镇（街道）缺口", words, "从大到小", f"摸排、{POINTS}", "survey", HERE + "#gaps", _gap_list),
    Spec("overloaded_points", "需要超过能力的助餐点", count("个"), "服务片区按现价每天需要的份数大于该点供餐能力的", f"摸排、{POINTS}", "survey", HERE + "#catchments", lambda g, r: len(r.overloaded) if r.basis else None),
    Spec("overloaded_list", "需要超过能力的助餐点名单", words, "按需要占能力的比例从高到低，最多列五个", f"摸排、{POINTS}", "survey", HERE + "#catchments", _loaded),
    Spec("far_elders", "服务半径以外的老人", count("人"), "60岁以上户籍人口减服务半径覆盖的", f"{PEOPLE}、{POINTS}", "day", HERE + "#catchments", lambda g, _: g.eligible - g.standing.total.reached),
)  # fmt: skip

COST_FIGURES = (
    Spec("economics_points", "登记成本的助餐点", count("个"), "登记了成本、当月有就餐的运营助餐点", COSTS, "month", HERE + "#break-even", _known),
    Spec("fixed_month", "固定成本合计", wan, "房租、工资、水电燃气和其他固定支出，登记成本的助餐点每月合计", COSTS, "month", HERE + "#break-even", _fixed),
    Spec("variable_serving", "每份变动成本", yuan, "食材、包装和送餐成本，按份数加权", COSTS, "month", HERE + "#break-even", _variable),
    Spec("break_even_median", "每天保本份数的中位数", count("份"), "固定成本减按月的补贴和其他收入，除以每份自付加补贴减变动成本，除以供餐天数", COSTS, "month", HERE + "#break-even", _median_break_even),
    Spec("points_above", "保本的助餐点", count("个"), "当月收入不低于成本的", COSTS, "month", HERE + "#break-even", _state(ABOVE)),
    Spec("points_below", "没有保本的助餐点", count("个"), "当月收入低于成本、多供可以保本的", COSTS, "month", HERE + "#break-even", _state(BELOW)),
    Spec("points_hopeless", "每份都亏的助餐点", count("个"), "自付加补贴不高于变动成本的", COSTS, "month", HERE + "#break-even", _state(HOPELESS)),
    Spec("loss_month", "当月亏损合计", wan, "当月收入低于成本的助餐点，差额合计", COSTS, "month", HERE + "#break-even", _loss),
    Spec("missing_servings", "保本还差的份数", count("份"), "没有保本的助餐点每天还要多供的份数合计", COSTS, "month", HERE + "#break-even", _missing),
)  # fmt: skip

_OPEN = "监督检查记录"
PROBLEM_FIGURES = (
    Spec("points_not_effective", "没有有效运营的助餐点", count("个"), "当月没有达到有效运营天数和每天份数的运营助餐点", f"{POINTS}、{LEDGER}", "month", "/points", lambda g, _: len(g.serving) - len(g.effective)),
    Spec("findings_open", "没有办结的检查问题", count("个"), "查看时没有办结的", _OPEN, "now", "/findings?state=running", lambda g, _: g.problems.findings),
    Spec("findings_overdue", "逾期的整改通知书", count("份"), "查看时超过期限没有办结的", _OPEN, "now", "/orders?overdue=any", lambda g, _: g.problems.overdue),
    Spec("visits_done", "当年检查", count("次"), "当年截至时点签字的检查", _OPEN, "year", "/visits", lambda g, _: g.problems.visits),
    Spec("complaints_open", "没有办结的投诉", count("件"), "查看时没有办结的", "投诉记录", "now", "/complaints", lambda g, _: g.problems.complaints),
    Spec("licences_due", "许可证快到期的助餐点", count("个"), "运营助餐点食品经营许可证在规定天数内到期或已过期的", POINTS, "day", "/points?licence=due", lambda g, _: len(licences_due(g))),
    Spec("rules_issued", "区级已出台的制度", count("项"), "十二项制度中区级印发且有效的", "证照制度记录", "day", "/units", lambda g, _: g.problems.rules_issued),
)  # fmt: skip

RISK_FIGURES = (
    Spec("kitchen_largest", "供餐最多的厨房", words, "当月份数最多的厨房（供餐单位）", LEDGER, "month", "/figures?month={month}", _largest(kitchen_part, "name")),
    Spec("kitchen_share", "供餐最多的厨房占比", share(), "该厨房供应的份数占当月就餐", LEDGER, "month", "/figures?month={month}", _largest(kitchen_part, "percent")),
    Spec("operator_largest", "份数最多的运营单位", words, "当月份数最多的运营单位", LEDGER, "month", "/figures?month={month}", _largest(operator_part, "name")),
    Spec("operator_share", "份数最多的运营单位占比", share(), "该单位各点份数占有运营单位的助餐点份数", LEDGER, "month", "/figures?month={month}", _largest(operator_part, "percent")),
    Spec("one_town", "份数最多的镇（街道）", words, "当月份数最多的镇（街道）", LEDGER, "month", "/figures?month={month}&by=town", _largest(town_part, "name")),
    Spec("one_town_share", "份数最多的镇（街道）占比", share(), "该镇（街道）的助餐点份数占当月就餐", LEDGER, "month", "/figures?month={month}&by=town", _largest(town_part, "percent")),
    Spec("risk_count", "需要防范的风险", count("项"), "按规则从记录中找出的", "研判", "day", HERE + "#risks", lambda g, r: len(r.risks)),
    Spec("risks", "风险", words, "按规则从记录中找出的，严重的在前", "研判", "day", HERE + "#risks", _risk_titles),
)  # fmt: skip

PLAN_FIGURES = (
    Spec("candidates", "候选点位", count("个"), "登记的候选点位", "候选点位记录", "day", "/coverage/plan", lambda g, _: len(g.candidates)),
    Spec("candidates_list", "能增加覆盖的候选点位", words, "按每万元新覆盖的老人从多到少，最多列五个；新增按只建这一个算", "候选点位记录", "day", HERE + "#candidates", _candidates),
    Spec("best_candidate", "最值得先建的候选点位", words, "每万元新覆盖的老人最多的；没有建设费用的排在后面", "候选点位记录", "day", HERE + "#candidates", _best("name")),
    Spec("best_candidate_gain", "该点位新覆盖的老人", count("人"), "只建这一个，服务半径内新增的60岁以上户籍人口", "候选点位记录", "day", HERE + "#candidates", _best("gain")),
    Spec("trials", "测算过的补贴标准", count("个"), "保留在研判里的", "政策测算", "survey", HERE + "#tariffs", lambda g, r: len(r.trials)),
    Spec("trials_list", "补贴标准测算结果", words, "按测算月份的速度推算全年支出，和现行标准比", "政策测算", "survey", HERE + "#tariffs", _trials),
)  # fmt: skip

SURVEYED: tuple[Spec, ...] = (
    *DEMAND_FIGURES,
    *SUPPLY_FIGURES,
    *COST_FIGURES,
    *PROBLEM_FIGURES,
    *RISK_FIGURES,
    *PLAN_FIGURES,
)
