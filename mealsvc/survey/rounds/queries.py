"""Rounds and sheets as lists, desks, other rooms and the workbench read them."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from mealsvc.kernel.masking import mask_name
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.residents.models import Resident
from mealsvc.survey.rounds import rules
from mealsvc.survey.rounds.models import (
    SurveyAct,
    SurveyEntry,
    SurveyRound,
    SurveySheet,
    SurveySnapshot,
)
from mealsvc.survey.rounds.units import BY_PERSON, BY_POINT

LEAST = {
    "accepted": ("accepted",),
    "town": ("town", "accepted"),
    "village": ("village", "town", "accepted"),
    "filled": rules.HANDED_IN,
}
WAITING = "waiting"  # in a filter: what waits for whoever looks
OVERDUE = "overdue"
TOWN = 9


@dataclass(frozen=True, slots=True)
class Accepted:
    """A unit's latest entry: answers as `forms.rules.read` gives them, remarks by field."""

    sheet_id: int
    unit: str
    division: str
    resident_id: int | None
    state: str
    edition: int
    answers: Mapping[str, Any]
    remarks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of sheets is narrowed to; empty texts don't narrow."""

    form: str = ""
    state: str = ""
    division: str = ""
    unit: str = ""


@dataclass(slots=True)
class Tally:
    """How many sheets are in which state, and how many of those to fill are past their day."""

    states: Counter[str] = field(default_factory=Counter)
    overdue: int = 0

    @property
    def total(self) -> int:
        return self.states.total()

    @property
    def done(self) -> int:
        return sum(self.states[state] for state in rules.DONE)

    @property
    def filled(self) -> int:
        """Handed in, wherever it is now."""
        return sum(self.states[state] for state in rules.HANDED_IN)

    @property
    def percent(self) -> int:
        """Rounded down: a hundred only once nothing is missing."""
        return self.done * 100 // self.total if self.total else 0

    def add(self, state: str, number: int, overdue: bool) -> None:
        self.states[state] += number
        self.overdue += number if overdue else 0


@dataclass(frozen=True, slots=True)
class ToDo:
    """What waits for somebody in the rounds under way; `round_id` the round that is due first."""

    to_fill: int = 0
    returned: int = 0
    overdue: int = 0
    to_review: int = 0
    round_id: int | None = None
    due_on: date | None = None


def rounds() -> Select[Any]:
    """Every round, the newest first."""
    return select(SurveyRound).order_by(SurveyRound.id.desc())


def rounds_seen(principal: Principal) -> Select[Any]:
    """The rounds in which somebody has a sheet to see, the newest first; all for the district."""
    if not principal.at_point and len(principal.scope) <= 6:
        return rounds().where(SurveyRound.division.startswith(principal.scope, autoescape=True))
    own = select(SurveySheet.id).where(SurveySheet.round_id == SurveyRound.id, seen_by(principal))
    return rounds().where(own.exists())


def latest_round(within: str = "") -> SurveyRound | None:
    """The newest round of a district."""
    rows = rounds().where(SurveyRound.division.startswith(within, autoescape=True)).limit(1)
    return db.session.scalar(rows)


def round_by_number(number: str) -> SurveyRound | None:
    return db.session.scalar(select(SurveyRound).where(SurveyRound.number == number))


def seen_by(principal: Principal) -> ColumnElement[bool]:
    """The sheets within somebody's scope: at a point only its own form."""
    if principal.at_point:
        return and_(SurveySheet.form == BY_POINT, SurveySheet.unit == principal.scope)
    return SurveySheet.division.startswith(principal.scope, autoescape=True)


def waits_for(role: str) -> ColumnElement[bool]:
    """The sheets that wait for this role first of all."""
    forms = rules.waiting_for(role)
    found = [
        and_(SurveySheet.form == form, SurveySheet.state.in_(states))
        for form, states in forms.items()
    ]
    return or_(*found) if found else SurveySheet.id.is_(None)


def sheets(
    round_id: int, seen: ColumnElement[bool], wanted: Wanted, role: str, today: date
) -> Select[Any]:
    """The sheets of a round that somebody sees, narrowed: what is overdue first, then what waits
    for this role, then in order of form and unit."""
    late = is_overdue(today)
    rows = select(SurveySheet).where(SurveySheet.round_id == round_id, seen)
    if wanted.form:
        rows = rows.where(SurveySheet.form == wanted.form)
    if wanted.division:
        rows = rows.where(SurveySheet.division.startswith(wanted.division, autoescape=True))
    if wanted.unit:
        rows = rows.where(SurveySheet.unit == wanted.unit)
    if wanted.state == WAITING:
        rows = rows.where(waits_for(role))
    elif wanted.state == OVERDUE:
        rows = rows.where(late)
    elif wanted.state:
        rows = rows.where(SurveySheet.state == wanted.state)
    return rows.order_by(
        case((late, 0), (waits_for(role), 1), else_=2), SurveySheet.form, SurveySheet.unit
    )


