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
SEVERITIES = {"block": "禁止类", "high": "高", "case": "中", "watch": "留意"}
TONES = {"block": "bad", "high": "bad", "case": "warn", "watch": "info"}
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
_FIRST = {
    "order": ("A07",),
    "map": ("A05",),
    "counts": ("A09", "A10", "A11", "A16", "A17", "A18", "A26"),
    "people": ("A01", "A02", "A03", "A12", "A13", "A19", "A20", "A22", "A25"),
}
_BY_RULE = {rule: kind for kind, rules in _FIRST.items() for rule in rules}
MOST_PICTURES = 3


def pictures_of(rules: str, lines: int, at_a_point: bool) -> list[str]:
    """The pictures of a lead with these rules (`A06,A07`), the most telling first."""
    asked = [_BY_RULE.get(rule, "timeline") for rule in rules.split(",")]
    if not lines:
        return ["counts"] if at_a_point else []
    found = dict.fromkeys([*asked, "timeline", "counts"])
    fitting = [kind for kind in found if at_a_point or kind in ("map", "people")]
    return fitting[:MOST_PICTURES]


def why_written(code: str, note: str) -> str:
    """A coded reason and its note, as they are kept with the lead."""
    return f"{code}：{note}"


def why_shown(kept: str) -> tuple[str, str]:
    """The reason in words and the note."""
    code, _, note = kept.partition("：")
    return (REASONS[code], note) if code in REASONS else ("", kept)
