"""Reading a checklist's JSON text: the checklist, or every mistake in it. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from mealsvc.kernel.text import is_storable
from mealsvc.supervision.checklist.items import APPLIES_NAMES, DEFAULT_MODES, Checklist, Item

LONGEST = 300_000
MOST_ITEMS = 500
HEAVIEST = 100
_GROUP = re.compile(r"[A-Z]{3}")
_CODE = re.compile(r"([A-Z]{3})-[0-9]{2}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,39}")
# property of the document -> longest text, may be empty
_TEXTS = {
    "zh": (500, False),
    "en": (500, True),
    "basis": (500, False),
    "method": (100, False),
    "fields": (200, True),
}


def parse(text: str) -> tuple[Checklist | None, list[str]]:
    """The checklist and no mistakes, or None and all mistakes, in the order of the text."""
    if len(text) > LONGEST:
        return None, ["文件太大，检查表不能超过30万字。"]
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        return None, [f"不是有效的JSON文件（{_where(error)}）。"]
    if not isinstance(content, dict):
        return None, ["文件的最外层应是一个对象，含 version、groups、items。"]
    mistakes: list[str] = []
    version = content.get("version")
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        mistakes.append("version：请填版本号，由字母、数字、点和横线组成，不超过40个字符。")
    groups = _groups(content.get("groups"), mistakes)
    items = _items(content.get("items"), groups, mistakes)
    modes = _modes(content.get("modes"), {item.code for item in items}, mistakes)
    for name in content.keys() - {"version", "groups", "items", "modes"}:
        mistakes.append(f"{name}：没有这个栏目，请删去。")
    if mistakes:
        return None, mistakes
    return Checklist(str(version), groups, tuple(items), modes), []


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("同一个栏目写了两次")
    return found


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"第{error.lineno}行第{error.colno}列"
    return str(error) if isinstance(error, ValueError) else "层次太深"


def _groups(given: Any, mistakes: list[str]) -> dict[str, str]:
    if not isinstance(given, list) or not given:
        mistakes.append("groups：请列出至少一个分组。")
        return {}
    groups: dict[str, str] = {}
    for number, one in enumerate(given, 1):
        code, name = (one.get("code"), one.get("zh")) if isinstance(one, dict) else (None, None)
        if not (isinstance(code, str) and _GROUP.fullmatch(code)):
            mistakes.append(f"第{number}个分组：code 应是三个大写字母。")
        elif code in groups:
            mistakes.append(f"分组{code}：写了两次。")
        elif not (isinstance(name, str) and _is_text(name, 50, False)):
            mistakes.append(f"分组{code}：zh 请填分组名称，不超过50个字。")
        else:
            groups[code] = name
    return groups


def _items(given: Any, groups: Mapping[str, str], mistakes: list[str]) -> list[Item]:
    if not isinstance(given, list) or not given or len(given) > MOST_ITEMS:
        mistakes.append(f"items：请列出1到{MOST_ITEMS}个检查项。")
        return []
    items: list[Item] = []
    seen: set[str] = set()
    for number, one in enumerate(given, 1):
        if not isinstance(one, dict):
            mistakes.append(f"第{number}项：应是一个对象。")
            continue
        code = one.get("code")
        known = isinstance(code, str) and _CODE.fullmatch(code)
        name = str(code) if known else f"第{number}项"
        found = _mistakes(one, name, groups)
        if not known:
            found.insert(0, f"{name}：code 应是分组加两位序号，如 COK-02。")
        elif code in seen:
            found.insert(0, f"{name}：编号写了两次。")
        seen.add(str(code))
        mistakes += found
        if not found:
            items.append(_item(one, groups))
    return items


def _mistakes(one: dict[str, Any], name: str, groups: Mapping[str, str]) -> list[str]:
    found = []
    group, weight = one.get("group"), one.get("weight")
    if not isinstance(group, str) or group not in groups:
        found.append(f"{name}：group 不在分组里。")
    elif not str(one.get("code")).startswith(f"{group}-"):
        found.append(f"{name}：编号应以分组 {group}- 开头。")
    if not (isinstance(weight, int) and not isinstance(weight, bool) and 1 <= weight <= HEAVIEST):
        found.append(f"{name}：weight 应是1到{HEAVIEST}的整数。")
    if not isinstance(one.get("critical"), bool):
        found.append(f"{name}：critical 应是 true 或 false。")
    if one.get("applies") not in APPLIES_NAMES:
        found.append(f"{name}：applies 应是 ALL、COOK、DIST 或 DLV。")
    for key, (longest, may_be_empty) in _TEXTS.items():
        if not _is_text(one.get(key), longest, may_be_empty):
            found.append(f"{name}：{key} 请填文字，不超过{longest}个字。")
    given = one.get("group_zh")
    if given is not None and given != groups.get(str(group)):
        found.append(f"{name}：group_zh 与分组名称不一致。")
    for key in one.keys() - {
        *_TEXTS,
        *("code", "group", "group_zh", "weight", "critical", "applies"),
    }:
        found.append(f"{name}：没有栏目 {key}，请删去。")
    return found


def _item(one: dict[str, Any], groups: Mapping[str, str]) -> Item:
    return Item(
        one["code"],
        one["group"],
        groups[one["group"]],
        one["zh"],
        one["en"],
        one["basis"],
        one["weight"],
        one["critical"],
        one["method"],
        one["applies"],
        one["fields"],
    )


def _modes(given: Any, codes: set[str], mistakes: list[str]) -> Mapping[str, tuple[str, ...]]:
    """Which items the two listed modes ask; those of the first version where nothing is said."""
    if given is None:
        return DEFAULT_MODES
    if not isinstance(given, dict) or given.keys() != DEFAULT_MODES.keys():
        mistakes.append("modes：应写明 daily 和 audit 两种检查各查哪些项。")
        return DEFAULT_MODES
    modes = {}
    for mode, listed in given.items():
        if not isinstance(listed, list) or not listed or not all(one in codes for one in listed):
            mistakes.append(f"modes.{mode}：请列出检查表里有的编号，至少一个。")
        else:
            modes[mode] = tuple(listed)
    return modes


def _is_text(value: Any, longest: int, may_be_empty: bool) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= longest
        and (may_be_empty or bool(value.strip()))
        and is_storable(value)
    )
