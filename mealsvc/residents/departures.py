"""Deaths, moves away and institutions, many at once: from files and the demo district."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.resident_id import ResidentId
from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writer
from mealsvc.residents.enrolment import UNSET, Outcome, Unset, id_digest, ref_of
from mealsvc.residents.fact_log import Changed, added, moved_end, write_changes
from mealsvc.residents.models import ResidentFact
from mealsvc.residents.refusals import BadPeriod, UnknownResident
from mealsvc.residents.writes import FACT as _FACT
from mealsvc.residents.writes import FACT_COLUMNS, owners_of
from mealsvc.trail.services import chain

SIZE = 2_000
DEPARTED = "residents.depart"
_INSERT = BulkInsert(_FACT, FACT_COLUMNS)
_MOVE = (
    update(_FACT)
    .where(_FACT.c.id == bindparam("fact"))
    .values(to_on=bindparam("to"), source=bindparam("by"))
)


class Departure(NamedTuple):
    """`deceased`, `moved_out` or `institution`, inclusive. UNSET leaves the last day as it was."""

    id_number: ResidentId
    event: str
    from_on: date
    to_on: date | Unset | None = UNSET
    source: str = ""


def record_departure_batch(rows: Sequence[Departure], by: Actor, now: datetime) -> list[Outcome]:
    """Notes departures; person, event and first day name one, whose last day a row may change.

    One outcome a row, in order; refused are `unknown_resident` and `bad_period`. A death has no
    last day.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(rows), SIZE):
        outcomes += _Batch(rows[start : start + SIZE], by, now).note()
    return outcomes


@dataclass(slots=True)
class _Noted:
    """A departure as the batch leaves it; without an id it is new."""

    resident_id: int
    kind: str
    value: str
    from_on: date | None
    to_on: date | None
    source: str
    id: int | None = None

    @property
    def columns(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in FACT_COLUMNS)


class _Batch:
    def __init__(self, rows: Sequence[Departure], by: Actor, now: datetime) -> None:
        keys, self.rows, self.by, self.now, self.chain = vault(), rows, by, now, chain()
        self.changes: list[tuple[Changed, int]] = []
        self.digests = [id_digest(keys, row.id_number.number) for row in rows]
        self.owners = owners_of(db.session.connection(), set(self.digests))
        facts = select(*(_FACT.c[name] for name in (*FACT_COLUMNS, "id"))).where(
            ResidentFact.kind == "departure",
            ResidentFact.resident_id.in_({resident_id for resident_id, _ in self.owners.values()}),
        )
        self.noted = {
            (row.resident_id, row.value, row.from_on): _Noted(*row)
            for row in db.session.connection().execute(facts)
        }
        self.new: list[_Noted] = []
        self.moved: dict[int, _Noted] = {}

    def note(self) -> list[Outcome]:
        pairs = zip(self.rows, self.digests, strict=True)
        outcomes = [self._one(row, self.owners.get(digest)) for row, digest in pairs]
        _INSERT(writer(), [one.columns for one in self.new])
        if self.moved:
            ends = [
                {"fact": key, "to": one.to_on, "by": one.source} for key, one in self.moved.items()
            ]
            writer().execute(_MOVE, ends)
            db.session.expire_all()
        self.chain.flush()
        write_changes(self.changes, self.now)
        return outcomes

    def _one(self, row: Departure, owner: tuple[int, str] | None) -> Outcome:
        if owner is None:
            return Outcome("rejected", None, UnknownResident())
        if isinstance(row.to_on, date) and row.to_on < row.from_on:
            return Outcome("rejected", owner[0], BadPeriod())
        key = (owner[0], row.event, row.from_on)
        fact = self.noted.get(key)
        to_on = None if row.event == "deceased" else row.to_on
        if fact is None:
            last = None if to_on is UNSET else to_on
            fact = _Noted(owner[0], "departure", row.event, row.from_on, last, row.source)
            self.noted[key] = fact
            self.new.append(fact)
            return self._log(fact, "created", added(fact))
        if to_on is UNSET or to_on == fact.to_on:
            return Outcome("unchanged", owner[0])
        if fact.id is not None:
            self.moved[fact.id] = fact
        before = fact.to_on
        fact.to_on, fact.source = to_on, row.source or fact.source
        return self._log(fact, "updated", moved_end(fact, before, fact.source))

    def _log(self, fact: "_Noted", result: str, change: Changed) -> Outcome:
        detail = json.dumps(told(fact), ensure_ascii=False, sort_keys=True, default=str)
        revision = self.chain.append(self.by, DEPARTED, ref_of(fact.resident_id), detail, self.now)
        self.changes.append((change, revision))
        return Outcome(result, fact.resident_id)


def told(fact: Any) -> dict[str, object]:
    """A fact for the trail; which category somebody has is too private for it."""
    named = {} if fact.kind == "category" else {"value": fact.value}
    dates = {"from_on": fact.from_on, "to_on": fact.to_on}
    return {"kind": fact.kind, **named, **dates, "source": fact.source}
