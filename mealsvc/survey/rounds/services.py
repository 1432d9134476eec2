"""A round's verbs: opened, sheets issued, filled, reviewed, sent back, left out; locked for good."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import func, insert, select, update

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.plumbing.db import db
from mealsvc.residents.rules import is_reason
from mealsvc.settings.calendar import add_working_days
from mealsvc.settings.services import value_on
from mealsvc.settlement.batches import person_id
from mealsvc.survey.rounds import persons, refusals, rules
from mealsvc.survey.rounds.models import (
    SurveyAct,
    SurveyEntry,
    SurveyRound,
    SurveySheet,
    SurveySnapshot,
)
from mealsvc.survey.rounds.units import BY_PERSON, Unit, units_of
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record

FORMS = "ABCDE"
DRAFT_LENGTH = 60_000
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. A form without a day of its own is due on `due_on`, which is, where empty,
    so many working days from today as the settings say."""

    title: str
    division: str
    as_of: date
    forms: str = FORMS
    due_on: date | None = None
    due: Mapping[str, date] = field(default_factory=dict)
    note: str = ""


def usual_due(today: date) -> date:
    """The day on which sheets are due if nobody says otherwise."""
    return add_working_days(today, int(value_on("survey.due_days", today)))


def open_round(order: Order, by: Actor, now: datetime) -> SurveyRound:
    """Opens a round under the next number and issues every sheet but those of D, which are drawn.

    Raises `NoForms`, `BadDay`, `BadDue`, `NobodyToAsk`.
    """
    today = local_date(now)
    forms = "".join(form for form in FORMS if form in order.forms)
    due_on = order.due_on or usual_due(today)
    if not forms:
        raise refusals.NoForms()
    if not EARLIEST <= order.as_of <= today:
        raise refusals.BadDay()
    if min(due_on, *order.due.values(), due_on) < today:
        raise refusals.BadDue()
    units = {form: units_of(form, order.division, order.as_of) for form in forms}
    if not any(units.values()) and BY_PERSON not in forms:
        raise refusals.NobodyToAsk(day=order.as_of)
    row = SurveyRound(
        number=take_number("survey", today.year, value_on(WORD, today)),
        title=order.title,
        division=order.division,
        as_of=order.as_of,
        due_on=due_on,
        forms=forms,
        note=order.note,
        opened_at=now,
        opened_by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    for form, asked in units.items():
        _issue(row, form, asked, order.due.get(form, due_on))
    counts = {form: len(asked) for form, asked in units.items() if form != BY_PERSON}
    detail = {"as_of": row.as_of, "due_on": row.due_on, "forms": forms, "sheets": counts}
    record(by, "surveys.open", row.number, detail)
    return row


def add_sheets(row: SurveyRound, form: str, units: Sequence[Unit], by: Actor, now: datetime) -> int:
    """Issues a form of the round to more units (late ones, the persons drawn); how many.

    Sheets are due on the round's day, or from today so many working days as the settings say,
    whichever is later. Raises `RoundLocked`, `UnknownUnit`, `IssuedAlready`.
    """
    _refuse_locked(row)
    if form not in row.forms:
        raise refusals.UnknownUnit(unit=f"{form}表")
    there = set(
        db.session.scalars(
            select(SurveySheet.unit).where(SurveySheet.round_id == row.id, SurveySheet.form == form)
        )
    )
    for unit in units:
        if unit.unit in there:
            raise refusals.IssuedAlready(unit=unit.unit)
    today = local_date(now)
    due_on = row.due_on if row.due_on > today else usual_due(today)
    _issue(row, form, units, due_on)
    detail: dict[str, Any] = {"form": form, "sheets": len(units), "due_on": due_on}
    if len(units) == 1:
        detail["unit"] = units[0].unit
    record(by, "surveys.issue", row.number, detail)
    return len(units)


def issue_late(row: SurveyRound, form: str, code: str, by: Actor, now: datetime) -> int:
    """Issues a form to a unit that was not there when the round began. Raises as `add_sheets`."""
    asked = {one.unit: one for one in units_of(form, row.division, local_date(now))}
    if code not in asked:
        raise refusals.UnknownUnit(unit=code)
    return add_sheets(row, form, [asked[code]], by, now)


def extend(row: SurveyRound, form: str, due_on: date, reason: str, by: Actor, now: datetime) -> int:
    """Moves the deadline of a form's open sheets, or of all where `form` is empty; how many moved.

    Raises `RoundLocked`, `ReasonMissing`, `BadDue`.
    """
    _refuse_locked(row)
    _ask_reason(reason)
    if due_on < local_date(now):
        raise refusals.BadDue()
    open_sheets = [SurveySheet.round_id == row.id, SurveySheet.state.not_in(rules.DONE)]
    if form:
        open_sheets.append(SurveySheet.form == form)
    else:
        row.due_on = due_on
    moved = db.session.scalar(select(func.count(SurveySheet.id)).where(*open_sheets)) or 0
    db.session.execute(update(SurveySheet).where(*open_sheets).values(due_on=due_on))
    db.session.flush()
    detail = {"form": form or row.forms, "due_on": due_on, "reason": reason, "sheets": moved}
    record(by, "surveys.extend", row.number, detail)
    return moved


def save_draft(sheet: SurveySheet, row: SurveyRound, typed: Mapping[str, str], by: Actor) -> None:
    """Keeps what is typed and not yet handed in; the trail is told when somebody begins.

    Raises `RoundLocked`, `NotTheTurn`.
    """
    check_turn(row, sheet, rules.FILL)
    text = dump(typed)
    if len(text) > DRAFT_LENGTH:
        raise refusals.BadFile(reason="写得太多，保存不下。请缩短文字后再保存。")
    begins = sheet.draft is None
    sheet.draft = text
    db.session.flush()
    if begins:
        record(by, "surveys.draft", subject(row, sheet), {"edition": sheet.edition})


def fill(
    sheet: SurveySheet,
    row: SurveyRound,
    answers: Mapping[str, Any],
    remarks: Mapping[str, str],
    way: str,
    by: Actor,
    now: datetime,
) -> SurveyEntry:
    """Hands a sheet in as its next edition; `answers` as `intake.take` found them good.

    Raises `RoundLocked`, `NotTheTurn`, `NoAnswers`.
    """
    check_turn(row, sheet, rules.FILL)
    if not answers:
        raise refusals.NoAnswers()
    sheet.edition += 1
    sheet.draft = None
    entry = SurveyEntry(
        sheet_id=sheet.id,
        edition=sheet.edition,
        answers=dump(answers),
        remarks=dump(remarks),
        way=way,
        at=now,
        by=str(by),
    )
    db.session.add(entry)
    _take(sheet, rules.FILL, by, now)
    detail = {"edition": sheet.edition, "way": way, "remarks": len(remarks)}
    record(by, "surveys.fill", subject(row, sheet), detail)
    return entry


def review(sheet: SurveySheet, row: SurveyRound, act: str, by: Actor, now: datetime) -> None:
    """Takes the sheet a step on: `village`, `town` or `accept`.

    Raises `RoundLocked`, `NotTheTurn`, `SamePerson`.
    """
    check_turn(row, sheet, act)
    persons.refuse_same([sheet], act, by, row.opened_at)
    _take(sheet, act, by, now)
    record(by, f"surveys.{act}", subject(row, sheet), {"edition": sheet.edition})


def send_back(
    sheet: SurveySheet,
    row: SurveyRound,
    reason: str,
    fields: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> None:
    """Sends a sheet back to whoever fills it, with the reason and what to put right in which field.

    Raises `RoundLocked`, `NotTheTurn`, `ReasonMissing`.
    """
    check_turn(row, sheet, rules.RETURN)
    if not fields:
        _ask_reason(reason)
    _take(sheet, rules.RETURN, by, now, reason, fields)
    detail = {"edition": sheet.edition, "fields": sorted(fields)}
    record(by, "surveys.return", subject(row, sheet), detail)


def leave_out(sheet: SurveySheet, row: SurveyRound, reason: str, by: Actor, now: datetime) -> None:
    """The district goes on without this sheet (缺报). Raises as `send_back`."""
    check_turn(row, sheet, rules.LEAVE)
    _ask_reason(reason)
    _take(sheet, rules.LEAVE, by, now, reason)
    record(by, "surveys.leave", subject(row, sheet), {"edition": sheet.edition})


def lock(row: SurveyRound, figures_json: str, by: Actor, now: datetime) -> SurveySnapshot:
    """Locks the round with its figures (a JSON object); nothing of it changes from now on.

    The snapshot also lists what was left out and counts what was accepted; its digest covers every
    accepted entry and the figures. Raises `RoundLocked`, `NotDrawn`, `NotAllIn`.
    """
    _refuse_locked(row)
    counts = states_of(row.id)
    if BY_PERSON in row.forms and not any(form == BY_PERSON for form, _ in counts):
        raise refusals.NotDrawn()
    missing = sum(number for (_, state), number in counts.items() if state not in rules.DONE)
    if missing:
        raise refusals.NotAllIn(count=missing)
    figures = json.loads(figures_json) | {
        "sheets": {f"{form}.{state}": number for (form, state), number in sorted(counts.items())},
        "left_out": left_out(row.id),
    }
    text = dump(figures)
    snapshot = SurveySnapshot(
        round_id=row.id, figures=text, digest=digest_of(row.id, text), at=now, by=str(by)
    )
    db.session.add(snapshot)
    row.locked_at, row.locked_by = now, str(by)
    db.session.flush()
    detail = {"digest": snapshot.digest, "sheets": sum(counts.values())}
    record(by, "surveys.lock", row.number, detail)
    return snapshot


def digest_of(round_id: int, figures: str) -> str:
    """SHA-256 (hex) over the accepted entries of a round, in order, and its figures."""
    sha = hashlib.sha256()
    rows = db.session.execute(
        select(
            SurveySheet.form,
            SurveySheet.unit,
            SurveyEntry.edition,
            SurveyEntry.answers,
            SurveyEntry.remarks,
        )
        .join(
            SurveyEntry,
            (SurveyEntry.sheet_id == SurveySheet.id) & (SurveyEntry.edition == SurveySheet.edition),
        )
        .where(SurveySheet.round_id == round_id, SurveySheet.state == "accepted")
        .order_by(SurveySheet.id)
    )
    for one in rows:
        sha.update(dump(list(one)).encode() + b"\n")
    sha.update(figures.encode())
    return sha.hexdigest()


def is_intact(row: SurveyRound) -> bool:
    """Whether a locked round still gives the digest of its lock, in its snapshot and in the trail."""
    snapshot = db.session.get_one(SurveySnapshot, row.id)
    told = db.session.scalar(
        select(TrailEvent.detail).where(
            TrailEvent.subject == row.number, TrailEvent.action == "surveys.lock"
        )
    )
    try:
        now = digest_of(row.id, snapshot.figures)
    except InvalidTag:  # somebody without the key wrote into an entry
        return False
    return told is not None and now == snapshot.digest == json.loads(told)["digest"]


def states_of(round_id: int) -> dict[tuple[str, str], int]:
    """How many sheets of which form are in which state."""
    rows = (
        select(SurveySheet.form, SurveySheet.state, func.count(SurveySheet.id))
        .where(SurveySheet.round_id == round_id)
        .group_by(SurveySheet.form, SurveySheet.state)
    )
    return {(form, state): number for form, state, number in db.session.execute(rows)}


def left_out(round_id: int) -> list[dict[str, str]]:
    """The sheets that the district goes on without, each with the reason given last."""
    last = (
        select(func.max(SurveyAct.id).label("id"))
        .join(SurveySheet, SurveySheet.id == SurveyAct.sheet_id)
        .where(SurveySheet.round_id == round_id, SurveyAct.act == rules.LEAVE)
        .group_by(SurveyAct.sheet_id)
        .subquery()
    )
    rows = (
        select(SurveySheet.form, SurveySheet.unit, SurveySheet.division, SurveyAct.reason)
        .join(SurveyAct, SurveyAct.sheet_id == SurveySheet.id)
        .join(last, last.c.id == SurveyAct.id)
        .where(SurveySheet.round_id == round_id, SurveySheet.state == "left")
        .order_by(SurveySheet.id)
    )
    return [dict(one._mapping) for one in db.session.execute(rows)]


def check_turn(row: SurveyRound, sheet: SurveySheet, act: str) -> None:
    """Raises `RoundLocked` or `NotTheTurn`."""
    _refuse_locked(row)
    if not rules.is_turn(sheet.form, sheet.state, act):
        raise refusals.NotTheTurn(
            unit=sheet.unit,
            form=sheet.form,
            state=rules.STATES[sheet.state],
            act=rules.ACTS[act],
        )


def subject(row: SurveyRound, sheet: SurveySheet) -> str:
    """How the trail names a sheet."""
    return f"{row.number}/{sheet.form}/{sheet.unit}"


def dump(value: Any) -> str:
    """The one way in which this room writes JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _issue(row: SurveyRound, form: str, units: Sequence[Unit], due_on: date) -> None:
    if units:
        rows = [
            {"round_id": row.id, "form": form, "due_on": due_on, **unit._asdict()} for unit in units
        ]
        db.session.execute(insert(SurveySheet), rows)


def _take(
    sheet: SurveySheet,
    act: str,
    by: Actor,
    now: datetime,
    reason: str = "",
    fields: Mapping[str, str] | None = None,
) -> None:
    sheet.state = rules.AFTER[act]
    db.session.add(
        SurveyAct(
            sheet_id=sheet.id,
            act=act,
            edition=sheet.edition,
            reason=reason,
            fields=dump(fields or {}),
            person=person_id(by),
            at=now,
            by=str(by),
        )
    )
    db.session.flush()


def _refuse_locked(row: SurveyRound) -> None:
    if row.locked_at is not None:
        raise refusals.RoundLocked(number=row.number)


def _ask_reason(reason: str) -> None:
    if not is_reason(reason):
        raise refusals.ReasonMissing()