def is_overdue(today: date) -> ColumnElement[bool]:
    """What should have been handed in by now."""
    return and_(SurveySheet.due_on < today, SurveySheet.state.in_(rules.TO_FILL))


def next_waiting(
    round_id: int, seen: ColumnElement[bool], role: str, after: SurveySheet
) -> int | None:
    """The next sheet that waits for this role, in order of form and unit, round the end."""
    rows = (
        select(SurveySheet.id)
        .where(SurveySheet.round_id == round_id, seen, waits_for(role), SurveySheet.id != after.id)
        .order_by(
            case(
                (SurveySheet.form < after.form, 1),
                (and_(SurveySheet.form == after.form, SurveySheet.unit < after.unit), 1),
                else_=0,
            ),
            SurveySheet.form,
            SurveySheet.unit,
        )
        .limit(1)
    )
    return db.session.scalar(rows)


def progress(
    round_ids: Collection[int], today: date, seen: ColumnElement[bool] | None = None
) -> dict[int, dict[str, Tally]]:
    """By round and form how far its sheets are; one query."""
    found: dict[int, dict[str, Tally]] = {one: defaultdict(Tally) for one in round_ids}
    late = is_overdue(today).label("late")
    rows = (
        select(SurveySheet.round_id, SurveySheet.form, SurveySheet.state, late, func.count())
        .where(SurveySheet.round_id.in_(round_ids), *([] if seen is None else [seen]))
        .group_by(SurveySheet.round_id, SurveySheet.form, SurveySheet.state, late)
    )
    for round_id, form, state, overdue, number in db.session.execute(rows):
        found[round_id][form].add(state, number, overdue)
    return {one: dict(sorted(forms.items())) for one, forms in found.items()}


def by_town(
    round_id: int, today: date, seen: ColumnElement[bool], form: str = ""
) -> dict[str, Tally]:
    """By town how far its sheets are, in order of code; one query."""
    town = func.substr(SurveySheet.division, 1, TOWN).label("town")
    late = is_overdue(today).label("late")
    rows = select(town, SurveySheet.state, late, func.count()).where(
        SurveySheet.round_id == round_id, seen
    )
    if form:
        rows = rows.where(SurveySheet.form == form)
    found: dict[str, Tally] = defaultdict(Tally)
    for code, state, overdue, number in db.session.execute(
        rows.group_by(town, SurveySheet.state, late)
    ):
        found[code].add(state, number, overdue)
    return dict(sorted(found.items()))


def whole(tallies: Collection[Tally]) -> Tally:
    """Several tallies added up."""
    total = Tally()
    for one in tallies:
        total.states += one.states
        total.overdue += one.overdue
    return total


def names_of(found: Sequence[SurveySheet], people_named: bool = True) -> dict[int, str]:
    """What each sheet's unit is called: a division, a point, or `D0001`, with a masked name for
    those who may see the register (`people_named`)."""
    names: dict[str, dict[str, str]] = {}
    for form in {one.form for one in found} - {BY_PERSON}:
        names[form] = unit_names(form, {one.unit for one in found if one.form == form})
    asked = {x.resident_id for x in found if x.resident_id and people_named}
    people = _texts(Resident.id, Resident.name, asked)
    told = {}
    for one in found:
        if one.form == BY_PERSON:
            name = people.get(one.resident_id, "")
            told[one.id] = f"{one.unit} {mask_name(name)}" if name else one.unit
        else:
            told[one.id] = names[one.form].get(one.unit, one.unit)
    return told


def unit_names(form: str, codes: Collection[str]) -> dict[str, str]:
    """Names of the divisions or points that fill this form, by code."""
    if form == BY_POINT:
        return _texts(MealPoint.code, MealPoint.name, codes)
    return division_names(codes)


def units_with(round_id: int, form: str) -> set[str]:
    """The units that have a sheet of this form."""
    rows = select(SurveySheet.unit).where(
        SurveySheet.round_id == round_id, SurveySheet.form == form
    )
    return set(db.session.scalars(rows))


def waiting_sheets(
    principal: Principal, today: date, most: int
) -> list[tuple[SurveySheet, SurveyRound]]:
    """What waits for somebody in the rounds that are not locked, what is due first on top."""
    rows = (
        select(SurveySheet, SurveyRound)
        .join(SurveyRound, SurveyRound.id == SurveySheet.round_id)
        .where(SurveyRound.locked_at.is_(None), seen_by(principal), waits_for(principal.role))
        .order_by(
            case((is_overdue(today), 0), else_=1),
            SurveySheet.due_on,
            SurveySheet.form,
            SurveySheet.unit,
        )
        .limit(most)
    )
    return [(sheet, row) for sheet, row in db.session.execute(rows)]


