"""The inspection checklist as a document, which items a visit asks, and what its results come to.

Source: the district's checklist 2026.1 (draft). Pure.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mealsvc.supervision.checklist.document import parse
from mealsvc.supervision.checklist.items import (
    APPLIES_NAMES,
    AUDIT,
    DAILY,
    FAIL,
    FULL,
    MODE_NAMES,
    PARTIAL,
    PASS,
    PATROL,
    RESULT_NAMES,
    Checklist,
    Item,
)
from mealsvc.supervision.checklist.refusals import BadChecklist

HALVES = {PASS: 2, PARTIAL: 1, FAIL: 0}  # of an item's weight; NA does not count
GRADES = (("A", 90), ("B", 75), ("C", 60), ("D", 0))  # the least exact score of each
WORST = "D"


@dataclass(frozen=True, slots=True)
class Score:
    """What results come to. `points` in tenths, half up; None, with no grade, where nothing applies.

    `halves` of `2 * weight` were earned; `counts` says how many items had each result.
    """

    points: int | None
    grade: str
    failed_key: tuple[str, ...]
    halves: int
    weight: int
    counts: Mapping[str, int]

    @property
    def applicable(self) -> int:
        """How many items counted."""
        return sum(self.counts[result] for result in HALVES)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions: the code, what (`added`, `retired` or a property), values."""

    code: str
    what: str
    before: str = ""
    after: str = ""


def read(document: str) -> Checklist:
    """The checklist that a JSON text describes. Raises `BadChecklist` that names every mistake."""
    content, mistakes = parse(document)
    return content or refuse(mistakes)


def refuse(mistakes: Sequence[str]) -> Any:
    """Raises `BadChecklist` with all of these mistakes (`facts["mistakes"]`)."""
    raise BadChecklist(count=len(mistakes), first=mistakes[0], mistakes=tuple(mistakes))


def items_for(
    checklist: Checklist,
    mode: str,
    traits: Collection[str],
    open_items: Collection[str] = (),
) -> tuple[Item, ...]:
    """The items that a visit in this mode asks at a point with these traits, in the list's order.

    A patrol asks the key items and what is still open at the point (`open_items`, codes).
    """
    codes = checklist.modes.get(mode, ())
    return tuple(
        item
        for item in checklist.items
        if item.applies_to(traits)
        and (
            mode == FULL
            or item.code in codes
            or (mode == PATROL and (item.critical or item.code in open_items))
        )
    )


def score(checklist: Checklist, results: Mapping[str, str]) -> Score:
    """Score and grade of these results (code → result).

    Σ(weight × result) / Σ(weight of applicable) × 100, shown with one decimal, half up. The grade
    looks at the exact score, before rounding; any failed key item makes it D.
    """
    asked = checklist.by_code
    counts = dict.fromkeys(RESULT_NAMES, 0)
    halves = weight = 0
    failed = []
    for code, result in results.items():
        item = asked[code]
        counts[result] += 1
        if result in HALVES:
            halves += HALVES[result] * item.weight
            weight += item.weight
        if item.critical and result == FAIL:
            failed.append(code)
    if not weight:
        return Score(None, "", (), 0, 0, counts)
    grade = WORST if failed else grade_of(halves, weight)
    return Score(tenths(halves, weight), grade, tuple(sorted(failed)), halves, weight, counts)


def tenths(halves: int, weight: int) -> int:
    """The score in tenths, half up, of `halves` earned out of `2 * weight`."""
    return (1000 * halves + weight) // (2 * weight)


def grade_of(halves: int, weight: int) -> str:
    """The grade of the exact score, key items apart."""
    return next(grade for grade, least in GRADES if 100 * halves >= least * 2 * weight)


def shown(points: int | None) -> str:
    """92.5 of 925; empty without a score."""
    return "" if points is None else f"{points // 10}.{points % 10}"


def conclusion(result: Score) -> str:
    """What the results come to, as one sentence of figures."""
    counts = result.counts
    said = "、".join(f"{name}{counts[code]}项" for code, name in RESULT_NAMES.items())
    if result.points is None:
        return f"本次检查没有适用的检查项（{said}），不评分、不定级。"
    keys = "、".join(result.failed_key)
    key_items = f"关键项不合格{len(result.failed_key)}项（{keys}），" if keys else ""
    return (
        f"本次检查适用{result.applicable}项：{said}；"
        f"得分{shown(result.points)}分，{key_items}等级{result.grade}。"
    )


def mistakes_against(new: Checklist, earlier: Sequence[Checklist]) -> list[str]:
    """Why `new` may not follow these versions (oldest first): codes never change their meaning."""
    known: dict[str, tuple[str, Item]] = {}
    for old in earlier:
        known |= {item.code: (old.version, item) for item in old.items}
    present = earlier[-1].by_code if earlier else {}
    mistakes = []
    for item in new.items:
        version, old = known.get(item.code, ("", item))
        if old.text != item.text or old.group != item.group:
            mistakes.append(
                f"{item.code}：{version}版已经用过这个编号，内容和分组不能改，请停用后另编新号。"
            )
        elif version and item.code not in present:
            mistakes.append(f"{item.code}：{version}版之后已停用，停用的编号不能再用。")
    return mistakes


CHANGEABLE = {
    "gloss": "英文",
    "basis": "依据",
    "weight": "权重",
    "critical": "关键项",
    "method": "检查方式",
    "applies": "适用",
    "fields": "实测项",
}


def changes(old: Checklist, new: Checklist) -> list[Change]:
    """What is different in `new`: retired and added items, then properties and modes."""
    before, after = old.by_code, new.by_code
    found = [
        Change(code, "retired", item.text) for code, item in before.items() if code not in after
    ]
    found += [
        Change(code, "added", "", item.text) for code, item in after.items() if code not in before
    ]
    for code in (code for code in after if code in before):
        found += _changed(before[code], after[code])
    for mode in (DAILY, AUDIT):
        one, other = old.modes.get(mode, ()), new.modes.get(mode, ())
        if set(one) != set(other):
            found.append(Change(MODE_NAMES[mode], "检查项", "、".join(one), "、".join(other)))
    return found


def _changed(old: Item, new: Item) -> Iterable[Change]:
    for name, label in CHANGEABLE.items():
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            yield Change(new.code, label, _said(one), _said(other))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return APPLIES_NAMES.get(value, str(value))


def as_json(checklist: Checklist) -> str:
    """The checklist as the text that `read` understands."""
    return json.dumps(
        {
            "version": checklist.version,
            "groups": [{"code": code, "zh": name} for code, name in checklist.groups.items()],
            "modes": {mode: list(codes) for mode, codes in checklist.modes.items()},
            "items": [
                {
                    "code": item.code,
                    "group": item.group,
                    "zh": item.text,
                    "en": item.gloss,
                    "basis": item.basis,
                    "weight": item.weight,
                    "critical": item.critical,
                    "method": item.method,
                    "applies": item.applies,
                    "fields": item.fields,
                }
                for item in checklist.items
            ],
        },
        ensure_ascii=False,
        indent=1,
    )
