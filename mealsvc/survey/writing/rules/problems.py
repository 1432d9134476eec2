"""存在问题 and 对策建议: each problem rests on figures, each measure answers a problem. One more is one
function and one line. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mealsvc.survey.writing.rules.sections import DIGITS
from mealsvc.survey.writing.rules.tokens import Known, is_known

STANDARD, REACH, INSTITUTION = "规范化", "普及化", "制度化"
FAMILIES = (REACH, STANDARD, INSTITUTION)
MONEY, STAFF, RUNNING, WATCH = "经费", "人员", "运行", "监督"
KINDS = (MONEY, STAFF, RUNNING, WATCH)
NEAR, MIDDLE = "近期", "中期"
Figures = Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is proposed: its kind, the words, who does it, by when (近期 or 中期)."""

    kind: str
    text: str
    unit: str
    term: str = NEAR


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, with its figures, and what is proposed about it."""

    family: str
    text: str
    measures: tuple[Measure, ...]


def number(figures: Figures, code: str) -> Fraction | None:
    """A figure's value as a number; None where it is missing, unknown or words."""
    value = figures[code].value if code in figures else None
    return Fraction(value) if isinstance(value, int | Fraction) and value is not True else None


def problems(figures: Figures) -> list[Problem]:
    """All problems that the figures show, those of reach first."""
    found = [one for rule in RULES if (one := rule(figures)) is not None]
    known = [one for one in found if is_known(one.text, figures)]
    return sorted(known, key=lambda one: FAMILIES.index(one.family))


def coverage_below_target(figures: Figures) -> Problem | None:
    """Fewer elders live within reach than the district wants."""
    rate, target = number(figures, "covered_rate"), number(figures, "w.coverage_target")
    if rate is None or target is None or rate >= target:
        return None
    measures = [
        Measure(
            RUNNING,
            "按近期方案新增助餐点{w.near_count}（{w.near_sites}），覆盖老人由{w.near_before}增加到{w.near_after}。",
            "区民政局、有关镇（街道）",
        ),
        Measure(
            MONEY,
            "近期方案建设费用{w.near_build}、每年补贴{w.near_yearly}，列入年度预算。",
            "区民政局、区财政局",
        ),
    ]
    if not is_known("{w.near_count}", figures):
        measures = [
            Measure(RUNNING, "在“布点规划”中测算并保存方案，据此确定新增助餐点。", "区民政局")
        ]
    return Problem(
        REACH,
        "服务半径覆盖不足。{radius_m}内有助餐点的老人{covered}，覆盖率{covered_rate}，低于{w.coverage_target}的目标。",
        tuple(measures),
    )


def blank_spots(figures: Figures) -> Problem | None:
    """Communities with many elders and nothing within the radius."""
    if not number(figures, "blank_spots"):
        return None
    return Problem(
        REACH,
        "仍有空白点{blank_spots}，老人集中而{radius_m}内没有助餐点，涉及老人{blank_elders}；老人最多的是{blank_largest}。",
        (
            Measure(
                RUNNING,
                "空白点优先利用闲置用房、餐饮门店挂牌和邻里互助布点，暂不具备条件的由就近助餐点送餐。",
                "有关镇（街道）、村（社区）",
            ),
        ),
    )


def towns_uneven(figures: Figures) -> Problem | None:
    """A town far below the district."""
    lowest, rate = number(figures, "lowest_town_rate"), number(figures, "covered_rate")
    if lowest is None or rate is None or lowest >= rate:
        return None
    return Problem(
        REACH,
        "镇（街道）之间不均衡。覆盖率最低的{lowest_town}为{lowest_town_rate}，全区为{covered_rate}。",
        (
            Measure(
                RUNNING,
                "新增助餐点向覆盖率最低的{lowest_town}倾斜，布点测算时启用镇（街道）均衡约束。",
                "区民政局",
                MIDDLE,
            ),
        ),
    )


def demand_unmet(figures: Figures) -> Problem | None:
    """The wish for meals is larger than what is cooked, by town."""
    if not number(figures, "gap_day"):
        return None
    return Problem(
        REACH,
        "供餐能力与需求不匹配。按现价推算每天需要{demand_price_day}，供餐能力不够的镇（街道）{gap_towns}，每天缺{gap_day}，缺口最大的是{gap_town_largest}。",
        (
            Measure(
                RUNNING,
                "按缺口增加供餐能力（{gap_list}）：先用空着的能力，再安排新增助餐点。",
                "有关镇（街道）、供餐单位",
                MIDDLE,
            ),
        ),
    )


