"""The register: residents, and who died, moved away or lives in an institution.

What becomes known late proposes corrections of meals that were recorded before.
"""

from collections.abc import Hashable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from mealsvc.exchange.headings import Matched
from mealsvc.exchange.importers.base import Outcome, shared
from mealsvc.exchange.records import DepartureRow, ResidentRow
from mealsvc.kernel.actors import Actor
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.residents.enrolment import UNSET, Enrolment, enrol_batch
from mealsvc.settlement.corrections import find_corrections

FIELDS = Enrolment._fields


class ResidentImporter:
    """The first row about a person counts; what the file has no column for stays as it is."""

    size = 2_000

    def __init__(self, matched: Matched, filename: str) -> None:
        present = {column.slot for _, column in matched.columns}
        self._absent = [name for name in FIELDS if name not in present]
        self._source = f"导入 {filename}"
        self._seen: set[bytes] = set()

    def order(self, row: ResidentRow) -> Any:
        return None

    def identity(self, row: ResidentRow) -> Hashable:
        return row.line

    def apply(
        self, connection: Connection, rows: Sequence[ResidentRow], by: Actor, now: datetime
    ) -> Sequence[Outcome]:
        unset = dict.fromkeys(self._absent, UNSET)
        enrolments = [Enrolment(*row[1:])._replace(**unset) for row in rows]
        outcomes = enrol_batch(enrolments, by, now, source=self._source, seen=self._seen)
        find_corrections(by, now)
        return [outcome.refusal or outcome.result for outcome in outcomes]


class DepartureImporter:
    """Person, event and first day name a departure; of several such rows the last one counts."""

    size = 2_000

    def __init__(self, matched: Matched, filename: str) -> None:
        self._dated = any(column.slot == "to_on" for _, column in matched.columns)

    def order(self, row: DepartureRow) -> Any:
        return self.identity(row), row.line

    def identity(self, row: DepartureRow) -> Hashable:
        return row.id_number.number, row.event, row.from_on

    def apply(
        self, connection: Connection, rows: Sequence[DepartureRow], by: Actor, now: datetime
    ) -> Sequence[Outcome]:
        groups = [list(group) for _, group in groupby(rows, self.identity)]
        found = record_departure_batch([self._departure(group[-1]) for group in groups], by, now)
        find_corrections(by, now)
        outcomes: list[Outcome] = []
        for group, last in zip(groups, found, strict=True):
            outcomes += shared(group, last.refusal or last.result)
        return outcomes

    def _departure(self, row: DepartureRow) -> Departure:
        to_on = row.to_on if self._dated else UNSET
        return Departure(row.id_number, row.event, row.from_on, to_on, row.source or "")
