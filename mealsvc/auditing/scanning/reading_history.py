"""What each elder used to do in the two months before: learned from lines, forgotten as lines."""

from datetime import date, timedelta
from typing import IO

import numpy as np
from sqlalchemy import Connection

from mealsvc.auditing.scanning.day_lines import HABIT, day_columns
from mealsvc.auditing.scanning.eaters import Eaters
from mealsvc.auditing.scanning.rules.view import DELIVERY, MANUAL, Habits, Ints, day_number
from mealsvc.auditing.scanning.spool import Spool
from mealsvc.kernel.months import Month

HABIT_MONTHS = 2
_MEALS = 4  # more than there are
_ROW = {
    "resident": "i8",
    "day": "i4",
    "second": "i4",
    "meal": "i1",
    "manual": "?",
    "delivered": "?",
}


class History:
    """The lines of the months before, up to the ledger's line `last`."""

    def __init__(self, connection: Connection, month: Month, last: int, file: IO[bytes]) -> None:
        self._connection, self._last = connection, last
        self._until = month.first_day
        self.since = self._until
        for _ in range(HABIT_MONTHS):
            self.since = Month.of(self.since).previous.first_day
        self._spool = Spool(_ROW, file)
        self.eaters = Eaters()

    def read(self) -> None:
        """Day by day."""
        day = self.since
        while day < self._until:
            self._read_day(day)
            day += timedelta(days=1)

    def habits_of(self, point: int) -> Habits:
        """What each elder did here."""
        rows = self._spool.rows_of(point)
        key = rows["resident"] * _MEALS + rows["meal"]
        whose, place, times = np.unique(key, return_inverse=True, return_counts=True)
        resident = whose // _MEALS
        count = len(whose)
        at = np.bincount(place, rows["second"], count) / np.maximum(times, 1)
        off = (rows["second"] - at[place]) ** 2
        people, mine = np.unique(rows["resident"], return_counts=True)
        here = mine[np.searchsorted(people, resident)]
        return Habits(
            resident=resident,
            meal=whose % _MEALS,
            servings=times.astype(np.int64),
            at=at,
            spread=np.sqrt(np.bincount(place, off, count) / np.maximum(times, 1)),
            manual=np.bincount(place, rows["manual"], count).astype(np.int64),
            delivered=np.bincount(place, rows["delivered"], count).astype(np.int64),
            home=here / np.maximum(self.eaters.times(resident), 1),
            days=len(np.unique(rows["day"])),
        )

    def visits(self, point: int, residents: Ints) -> Ints:
        """How often each of these ate here."""
        whose, times = np.unique(self._spool.rows_of(point)["resident"], return_counts=True)
        place = np.searchsorted(whose, residents)
        found = np.zeros(len(residents), np.int64)
        inside = place < len(whose)
        hit = np.flatnonzero(inside)[whose[place[inside]] == residents[inside]]
        found[hit] = times[place[hit]]
        return found

    def _read_day(self, day: date) -> None:
        columns = day_columns(self._connection, day, self._last, HABIT)
        if columns is None:
            return
        self.eaters.add(columns["resident"], day_number(day))
        order = np.argsort(columns["point"], kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
        columns["day"] = np.full(len(order), day_number(day))
        columns["manual"] = columns["method"] == MANUAL
        columns["delivered"] = columns["mode"] == DELIVERY
        self._spool.add(columns["point"], columns)
