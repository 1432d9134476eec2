"""Sheets of a round as an XLSX workbook to fill in without the system: one worksheet each.

Column A is hidden and says what stands in each line: the sheet's key, then the questions' codes.
Reading goes by it, and by the question's wording where somebody lost it.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.fields import Field, Form
from mealsvc.survey.forms.reading import typed
from mealsvc.survey.forms.rules import raw_of, row_key

MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same sheets give the same bytes
KEY, HEAD = "key:", "#"
CODE, LABEL, ANSWER, UNIT, KNOWN, HINT = range(6)
REMARK = 6
REMARKS = ".why"  # the raw key of a reason: the field's code with this behind it
HEADS = ("", "问题", "填这里", "单位", "系统里的数", "怎么填", "与系统不同的，说明原因")
WIDTHS = (2, 34, 20, 9, 14, 40, 28)
TABLE_WIDTHS = (2, 26, 14, 26, 12, 18, 22)  # where rows of many columns stand below
ROWS_HEIGHT = 20
_NAME_UNFIT = re.compile(r"[\[\]:*?/\\']")
_FORMULA = re.compile(r"\s*[=+\-@]")
_LINE_KEY = re.compile(r"([A-Z][0-9]{2})\.([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Out:
    """A sheet to write. `known` and `answers` by field code; money in fen, options by code."""

    form: str
    unit: str
    unit_name: str
    key: str
    known: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class In:
    """A sheet as it came back: what `forms.rules.read` takes, the reasons that were given, and the
    cell of every raw key, as 'A 丰乐社区'!C5."""

    key: str
    form: str
    unit: str
    sheet: str
    raw: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bad:
    """Something in a workbook that was not taken: where, and why."""

    sheet: str
    cell: str
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A workbook as it came back: its sheets, and what in it belongs to none."""

    sheets: list[In]
    bad: list[Bad]


