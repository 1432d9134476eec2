"""What makes a table refuse changes, as migrations write it: SQLite and PostgreSQL.

Used by migrations, so its output for the same arguments must stay the same.
"""

from collections.abc import Sequence


def append_only(table: str, key: Sequence[str], dialect: str) -> list[str]:
    """Statements after which the table takes new rows only; `key` is its primary key."""
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def refused(table: str, name: str, event: str, when: str, dialect: str) -> str:
    """One statement: the table refuses this event (`DELETE`, `UPDATE OF a, b`) where `when` holds."""
    if dialect == "sqlite":
        return (
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: {name}'); END"
        )
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table}"
        f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
    )
