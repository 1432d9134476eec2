"""A sheet as its page shows it: each question with its answer, what is known, what was said before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mealsvc.plumbing.pages import fen
from mealsvc.survey.forms.catalogue import FORMS, Field
from mealsvc.survey.forms.reading import shown
from mealsvc.survey.forms.rules import asked, raw_of
from mealsvc.survey.rounds import intake, queries
from mealsvc.survey.rounds.known import NOTHING, Known, known_of
from mealsvc.survey.rounds.models import SurveyEntry, SurveyRound, SurveySheet


@dataclass(frozen=True, slots=True)
class Line:
    """A question and its answer in words; `rows` are the answers of a table, a list each."""

    field: Field
    answer: str
    known: str
    doubt: str
    remark: str
    before: str
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A sheet's answers by group, and which other columns have anything in them."""

    groups: Sequence[tuple[str, Sequence[Line]]]
    has_known: bool
    has_before: bool
    doubts: int


def known_for(row: SurveyRound, sheet: SurveySheet) -> Known:
    """What the system knows about this sheet's unit."""
    return known_of([sheet], row.as_of).get(sheet.id, NOTHING)


def known_of_all(row: SurveyRound, sheets: Sequence[SurveySheet]) -> dict[int, Known]:
    """What the system knows about the units of these sheets, by sheet."""
    return known_of(sheets, row.as_of)


def doubt_counts(
    row: SurveyRound, sheets: Sequence[SurveySheet], known: Mapping[int, Known]
) -> dict[int, int]:
    """How many answers of each of these sheets disagree with the register, by sheet."""
    entries = queries.latest_entries([sheet.id for sheet in sheets])
    tolerance = intake.tolerance_on(row.as_of)
    return {
        sheet.id: len(
            intake.doubts_of(
                sheet.form,
                json.loads(entries[sheet.id].answers),
                known.get(sheet.id, NOTHING),
                tolerance,
            )
        )
        for sheet in sheets
        if sheet.id in entries
    }


def known_words(letter: str, known: Known) -> dict[str, str]:
    """By field what the system knows, in words."""
    form = FORMS[letter]
    told = {code: _with_unit(form.field(code), value) for code, value in known.whole.items()}
    parts = {
        code: f"名册登记 {_with_unit(form.field(code), number)}"
        for code, number in known.part.items()
    }
    return told | parts


def answers_shown(
    sheet: SurveySheet,
    answers: Mapping[str, Any],
    remarks: Mapping[str, str],
    known: Known,
    as_of: date,
    before: Mapping[str, Any] | None = None,
) -> Shown:
    """The answers in the order of the paper; questions that were not asked are left out."""
    form = FORMS[sheet.form]
    words, before = known_words(sheet.form, known), before or {}
    doubts = intake.doubts_of(sheet.form, answers, known, intake.tolerance_on(as_of))
    groups = []
    for name, fields in form.groups:
        lines = [
            Line(
                field,
                _with_unit(field, answers.get(field.code)),
                words.get(field.code, ""),
                doubts.get(field.code, ""),
                remarks.get(field.code, ""),
                _with_unit(field, before.get(field.code)),
                _rows(field, answers.get(field.code)),
            )
            for field in fields
            if asked(form, answers, field)
        ]
        if lines:
            groups.append((name, lines))
    every = [line for _, lines in groups for line in lines]
    return Shown(
        groups,
        any(line.known for line in every),
        any(line.before for line in every),
        sum(bool(line.doubt) for line in every),
    )


def entry_shown(
    sheet: SurveySheet,
    entry: SurveyEntry,
    known: Known,
    as_of: date,
    before: Mapping[str, Any] | None = None,
) -> Shown:
    """An edition that was handed in."""
    return answers_shown(
        sheet, json.loads(entry.answers), json.loads(entry.remarks), known, as_of, before
    )


def typed_first(row: SurveyRound, sheet: SurveySheet, known: Known) -> dict[str, str]:
    """What the form opens with: the draft, else the last edition with its reasons, else what the
    system knows."""
    if sheet.draft is not None:
        return json.loads(sheet.draft)
    form = FORMS[sheet.form]
    entry = queries.entry_of(sheet) if sheet.edition else None
    if entry is None:
        first = {code for code in known.whole if form.field(code).asked_if is None}
        return raw_of(form, {code: known.whole[code] for code in first})
    remarks = json.loads(entry.remarks)
    return raw_of(form, json.loads(entry.answers)) | {
        code + intake.REMARK: text for code, text in remarks.items()
    }


def errors_named(letter: str, errors: Mapping[str, str]) -> dict[str, str]:
    """Each error with the question it stands at, for the list on top of the form."""
    form = FORMS[letter]
    told = {}
    for key, words in errors.items():
        code, _, cell = key.partition(".")
        field = form.field(code)
        name = field.label
        if cell:
            number, _, column = cell.partition(".")
            labels = {one.code: one.label for one in field.columns}
            name = f"第{number}处“{labels.get(column, name)}”"
        told[key] = words if field.label.rstrip("？") in words else f"{name}：{words}"
    return told


def _with_unit(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and field.kind == "count":
        return f"{value:,} {field.unit}".strip()
    told = fen(value) if field.kind == "money" else shown(field, value)
    return f"{told} {field.unit}" if told and field.kind in ("money", "number") else told


def _rows(field: Field, value: Any) -> list[list[str]]:
    if field.kind != "rows" or not value:
        return []
    return [[shown(column, one.get(column.code)) for column in field.columns] for one in value]
