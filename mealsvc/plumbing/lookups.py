"""Rows by a long list of values, past the layer that prepares each value of the list."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection

CHUNK = 5_000  # values of one statement; both databases allow 32,766 parameters and more


def look_up(connection: Connection, statement: str, values: Collection[Any]) -> Iterator[Any]:
    """Rows of a SELECT whose `{these}` stands for a list of values of any length.

    Columns come as the driver gives them: ask for text, numbers and bytes only.
    """
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    wanted = list(values)
    for start in range(0, len(wanted), CHUNK):
        some = tuple(wanted[start : start + CHUNK])
        marks = ", ".join([mark] * len(some))
        yield from connection.exec_driver_sql(statement.format(these=marks), some)
