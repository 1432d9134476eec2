"""What a sample says, in plain Chinese: its statement, its strata, and the script of a call. Pure."""

from collections.abc import Mapping
from datetime import date

from mealsvc.auditing.sampling.rules.drawing import LARGE, LEADS, UNITS
from mealsvc.auditing.sampling.rules.projecting import Projection
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import display

STRATA = {
    LEADS: "高等级疑点，全部检查",
    LARGE: "大额，全部检查",
    UNITS: "按补贴金额随机",
}
WEEKDAYS = "一二三四五六日"
METHOD_WORDS = {
    "mus": "流水按序号排成一行，每笔长度等于补贴的分数，整行平均切成若干格，每格随机抽中一分钱，"
    "这一分钱所在的流水就是样本。补贴多的流水更容易抽中，推算的是金额。",
    "stratified": "每个助餐点的流水单独随机抽取，各点都有样本；各点抽中的流水代表本点其余的流水。",
}
HOW_TO_REDRAW = {
    "mus": "去掉必查的流水，其余按序号排好，补贴（分）合计为T，共n格。第k格（从0数起）从⌊kT/n⌋到⌊(k+1)T/n⌋；"
    "“种子|k”的SHA-256当作整数，除以格长取余数，加上格的起点，落在哪笔流水就抽中哪笔。",
    "stratified": "去掉必查的流水，对每个助餐点的每笔流水算“种子|序号”的SHA-256，从小到大取够本点的笔数。",
}


def percent_of(part: int, whole: int) -> str:
    """A share with two decimals, rounded up: a bound is never stated too low."""
    return f"{-(-part * 10_000 // max(whole, 1)) / 100:.2f}%"


def statement(said: Projection, confidence: int) -> str:
    """What the sample proves, as one sentence."""
    return (
        f"有{confidence}%的把握，差错金额不超过 {_yuan(said.upper)} 元"
        f"（占补贴 {percent_of(said.upper, said.population)}）；最可能约 {_yuan(said.likely)} 元。"
    )


def unverified_words(said: Projection) -> str:
    """How much of the bound comes from what nobody could verify; empty if all was verified."""
    if not said.unverified:
        return ""
    return (
        f"其中 {said.unverified} 笔（补贴 {_yuan(said.unverified_fen)} 元）电话和上门后仍未核实，"
        f"按差错计入上限；不计这些笔时，上限为 {_yuan(said.upper_answered)} 元。"
    )


def verdict(said: Projection, tolerable: str) -> tuple[str, str, str]:
    """Whether the bound keeps within what can be tolerated: tone, one word, and what follows."""
    limit = int(said.population * float(tolerable) / 100)
    told = f"可容忍差错为补贴的{tolerable}%，即 {_yuan(limit)} 元"
    if said.upper <= limit:
        follows = "上限没有超过，本月补贴可以接受，查出的差错仍要逐笔处理。"
        return "good", "可以接受", f"{told}；{follows}"
    if said.likely <= limit:
        follows = "上限超过了，还不能断定本月补贴可以接受。请扩大样本，或把未核实的查清。"
        return "warn", "还不能断定", f"{told}；{follows}"
    follows = "最可能的差错已经超过。请对有差错的助餐点立案，逐笔核查。"
    return "bad", "不能接受", f"{told}；{follows}"


def stratum_name(name: str, points: Mapping[str, str]) -> str:
    """A stratum in words: of chance by point, the point's name."""
    return STRATA.get(name) or points.get(name, name)


def day_with_weekday(day: date) -> str:
    return f"{chinese_date(day)}（星期{WEEKDAYS[day.weekday()]}）"


def _yuan(fen: int) -> str:
    whole, _, decimals = display(fen).partition(".")
    return f"{int(whole):,}.{decimals}"
