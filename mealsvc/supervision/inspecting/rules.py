"""What an inspector's phone is given to work with: limits, ready words, hints for measured values.

Pure: thresholds come in by key.
"""

from collections.abc import Mapping
from typing import Any

from mealsvc.supervision.checklist.fields import Field
from mealsvc.supervision.checklist.items import Item
from mealsvc.supervision.visits.document import LONGEST_NOTE, MOST_PHOTOS

PER_ITEM, PER_VISIT = MOST_PHOTOS, 120  # photos
NOTE_LENGTH = LONGEST_NOTE
DRAFT_LENGTH = 400_000  # characters of the whole document as JSON
PHRASES = ("现场已向负责人指出", "未见记录", "记录不全", "现场已改正", "负责人承诺限期改正")
PHRASES_OF = {
    "QUA": ("证照未在醒目处公示", "证照已过有效期", "现场未能出示协议"),
    "STF": ("健康证明已过期", "未做晨检记录", "未戴口罩或帽子", "未见培训记录"),
    "ENV": ("地面有积水", "垃圾桶未加盖", "防蝇设施破损", "监控画面不清"),
    "PUR": ("原料无标签", "原料已过保质期", "未见供货者许可证", "台账栏目不全"),
    "COK": ("生熟刀板混用", "中心温度不足", "成品存放温度不足", "未在专间加工"),
    "SMP": ("部分菜品未留样", "留样不足量", "留样标签不全", "留样柜温度不足"),
    "DIS": ("餐具未消毒", "消毒时间不足", "保洁柜未关闭", "未见消毒记录"),
    "COL": ("冷藏温度偏高", "食品未加盖", "未离墙离地", "未标注名称和日期"),
    "DLV": ("保温箱未消毒", "封签破损", "标签不全", "未见签收记录"),
    "PRC": ("未明码标价", "执行价高于备案价", "未提供小票", "未分项标示补贴"),
    "STD": ("食谱未公示", "分量不足", "菜品偏硬", "未标示过敏原"),
    "SUB": ("有代刷情况", "份数与现场不符", "补录无理由", "名册外露个人信息"),
    "UNT": ("日管控缺记录", "制度未上墙", "上次问题未整改", "投诉逾期未办结"),
    "AGE": ("疏散通道堆物", "灭火器过期", "地面湿滑", "无急救用品"),
}
RECUSALS = ("未申请回避", "申请回避，经审查不成立", "申请回避，已更换检查人员")


def limits_of(field: Field, thresholds: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Least and most of a measured value; None where there is no such limit."""
    if field.span:
        least, _, most = thresholds[field.span].rpartition("-")
        return _number(least, {}), _number(most, {})
    most = None if field.part_of else _number(field.most, thresholds)
    return _number(field.least, thresholds), most


def hint_of(field: Field, thresholds: Mapping[str, str]) -> str:
    """The limit in a few words: ≥70℃, 0～8℃; empty without one."""
    least, most = limits_of(field, thresholds)
    if least is not None and most is not None:
        return f"{least:g}～{most:g}{field.unit}"
    if least is not None:
        return f"不低于{least:g}{field.unit}"
    if most is not None:
        return f"不高于{most:g}{field.unit}"
    if field.part_of and field.most:
        return f"占比不高于{thresholds.get(field.most, field.most)}%"
    if field.whole_of:
        return "应全部达到"
    return "不早于今天" if field.after_today else ""


def field_facts(field: Field, thresholds: Mapping[str, str]) -> dict[str, Any]:
    """A measured value as the phone asks for it."""
    least, most = limits_of(field, thresholds)
    return {
        "name": field.name,
        "label": field.label,
        "unit": field.unit,
        "kind": field.kind,
        "needed": field.needed,
        "options": list((field.options or {}).items()),
        "hint": hint_of(field, thresholds),
        "least": least,
        "most": most,
        "whole_of": field.whole_of,
        "part_of": field.part_of,
        "percent": _number(field.most, thresholds) if field.part_of else None,
        "after_today": field.after_today,
        "good": field.good,
    }


def phrases_of(item: Item) -> list[str]:
    """Ready words for the note of an item, its group's own first."""
    return [*PHRASES_OF.get(item.group, ()), *PHRASES]


def _number(named: str, thresholds: Mapping[str, str]) -> float | None:
    text = thresholds.get(named, named)
    return float(text) if text and _is_number(text) else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
