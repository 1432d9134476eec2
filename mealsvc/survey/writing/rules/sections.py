"""The report's outline and the words that each section begins with: facts with their figures, nothing
that no figure carries. Pure."""

from collections.abc import Mapping, Sequence

from mealsvc.survey.writing.rules.examples import CHECK, EXAMPLES
from mealsvc.survey.writing.rules.tokens import Known, is_known

BASICS, PRACTICE, DEMAND, SUPPLY = "basics", "practice", "demand", "supply"
PROBLEMS, ELSEWHERE, PLAN, ADVICE = "problems", "elsewhere", "plan", "advice"
SECTIONS = {
    BASICS: "一、基本情况",
    PRACTICE: "二、主要做法",
    DEMAND: "三、需求分析",
    SUPPLY: "四、供给分析",
    PROBLEMS: "五、存在问题",
    ELSEWHERE: "六、外地经验",
    PLAN: "七、布局规划与测算",
    ADVICE: "八、对策建议",
}
DIGITS = "一二三四五六七八九十"
NO_SURVEY = "本区尚未开展摸排，这一部分没有填报和问卷数据，待摸排后补写。"
NO_RECORD = "系统中暂无相关记录。"
Figures = Mapping[str, Known]
Sentences = Sequence[str]


def paragraph(figures: Figures, *sentences: str) -> str:
    """The sentences whose figures are known, as one paragraph; the last of several commas closes."""
    return "".join(sentence for sentence in sentences if is_known(sentence, figures))


def written(figures: Figures, parts: Sequence[tuple[str, Sequence[Sentences | str]]]) -> str:
    """Headings with their paragraphs and exhibits; a heading with nothing to say says so."""
    lines: list[str] = []
    for number, (heading, told) in enumerate(parts):
        lines.append(f"（{DIGITS[number]}）{heading}")
        made = [
            one if isinstance(one, str) else paragraph(figures, *one) for one in told
        ]
        lines += [line for line in made if line] or [NO_RECORD]
    return "\n".join(lines)


def basics(figures: Figures, district: str) -> str:
    """一、基本情况（人口、设施、服务、资金）"""
    return written(
        figures,
        [
            (
                "人口情况",
                [
                    (
                        f"截至{{as_of}}，{district}直接管理{{towns}}、{{communities}}，60岁以上户籍老人{{eligible}}。",
                        "其中60—69岁{band_60}，70—79岁{band_70}，80—89岁{band_80}，90岁以上{band_90}；80岁以上占{aged_80_share}。",
                    ),
                    (
                        "老人名册已登记{registered}，登记率{register_share}。",
                        "名册中独居老人{living_alone}，失能半失能老人{disabled}，特困供养人员{destitute}，低保对象{minimum}。",
                        "老人最多的是{town_largest}，有{town_largest_eligible}。",
                    ),
                    "{表:towns}",
                ],
            ),
            (
                "设施情况",
                [
                    (
                        "现有运营助餐点{points}，其中有效运营{points_effective}，占{effective_share}。",
                        "按类型分，社区食堂{points_canteen}，养老机构助餐点{points_institution}，餐饮门店合作点{points_partner}，分餐点{points_serving}，邻里互助点{points_neighbour}；另有中央厨房{kitchens}。",
                    ),
                    (
                        "共有座位{seats}，每千名老人{seats_per_1000}；每日供餐能力{capacity}，每千名老人{capacity_per_1000}。",
                        "平均每个助餐点对应老人{elders_per_point}。",
                        "有助餐点的镇（街道）{towns_with_point}。",
                        "还没有助餐点的：{towns_without}。",
                    ),
                ],
            ),
            (
                "服务情况",
                [
                    (
                        "{service_month}供餐{servings_month}，日均{servings_day}。",
                        "当月就餐老人{active_elders}，占60岁以上户籍老人的{penetration}，人均每月就餐{frequency}。",
                        "送餐{delivery_servings}，占{delivery_share}。",
                        "自有记录以来累计供餐{servings_total}。",
                    ),
                    "{图:months}",
                    (
                        "当月每份平均定价{mean_price}，其中老人自付{mean_self_pay}，补贴{mean_subsidy}。",
                    ),
                ],
            ),
            (
                "资金情况",
                [
                    (
                        "{service_month}就餐补贴{subsidy_month}，连同送餐补贴和运营补助共{cost_month}，每份{cost_per_serving}。",
                        "{year}预算{budget_year}，已支出{spent_year}，占{budget_share}。",
                        "按现有进度测算，全年需{forecast_year}。",
                    ),
                    (
                        "当月资金来源：区财政{source_district}，镇（街道）财政{source_town}，村（社区）集体{source_village}，福彩公益金{source_lottery}，慈善捐赠{source_charity}，老人和家庭{source_family}。",
                    ),
                ],
            ),
        ],
    )


