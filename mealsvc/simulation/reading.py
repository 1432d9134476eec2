"""What a replay reads: lines in the ledger's order, the dated facts of those who ate."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple
from typing import cast as cast_to

from sqlalchemy import Connection, Integer, cast, extract, func, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.months import Month
from mealsvc.places.queries import withheld_spans
from mealsvc.plumbing.db import db
from mealsvc.plumbing.lookups import look_up
from mealsvc.servings.lookup import person_on
from mealsvc.servings.models import DailyTally, Serving
from mealsvc.simulation.replay import Eater, Line, Span
from mealsvc.simulation.rules import Situation

CHUNK = 10_000
_DAY = timedelta(days=1)
_FACTS = (
    "SELECT r.id, CAST(r.birth_on AS TEXT), r.hukou_division, r.residence_division,"
    " f.kind, f.value, CAST(f.from_on AS TEXT), CAST(f.to_on AS TEXT)"
    " FROM resident r LEFT JOIN resident_fact f ON f.resident_id = r.id WHERE r.id IN ({these})"
)


@contextmanager
def snapshot() -> Iterator[Connection]:
    """One reading transaction: what others write meanwhile is not seen."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def count_lines(connection: Connection, months: Sequence[Month], points: Collection[int]) -> int:
    """How many unreversed lines the months hold at these points, by the day of the meal."""
    span = months[0].first_day, months[-1].last_day
    counted = select(func.sum(DailyTally.lines - DailyTally.reversals)).where(
        DailyTally.served_on.between(*span), DailyTally.point_id.in_(points)
    )
    return int(connection.scalar(counted) or 0)


def lines_of(connection: Connection, month: Month, points: Collection[int]) -> Iterator[list[Line]]:
    """The unreversed lines of meals eaten in this month at these points, in the ledger's order,
    some thousands at a time.
    """
    reversal = aliased(Serving)
    taken_back = select(reversal.sequence).where(reversal.reverses == Serving.sequence).exists()
    eaten = aliased(Serving)
    there = select(eaten.sequence).where(eaten.served_on.between(month.first_day, month.last_day))
    result = connection.execute(
        select(
            Serving.resident_id,
            Serving.point_id,
            cast(extract("day", Serving.served_on), Integer),
            Serving.meal,
            Serving.mode,
            Serving.price_fen,
            Serving.subsidy_fen,
            Serving.delivery_fen,
            Serving.reason,
        )
        .where(
            Serving.sequence.in_(there),  # SQLite sorts these alone, not whole lines
            Serving.point_id.in_(points),
            Serving.reverses.is_(None),
            ~taken_back,
        )
        .order_by(Serving.sequence),
        execution_options={"stream_results": not _is_sqlite(connection)},
    )
    if _is_sqlite(connection):  # the driver's own tuples: a row object costs as much again
        cursor: Any = result.cursor
        yield from iter(lambda: cursor.fetchmany(CHUNK), [])
        result.close()
    else:
        yield from cast_to(Iterator[list[Line]], result.partitions(CHUNK))


def withheld_days(month: Month, points: Collection[int]) -> frozenset[tuple[int, int]]:
    """Points and days of the month on which the till withheld the subsidy."""
    return frozenset(
        (point, day)
        for point, first, last in withheld_spans(month.first_day, month.last_day, points)
        for day in range(first.day, last.day + 1)
    )


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


class _Fact(NamedTuple):
    """One row as `person_on` reads it."""

    resident_id: int
    name: str
    birth_on: date
    hukou_division: str
    residence_division: str
    fact: str | None
    value: str | None
    from_on: date | None
    to_on: date | None


class Dated:
    """The dated facts of everybody who has the same ones; knows the span that it was last asked for."""

    def __init__(self, rows: list[_Fact]) -> None:
        self._rows = rows
        changes = {row.from_on for row in rows}
        changes |= {row.to_on + _DAY for row in rows if row.to_on and row.to_on < date.max}
        self._changes = sorted(day for day in changes if day)
        self._span = self._span_of(date.min)

    def on(self, day: date) -> Span:
        _, first, last = self._span
        if not first <= day <= last:
            self._span = self._span_of(day)
        return self._span

    def _span_of(self, day: date) -> Span:
        place = bisect_right(self._changes, day)
        first = self._changes[place - 1] if place else date.min
        last = self._changes[place] - _DAY if place < len(self._changes) else date.max
        return Situation.on(day, person_on(day, self._rows).facts), first, last


class Register:
    """The eaters of a replay, read when their first line comes."""

    def __init__(self, connection: Connection, eaters: dict[int, Eater]) -> None:
        self._connection, self._eaters = connection, eaters
        self._alike: dict[tuple, Dated] = {}

    def load(self, lines: list[Line]) -> None:
        """Reads those residents of these lines who are not known yet."""
        wanted = {line[0] for line in lines} - self._eaters.keys()
        found: defaultdict[int, list[tuple]] = defaultdict(list)
        births: dict[int, date] = {}
        for who, birth_on, *fact in look_up(self._connection, _FACTS, wanted):
            births[who] = date.fromisoformat(birth_on)
            found[who].append(tuple(fact))
        for who, rows in found.items():
            rows.sort(key=lambda row: [part or "" for part in row])
            self._eaters[who] = Eater(births[who], self._dated(tuple(rows)))

    def _dated(self, rows: tuple[tuple, ...]) -> Dated:
        known = self._alike.get(rows)
        if known is None:
            known = self._alike[rows] = Dated([_fact(row) for row in rows])
        return known


def _fact(row: tuple) -> _Fact:
    hukou, residence, kind, value, from_on, to_on = row
    return _Fact(0, "", date.min, hukou, residence, kind, value, _day(from_on), _day(to_on))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
