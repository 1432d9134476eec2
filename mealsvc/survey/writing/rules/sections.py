"""The report's outline and the words that each section begins with: facts with their figures, nothing
that no figure carries. Pure."""

from collections.abc import Mapping, Sequence

from mealsvc.survey.writing.rules.examples import CHECK, EXAMPLES
from mealsvc.survey.writing.rules.tokens import EXHIBIT, Known, is_known

INTRO = "intro"
BASICS, PRACTICE, DEMAND, SUPPLY = "basics", "practice", "demand", "supply"
PROBLEMS, ELSEWHERE, PLAN, ADVICE = "problems", "elsewhere", "plan", "advice"
SECTIONS = {
    INTRO: "引言",  # printed without a heading
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
        made = [one if isinstance(one, str) else paragraph(figures, *one) for one in told]
        lines += [] if any(line and not EXHIBIT.fullmatch(line) for line in made) else [NO_RECORD]
        lines += [line for line in made if line]
    return "\n".join(lines)


def intro(figures: Figures, bureau: str, surveyed: bool) -> str:
    """What the report stands on."""
    if not surveyed:
        return paragraph(
            figures,
            f"本报告由{bureau}依据老年助餐系统截至{{as_of}}的记录编制，供餐数据为{{service_month}}。",
            "本区尚未开展摸排，需求调查和填报的内容待摸排后补写。",
        )
    return paragraph(
        figures,
        f"为掌握老年助餐服务的需求、供给和问题，{bureau}以{{as_of}}为时点，组织镇（街道）、村（社区）和助餐点开展摸排（{{w.round}}）。",
        "收到填报表{w.sheets}：{w.sheets_list}。",
        "缺报{w.left_out}。",
        "结合老年助餐系统{service_month}的就餐、结算和监督记录，形成本报告。",
    )


def basics(figures: Figures, district: str) -> str:
    """一、基本情况（人口、设施、服务、资金）"""
    return written(
        figures,
        [
            (
                "人口情况",
                [
                    (
                        f"截至{{as_of}}，{district}直接管理的镇（街道）{{towns}}、村（社区）{{communities}}，有60岁以上户籍老人{{eligible}}。",
                        "老人最多的是{town_largest}，有{town_largest_eligible}。",
                    ),
                    (
                        "老人名册登记{registered}，登记率{register_share}。",
                        "登记老人中，60—69岁{band_60}，70—79岁{band_70}，80—89岁{band_80}，90岁以上{band_90}；80岁以上占{aged_80_share}，五年内还有{growth_80}年满80岁。",
                        "登记的独居老人{living_alone}，失能失智老人{disabled}，分散特困老人{destitute}，低保老人{minimum}。",
                    ),
                    "{表:towns}",
                ],
            ),
            (
                "设施情况",
                [
                    (
                        "现有运营助餐点{points}，其中有效运营{points_effective}，占{effective_share}。",
                        "按类型分，社区食堂{points_canteen}，养老机构食堂{points_institution}，餐饮门店合作{points_partner}，配送分餐点{points_serving}，邻里互助点{points_neighbour}；另有中央厨房{kitchens}。",
                    ),
                    (
                        "共有餐位{seats}，每千名老人{seats_per_1000}；每日供餐能力{capacity}，每千名老人{capacity_per_1000}。",
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
                        "当月享受补贴的老人{active_elders}，占60岁以上户籍老人的{penetration}，人均{frequency}。",
                        "送餐上门{delivery_servings}，占{delivery_share}。",
                        "自{first_day}开始供餐，累计供餐{servings_total}。",
                    ),
                    "{图:months}",
                    (
                        "当月平均餐价{mean_price}，其中老人自付{mean_self_pay}，补贴{mean_subsidy}。",
                    ),
                ],
            ),
            (
                "资金情况",
                [
                    (
                        "{service_month}就餐补贴{subsidy_month}，连同送餐补贴、运营补贴共{cost_month}，平均每份{cost_per_serving}。",
                        "{year}预算{budget_year}，截至时点支出{spent_year}，占{budget_share}。",
                        "按现有进度，全年预计支出{forecast_year}。",
                    ),
                    (sources(figures),),
                ],
            ),
        ],
    )


SOURCES = {
    "source_district": "区财政",
    "source_town": "镇（街道）财政",
    "source_village": "村（社区）集体",
    "source_lottery": "福彩公益金",
    "source_charity": "慈善捐赠",
    "source_family": "老人自付",
}


def sources(figures: Figures) -> str:
    """Who paid the month's meals: those that paid something."""
    paid = [
        f"{name}占{{{code}}}"
        for code, name in SOURCES.items()
        if code in figures and figures[code].text.strip("0.%")
    ]
    return f"当月餐费和补贴的来源：{'，'.join(paid)}。" if paid else ""


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
                        "当年检查{visits_done}。",
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
                        "问卷按镇（街道）、年龄段、居住情况分层抽取老人{sample_drawn}，完成{sample_answered}，比例的最大误差为正负{sample_margin}。",
                        "村（社区）需求表收到{a_communities}，实际问到老人{a_asked}。",
                        "需求按“老人人数×愿意的比例×每周次数”分层推算，给出上下限。",
                    ),
                ],
            ),
            (
                "就餐意愿",
                [
                    (
                        "愿意助餐的老人占{wish_rate}，范围为{wish_range}；愿意的老人每周想吃{meals_week}。",
                        "平时就需要送餐的占{delivery_wish_rate}。",
                        "一顿午餐自己最多愿意付的中位数为{accepted_price}。",
                        "没有去吃的老人，主要原因是{top_reason}。",
                    ),
                    (
                        "村（社区）问到的老人中，愿意助餐的占{a_wish_rate}，需要送餐上门的占{a_delivery_wish}，多数能接受的午餐自付为{a_price}。",
                    ),
                ],
            ),
            (
                "需求量",
                [
                    (
                        "按意愿推算，全区每天需要{demand_day}，范围为{demand_low}至{demand_high}。",
                        "按村（社区）需求表推算，每天需要{demand_a_day}，范围为{demand_a_low}至{demand_a_high}。",
                    ),
                    (
                        "意愿不等于实际就餐。只算愿意付到现在平均自付{mean_self_pay}的老人，每天需要{demand_price_day}，范围为{demand_price_low}至{demand_price_high}；其中在服务半径内的{demand_near_day}。以下供需比较按这一口径。",
                        "日均就餐{servings_day}，为推算需要的{demand_served_share}。",
                    ),
                    "{图:demand_chart}",
                    "{表:demand}",
                ],
            ),
        ],
    )