def practice(figures: Figures, district: str) -> str:
    """二、主要做法"""
    return written(
        figures,
        [
            (
                "政策和补贴",
                [
                    (
                        "现行补贴政策为{w.policy}，自{w.policy_from}起执行。",
                        "补贴在结算时当场抵扣，同一老人同一餐次只补一次，跨点就餐不重复享受。",
                    ),
                ],
            ),
            (
                "布局和供餐",
                [
                    (
                        "按老人分布和服务半径布点，服务半径{radius_m}内覆盖老人{covered}，覆盖率{covered_rate}。",
                        "由{w.kitchens_supplying}为{w.points_supplied}供餐，其余自行加工。",
                        "为不便出门的老人送餐，{service_month}送餐{delivery_servings}。",
                    ),
                ],
            ),
            (
                "监督和公开",
                [
                    (
                        "{service_month}登记食品安全日志{w.logs_month}。",
                        "近一年现场检查{visits_done}。",
                        "备案价格{w.filed_prices}。",
                        "满意度评价{w.ratings}，四星、五星占{w.ratings_good}。",
                    ),
                    (
                        "补贴资金按月申报、逐级审核，已提交结算{w.batches}，已拨付{w.batches_paid}。",
                        f"十二项制度中，{district}已印发执行{{w.rules_district}}。",
                    ),
                ],
            ),
        ],
    )


def demand(figures: Figures, surveyed: bool) -> str:
    """三、需求分析"""
    if not surveyed:
        return NO_SURVEY
    return written(
        figures,
        [
            (
                "样本和方法",
                [
                    (
                        "按镇（街道）、年龄段、居住状况分层抽取{sample_drawn}，收回有效问卷{sample_answered}。",
                        "全区比例的抽样误差为{sample_margin}。",
                        "需求按“符合条件的老人×愿意就餐的比例×就餐次数”分层推算，给出上下限。",
                    ),
                ],
            ),
            (
                "就餐意愿",
                [
                    (
                        "愿意到助餐点就餐的老人占{wish_rate}，区间为{wish_range}，平均每周愿意就餐{meals_week}。",
                        "希望送餐的占{delivery_wish_rate}。",
                        "能接受的每餐价格为{accepted_price}。",
                        "不去就餐的主要原因是{top_reason}。",
                    ),
                    (
                        "村（社区）填报：{a_communities}填报老人{a_eligible}，其中独居{a_living_alone}；愿意就餐的占{a_wish_rate}，希望送餐{a_delivery_wish}，能接受的价格{a_price}。",
                    ),
                ],
            ),
            (
                "需求量",
                [
                    (
                        "推算全区每日需求{demand_day}，区间为{demand_low}至{demand_high}。",
                        "按村（社区）填报推算为{demand_a_day}，区间为{demand_a_low}至{demand_a_high}。",
                        "目前日均供餐占推算需求的{demand_served_share}。",
                    ),
                    "{图:demand}",
                    "{表:demand}",
                ],
            ),
        ],
    )