def workbook(sheets: Sequence[Out]) -> bytes:
    """The file. Only the cells to fill are unlocked; there is no password."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE_AT})
    styles = _styles(book)
    names: set[str] = set()
    for one in sheets:
        _Writer(book.add_worksheet(_sheet_name(one, names)), styles, one).write()
    book.close()
    return stream.getvalue()


def read_workbook(content: bytes) -> Returned:
    """What was filled in. Raises `BadFile` for what is no workbook of ours or too large."""
    from mealsvc.survey.rounds.cells import tables_of

    found: list[In] = []
    bad: list[Bad] = []
    keys: set[str] = set()
    for name, rows in tables_of(content):
        key = _key_of(rows)
        form = FORMS.get(key.split("/")[-2]) if key.count("/") >= 2 else None
        if form is None:
            if rows:
                bad.append(
                    Bad(name, "A1", "不是系统导出的摸排表，没有读取。请用系统导出的表填写。")
                )
        elif key in keys:
            bad.append(Bad(name, "A1", "和前面一张表是同一张，没有读取。请只保留一张。"))
        else:
            keys.add(key)
            found.append(_read(name, rows, key, form))
    return Returned(found, bad)


def bad_cells(sheet: In, errors: Mapping[str, str]) -> list[Bad]:
    """The errors of `forms.rules.read` at their cells."""
    return [
        Bad(sheet.sheet, sheet.cells.get(key, "").rpartition("!")[2], reason)
        for key, reason in errors.items()
    ]


def harmless(text: str) -> str:
    """Text that no spreadsheet runs as a formula, also after it was copied or saved as CSV."""
    return f"'{text}" if _FORMULA.match(text) and not re.fullmatch(r"[+-]?[0-9.]+", text) else text


def _sheet_name(one: Out, taken: set[str]) -> str:
    whole = _NAME_UNFIT.sub("", f"{one.form} {one.unit_name or one.unit}").strip()[:31]
    name, number = whole, 2
    while name.lower() in taken:
        name = f"{whole[:27]}({number})"
        number += 1
    taken.add(name.lower())
    return name


def _styles(book: Any) -> dict[str, Any]:
    line = {"border": 1, "border_color": "#d9d5cc", "valign": "vcenter", "text_wrap": True}
    fill = {**line, "locked": False, "bg_color": "#fffdf5", "border_color": "#0b5c6b"}
    wide = {"valign": "vcenter", "text_wrap": True}
    return {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "intro": book.add_format({**wide, "font_color": "#4b5563"}),
        "group": book.add_format({"bold": True, "bg_color": "#e3f1f2", "valign": "vcenter"}),
        "head": book.add_format({**line, "bold": True, "bg_color": "#f6f4ef"}),
        "label": book.add_format(line),
        "hint": book.add_format({**line, "font_color": "#4b5563", "font_size": 9}),
        "number": book.add_format({**fill, "align": "right"}),
        "text": book.add_format({**fill, "num_format": "@"}),
    }


class _Writer:
    """Writes one sheet from top to bottom."""

    def __init__(self, sheet: Any, styles: Mapping[str, Any], one: Out) -> None:
        self.sheet, self.styles, self.one = sheet, styles, one
        self.form = FORMS[one.form]
        self.raw = raw_of(self.form, one.answers)
        self.line = 0

    def write(self) -> None:
        sheet = self.sheet
        has_rows = any(one.kind == "rows" for one in self.form.fields)
        for place, width in enumerate(TABLE_WIDTHS if has_rows else WIDTHS):
            sheet.set_column(place, place, width, None, {"hidden": place == CODE})
        self._text(CODE, KEY + self.one.key)
        self._text(LABEL, f"{self.form.name}　{self.one.unit_name}", "title")
        self.line = 1
        sheet.merge_range(1, LABEL, 1, REMARK, harmless(self.form.intro), self.styles["intro"])
        sheet.set_row(1, 30)
        self.line = 2
        for place, head in enumerate(HEADS[1:], 1):
            self._text(place, head, "head")
        self.line = 3
        for group, fields in self.form.groups:
            self._group(group)
            for one in fields:
                if one.kind == "rows":
                    self._rows(one)
                else:
                    self._field(one)
        sheet.freeze_panes(3, 0)
        sheet.protect("", {"select_locked_cells": True, "format_rows": True})
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)

    def _group(self, name: str) -> None:
        for place in range(LABEL, REMARK + 1):
            self._text(place, name if place == LABEL else "", "group")
        self.line += 1

    def _field(self, one: Field) -> None:
        self._text(CODE, one.code)
        self._text(LABEL, one.label + ("（必填）" if one.required else ""), "label")
        self._value(ANSWER, one, self.raw.get(one.code, ""))
        self._text(UNIT, one.unit, "label")
        self._text(KNOWN, self._known(one), "label")
        self._text(HINT, _how(one), "hint")
        self._text(REMARK, self.one.remarks.get(one.code, ""), "text")
        if one.kind == "long":
            self.sheet.set_row(self.line, 60)
        self.line += 1

    def _known(self, one: Field) -> str:
        value = self.one.known.get(one.code)
        return "" if value is None else one.names.get(str(value), typed(one, value))

    def _rows(self, one: Field) -> None:
        """A table: its head says in hidden cells which column is what."""
        self._text(CODE, HEAD + one.code)
        for place, column in enumerate(one.columns, 1):
            unit = f"（{column.unit}）" if column.unit else ""
            self._text(place, f"{column.label}{unit}{'*' if column.required else ''}", "head")
        self.sheet.set_row(self.line, 32)
        self.line += 1
        for number in range(1, int(one.most or 1) + 1):
            self._text(CODE, f"{one.code}.{number}")
            for place, column in enumerate(one.columns, 1):
                self._value(place, column, self.raw.get(row_key(one, number, column), ""))
            self.sheet.set_row(self.line, ROWS_HEIGHT)
            self.line += 1
        for place in range(REMARK + 1, len(one.columns) + 1):
            self.sheet.set_column(place, place, 12)

    def _value(self, place: int, one: Field, raw: str) -> None:
        style = "number" if one.kind in ("count", "number", "money") else "text"
        if one.kind in ("choice", "choices") and raw:
            raw = "；".join(one.names.get(code, code) for code in raw.split(","))
        if raw and style == "number":
            self.sheet.write_number(self.line, place, float(raw), self.styles[style])
        else:
            self._text(place, raw, style)
        rule = _validation(one)
        if rule:
            self.sheet.data_validation(self.line, place, self.line, place, rule)

    def _text(self, place: int, text: str, style: str | None = None) -> None:
        shaped = self.styles[style] if style else None
        if text:
            self.sheet.write_string(self.line, place, harmless(text), shaped)
        elif shaped is not None:
            self.sheet.write_blank(self.line, place, None, shaped)


def _validation(one: Field) -> dict[str, Any] | None:
    """What the spreadsheet itself lets nobody type."""
    if one.kind == "choice":
        return {
            "validate": "list",
            "source": [name for _, name in one.options],
            "error_title": "请从列表里选",
            "error_message": "点右边的小三角，从列表里选一项。",
        }
    if one.kind in ("count", "number", "money"):
        return {
            "validate": "integer" if one.kind == "count" else "decimal",
            "criteria": "between",
            "minimum": one.least if one.least is not None else -1e12,
            "maximum": one.most if one.most is not None else 1e12,
            "error_title": "请填数字",
            "error_message": "请填整数，没有的填 0。" if one.kind == "count" else "请填数字。",
        }
    return None


def _how(one: Field) -> str:
    if one.kind == "choices":
        listed = " ".join(f"{number}.{name}" for number, (_, name) in enumerate(one.options, 1))
        return f"{one.hint}：{listed}。填序号，用逗号隔开。" if one.hint else listed
    if one.kind == "choice" and one.hint:
        return f"从列表里选。{one.hint}"
    return "从列表里选" if one.kind == "choice" else one.hint


def _key_of(rows: Sequence[Sequence[str]]) -> str:
    for row in rows[:5]:
        for cell in row[:2]:
            if cell.startswith(KEY):
                return cell.removeprefix(KEY).strip()
    return ""


def _read(name: str, rows: Sequence[Sequence[str]], key: str, form: Form) -> In:
    found = In(key, form.letter, key.split("/")[-1], name)
    codes = {one.code for one in form.fields if one.kind != "rows"}
    labels = {one.label: one.code for one in form.fields}
    columns: dict[str, list[str]] = {}
    for line, row in enumerate(rows, 1):
        code = row[CODE].strip() if row else ""
        table = _LINE_KEY.fullmatch(code)
        if code.startswith(HEAD):
            _table_head(form, code.removeprefix(HEAD), columns)
        elif table and table[1] in columns:
            _take_row(found, line, row, table[1], int(table[2]), columns[table[1]])
        else:
            if code not in codes:
                code = labels.get(_cell(row, LABEL).removesuffix("（必填）"), "")
            if code in codes:
                _take(found, line, row, code)
    return found


def _table_head(form: Form, code: str, columns: dict[str, list[str]]) -> None:
    for one in form.fields:
        if one.code == code:
            columns[code] = [column.code for column in one.columns]


def _take(found: In, line: int, row: Sequence[str], code: str) -> None:
    found.raw[code] = _unquoted(_cell(row, ANSWER))
    found.cells[code] = _address(found.sheet, line, ANSWER)
    if remark := _unquoted(_cell(row, REMARK)).strip():
        found.remarks[code] = remark


def _take_row(
    found: In, line: int, row: Sequence[str], code: str, number: int, columns: Sequence[str]
) -> None:
    for place, column in enumerate(columns, 1):
        key = f"{code}.{number}.{column}"
        found.raw[key] = _unquoted(_cell(row, place))
        found.cells[key] = _address(found.sheet, line, place)


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _unquoted(text: str) -> str:
    """The text before `harmless`."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text


def _address(sheet: str, line: int, place: int) -> str:
    return f"'{sheet}'!{chr(ord('A') + place)}{line}"
