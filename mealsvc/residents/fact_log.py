"""What became known of residents, and when: one row for each change of a fact, beside the trail.

The log is what finds the meals that were decided without knowing it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.db import Base, micros, writer
from mealsvc.residents.models import FactChange

MOVES = ("hukou", "residence")
_DAY = timedelta(days=1)
_COLUMNS = (
    "resident_id",
    "kind",
    "value",
    "from_on",
    "to_on",
    "change",
    "touched_from",
    "touched_to",
    "source",
    "revision",
    "at",
)
_INSERT = BulkInsert(Base.metadata.tables[FactChange.__tablename__], _COLUMNS)


class Fact(NamedTuple):
    """A dated fact as `resident_fact` keeps it."""

    resident_id: int
    kind: str
    value: str
    from_on: date | None
    to_on: date | None
    source: str = ""


class Changed(NamedTuple):
    """A fact after its change, what happened to it, and the days that this touches."""

    resident_id: int
    kind: str
    value: str
    from_on: date | None
    to_on: date | None
    change: str
    touched_from: date | None
    touched_to: date | None
    source: str


def added(fact: Any, change: str = "added") -> Changed:
    """A fact that is new (or, as `withdrawn`, gone): it touches all its days.

    `fact` is a row of `resident_fact` or a `Fact`. A move counts until the next one.
    """
    to_on = None if fact.kind in MOVES else fact.to_on
    return Changed(*_named(fact), change, fact.from_on, to_on, fact.source)


def withdrawn(fact: Any) -> Changed:
    """A fact that was noted by mistake."""
    return added(fact, "withdrawn")


def moved_end(fact: Any, before: date | None, source: str) -> Changed:
    """A fact with another last day than `before`: it touches the days between the two."""
    resident_id, kind, value, from_on, after = _named(fact)
    longer = before is not None and (after is None or after > before)
    first, last = (before, after) if longer else (after, before)
    change = "extended" if longer else "ended"
    touched_from = first + _DAY if first else None
    return Changed(resident_id, kind, value, from_on, after, change, touched_from, last, source)


def corrected(resident_id: int, kind: str, value: str, source: str) -> Changed:
    """What the register says from the beginning (birth, hukou, residence) was put right."""
    return Changed(resident_id, kind, value, None, None, "corrected", None, None, source)


def write_changes(changes: Sequence[tuple[Changed, int]], now: datetime) -> None:
    """Adds these changes, each with the number of its trail row, in the present transaction."""
    at = micros(now)
    _INSERT(writer(), [(*change, revision, at) for change, revision in changes])


def _named(fact: Any) -> tuple[int, str, str, date | None, date | None]:
    return fact.resident_id, fact.kind, fact.value, fact.from_on, fact.to_on
