"""Somebody who owns the database: takes the guards down, then edits what was recorded."""

from typing import Any

import sqlalchemy as sa

from mealsvc.plumbing.db import db, engine_options, is_sqlite


class Attacker:
    """Raw SQL on a connection of its own, each call committed at once."""

    def __init__(self) -> None:
        options = engine_options(str(db.engine.url))
        self.engine = sa.create_engine(db.engine.url, isolation_level="AUTOCOMMIT", **options)
        db.session.rollback()

    def take_guards_down(self) -> None:
        """Drops every trigger, and the constraints that would refuse the edits to come."""
        if is_sqlite():
            for name in self.column("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.run(f"DROP TRIGGER {name}")
            return
        for table in self.column("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            self.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, name in self.rows(
            "SELECT conrelid::regclass, conname FROM pg_constraint"
            " WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace"
        ):
            self.run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")

    def run(self, statement: str, **values: Any) -> int:
        """How many rows were changed."""
        with self.engine.connect() as connection:
            if is_sqlite():
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            return connection.execute(sa.text(statement), values).rowcount

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(statement), values))

    def column(self, statement: str, **values: Any) -> list[Any]:
        return [row[0] for row in self.rows(statement, **values)]

    def change(self, table: str, column: str, where: str) -> None:
        """Writes another value of the same kind into one cell."""
        (old,) = self.column(f"SELECT {column} FROM {table} WHERE {where}")
        new = _another(old, column)
        changed = self.run(f"UPDATE {table} SET {column} = :new WHERE {where}", new=new)
        assert changed == 1

    def copy_row(self, table: str, by: str, old: int, **changes: Any) -> None:
        """Adds a copy of a row with these columns changed."""
        (row,) = self.rows(f"SELECT * FROM {table} WHERE {by} = :old", old=old)
        values = dict(row._mapping) | changes
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", **values)


def _another(value: Any, column: str) -> Any:
    if isinstance(value, bool):
        return not value
    if value is None:
        return {"reverses": 1, "reason": "moved_out"}[column]
    if isinstance(value, int):
        return 1 - value if column == "late" else value + (100 if column == "id" else 1)
    if isinstance(value, bytes | memoryview):
        return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:]
    if column == "served_on":
        return "2024-05-09"
    return f"{value}x"
