"""制度化: staff (Z2) and running (Z3)."""

from fractions import Fraction

from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import (
    DOWN,
    UP,
    Indicator,
    Target,
    Value,
    no_records,
    per,
    share,
)
from mealsvc.reports.point_facts import POINT

RULES_ASKED = 12


def meals_a_person(facts: Facts) -> Value | None:
    """Z21: servings to a day of one of the staff, where there is a staff list."""
    listed = {code for code, one in facts.staff.items() if one.staff_days}
    days = sum(facts.staff[code].staff_days for code in listed)
    meals = sum(number for code, number in facts.by_point().items() if code in listed)
    return per(meals, days, 1, f"{meals:,}份", f"{days:,}人天", "份")


def certified(facts: Facts) -> Value | None:
    """Z22: staff with every certificate that their work asks ÷ staff whose work asks one."""
    if not facts.kept & {"health", "officer", "director"}:
        return None
    staff = facts.staff.values()
    return share(sum(one.certified for one in staff), sum(one.needing for one in staff), "人")


def trained(facts: Facts) -> Value | None:
    """Z23: staff who were trained within the interval ÷ staff who should have been."""
    if "training" not in facts.kept:
        return None
    staff = facts.staff.values()
    return share(sum(one.trained for one in staff), sum(one.training_due for one in staff), "人")


def turnover(facts: Facts) -> Value | None:
    """Z24: leavers of twelve months ÷ mean headcount, in percent."""
    left = sum(one.leavers for one in facts.staff.values())
    mean = sum((one.mean_headcount for one in facts.staff.values()), Fraction(0))
    if not mean:
        return None
    shown = per(mean, 1, 1, "", "", "人")
    return per(left * 100, mean, 1, f"{left:,}人", shown.shown if shown else "", "%")


def volunteers(facts: Facts) -> Value | None:
    """Z25: hours of volunteers; nobody's are no record."""
    if "hours" not in facts.kept:
        return None
    hours = sum((one.volunteer_hours for one in facts.staff.values()), Fraction(0))
    value = per(hours, 1, 1, "", "", "小时")
    return value and Value(value.shown, "", value.shown, value.figure)


def rules_in_force(facts: Facts) -> Value | None:
    """Z31: of the twelve rules those that are issued and in force."""
    if "rules" not in facts.kept:
        return None
    if facts.place.level == POINT:
        return share(sum(paper.rules for paper in facts.papers.values()), RULES_ASKED, "项")
    full = sum(facts.papers[point.code].rules >= RULES_ASKED for point in facts.operating)
    detail = f"12项制度齐全的运营助餐点{full}个，共{len(facts.operating)}个。"
    return share(facts.rules_issued, RULES_ASKED, "项", detail)


def agreements(facts: Facts) -> Value | None:
    """Z32: operating points with an agreement in date."""
    return _with_paper(facts, "agreements", "agreement")


def drills(facts: Facts) -> Value | None:
    """Z33: operating points with a drill within the interval."""
    return _with_paper(facts, "drills", "drilled")


def effective_share(facts: Facts) -> Value | None:
    """Z34: operating points that meet the rule of effective operation."""
    return share(len(facts.effective), len(facts.operating), "个")


def _with_paper(facts: Facts, kept: str, name: str) -> Value | None:
    if kept not in facts.kept:
        return None
    have = sum(getattr(facts.papers[point.code], name) for point in facts.operating)
    return share(have, len(facts.operating), "个")


STAFF = ("人员花名册",)
UNITS = ("units",)
AGREED = "服务协议"
TRAINING = "餐饮服务食品安全操作规范14"
DRILL = "食品安全法第一百零二条；检查项UNT-02"
STAFFING = (
    Indicator("Z21", "人餐比", "就餐份数除以在岗人天；在岗人天按花名册在岗人数乘以供餐日计，没有考勤记录", "就餐份数", "在岗人天", "份", STAFF, meals_a_person, ("units", "ledger"), AGREED, records=("days", "staff")),
    Indicator("Z22", "持证率", "{end}持有所需证件的在岗人员占应持证在岗人员的比例", "持证", "应持证", "%", (*STAFF, "证件记录"), certified, UNITS, "食品安全法第四十四条、第四十五条", better=UP, records=("handlers",)),
    Indicator("Z23", "培训完成率", "{noun}到期的从业人员培训（到岗时一次，以后按规定间隔；含期初已逾期的）中按期完成的比例", "完成", "应完成", "%", ("培训记录",), trained, UNITS, TRAINING, better=UP, records=("handlers",)),
    Indicator("Z24", "人员流动率", "截至{end}的12个月内离岗人数除以平均在岗人数", "离岗", "平均在岗", "%", STAFF, turnover, UNITS, AGREED, better=DOWN, records=("leavers", "staff")),
    Indicator("Z25", "志愿者时数", "{noun}志愿者送餐和服务的小时数", "时数", "", "小时", ("志愿服务记录",), volunteers, UNITS, AGREED, better=UP, additive=True, records=("volunteer_hours",)),
)  # fmt: skip
RUNNING = (
    Indicator("Z31", "制度健全度", "12项制度中已印发并执行的项数占比；全区和镇（街道）按区级制度，助餐点按本点制度", "已执行", "12项制度", "%", ("制度文件记录",), rules_in_force, UNITS, "系统约定：12项制度", better=UP, records=("rules",)),
    Indicator("Z32", "协议签订率", "{end}服务协议在有效期内的助餐点占运营助餐点的比例", "已签", "运营助餐点", "%", ("服务协议记录",), agreements, UNITS, AGREED, better=UP, target=Target(UP, lambda facts: 100, AGREED), records=("agreements", "operating")),
    Indicator("Z33", "应急演练", "近{drill_months}个月内开展过演练的助餐点占运营助餐点的比例", "已演练", "运营助餐点", "%", ("演练记录",), drills, UNITS, DRILL, better=UP, target=Target(UP, lambda facts: 100, DRILL), records=("drills", "operating")),
    Indicator("Z34", "有效运营率", "{noun}有{effective_days}天以上每天就餐不少于{effective_meals}份的助餐点占运营助餐点的比例", "有效运营", "运营助餐点", "%", ("助餐点档案",), effective_share, ("ledger",), "系统参数：有效运营", better=UP, records=("operating",)),
    Indicator("Z35", "收支平衡", "收支达到平衡的助餐点占申报助餐点的比例", "达到平衡", "申报", "%", ("收支申报记录",), no_records, (), AGREED),
)  # fmt: skip
