"""The clerk's verbs in the register: register, correct, note a fact or departure, reveal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import ResidentId, normalise
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.departures import Departure, record_departure_batch, told
from mealsvc.residents.enrolment import (
    UNSET,
    Enrolment,
    Outcome,
    enrol_batch,
    id_digest,
    ref_of,
)
from mealsvc.residents.fact_log import added, corrected, moved_end, withdrawn, write_changes
from mealsvc.residents.models import Credential, Resident, ResidentFact
from mealsvc.residents.refusals import (
    AlreadyRegistered,
    BadPeriod,
    FactExists,
    MissingReason,
    MissingStart,
    UnknownCategory,
    UnknownFact,
    UnknownResident,
)
from mealsvc.residents.rules import CATEGORIES, EVENTS, is_reason
from mealsvc.residents.writes import owners_of
from mealsvc.trail.services import record

# The verbs for many at once stand in files of their own.
__all__ = ["UNSET", "Departure", "Enrolment", "enrol_batch", "record_departure_batch"]
REVEALED = ("name", "id_number", "phone", "address")


@dataclass(frozen=True, slots=True)
class NewFact:
    """A dated fact as a clerk states it: kind and value as in `ResidentFact`."""

    kind: str
    value: str
    from_on: date | None
    to_on: date | None
    source: str


def register(row: Enrolment, by: Actor, now: datetime, *, source: str) -> int:
    """Enters one new person; returns the row number.

    Raises AlreadyRegistered (with the `ref` of the existing record) and CardTaken.
    """
    known = find_id(row.id_number.number)
    if known is not None:
        raise AlreadyRegistered(ref=ref_of(known), resident_id=known)
    return _only(enrol_batch([row], by, now, source=source))


def correct(row: Enrolment, by: Actor, now: datetime, *, source: str) -> bool:
    """Changes what the row gives of a registered person; False when nothing is different.

    Raises UnknownResident and CardTaken.
    """
    if find_id(row.id_number.number) is None:
        raise UnknownResident()
    outcome = enrol_batch([row], by, now, source=source)
    _only(outcome)
    return outcome[0].result == "updated"


def correct_id_number(
    resident_id: int, number: ResidentId, by: Actor, now: datetime, *, reason: str
) -> None:
    """Puts right a number that was mistyped; birth date and sex follow it.

    Raises AlreadyRegistered when the right number is somebody else's.
    """
    _want_reason(reason)
    resident, keys = get(resident_id), vault()
    digest = id_digest(keys, number.number)
    known = owners_of(db.session.connection(), [digest]).get(digest)
    if known:
        raise AlreadyRegistered(ref=ref_of(known[0]), resident_id=known[0])
    db.session.execute(
        delete(Credential).where(Credential.resident_id == resident_id, Credential.kind == "id")
    )
    last4 = number.number[-4:]
    db.session.add(
        Credential(digest=digest, resident_id=resident_id, kind="id", last4=last4, since=now)
    )
    resident.id_number, resident.id_last4 = keys.seal(number.number), last4
    born = resident.birth_on
    resident.birth_on, resident.sex = number.birth_on, number.sex
    resident.id_converted = number.converted
    detail = {"fields": ["id_number"], "reason": reason}
    revision = record(by, "residents.correct_id", resident.ref, detail)
    db.session.flush()
    if born != number.birth_on:
        change = corrected(resident_id, "birth", str(number.birth_on), "更正身份证号")
        write_changes([(change, revision)], now)


def add_fact(resident_id: int, new: NewFact, by: Actor) -> ResidentFact:
    """Notes a category, a move of hukou or residence, or a departure, with its source.

    Raises BadPeriod, MissingStart (everything but a category needs a first day),
    UnknownCategory and FactExists.
    """
    resident = get(resident_id)
    _check_fact(new)
    same = [
        fact
        for fact in facts_of(resident_id)
        if (fact.kind, fact.from_on) == (new.kind, new.from_on)
        and (fact.value == new.value or new.kind in ("hukou", "residence"))
    ]
    if same:
        raise FactExists()
    to_on = None if new.value == "deceased" else new.to_on
    fact = ResidentFact(
        resident_id=resident.id,
        kind=new.kind,
        value=new.value,
        from_on=new.from_on,
        to_on=to_on,
        source=new.source,
    )
    db.session.add(fact)
    db.session.flush()
    revision = record(by, "residents.add_fact", resident.ref, told(fact))
    write_changes([(added(fact), revision)], clock.now())
    return fact


def end_fact(resident_id: int, fact_id: int, to_on: date | None, by: Actor) -> None:
    """Gives a fact its last day (inclusive), or opens it again. Raises UnknownFact, BadPeriod."""
    fact = fact_of(resident_id, fact_id)
    if to_on and fact.from_on and to_on < fact.from_on:
        raise BadPeriod()
    before = fact.to_on
    fact.to_on = to_on
    revision = record(by, "residents.end_fact", ref_of(resident_id), told(fact))
    db.session.flush()
    if to_on != before:
        write_changes([(moved_end(fact, before, fact.source), revision)], clock.now())


def withdraw_fact(resident_id: int, fact_id: int, reason: str, by: Actor) -> None:
    """Takes out a fact that was noted by mistake; the trail keeps it. Raises UnknownFact."""
    _want_reason(reason)
    fact = fact_of(resident_id, fact_id)
    detail = {**told(fact), "reason": reason}
    change = withdrawn(fact)
    db.session.delete(fact)
    revision = record(by, "residents.withdraw_fact", ref_of(resident_id), detail)
    db.session.flush()
    write_changes([(change, revision)], clock.now())


def reveal(resident_id: int, field: str, reason: str, by: Actor) -> str:
    """One field in clear (`REVEALED`), against a reason of four characters; the trail tells who.

    The view asks for the right `residents.reveal` and the scope. Raises MissingReason.
    """
    _want_reason(reason)
    resident = get(resident_id)
    if field not in REVEALED:
        raise ValueError(f"no such field to reveal: {field!r}")
    kept: Any = getattr(resident, field)
    clear = vault().open(kept) if isinstance(kept, bytes) else kept or ""
    record(by, "residents.reveal", resident.ref, {"field": field, "reason": reason})
    return clear


def get(resident_id: int) -> Resident:
    """The resident of this row. Raises UnknownResident."""
    resident = db.session.get(Resident, resident_id)
    if resident is None:
        raise UnknownResident()
    return resident


def find_id(number: str) -> int | None:
    """The row of whoever has this 18-digit ID number."""
    digest = id_digest(vault(), number)
    owner = owners_of(db.session.connection(), [digest]).get(digest)
    return owner[0] if owner else None


def number_of(resident: Resident) -> ResidentId:
    """The resident's ID number as it is kept."""
    return normalise(vault().open(resident.id_number))


