"""Entries and thresholds in Chinese words, for pages and labels."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.supervision.logs.judging import Limits, as_read, number
from mealsvc.supervision.logs.kinds import ANSWERS, CODE, CONTROL, FLAG, ITEMS, KINDS, NUMBER, Fact
from mealsvc.supervision.logs.models import LogEntry

_SILENT = ("staff", "person", "note")  # facts that a summary leaves out


def facts_of(entry: LogEntry) -> dict[str, Any]:
    """The facts of an entry, days and instants as such."""
    return as_read(entry.kind, json.loads(entry.facts))


def told(entry: LogEntry) -> list[tuple[str, str]]:
    """Every fact of an entry as label and words, in the order of its kind."""
    facts = facts_of(entry)
    return [
        (fact.chinese, worded(fact, facts[fact.name]))
        for fact in KINDS[entry.kind].facts
        if fact.name in facts and fact.name != "staff"
    ]


def summary(entry: LogEntry) -> str:
    """An entry in a few words: 130克，留样柜，4.5℃。"""
    facts, kind = facts_of(entry), KINDS[entry.kind]
    found = [
        worded(fact, facts[fact.name])
        for fact in kind.facts
        if fact.name in facts and fact.name not in _SILENT
    ]
    return "，".join(found) or "已登记"


def worded(fact: Fact, value: Any) -> str:
    """One fact's value as people read it."""
    if fact.shape == NUMBER:
        return f"{number(value)}{fact.unit}"
    if fact.shape == CODE:
        return fact.choices.get(value, str(value))
    if fact.shape == FLAG:
        return fact.chinese
    if fact.shape == ITEMS:
        return _items(value)
    if isinstance(value, datetime):
        local = value.astimezone(LOCAL)
        return f"{fact.chinese}{local.month}月{local.day}日{local:%H:%M}"
    if isinstance(value, date):
        return f"{fact.chinese}{value.isoformat()}"
    return str(value)


def is_late(entry: LogEntry) -> bool:
    """Whether it was entered on a later day than it was done (补录)."""
    return local_date(entry.recorded_at) > local_date(entry.at)


def _items(answers: Mapping[str, str]) -> str:
    wrong = [code for code, answer in answers.items() if answer == "wrong"]
    if not wrong:
        return f"{len(answers)}项都没有问题"
    return "有问题：" + "；".join(CONTROL.get(code, code) for code in wrong)


def answers_of(entry: LogEntry) -> list[tuple[str, str, str]]:
    """The answers of a daily control: code, the item in words, the answer in words."""
    answers: dict[str, str] = facts_of(entry).get("items", {})
    return [(code, CONTROL.get(code, code), ANSWERS.get(one, one)) for code, one in answers.items()]


def worded_limit(key: str, limits: Limits) -> str:
    """What a threshold asks for, in a few words."""
    if key.startswith("disinfect."):
        first, second = _UNITS[key.partition(".")[2]]
        one, other = limits.pair(key)
        return f"不低于 {number(one)} {first}，不少于 {number(other)} {second}"
    form = _FORMS[key]
    if "{1}" in form:
        return form.format(*map(number, limits.span(key)))
    return form.format(number(limits.number(key)))


def hints_of(kind: str, limits: Limits) -> dict[str, str]:
    """What the fields of a kind's sheet must keep to, by name of the field."""
    names = _HINTS.get(kind, {})
    hints = {name: worded_limit(key, limits) for name, key in names.items()}
    if kind == "hold_temp":
        hot, cold = (number(limits.number(key)) for key in ("hold.hot_c", "hold.cold_c"))
        hints["temp_c"] = f"{hot} ℃ 以上或 {cold} ℃ 以下"
        hints["minutes"] = f"在 {cold}～{hot} ℃ 之间才填"
    return hints


def device_hints(limits: Limits) -> dict[str, str]:
    """The range of each type of cold device."""
    return {device: worded_limit(key, limits) for device, key in _DEVICE_KEYS.items()}


_UNITS = {
    "steam": ("℃", "分钟"),
    "infrared": ("℃", "分钟"),
    "washer": ("℃", "秒"),
    "chlorine": ("mg/L", "分钟"),
}
_DEVICE_KEYS = {
    "chiller": "fridge.c",
    "freezer": "freezer.c",
    "sample_fridge": "sample.temp_c",
    "cold_room": "coldroom.c",
}
_HINTS = {
    "sample": {"grams": "sample.min_grams", "temp_c": "sample.temp_c"},
    "core_temp": {"temp_c": "cook.core_c"},
    "weighing": {"grams": "visit.portion_deviation"},
}
_FORMS = {
    "sample.min_grams": "不少于 {0} 克",
    "sample.min_hours": "至少 {0} 小时",
    "sample.temp_c": "{0}～{1} ℃",
    "cook.core_c": "不低于 {0} ℃",
    "hold.hot_c": "不低于 {0} ℃",
    "hold.cold_c": "不高于 {0} ℃",
    "hold.danger_minutes": "不超过 {0} 分钟",
    "fridge.c": "{0}～{1} ℃",
    "freezer.c": "不高于 {0} ℃",
    "coldroom.c": "不高于 {0} ℃",
    "fridge.readings_a_day": "不少于 {0} 次",
    "visit.portion_deviation": "与菜单份量相差不超过 {0}%",
    "selfcheck.days": "每 {0} 天一次",
}