def few_come(figures: Figures) -> Problem | None:
    """Few of the elders who wish for meals eat at the points."""
    share = number(figures, "demand_served_share")
    if share is None or share >= 1:
        return None
    return Problem(
        REACH,
        "实际就餐低于意愿。愿意助餐的老人占{wish_rate}，{service_month}享受补贴的老人占{penetration}，日均就餐为推算需要的{demand_served_share}。",
        (
            Measure(
                RUNNING,
                "针对没有去吃的主要原因改进菜品、时间和送餐，逐户告知登记办法；主要原因：{top_reason}。",
                "村（社区）、助餐点",
            ),
        ),
    )


def delivery_wanted(figures: Figures) -> Problem | None:
    """More want meals brought than get them."""
    wish, done = number(figures, "delivery_wish_rate"), number(figures, "delivery_share")
    if wish is None or done is None or wish <= done:
        return None
    return Problem(
        REACH,
        "送餐低于意愿。平时就需要送餐的老人占{delivery_wish_rate}，{service_month}送餐上门{delivery_servings}，占就餐的{delivery_share}。",
        (
            Measure(
                STAFF,
                "为失能、高龄独居老人增配送餐人员，由助餐点、志愿者和邻里互助共同承担，逐单签收。",
                "镇（街道）、助餐点",
            ),
            Measure(
                MONEY,
                "按送餐份数单列送餐补贴，对象和标准按政策测算结果确定。",
                "区民政局、区财政局",
            ),
        ),
    )


def below_break_even(figures: Figures) -> Problem | None:
    """Points whose servings do not pay for their fixed cost."""
    if not number(figures, "points_below"):
        return None
    return Problem(
        STANDARD,
        "运营难以持续。登记成本的助餐点{economics_points}，没有保本的{points_below}，{service_month}亏损合计{loss_month}。",
        (
            Measure(
                MONEY,
                "运营补贴按系统记录的份数和考核结果核定，总额参照没有保本的助餐点每月亏损{loss_month}测算。",
                "区财政局、区民政局",
            ),
            Measure(
                RUNNING,
                "没有保本的助餐点每天还差{missing_servings}，通过向社会就餐者开放、合并供餐线路、集中加工等逐点制定计划。",
                "运营单位、镇（街道）",
                MIDDLE,
            ),
        ),
    )


def hopeless_price(figures: Figures) -> Problem | None:
    """Points that lose with every further serving."""
    if not number(figures, "points_hopeless"):
        return None
    return Problem(
        STANDARD,
        "部分助餐点每份都亏。自付加补贴不高于变动成本的助餐点{points_hopeless}，多供也不能保本。",
        (
            Measure(
                RUNNING,
                "核对每份都亏的{points_hopeless}助餐点的成本和备案价，调整套餐或供餐方式；确需调价的按备案程序办理并事前公示。",
                "运营单位、区民政局",
            ),
        ),
    )


def not_effective(figures: Figures) -> Problem | None:
    """Points that operate on paper."""
    if not number(figures, "points_not_effective"):
        return None
    return Problem(
        STANDARD,
        "有的助餐点没有有效运营。运营助餐点{points}，{service_month}没有达到有效运营天数和份数的{points_not_effective}。",
        (
            Measure(
                WATCH,
                "对未有效运营的助餐点逐一核实，限期恢复或按退出制度处理。",
                "镇（街道）、区民政局",
            ),
        ),
    )


def one_kitchen(figures: Figures) -> Problem | None:
    """Too much comes from one kitchen."""
    share, most = number(figures, "kitchen_share"), number(figures, "w.one_kitchen")
    if share is None or most is None or share <= most:
        return None
    return Problem(
        STANDARD,
        "供餐集中于一家厨房。{kitchen_largest}供餐占全区的{kitchen_share}，高于{w.one_kitchen}的警戒线，一处停供影响面大。",
        (
            Measure(
                RUNNING,
                "与{kitchen_largest}以外的厨房签订应急互供协议，每年演练，停供时当日可替代。",
                "区民政局、供餐单位",
            ),
        ),
    )


def overdue_findings(figures: Figures) -> Problem | None:
    """What inspections found and nobody put right in time."""
    if not number(figures, "findings_open"):
        return None
    late = number(figures, "findings_overdue")
    return Problem(
        STANDARD,
        "检查发现的问题没有全部整改。没有办结的问题{findings_open}"
        + ("，逾期的整改通知书{findings_overdue}。" if late else "。"),
        (
            Measure(
                WATCH,
                "对未办结的问题逐项复查，逾期未改的按协议处理，属其他部门职责的移送。",
                "区民政局、镇（街道）",
            ),
        ),
    )


def licences_due(figures: Figures) -> Problem | None:
    """Licences that run out."""
    if not number(figures, "licences_due"):
        return None
    return Problem(
        STANDARD,
        "证照管理有缺口。食品经营许可证过期或即将到期的助餐点{licences_due}。",
        (
            Measure(
                WATCH,
                "逐点核对许可证有效期，到期前办理延续，过期的停止供餐。",
                "运营单位、镇（街道）",
            ),
        ),
    )


