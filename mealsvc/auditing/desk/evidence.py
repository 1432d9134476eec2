"""The evidence of a lead, rule by rule, as rows of words. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_DAY = re.compile(r"\d{4}-(\d{2})-(\d{2})")
MOST_ITEMS = 12
KEYS = {
    "lines": "流水笔数",
    "days": "日期",
    "day": "日期",
    "seconds": "持续秒数",
    "gap": "间隔秒数",
    "median_gap": "间隔中位数（秒）",
    "correlation": "先后次序相关系数",
    "common": "两天都来的人数",
    "usual": "平时",
    "expected": "预计",
    "capacity": "上限",
    "share": "占比",
    "second": "另一处",
    "minutes": "相隔分钟",
    "metres": "相距米",
    "chance": "偶然出现的可能",
    "elders": "老人数",
    "residents": "老人数",
    "source": "来源",
    "from": "从",
    "to": "到",
    "at": "时刻",
    "meal": "餐次",
    "device": "设备",
    "seats": "座位",
    "served": "就餐份数",
    "counted": "清点人数",
    "recorded": "登记份数",
    "kg": "公斤",
    "item": "品名",
    "ratio": "比值",
    "names": "规则",
}


class Piece(NamedTuple):
    """What one rule says: its code and name, and its facts as label and words."""

    rule: str
    name: str
    facts: list[tuple[str, str]]


def pieces(evidence: str, rules: str, names: Mapping[str, str]) -> list[Piece]:
    """One piece a rule of the lead, in the lead's order; `evidence` is the edition's JSON."""
    told: Any = json.loads(evidence or "{}")
    found = []
    for rule in rules.split(","):
        facts = told.get(rule, {}) if isinstance(told, dict) else {}
        facts = facts if isinstance(facts, dict) else {"lines": facts}
        rows = [(KEYS.get(key, key), said(value)) for key, value in facts.items()]
        found.append(Piece(rule, names.get(rule, rule), rows))
    return found


def said(value: Any) -> str:
    """A value of evidence in words: dates short, long lists counted, fractions with few digits."""
    match value:
        case bool():
            return "是" if value else "否"
        case float():
            return f"{value:.3g}" if abs(value) < 1_000 else f"{value:,.0f}"
        case int():
            return f"{value:,}"
        case list():
            rest = len(value) - MOST_ITEMS
            shown = "、".join(said(one) for one in value[:MOST_ITEMS])
            return f"{shown} 等{len(value)}项" if rest > 0 else shown
        case dict():
            return "，".join(f"{KEYS.get(key, key)} {said(one)}" for key, one in value.items())
        case None:
            return "—"
    written = str(value)
    found = _DAY.fullmatch(written)
    return f"{int(found[1])}月{int(found[2])}日" if found else written