def facts_of(resident_id: int) -> Sequence[ResidentFact]:
    """All dated facts, the latest first."""
    facts = db.session.scalars(select(ResidentFact).where(ResidentFact.resident_id == resident_id))
    return sorted(facts, key=lambda fact: (fact.from_on or date.min, fact.id), reverse=True)


def _check_fact(new: NewFact) -> None:
    known = {"category": CATEGORIES, "departure": EVENTS}.get(new.kind)
    if known is not None and new.value not in known:
        raise UnknownCategory()
    if new.from_on is None and new.kind != "category":
        raise MissingStart()
    if new.from_on and new.to_on and new.to_on < new.from_on:
        raise BadPeriod()


def fact_of(resident_id: int, fact_id: int) -> ResidentFact:
    """This fact of this resident. Raises UnknownFact."""
    fact = db.session.get(ResidentFact, fact_id)
    if fact is None or fact.resident_id != resident_id:
        raise UnknownFact()
    return fact


def _want_reason(reason: str) -> None:
    if not is_reason(reason):
        raise MissingReason()


def _only(outcomes: Sequence[Outcome]) -> int:
    (outcome,) = outcomes
    refusal: Refusal | None = outcome.refusal
    if refusal is not None or outcome.resident_id is None:
        raise refusal or UnknownResident()
    return outcome.resident_id