def rules_missing(figures: Figures) -> Problem | None:
    """Of the twelve rules some are not in force in the district."""
    if not number(figures, "w.rules_missing"):
        return None
    return Problem(
        INSTITUTION,
        "制度不健全。十二项制度中区级已印发执行{w.rules_district}，尚缺{w.rules_missing}：{w.rules_missing_names}。",
        (Measure(WATCH, "补齐{w.rules_missing_names}，印发执行并在系统登记。", "区民政局"),),
    )


def rules_of_points(figures: Figures) -> Problem | None:
    """Points that do not keep all twelve."""
    full, all_ = number(figures, "w.rules_full_points"), number(figures, "w.points_operating")
    if full is None or all_ is None or full >= all_:
        return None
    return Problem(
        INSTITUTION,
        "制度没有在助餐点全部落实。十二项制度齐全的助餐点{w.rules_full_points}，共{w.points_operating}。",
        (
            Measure(
                WATCH,
                "把十二项制度写入服务协议，作为年度考核和运营补助的条件。",
                "区民政局、镇（街道）",
                MIDDLE,
            ),
        ),
    )


def budget_short(figures: Figures) -> Problem | None:
    """The year is forecast to cost more than its budget."""
    budget, wanted = number(figures, "budget_year"), number(figures, "forecast_year")
    if not budget or wanted is None or wanted <= budget:
        return None
    return Problem(
        INSTITUTION,
        "预算不足。{year}预算{budget_year}，按现有进度全年预计支出{forecast_year}。",
        (
            Measure(
                MONEY, "按测算调整预算，或先行测算政策调整的影响后再执行。", "区财政局、区民政局"
            ),
        ),
    )


def no_budget(figures: Figures) -> Problem | None:
    """No budget of the year is on record."""
    if number(figures, "budget_year") or not is_known("{cost_month}", figures):
        return None
    return Problem(
        INSTITUTION,
        "经费没有纳入年度预算管理。系统中没有当年预算，{service_month}各项补贴共{cost_month}。",
        (Measure(MONEY, "把助餐补贴列入年度预算，按来源逐项登记。", "区财政局、区民政局"),),
    )


def sample_short(figures: Figures) -> Problem | None:
    """Fewer questionnaires than the error bound needs."""
    answered, least = number(figures, "sample_answered"), number(figures, "w.sample_least")
    if answered is None or least is None or answered >= least:
        return None
    return Problem(
        INSTITUTION,
        "需求调查的样本不足。收回有效问卷{sample_answered}，少于{w.sample_least}，需求推算的误差较大。",
        (Measure(STAFF, "补足问卷，把老年助餐需求列入村（社区）年度走访内容。", "村（社区）"),),
    )


Rule = Callable[[Figures], Problem | None]
RULES: tuple[Rule, ...] = (
    coverage_below_target,
    blank_spots,
    towns_uneven,
    demand_unmet,
    few_come,
    delivery_wanted,
    below_break_even,
    hopeless_price,
    not_effective,
    one_kitchen,
    overdue_findings,
    licences_due,
    rules_missing,
    rules_of_points,
    budget_short,
    no_budget,
    sample_short,
)


def problems_text(found: Sequence[Problem]) -> str:
    """五、存在问题: by family, numbered through."""
    if not found:
        return "按现有记录和规则，没有发现问题。"
    lines, count = [], 0
    families = [family for family in FAMILIES if any(one.family == family for one in found)]
    for place, family in enumerate(families):
        lines.append(f"（{DIGITS[place]}）{family}方面")
        for one in found:
            if one.family == family:
                count += 1
                lines.append(f"{count}. {one.text}")
    return "\n".join(lines)


def measures_of(found: Sequence[Problem], figures: Figures) -> list[Measure]:
    """The measures that answer the problems, each once, those whose figures are known."""
    given = [measure for one in found for measure in one.measures]
    return [one for one in dict.fromkeys(given) if is_known(one.text, figures)]


def advice_text(found: Sequence[Problem], figures: Figures) -> str:
    """八、对策建议: by kind, numbered through, then the list of rules for supervision."""
    measures = measures_of(found, figures)
    lines, count, place = [], 0, 0
    for kind in KINDS:
        own = [one for one in measures if one.kind == kind]
        if not own:
            continue
        lines.append(f"（{DIGITS[place]}）{kind}")
        place += 1
        for one in own:
            count += 1
            lines.append(f"{count}. {one.text}责任单位：{one.unit}；时限：{one.term}。")
    if not measures:
        lines.append("保持现有记录和核查，按期比对指标变化。")
    lines.append(f"（{DIGITS[place]}）监督制度清单")
    lines.append("监督制度按十二项列出，依据证照协议登记中截至时点有效的制度文件，执行情况如下。")
    lines.append("{表:rules}")
    lines.append("以上建议征求有关单位意见后组织实施。")
    return "\n".join(lines)
