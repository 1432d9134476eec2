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


def limits_of(kind: str, limits: Limits) -> dict[str, str]:
    """What each field of a kind's sheet must keep to, in a few words, by name of the field."""
    rule = _LIMITS.get(kind)
    return rule(limits) if rule else {}


def device_limits(limits: Limits) -> dict[str, str]:
    """The range of each type of cold device."""
    fridge, sample = limits.span("fridge.c"), limits.span("sample.temp_c")
    return {
        "chiller": f"{number(fridge[0])}～{number(fridge[1])} ℃",
        "freezer": f"不高于 {number(limits.number('freezer.c'))} ℃",
        "sample_fridge": f"{number(sample[0])}～{number(sample[1])} ℃",
        "cold_room": f"不高于 {number(limits.number('coldroom.c'))} ℃",
    }


def method_limits(limits: Limits) -> dict[str, str]:
    """What each way of disinfecting must reach."""
    found = {}
    for method, (first, second) in {
        "steam": ("℃", "分钟"),
        "infrared": ("℃", "分钟"),
        "washer": ("℃", "秒"),
        "chlorine": ("mg/L", "分钟"),
    }.items():
        one, other = limits.pair(f"disinfect.{method}")
        found[method] = f"≥{number(one)}{first}，≥{number(other)}{second}"
    return found


def _sample(limits: Limits) -> dict[str, str]:
    low, high = limits.span("sample.temp_c")
    return {
        "grams": f"不少于 {number(limits.number('sample.min_grams'))} 克",
        "temp_c": f"{number(low)}～{number(high)} ℃",
    }


def _core(limits: Limits) -> dict[str, str]:
    return {"temp_c": f"不低于 {number(limits.number('cook.core_c'))} ℃"}


def _hold(limits: Limits) -> dict[str, str]:
    hot, cold = number(limits.number("hold.hot_c")), number(limits.number("hold.cold_c"))
    most = number(limits.number("hold.danger_minutes"))
    return {
        "temp_c": f"≥{hot} ℃ 或 ≤{cold} ℃",
        "minutes": f"在 {cold}～{hot} ℃ 才填，最多 {most} 分钟",
    }


def _weighing(limits: Limits) -> dict[str, str]:
    most = number(limits.number("visit.portion_deviation"))
    return {"grams": f"与菜单份量相差不超过 {most}%"}


_LIMITS = {"sample": _sample, "core_temp": _core, "hold_temp": _hold, "weighing": _weighing}
