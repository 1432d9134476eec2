"""Many rows into one table by the shortest way of each database: no ORM, no compiled parameters."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, FromClause

from mealsvc.plumbing.prepared import driver_errors, execute

Rows = Sequence[tuple[Any, ...]]
FEW = 20  # rows that COPY does not repay


class BulkInsert:
    """Inserts tuples of these columns: executemany on SQLite, COPY of many on PostgreSQL.

    Dates are dates, instants come as microseconds. A broken constraint raises as for any insert,
    and leaves none of the rows.
    """

    def __init__(self, table: FromClause, columns: Sequence[str]) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO {table.description} ({names}) VALUES ({marks})"
        self._copy = f"COPY {table.description} ({names}) FROM STDIN"
        self._dates = [
            place for place, name in enumerate(columns) if isinstance(table.c[name].type, Date)
        ]

    def __call__(self, connection: Connection, rows: Rows) -> None:
        """Writes the rows within the open transaction."""
        if not rows:
            return
        if len(rows) < FEW:
            self._one_by_one(connection, rows)
        elif connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self._insert, self._as_text(rows))
        else:
            with driver_errors(connection.dialect, self._copy):
                cursor: Any = connection.connection.cursor()
                with cursor.copy(self._copy) as copy:
                    for row in rows:
                        copy.write_row(row)

    def _one_by_one(self, connection: Connection, rows: Rows) -> None:
        dialect, statement = connection.dialect, self._insert
        if dialect.name == "sqlite":
            rows = self._as_text(rows)
        else:
            statement = statement.replace("?", "%s")
        for row in rows:
            execute(dialect, connection.connection, statement, row)

    def _as_text(self, rows: Rows) -> list[tuple[Any, ...]]:
        """SQLite keeps dates as ISO 8601 text."""
        if not self._dates:
            return list(rows)
        written = []
        for row in rows:
            values = list(row)
            for place in self._dates:
                if isinstance(values[place], date):
                    values[place] = values[place].isoformat()
            written.append(tuple(values))
        return written
