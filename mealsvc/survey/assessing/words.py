"""What an assessment says in sentences: how each part is worked out, and how a point stands. Pure."""

from mealsvc.kernel.months import Month
from mealsvc.survey.assessing.figure_words import fixed, rounded, yuan
from mealsvc.survey.assessing.rules.breakeven import ABOVE, BELOW, HOPELESS, Economics
from mealsvc.survey.assessing.rules.supply import TownRow

STATES = {
    ABOVE: ("good", "保本"),
    BELOW: ("warn", "没有保本"),
    HOPELESS: ("bad", "每份都亏"),
    None: ("muted", "缺成本或就餐"),
}
METHODS = {
    "demand": (
        "老人数乘以每人每周想吃的午餐和晚餐，除以7，分镇（街道）和年龄段计算后相加。",
        "老人数是区划人口，按名册的年龄比例分到各年龄段；每周份数来自抽样问卷，不愿意和说不准的算0，早餐不计。"
        "“按现价”只算愿意付到现在平均自付的老人；没有问卷的，用村（社区）需求表。",
        "范围是95%置信区间。问卷从名册里抽，没有登记的老人可能更少来用餐；说愿意的人不一定都来，"
        "所以实际份数一般低于这里的数。某镇某年龄段答卷少于5份或答得都一样的，借用全区同年龄段的答卷。"
        "需求表由村（社区）询问填写，不是抽样：低是明确愿意、按最少天数，高是推到没有问到的、按最多天数。",
    ),
    "gaps": (
        "按现价每天需要的份数减本镇（街道）运营助餐点的日供餐能力；正数为缺口。",
        "供餐能力和餐位来自助餐点档案；“可及能力”加上服务半径伸进本镇（街道）的外镇助餐点，一个点可能被几个镇（街道）同时用到。",
        "缺口的范围随需要的范围变化。餐位按每天周转次数折算，只限制堂食，自取和送餐不占餐位。",
    ),
    "catchments": (
        "每个村（社区）归到直线距离最近、并在服务半径内的运营助餐点。",
        "距离按村（社区）中心点；需要按老人数从本镇（街道）分摊。",
        "老人不一定去最近的点；河流、道路没有计入。半径外的需要不算在任何点上。",
    ),
    "break-even": (
        "固定成本减按月的补贴和其他收入，除以（每份自付＋每份补贴－每份变动成本），再除以当月供餐天数。",
        "收入来自当月结算；成本由助餐点填报（摸排供给表或手工登记）。",
        "成本没有审计。价格、人均自付和补贴结构按当月不变；每份都亏的点，卖得越多亏得越多，没有保本点。",
    ),
    "tariffs": (
        "把过去几个月的就餐按试算的标准逐份重算，和现行标准比，按天数推到全年。",
        "就餐流水和老人的年龄、户籍、类别；各来源按原比例出钱。",
        "老人来的次数按不变算：补贴高了可能来得更多，支出会更大。补贴标准只改变老人自付，助餐点收到的餐费不变，"
        "只有送餐和运营补贴会改变助餐点的盈亏。",
    ),
    "candidates": (
        "逐个候选点位计算：只建这一个，服务半径内新覆盖多少老人，每万元建设费用覆盖多少。",
        "候选点位和建设费用由区登记；可用场所来自潜在资源表。",
        "没有登记费用的排在后面。几个点一起建时会重叠，组合最优见布点测算。",
    ),
    "risks": (
        "按规则从流水、档案、成本和预算中找出。",
        "规则写在每条后面，阈值在参数里可以修改。",
        "没有记录的风险不会列出，列出的也要核实后再下结论。",
    ),
}


def state_words(state: str | None) -> tuple[str, str]:
    """The chip of a point's state: tone and word."""
    return STATES[state]


def gap_words(row: TownRow) -> str:
    """缺300份（120—480份）, or how much there is to spare."""
    low, mid, high = (rounded(part) for part in (row.gap_low, row.gap, row.gap_high))
    word = f"缺{mid:,}份" if mid > 0 else f"余{-mid:,}份" if mid < 0 else "正好"
    return word if low == high else f"{word}（{_signed(low)}至{_signed(high)}）"


def _signed(number: int) -> str:
    return f"缺{number:,}" if number > 0 else f"余{-number:,}" if number < 0 else "正好"


def sentence(one: Economics) -> str:
    """How a point's month stands and what it takes, in one plain sentence."""
    month = Month.from_key(one.month).chinese
    if not one.servings:
        return f"{month}没有就餐记录，算不出盈亏。"
    if one.fixed_fen is None:
        return "还没有登记成本，只能看收入。登记固定成本和每份变动成本后，就能算出每天要供多少份才不亏。"
    result = one.result_fen or 0
    told = f"{month}{'盈余' if result > 0 else '亏损' if result < 0 else '收支相抵'}"
    told += f"{yuan(abs(result))}" if result else ""
    if one.state == HOPELESS:
        loss = -(one.margin_fen or 0)
        each = f"每份亏{yuan(loss)}" if loss else "每份刚好抵掉变动成本"
        return f"{told}。{each}，没有保本点：多供解决不了，要降低食材成本、调整价格或增加补贴。"
    needed, day = one.break_even_day, fixed(one.servings_day, 0)
    if one.state == BELOW:
        return f"{told}。每天供{needed:,}份才保本，现在平均{day}份；每天再多{one.missing_day:,}份就不亏。"
    if needed is None:
        return f"{told}。每份不赚钱，靠按月的补贴和其他收入维持，多供会减少盈余。"
    spare = max(0, int(one.servings_day) - needed)
    return f"{told}。每天供{needed:,}份就保本，现在平均{day}份，每天有{spare:,}份的余地。"


def assumptions(one: Economics) -> list[str]:
    """What the figures take for granted."""
    if one.fixed_fen is None or one.cost_month is None:
        return []
    since = Month.from_key(one.cost_month).chinese
    return [
        f"成本按{since}起登记的数：{one.basis or '没有写来源'}；没有审计。",
        f"按当月{one.days}个供餐日平均；自付、补贴和食材每份不变。",
        "按份数付的运营补贴随份数变化，一次付的运营补贴和其他收入不随份数变化。",
    ]
