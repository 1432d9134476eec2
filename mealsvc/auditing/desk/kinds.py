"""What the desk calls things: pictures, severities, states, why a lead is dismissed. Pure."""

TITLES = {
    "timeline": "时间线",
    "order": "先后次序",
    "map": "地图",
    "counts": "每日份数",
    "people": "逐人逐日",
}
SAYS = {
    "timeline": "疑点最多的几天，每一笔是一条竖线，按时刻排列",
    "order": "同一位老人在两天里排第几位",
    "map": "同一位老人当天在另一处就餐的地方",
    "counts": "每天的份数，疑点流水叠在上面",
    "people": "疑点最多的几位老人，哪几天就餐",
}
RULES = {
    "A01": "去世、迁出后仍有就餐",
    "A02": "不在补贴范围",
    "A03": "同日同餐重复补贴",
    "A04": "停用的卡或别处的设备",
    "A05": "两处就餐间隔太短",
    "A06": "短时间集中登记",
    "A07": "名单重放",
    "A08": "不在供餐时段",
    "A09": "手工登记、补录偏多",
    "A10": "超过接待能力",
    "A11": "份数过于平稳",
    "A12": "天天不缺",
    "A13": "住院、住机构期间就餐",
    "A14": "自付不合规定",
    "A15": "申报前提价",
    "A16": "用料与份数不符",
    "A17": "有就餐、没有食品安全记录",
    "A18": "收款与系统不符",
    "A19": "一个电话登记多位老人",
    "A20": "新登记老人集中就餐",
    "A21": "送餐缺少签收记录",
    "A22": "就餐老人是本点人员",
    "A23": "验证后人工更改",
    "A24": "时钟不准或长时间断网",
    "A25": "同一人重复建档",
    "A26": "份数或频次远高于同类",
    "A27": "老人说没有吃",
    "A28": "检查清点与登记不符",
}
TONES = {
    "block": ("bad", "bad"),
    "high": ("bad", "up"),
    "case": ("warn", "warn"),
    "watch": ("info", "info"),
}
STATES = {"open": "待看", "cased": "已立案", "dismissed": "已排除"}
STATE_TONES = {"open": "warn", "cased": "info", "dismissed": "muted"}
REASONS = {
    "together": "夫妻、邻居结伴来，走访或电话属实",
    "habit": "老人确实天天来或到点就来",
    "courier": "送餐员送完一起登记，有签收佐证",
    "outage": "断网、停电后补传，有记录佐证",
    "gathering": "节日、活动等集体用餐，有通知或照片",
    "stock": "库存、采购记录不全，已补充说明",
    "data": "基础数据有误，已更正",
    "other": "其他",
}
_BY_ITSELF = {"GONE": "系统自动排除"}
_FIRST = {
    "order": ("A07",),
    "map": ("A05",),
    "counts": ("A09", "A10", "A11", "A16", "A17", "A18", "A26"),
    "people": ("A01", "A02", "A03", "A12", "A13", "A19", "A20", "A22", "A25"),
}
_BY_RULE = {rule: kind for kind, rules in _FIRST.items() for rule in rules}
MOST_PICTURES = 3
FEW, MOST_ELDERS = 3, 20  # lines of an elder, and elders, that make a picture of each worth while


def pictures_of(rules: str, lines: int, at_a_point: bool, residents: int = 0) -> list[str]:
    """The pictures of a lead with these rules (`A06,A07`), the most telling first; few elders with
    many lines are shown one by one.
    """
    asked = [_BY_RULE.get(rule, "timeline") for rule in rules.split(",")]
    if not lines:
        return ["counts"] if at_a_point else []
    few = ["people"] if 0 < FEW * residents <= lines and residents <= MOST_ELDERS else []
    found = dict.fromkeys([*asked[:1], *few, *asked, "timeline", "counts"])
    fitting = [kind for kind in found if at_a_point or kind in ("map", "people")]
    return fitting[:MOST_PICTURES]


def why_written(code: str, note: str) -> str:
    """A coded reason and its note, as they are kept with the lead."""
    return f"{code}：{note}"


def why_shown(kept: str) -> tuple[str, str]:
    """The reason in words and the note."""
    code, _, note = kept.partition("：")
    words = (REASONS | _BY_ITSELF).get(code)
    return ("", kept) if words is None else (words, note)