def supply(figures: Figures, surveyed: bool) -> str:
    """四、供给分析"""
    told = [
        (
            "填报的助餐点{b_points}，有工作人员{b_staff}、志愿者{b_volunteers}，自报当月亏损的{b_losing}。",
            "潜在资源中产权人愿意或可以谈的{c_resources}，其中明确愿意的{c_willing}。",
            "开过座谈会的镇（街道）{e_towns}。",
        ),
        "{表:gaps}",
    ]
    return written(
        figures,
        [
            (
                "服务覆盖",
                [
                    (
                        "距离按村（社区）中心点到助餐点的直线计算；登记老人中有住址位置的占{located_share}。",
                        "{near_m}内有助餐点的老人占{near_rate}，{radius_m}内占{covered_rate}；一刻钟步行可到的占{walk_rate}（{walk_words}）。",
                    ),
                    (
                        "老人达到规定人数、服务半径内没有助餐点的空白点{blank_spots}，有老人{blank_elders}。",
                        "覆盖率最低的是{lowest_town}，为{lowest_town_rate}；不到一半的镇（街道）{towns_below_half}。",
                    ),
                    "{图:map}",
                    "{图:coverage}",
                ],
            ),
            (
                "供餐能力",
                [
                    (
                        "日均就餐占日供餐能力的{capacity_use}，空着的能力{spare_capacity}，每个餐位每天用餐{seat_turns}。",
                        *(
                            (
                                "供餐能力不够的镇（街道）{gap_towns}，每天缺{gap_day}，缺口最大的是{gap_town_largest}。",
                                "服务片区需要超过能力的助餐点{overloaded_points}。",
                            )
                            if surveyed
                            else ()
                        ),
                    ),
                    *(told if surveyed else [NO_SURVEY]),
                ],
            ),
            (
                "收支平衡",
                [
                    (
                        "登记成本的助餐点{economics_points}，固定成本每月合计{fixed_month}，每份变动成本{variable_serving}。",
                        "保本份数按“固定成本÷（每份自付＋补贴－变动成本）”计算，每天的中位数为{break_even_median}。",
                        "当月保本的{points_above}，没有保本的{points_below}，每份都亏的{points_hopeless}。",
                        "亏损合计{loss_month}，没有保本的助餐点每天还差{missing_servings}。",
                    ),
                    "{表:economics}",
                ],
            ),
            (
                "供餐集中度",
                [
                    (
                        "供餐最多的厨房是{kitchen_largest}，占{kitchen_share}；份数最多的运营单位是{operator_largest}，占{operator_share}。",
                        "份数最多的镇（街道）是{one_town}，占{one_town_share}。",
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
        lines += [f"{one.place}（{one.year}）：{{{one.code}}}{CHECK}。" for one in examples]
    return "\n".join(lines)


def plan(figures: Figures) -> str:
    """七、布局规划与测算: the kept plans, the smaller one near, the larger one further off."""
    parts: list[tuple[str, Sequence[Sentences | str]]] = [
        (
            "测算方法",
            [
                (
                    "以村（社区）60岁以上户籍老人和住处为需求，以现有助餐点和候选点位为供给，按服务半径、供餐能力和经费约束求解，覆盖老人最多者为优。",
                    "登记的候选点位{candidates}；只建一处时，每万元新覆盖老人最多的是{best_candidate}，可新覆盖{best_candidate_gain}。",
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
            parts.append((heading, [told]))
    if len(parts) == 1:
        parts.append(
            (
                "近期和中期方案",
                ["还没有保存布点方案。请在“布点规划”中测算并保存，方案会写入这一部分。"],
            )
        )
    else:
        compared = ("已保存的布点方案{w.plans}，比较如下。",)
        parts.append(("方案比较", [compared, "{表:plans}", "{图:plan_near}", "{图:plan_mid}"]))
    trials = paragraph(figures, "测算过的补贴标准{trials}：{trials_list}。")
    if trials:
        parts.append(("补贴政策测算", [trials, "{表:trials}"]))
    return written(figures, parts)