def supply(figures: Figures, surveyed: bool) -> str:
    """四、供给分析"""
    answered = [
        (
            "助餐点填报{b_points}，共有工作人员{b_staff}，每月固定成本合计{b_fixed}，每份变动成本平均{b_variable}。",
            "填报亏损的助餐点{b_losing}。",
        ),
        (
            "可利用的潜在资源{c_resources}，其中闲置用房{c_rooms}。",
            "镇级座谈{e_towns}。",
        ),
    ]
    return written(
        figures,
        [
            (
                "服务覆盖",
                [
                    (
                        "距离按老人住处计算，住处不详的按村（社区）中心点计算；住处明确的占{located_share}。",
                        "{near_m}内的老人占{near_rate}，{radius_m}内的占{covered_rate}，步行{walk_words}可到的占{walk_rate}。",
                    ),
                    (
                        "老人达到规定人数而服务半径内没有助餐点的空白点{blank_spots}，涉及老人{blank_elders}，最大的是{blank_largest}。",
                        "覆盖率最低的是{lowest_town}，为{lowest_town_rate}。",
                        "覆盖率不到一半的镇（街道）{towns_below_half}。",
                    ),
                    "{图:map}",
                    "{图:coverage}",
                ],
            ),
            (
                "供餐能力",
                [
                    (
                        "日均供餐占每日供餐能力的{capacity_use}，富余{spare_capacity}，座位每餐周转{seat_turns}。",
                        "全区每日缺口{gap_day}；有缺口的镇（街道）{gap_towns}，缺口最大的是{gap_town_largest}。",
                        "服务范围内需求超过能力的助餐点{overloaded_points}。",
                    ),
                    *(answered if surveyed else []),
                    "{表:gaps}",
                ],
            ),
            (
                "收支平衡",
                [
                    (
                        "有成本数据的助餐点{economics_points}，每月固定成本合计{fixed_month}。",
                        "保本份数按“固定成本÷（每份售价＋每份补贴－每份变动成本）”计算，中位数为{break_even_median}。",
                        "达到保本的{points_above}，未达到的{points_below}；其中每份收入低于变动成本、多供也不能保本的{points_hopeless}。",
                        "未达到保本的助餐点每月差额合计{loss_month}。",
                    ),
                    "{表:economics}",
                ],
            ),
            (
                "供餐集中度",
                [
                    (
                        "供餐最多的厨房是{kitchen_largest}，占全区份数的{kitchen_share}。",
                        "供餐最多的运营单位是{operator_largest}，占{operator_share}。",
                    ),
                ],
            ),
        ],
    )


def elsewhere() -> str:
    """六、外地经验: neutral, with place and year."""
    lines = ["以下根据公开报道整理，供研究参考；金额和做法以当地原文为准。"]
    for number, (topic, examples) in enumerate(EXAMPLES.items()):
        lines.append(f"（{DIGITS[number]}）{topic}")
        lines += [
            f"{one.place}（{one.year}）：{{{one.code}}}{CHECK}。" for one in examples
        ]
    return "\n".join(lines)


def plan(figures: Figures) -> str:
    """七、布局规划与测算: the kept plans, the smaller one near, the larger one further off."""
    parts: list[tuple[str, Sequence[Sentences | str]]] = [
        (
            "测算方法",
            [
                (
                    "以村（社区）60岁以上户籍老人和住处为需求，以现有助餐点和候选点位为供给，按服务半径、供餐能力和经费约束求解，覆盖老人最多者为优。",
                    "候选点位{candidates}：{candidates_list}。",
                    "单独增设一处，新增覆盖最多的是{best_candidate}，可新增{best_candidate_gain}。",
                ),
            ],
        ),
    ]
    for code, heading in (("near", "近期方案"), ("mid", "中期方案")):
        told = paragraph(
            figures,
            f"“{{w.{code}_name}}”新增助餐点{{w.{code}_count}}：{{w.{code}_sites}}。",
            f"服务半径内的老人由{{w.{code}_before}}增加到{{w.{code}_after}}，覆盖率由{{w.{code}_rate_before}}提高到{{w.{code}_rate_after}}。",
            f"建设费用{{w.{code}_build}}。",
            f"每年补贴{{w.{code}_yearly}}。",
            f"测算结论：{{w.{code}_proof}}。",
        )
        if told:
            parts.append((heading, [told, f"{{图:plan_{code}}}"]))
    if len(parts) == 1:
        parts.append(("近期和中期方案", ["还没有保存布点方案。请在“布点规划”中测算并保存，方案会写入这一部分。"]))
    else:
        parts.append(("方案比较", ["{表:plans}"]))
    trials = paragraph(figures, "已测算政策方案{trials}：{trials_list}。")
    if trials:
        parts.append(("补贴政策测算", [trials, "{表:trials}"]))
    return written(figures, parts)