def accepted(round_id: int, form: str, least: str = "accepted") -> list[Accepted]:
    """The latest entries of a form that the district has accepted, in order of unit; with `least`
    "filled" also those that are still under review."""
    rows = db.session.execute(
        select(SurveySheet, SurveyEntry)
        .join(
            SurveyEntry,
            and_(
                SurveyEntry.sheet_id == SurveySheet.id, SurveyEntry.edition == SurveySheet.edition
            ),
        )
        .where(
            SurveySheet.round_id == round_id,
            SurveySheet.form == form,
            SurveySheet.state.in_(LEAST[least]),
        )
        .order_by(SurveySheet.unit)
    )
    return [
        Accepted(
            sheet.id,
            sheet.unit,
            sheet.division,
            sheet.resident_id,
            sheet.state,
            entry.edition,
            json.loads(entry.answers),
            json.loads(entry.remarks),
        )
        for sheet, entry in rows
    ]


def entry_of(sheet: SurveySheet, edition: int | None = None) -> SurveyEntry | None:
    """An edition of a sheet, the latest if none is named."""
    return db.session.scalar(
        select(SurveyEntry).where(
            SurveyEntry.sheet_id == sheet.id,
            SurveyEntry.edition == (sheet.edition if edition is None else edition),
        )
    )


def entries_of(sheet: SurveySheet) -> Sequence[SurveyEntry]:
    """Every edition of a sheet, the latest first."""
    rows = select(SurveyEntry).where(SurveyEntry.sheet_id == sheet.id)
    return db.session.scalars(rows.order_by(SurveyEntry.edition.desc())).all()


def latest_entries(sheet_ids: Collection[int]) -> dict[int, SurveyEntry]:
    """The present entry of each of these sheets that has one; one query."""
    rows = (
        select(SurveyEntry)
        .join(
            SurveySheet,
            and_(
                SurveySheet.id == SurveyEntry.sheet_id, SurveySheet.edition == SurveyEntry.edition
            ),
        )
        .where(SurveySheet.id.in_(sheet_ids))
    )
    return {one.sheet_id: one for one in db.session.scalars(rows)}


def snapshot_of(round_id: int) -> SurveySnapshot | None:
    """What was locked of a round."""
    return db.session.get(SurveySnapshot, round_id)


def acts_of(sheet: SurveySheet) -> Sequence[SurveyAct]:
    """Everything that was done with a sheet, in order."""
    rows = select(SurveyAct).where(SurveyAct.sheet_id == sheet.id).order_by(SurveyAct.id)
    return db.session.scalars(rows).all()


def last_time(row: SurveyRound, sheet: SurveySheet) -> tuple[SurveyRound, Mapping[str, Any]] | None:
    """What the same unit answered in the round before this one; not for the persons drawn."""
    if sheet.form == BY_PERSON:
        return None
    found = db.session.execute(
        select(SurveyRound, SurveyEntry.answers)
        .join(SurveySheet, SurveySheet.round_id == SurveyRound.id)
        .join(
            SurveyEntry,
            and_(
                SurveyEntry.sheet_id == SurveySheet.id, SurveyEntry.edition == SurveySheet.edition
            ),
        )
        .where(
            SurveyRound.id < row.id,
            SurveySheet.form == sheet.form,
            SurveySheet.unit == sheet.unit,
            SurveySheet.state == "accepted",
        )
        .order_by(SurveyRound.id.desc())
        .limit(1)
    ).first()
    return None if found is None else (found[0], json.loads(found[1]))


def to_do(principal: Principal, today: date) -> ToDo:
    """What waits for this person in the rounds that are not locked; one query."""
    late = is_overdue(today).label("late")
    rows = (
        select(
            SurveySheet.state,
            late,
            func.count(),
            func.min(SurveySheet.round_id),
            func.min(SurveySheet.due_on),
        )
        .join(SurveyRound, SurveyRound.id == SurveySheet.round_id)
        .where(SurveyRound.locked_at.is_(None), seen_by(principal), waits_for(principal.role))
        .group_by(SurveySheet.state, late)
    )
    found = list(db.session.execute(rows))
    if not found:
        return ToDo()
    counts: Counter[str] = Counter()
    for state, overdue, number, _, _ in found:
        kind = "to_fill" if state in rules.TO_FILL else "to_review"
        counts[kind] += number
        counts["returned"] += number if state == "returned" else 0
        counts["overdue"] += number if overdue else 0
    first = min(found, key=lambda one: one[4])
    return ToDo(round_id=first[3], due_on=first[4], **counts)


def _texts(key: Any, name: Any, values: Collection[Any]) -> dict[Any, str]:
    if not values:
        return {}
    return dict(db.session.execute(select(key, name).where(key.in_(values))).all())
