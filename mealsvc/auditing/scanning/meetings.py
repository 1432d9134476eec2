"""What compares points, gathered while they pass: elders at two points on one day, likely
duplicates of the register, and each point's month in a few numbers."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from mealsvc.auditing.scanning.day_lines import Columns
from mealsvc.auditing.scanning.reading_history import History
from mealsvc.auditing.scanning.rules.district import District, Summary, Twin, Visits
from mealsvc.auditing.scanning.rules.view import Ints, Lines, PointMonth, day_number
from mealsvc.kernel.months import Month


class Meetings:
    """Two passes: `watch` each day over all points, then `add` each point."""

    def __init__(self) -> None:
        self._met: list[Columns] = []
        self._twins: Sequence[Twin] = ()
        self._doubled: list[tuple[int, Lines]] = []
        self._points: list[Summary] = []
        self._visits: list[tuple[Ints, Ints, Ints, Ints]] = []

    def watch(self, columns: Columns) -> None:
        """A day of all points: keeps the lines of elders who were at two of them."""
        order = np.lexsort((columns["point"], columns["resident"]))
        who, where = columns["resident"][order], columns["point"][order]
        moved = (who[1:] == who[:-1]) & (where[1:] != where[:-1])
        if moved.any():
            met = np.isin(columns["resident"], who[1:][moved])
            self._met.append({name: column[met] for name, column in columns.items()})

    def expect(self, twins: Sequence[Twin]) -> None:
        """After the last day: who else's lines are to be kept."""
        self._twins = twins
        everybody = [one["resident"] for one in self._met]
        doubled = [number for twin in twins for number in (twin.older, twin.younger)]
        self._double = np.unique(np.array(doubled, np.int64))
        self._elders = np.unique(np.concatenate([*everybody, self._double]).astype(np.int64))

    def add(self, seen: PointMonth, history: History) -> None:
        """One point's month."""
        who, times = np.unique(seen.lines.resident, return_counts=True)
        bought: defaultdict[str, float] = defaultdict(float)
        for day, item, kg in seen.point.purchases:
            if day >= seen.first_day:
                bought[item] += kg
        self._points.append(Summary(seen.point, times.astype(np.int64), dict(bought)))
        twice = np.isin(seen.lines.resident, self._double)
        if twice.any():
            self._doubled.append((seen.point.id, seen.lines.take(twice)))
        known = np.isin(who, self._elders)
        if known.any():
            where = np.full(int(known.sum()), seen.point.id, np.int64)
            before = history.visits(seen.point.id, who[known])
            self._visits.append((who[known], where, times[known].astype(np.int64), before))

    def district(self, month: Month) -> District:
        """All points at once."""
        lines, where = self._lines()
        columns = [np.concatenate([np.zeros(0, np.int64), *some]) for some in _turned(self._visits)]
        return District(
            first_day=day_number(month.first_day),
            last_day=day_number(month.last_day),
            points=tuple(self._points),
            lines=lines,
            where=where,
            visits=Visits(*columns),
            twins=tuple(self._twins),
        )

    def _lines(self) -> tuple[Lines, Ints]:
        names = Lines.__slots__
        parts: list[Columns] = [
            *self._met,
            *(
                {name: getattr(lines, name) for name in names}
                | {"point": np.full(len(lines), point, np.int64)}
                for point, lines in self._doubled
            ),
        ]
        columns = {
            name: np.concatenate([np.zeros(0, np.int64), *(part[name] for part in parts)])
            for name in (*names, "point")
        }
        _, once = np.unique(columns["sequence"], return_index=True)
        order = once[
            np.lexsort([columns[name][once] for name in ("sequence", "second", "day", "resident")])
        ]
        columns = {name: column[order] for name, column in columns.items()}
        return Lines(**{name: columns[name] for name in names}), columns["point"]


def _turned(rows: Sequence[tuple[Ints, Ints, Ints, Ints]]) -> list[list[Ints]]:
    return [[row[place] for row in rows] for place in range(4)]
