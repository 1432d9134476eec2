"""规范化: food safety (N1), from inspections, rectification and the daily logs."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import DOWN, UP, Indicator, Target, Value, number_of, per, share
from mealsvc.reports.oversight_facts import GOOD_GRADES, LogFacts

MEALS = 10_000


def passed(facts: Facts) -> Value | None:
    """N11: inspections graded A to C ÷ all that were graded; a unit's own checks are none."""
    graded = [visit for visit in facts.visits if visit.official and visit.grade]
    return share(sum(visit.grade in GOOD_GRADES for visit in graded), len(graded), "次")


def failed_keys(facts: Facts) -> Value | None:
    """N12: failed key items, by group of the checklist."""
    done = [visit for visit in facts.visits if visit.official]
    if not done:
        return None
    groups = Counter(item.partition("-")[0] for visit in done for item in visit.failed_key)
    listed = "，".join(f"{GROUPS.get(code, code)}{groups[code]}项" for code in sorted(groups))
    return number_of(groups.total(), "项", f"按类别：{listed}。" if listed else "")


def rectified(facts: Facts) -> Value | None:
    """N13: items closed by their first deadline ÷ items due."""
    due = [item for item in facts.due if item.due]
    return share(sum(item.in_time for item in due), len(due), "项")


def samples(facts: Facts) -> Value | None:
    """N14: dishes with a valid sample ÷ dishes on the menus of days with meals."""
    if "sample" not in facts.kept:
        return None
    return _of_logs(facts, lambda log: log.dishes_sampled, lambda log: log.dishes, "道")


def health(facts: Facts) -> Value | None:
    """N15: handlers on duty with a health certificate in date."""
    if "health" not in facts.kept:
        return None
    staff = facts.staff.values()
    return share(sum(one.handlers_valid for one in staff), sum(one.handlers for one in staff), "人")


def controlled(facts: Facts) -> Value | None:
    """N16: operating days with a daily control."""
    if "daily_control" not in facts.kept:
        return None
    return _of_logs(facts, lambda log: log.control_days, lambda log: log.operating_days, "点天")


def temperatures(facts: Facts) -> Value | None:
    """N17: readings inside their limits."""
    return _of_logs(facts, lambda log: log.readings_within, lambda log: log.readings, "次")


def incidents(facts: Facts) -> Value | None:
    """N18: incidents and complaints to 10,000 servings, where either is kept at all."""
    if not facts.kept & {"logs", "voices"}:
        return None
    events = sum(log.incidents for log in facts.logs.values())
    complaints = sum(one.received for one in facts.voices.values())
    detail = f"其中食品安全事件{events}件，投诉意见{complaints}件。"
    meals = facts.servings
    top = f"{events + complaints:,}件"
    return per((events + complaints) * MEALS, meals, 1, top, f"{meals:,}份", "件", detail)


def prices_posted(facts: Facts) -> Value | None:
    """N21: price items that passed ÷ price items that were judged."""
    done = [visit for visit in facts.visits if visit.official]
    passed_ = sum(visit.price_passed for visit in done)
    return share(passed_, sum(visit.price_judged for visit in done), "项")


def _of_logs(
    facts: Facts, top: Callable[[LogFacts], int], bottom: Callable[[LogFacts], int], unit: str
) -> Value | None:
    logs = facts.logs.values()
    return share(sum(map(top, logs)), sum(map(bottom, logs)), unit)


GROUPS = {
    "QUA": "资质公示", "STF": "人员健康", "ENV": "环境卫生", "PUR": "原料采购", "COK": "加工制作",
    "SMP": "食品留样", "DIS": "餐饮具消毒", "COL": "冷藏贮存", "DLV": "配送送餐", "PRC": "价格公示",
    "STD": "用餐标准", "SUB": "补贴核验", "UNT": "用餐单位管理", "AGE": "适老化与安全",
}  # fmt: skip
INSPECTIONS = ("检查记录",)
CHECKLIST = "检查表评分规则"
SAMPLES = "食品安全法实施条例第二十八条"
HEALTH = "食品安全法第四十五条"
CONTROL = "企业落实食品安全主体责任监督管理规定"
ALL = Fraction(100)
FOOD_SAFETY = (
    Indicator("N11", "检查合格率", "评为A、B、C级的检查次数占已评级检查次数的比例，单位自查不计；检查按进行的日期计，与录入时间无关", "合格检查", "评级检查", "%", INSPECTIONS, passed, ("visits",), CHECKLIST, better=UP, records=("visits_passed", "visits_graded")),
    Indicator("N12", "★项不合格数", "检查中判为不合格的关键项（★）项数，单位自查不计；没有检查的为暂无记录", "不合格★项", "", "项", INSPECTIONS, failed_keys, ("visits",), CHECKLIST, better=DOWN, additive=True, records=("failed_keys",)),
    Indicator("N13", "整改按期完成率", "首次期限内办结的整改项占到期整改项的比例", "按期办结", "到期整改", "%", ("整改记录",), rectified, ("orders",), "整改通知书；服务协议", better=UP, records=("due_in_time", "due_items")),
    Indicator("N14", "留样合规率", "留样合规的菜品占供应菜品的比例；供应菜品按供餐日加工点自己食谱上的菜品计，套餐不重复计；供餐日含为其他助餐点加工的日子", "合规留样", "供应菜品", "%", ("留样记录",), samples, ("logs",), SAMPLES, better=UP, target=Target(UP, lambda facts: ALL, SAMPLES), records=("sample_points", "dishes", "log_samples")),
    Indicator("N15", "健康证有效率", "{end}健康证明在有效期内的在岗人员占接触直接入口食品的在岗人员的比例，应为100%", "有效持证", "应持证", "%", ("从业人员健康证明记录",), health, ("units",), HEALTH, better=UP, target=Target(UP, lambda facts: ALL, HEALTH), records=("handlers",)),
    Indicator("N16", "日管控完成率", "有日管控记录的点天数占供餐点天数的比例；供餐方为其他助餐点加工的日子也算供餐", "有记录", "供餐", "%", ("日管控记录",), controlled, ("logs",), CONTROL, better=UP, target=Target(UP, lambda facts: ALL, CONTROL), records=("control_points", "log_control")),
    Indicator("N17", "温度合规率", "在规定范围内的测温读数（中心温度、热藏冷藏、冷藏冷冻设备）占全部读数的比例", "合规读数", "全部读数", "%", ("测温记录",), temperatures, ("logs",), "GB 31654-2021", better=UP, records=("log_readings_within", "log_readings")),
    Indicator("N18", "食安事件、投诉", "每万份就餐的食品安全事件和投诉意见件数", "事件和投诉", "就餐份数", "件", ("食品安全事件记录", "投诉记录"), incidents, ("logs", "voices", "ledger"), "食品安全法第一百零三条；服务协议", better=DOWN, records=("complaints", "log_incidents", "days")),
)  # fmt: skip
