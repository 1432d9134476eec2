"""The evidence of a lead, rule by rule, as sentences and rows of words. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.money import display

_DAY = re.compile(r"\d{4}-(\d{2})-(\d{2})")
_MEALS = tuple(MEALS.values())
MOST_ITEMS = 12
PEOPLE = "residents"
FEN = ("fen", "charged", "others", "before", "after")
FIRST = ("kind", "day", "like_day", "days", "from", "elders", "count", "lines")  # columns
TOGETHER = {"day": "meal", "like_day": "like_meal", "from": "to"}
SIGNS = {"from": "–"}
WORDS = {
    "run": "总挨在一起",
    "days": "来和不来总一样",
    "stated": "登记的供餐时间",
    "learnt": "平时的供餐时间",
}
KEYS = {
    "after": "后来",
    "apart": "前后相差（秒）",
    "at": "时刻",
    "batches": "集中的几批",
    "before": "原来",
    "both_eat": "两份档案都有就餐",
    "capacity": "上限",
    "chains": "同序的名单",
    "chance": "偶然出现的可能",
    "charged": "收这些老人",
    "claim": "申报之前",
    "clock": "时钟偏差（秒）",
    "common": "两次都来（人）",
    "count": "笔数",
    "counted": "清点人数",
    "daily": "缺日管控",
    "day": "日期",
    "days": "天数、日期",
    "deceased": "去世后（笔）",
    "deliveries": "送餐",
    "elders": "老人",
    "enrolled": "建档日期",
    "excess": "超出份数",
    "expected": "预计",
    "fen": "差额",
    "first_days": "首次就餐",
    "from": "从",
    "gap": "间隔",
    "groups": "成组的老人",
    "hours": "供餐时间",
    "institution": "住机构期间（笔）",
    "item": "品名",
    "kg": "公斤",
    "kind": "情形",
    "late": "补传的笔数",
    "like_day": "与哪天相同",
    "like_meal": "与哪餐相同",
    "lines": "笔数",
    "lists": "同序名单数",
    "meal": "餐次",
    "meal_not_subsidised": "该餐次不补贴",
    "meals": "核对的餐数",
    "mean": "平均",
    "meat": "肉",
    "metres": "相距（米）",
    "minutes": "相隔（分钟）",
    "morning": "缺晨检",
    "most": "最多",
    "moved_out": "迁出后（笔）",
    "no_policy": "没有适用政策",
    "no_rule": "不符合任何档次",
    "now": "本月每份（克）",
    "odd": "不合常理",
    "off": "都没来的日子",
    "oil": "油",
    "oldest": "最久（秒）",
    "only_subsidised": "只有享受补贴的人提价",
    "others": "收其他人",
    "out_of_scope": "不在补贴范围",
    "pairs": "成对",
    "phones": "电话数",
    "policy": "政策开始之前",
    "punctual": "到点时刻",
    "ratio": "比值",
    "reason": "情形",
    "reasons": "按现有资料应为",
    "recorded": "登记份数",
    "rice": "米",
    "runs": "集中的几段",
    "sample": "缺留样",
    "seats": "座位",
    "second": "另一处",
    "served": "就餐份数",
    "servings": "份数",
    "share": "占比",
    "crowded": "成批日子每天人数",
    "otherwise": "其余日子每天人数",
    "signs": "旁证",
    "sources": "资料来源",
    "spread": "时刻差异（秒）",
    "strays": "零星笔数",
    "sure": "认定的把握",
    "swing": "间隔起伏",
    "tier": "档次不符",
    "to": "到",
    "under_age": "年龄不到",
    "unexplained": "没有相应采购的份数",
    "unsigned": "没有签收",
    "untested": "超时没有测温",
    "untold": "没有坐标",
    "usual": "平时",
    "why": "依据",
    "worst": "最大偏差（秒）",
}


class Grid(NamedTuple):
    """A list of alike facts (runs, queues, groups) as a table."""

    label: str
    heads: list[str]
    rows: list[list[str]]


class Piece(NamedTuple):
    """What one rule says: its code and name, its own two sentences where the lead's are another's,
    its facts as label and words, and what of them is a table."""

    rule: str
    name: str
    summary: str
    honest: str
    facts: list[tuple[str, str]]
    grids: list[Grid]

    @property
    def told(self) -> bool:
        """Whether there is more than the sentences."""
        return bool(self.facts or self.grids)


def pieces(evidence: str, rules: str, names: Mapping[str, str]) -> list[Piece]:
    """One piece a rule of the lead, in the lead's order; `evidence` is the edition's JSON."""
    told = by_rule(evidence)
    found = []
    for rule in rules.split(","):
        facts = _percents(told.get(rule, {}))
        summary, honest = str(facts.pop("summary", "")), str(facts.pop("honest", ""))
        facts.pop(PEOPLE, None)
        grids = [_grid(key, value) for key, value in facts.items() if _is_grid(value)]
        rows = [
            (KEYS.get(key, key), said(key, value))
            for key, value in facts.items()
            if not _is_grid(value)
        ]
        found.append(Piece(rule, names.get(rule, rule), summary, honest, rows, grids))
    return found


def by_rule(evidence: str) -> dict[str, dict[str, Any]]:
    """The edition's JSON as one object a rule; what is of another shape is left out."""
    told: Any = json.loads(evidence or "{}")
    if not isinstance(told, dict):
        return {}
    return {str(rule): facts for rule, facts in told.items() if isinstance(facts, dict)}


