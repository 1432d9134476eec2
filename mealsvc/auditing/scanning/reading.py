"""A month's ledger as the rules look at it, point by point, in memory that does not grow with it.

First the days stream in and are put aside by point, then the points stream out. What compares
points is gathered on the way. The scan is about meals eaten in the month: what reached the ledger
later belongs to it (its lateness is evidence), what was taken back does not.
"""

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from sqlalchemy import func, select

from mealsvc.auditing.scanning.day_lines import LINE, Columns, day_columns
from mealsvc.auditing.scanning.eaters import Eaters
from mealsvc.auditing.scanning.meetings import Meetings
from mealsvc.auditing.scanning.reading_history import History
from mealsvc.auditing.scanning.reading_lines import Facts
from mealsvc.auditing.scanning.reading_people import Elders, first_days
from mealsvc.auditing.scanning.reading_places import Places, months_back
from mealsvc.auditing.scanning.rules.district import District
from mealsvc.auditing.scanning.rules.view import Ints, Lines, PointMonth, day_number
from mealsvc.auditing.scanning.spool import Spool, aside
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving

MEMORY_MONTHS = 12  # an elder who has not eaten for so long counts as new
_ROW = {
    "sequence": "i8",
    "resident": "i8",
    "day": "i4",
    "second": "i4",
    "meal": "i1",
    "mode": "i1",
    "method": "i1",
    "price": "i8",
    "subsidy": "i8",
    "source": "i4",
    "lateness": "i8",
}


def points_of(month: Month, codes: Collection[str] | None = None) -> Iterator[PointMonth]:
    """Each point's month, in order of the points' codes; `codes` names the ones wanted."""
    with Reading(month, codes) as reading:
        reading.prepare()
        yield from reading.months()


def last_sequence() -> int:
    """The last line that the ledger has now."""
    return db.session.scalar(select(func.max(Serving.sequence))) or 0


class Reading:
    """One reading of a month, within a `with`; `last` is the ledger's last line when it began."""

    def __init__(self, month: Month, codes: Collection[str] | None = None) -> None:
        self.month = month
        self.last = last_sequence()
        self._connection = db.session.connection()
        self._places = Places(month, codes)
        self._known = np.sort(np.fromiter(self._places.rows, np.int64))
        self._sources: dict[str, int] = {}
        folder = Path(current_app.config["INSTANCE"])
        self._files = ExitStack()
        room = (self._files.enter_context(aside(folder)) for _ in range(2))
        self._spool = Spool(_ROW, next(room))
        self._history = History(self._connection, month, self.last, next(room))
        self._eaters = Eaters()
        self._meetings = Meetings()
        self._numbers: list[int] = []

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: Any) -> None:
        self._files.close()

    @property
    def servings(self) -> int:
        """How many lines there are to look at."""
        return self._spool.rows

    @property
    def points(self) -> list[str]:
        """The codes of the points that have any, in order."""
        return [self._places.rows[number].code for number in self._numbers]

    def prepare(self) -> None:
        """Reads the month's and the earlier lines, and the elders."""
        for number in range(self.month.last_day.day):
            day = self.month.first_day + timedelta(days=number)
            columns = day_columns(self._connection, day, self.last, LINE, self._sources)
            if columns is not None:
                self._put_aside(day_number(day), columns)
        self._history.read()
        self._elders = Elders(self._connection, self._eaters.ids(), self._places.flat)
        self._elders.seen_first(self._first_days(self._elders.people.id))
        self._meetings.expect(self._elders.twins())
        self._facts = Facts(self.month, self._sources)
        kept = set(self._spool.points())
        self._numbers = [number for number in self._places.rows if number in kept]

    def months(self) -> Iterator[PointMonth]:
        """Each point's month, in order of the points' codes."""
        for number in self._numbers:
            seen = self._month_of(number)
            self._meetings.add(seen, self._history)
            yield seen

    def district(self) -> District:
        """All points at once; after `months` has run to its end."""
        return self._meetings.district(self.month)

    def _put_aside(self, day: int, columns: Columns) -> None:
        wanted = np.isin(columns["point"], self._known)
        if not wanted.all():
            columns = {name: column[wanted] for name, column in columns.items()}
        order = _order(columns["point"], columns["meal"], columns["second"])
        columns = {name: column[order] for name, column in columns.items()}
        columns["day"] = np.full(len(order), day)
        self._eaters.add(columns["resident"], day)
        self._meetings.watch(columns)
        self._spool.add(columns["point"], columns)

    def _first_days(self, ids: Ints) -> Ints:
        """The day of each elder's first meal within a year."""
        begun = db.session.scalar(select(func.min(Serving.served_on)))
        earliest = months_back(self.month, MEMORY_MONTHS).first_day
        until = self._history.since - timedelta(days=1)
        known = self._history.eaters.since(ids)
        found = first_days(self._connection, ids, known, until, max(earliest, begun or earliest))
        return np.where(found == 0, self._eaters.since(ids), found)

    def _month_of(self, number: int) -> PointMonth:
        rows = self._spool.rows_of(number)
        lines = Lines(**{name: rows[name].astype(np.int64) for name in Lines.__slots__})
        residents = np.unique(lines.resident)
        return PointMonth(
            first_day=day_number(self.month.first_day),
            last_day=day_number(self.month.last_day),
            point=self._places.known(number),
            lines=lines,
            people=self._elders.of(residents),
            habits=self._history.habits_of(number),
            departures=self._elders.departures_of(residents),
            policy_starts=self._places.policy_starts(number),
            **self._facts.of(self._places.rows[number].code, lines),
        )


def _order(point: Ints, meal: Ints, second: Ints) -> NDArray[np.intp]:
    """By point, meal and second; what is equal keeps the ledger's order."""
    return np.argsort((point << 24) + (meal << 18) + second, kind="stable")
