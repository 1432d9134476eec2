"""Many rows into one table by the shortest way of each database: no ORM, no compiled parameters."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, FromClause

from mealsvc.plumbing.db import Instant, micros

Rows = Sequence[tuple[Any, ...]]


class BulkInsert:
    """Inserts tuples of these columns: executemany on SQLite, COPY on PostgreSQL.

    Instants are aware datetimes or already microseconds. A broken constraint raises as for any
    insert, and leaves none of the rows.
    """

    def __init__(self, table: FromClause, columns: Sequence[str]) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO {table.description} ({names}) VALUES ({marks})"
        self._copy = f"COPY {table.description} ({names}) FROM STDIN"
        types = [table.c[name].type for name in columns]
        self._instants = [place for place, one in enumerate(types) if isinstance(one, Instant)]
        self._dates = [place for place, one in enumerate(types) if isinstance(one, Date)]

    def __call__(self, connection: Connection, rows: Rows) -> None:
        """Writes the rows within the open transaction."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self._insert, self._plain(rows, self._dates))
            return
        cursor: Any = connection.connection.cursor()
        with cursor.copy(self._copy) as copy:
            for row in self._plain(rows, []):
                copy.write_row(row)

    def _plain(self, rows: Rows, dates: list[int]) -> list[tuple[Any, ...]]:
        if not self._instants and not dates:
            return list(rows)
        plain = []
        for row in rows:
            values = list(row)
            for place in self._instants:
                if isinstance(values[place], datetime):
                    values[place] = micros(values[place])
            for place in dates:
                if isinstance(values[place], date):
                    values[place] = values[place].isoformat()
            plain.append(tuple(values))
        return plain