def people(evidence: str) -> list[int]:
    """The elders (ids) of rules that hold no lines responsible."""
    told = (facts.get(PEOPLE) for facts in by_rule(evidence).values())
    return [one for ids in told if isinstance(ids, list) for one in ids if isinstance(one, int)]


def _is_grid(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _grid(key: str, value: list[dict[str, Any]]) -> Grid:
    """Objects as rows; a day and its meal, a beginning and its end stand in one cell."""
    value = [_percents(one) for one in value]
    known = {name for one in value for name in one}
    joined = {first: second for first, second in TOGETHER.items() if {first, second} <= known}
    names = [name for name in FIRST if name in known]
    names += sorted(known - set(names))
    names = [name for name in names if name not in joined.values()]
    rows = [
        [
            said(name, one.get(name))
            + (SIGNS.get(name, "") + said(joined[name], one.get(joined[name])))
            if name in joined
            else said(name, one.get(name))
            for name in names
        ]
        for one in value[:MOST_ITEMS]
    ]
    return Grid(KEYS.get(key, key), [KEYS.get(name, name) for name in names], rows)


def _percents(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which a share reads as a percent, and so does what is usual beside it; some rules
    write a part of one, some write percents already."""
    share, usual = facts.get("share"), facts.get("usual")
    if not isinstance(share, int | float):
        return dict(facts)
    form = "{:.0%}" if share <= 1 else "{:.3g}%"
    read = {"share": form.format(share)}
    if isinstance(usual, int | float) and (share > 1 or usual <= 1):
        read["usual"] = form.format(usual)
    return {**facts, **read}


def said(key: str, value: Any) -> str:
    """A value of evidence in words: dates short, long lists counted, fractions with few digits."""
    match value:
        case int() if key in FEN:
            return f"{display(value)}元"
        case bool():
            return "是" if value else "否"
        case float():
            return f"{value:.3g}" if abs(value) < 1_000 else f"{value:,.0f}"
        case int() if key in ("meal", "like_meal") and 0 <= value < len(_MEALS):
            return _MEALS[value]
        case int():
            return f"{value:,}"
        case list():
            shown = "、".join(said(key, one) for one in value[:MOST_ITEMS])
            return f"{shown} 等{len(value)}项" if len(value) > MOST_ITEMS else shown
        case dict():
            return "，".join(
                f"{KEYS.get(one) or said('', one)} {said(key, its)}" for one, its in value.items()
            )
        case None:
            return "—"
    written = str(value)
    found = _DAY.fullmatch(written)
    if found:
        return f"{int(found[1])}月{int(found[2])}日"
    return WORDS.get(written, written)
