"""Which heading of a file stands for which column: tolerant, in both languages."""

import re
from dataclasses import dataclass

from mealsvc.exchange.columns import Column, Kind
from mealsvc.exchange.refusals import BadFile
from mealsvc.kernel.text import tidy_code

# What a rejects file adds at its end; such a file may be corrected and imported again.
REJECT_HEADINGS = ("line", "column", "code", "message")

_UNIT = re.compile(r"(.+?)[(\[](.*)[)\]]")
_ADVICE = {"必填", "选填", "可选", "required", "optional"}
_NOISE = str.maketrans("", "", " \t\r\n_-*()[]")

TWICE = "列“{first}”和“{second}”是同一列。请只保留一列后重新导入。"
MISSING = "缺少必填的列：{columns}。请补上后重新导入，列名写在第一行。"
UNKNOWN = "列“{heading}”不认识，已忽略。"


@dataclass(frozen=True)
class Matched:
    """`columns` pairs a cell's place with its column, in the file's order."""

    headings: list[str]
    columns: list[tuple[int, Column]]
    warnings: list[str]

    def heading(self, slot: str) -> str:
        """The file's own heading for a record's field; the first one if the file lacks it."""
        named = (self.headings[place] for place, column in self.columns if column.slot == slot)
        return next(named, self.headings[self.columns[0][0]])


def match(kind: Kind, headings: list[str]) -> Matched:
    """Find the kind's columns, or refuse the file (`bad_file`): one missing or there twice."""
    headings = _without_reject_columns(headings)
    known = _spellings(kind)
    columns: list[tuple[int, Column]] = []
    warnings: list[str] = []
    taken: dict[str, str] = {}
    for place, heading in enumerate(headings):
        column = _find(known, heading)
        if column is None:
            if heading:
                warnings.append(UNKNOWN.format(heading=heading[:40]))
            continue
        if column.name in taken:
            raise BadFile(reason=TWICE.format(first=taken[column.name], second=heading))
        taken[column.name] = heading
        columns.append((place, column))
    _need_required(kind, columns)
    return Matched(headings, columns, warnings)


def _without_reject_columns(headings: list[str]) -> list[str]:
    tail = tuple(heading.casefold() for heading in headings[-len(REJECT_HEADINGS) :])
    return headings[: -len(REJECT_HEADINGS)] if tail == REJECT_HEADINGS else headings


def _spellings(kind: Kind) -> dict[str, Column]:
    return {
        _squeeze(word): column
        for column in kind.columns
        for word in (column.name, column.chinese, *column.aliases)
    }


def _squeeze(heading: str) -> str:
    return tidy_code(heading).casefold().translate(_NOISE)


def _find(known: dict[str, Column], heading: str) -> Column | None:
    """By the whole heading (价格（分） is 价格分), else without a remark in brackets.

    An amount takes no other remark than its own unit: 金额（万元） is not yuan.
    """
    found = known.get(_squeeze(heading))
    remark = _UNIT.fullmatch(tidy_code(heading))
    if found or not remark:
        return found
    column = known.get(_squeeze(remark[1]))
    if column and column.unit and remark[2].strip() not in {column.unit, *_ADVICE}:
        return None
    return column


def _need_required(kind: Kind, columns: list[tuple[int, Column]]) -> None:
    present = {column.slot for _, column in columns}
    missing: dict[str, list[str]] = {}
    for column in kind.columns:
        if column.required and column.slot not in present:
            missing.setdefault(column.slot, []).append(column.label)
    if missing:
        names = "、".join("或".join(labels) for labels in missing.values())
        raise BadFile(reason=MISSING.format(columns=names))
