"""PostgreSQL: every table by COPY from one snapshot, and loaded again in one transaction.

The tables are those that the database has, not a list kept here.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from mealsvc.safekeeping.archive import Manifest, Reading, Writing
from mealsvc.safekeeping.refusals import NotABackup, StillServing
from mealsvc.trail.rules import Link

Progress = Callable[[str, int, int], None]
VERSION_TABLE = "alembic_version"
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
_SEQUENCES = text(
    "SELECT sequencename, last_value FROM pg_sequences"
    " WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1"
)
_FUNCTIONS = text(
    "SELECT p.oid::regprocedure::text FROM pg_proc p"
    " WHERE p.pronamespace = current_schema()::regnamespace"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)
_HEAD = text("SELECT seq, mac FROM trail_event ORDER BY seq DESC LIMIT 1")
_REVISION = text(f"SELECT version_num FROM {VERSION_TABLE}")


def save(engine: Engine, into: Writing, progress: Progress) -> None:
    """Copies every table as it is at one moment; writers go on meanwhile."""
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            connection.execute(text("SET TRANSACTION READ ONLY"))
            manifest = into.manifest
            manifest.revision = connection.scalar(_REVISION) or ""
            head = connection.execute(_HEAD).first()
            manifest.head = Link(head.seq, bytes(head.mac)) if head else Link()
            names = sorted(inspect(connection).get_table_names())
            for place, name in enumerate(names, 1):
                _save_table(connection, name, into)
                progress("复制数据表", place, len(names))
            for row in connection.execute(_SEQUENCES):
                manifest.sequences[row.sequencename] = row.last_value


def require_alone(connection: Connection) -> None:
    """Refuses while anybody else is connected: what they remember would be of the old database."""
    if connection.scalar(_OTHERS):
        raise StillServing()


def clear(connection: Connection) -> None:
    """Takes every table and function out of the schema; put back if the transaction fails."""
    for name in inspect(connection).get_table_names():
        connection.exec_driver_sql(f"DROP TABLE {_quoted(name)} CASCADE")
    for signature in connection.scalars(_FUNCTIONS).all():
        connection.exec_driver_sql(f"DROP FUNCTION {signature} CASCADE")


def load(connection: Connection, backup: Reading, progress: Progress) -> None:
    """Fills the empty tables of the backup's revision. Triggers are off meanwhile: slots, keys and
    tallies come as rows, and must not be derived a second time."""
    manifest = backup.manifest
    present = MetaData()
    present.reflect(connection)
    names = [table.name for table in present.sorted_tables if table.name != VERSION_TABLE]
    if {*names, VERSION_TABLE} != set(manifest.columns):
        raise NotABackup(path="备份")
    for name in names:  # a migration may have put rows of its own
        connection.exec_driver_sql(f"ALTER TABLE {_quoted(name)} DISABLE TRIGGER USER")
    for name in reversed(names):
        connection.exec_driver_sql(f"DELETE FROM {_quoted(name)}")
    for place, name in enumerate(names, 1):
        _load_table(connection, name, backup)
        progress("载入数据表", place, len(names))
    for name in names:
        connection.exec_driver_sql(f"ALTER TABLE {_quoted(name)} ENABLE TRIGGER USER")
    for name, value in manifest.sequences.items():
        connection.execute(
            text("SELECT setval(CAST(:name AS regclass), :value)"),
            {"name": _quoted(name), "value": value},
        )


def member_of(table: str) -> str:
    """Where the rows of a table lie in the file."""
    return f"tables/{table}.copy"


def _save_table(connection: Connection, name: str, into: Writing) -> None:
    columns = [one["name"] for one in inspect(connection).get_columns(name)]
    into.manifest.columns[name] = columns
    statement = f"COPY {_with_columns(name, columns)} TO STDOUT (FORMAT binary)"
    with into.member(member_of(name)) as member, _cursor(connection) as cursor:
        with cursor.copy(statement) as rows:
            for piece in rows:
                member.write(piece)
        into.manifest.rows[name] = cursor.rowcount


def _load_table(connection: Connection, name: str, backup: Reading) -> None:
    manifest: Manifest = backup.manifest
    target = _with_columns(name, manifest.columns[name])
    with _cursor(connection) as cursor:
        with cursor.copy(f"COPY {target} FROM STDIN (FORMAT binary)") as rows:
            for piece in backup.pieces(member_of(name)):
                rows.write(piece)
        if cursor.rowcount != manifest.rows[name]:
            raise NotABackup(path="备份")


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection
    return driver.cursor()


def _with_columns(name: str, columns: list[str]) -> str:
    return f"{_quoted(name)} ({', '.join(map(_quoted, columns))})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
