"""The database session: one writer at a time on SQLite and PostgreSQL, and one commit boundary.

`with writing():` is the only way to change anything. It waits in a queue (a file lock before
BEGIN IMMEDIATE on SQLite, an advisory lock on PostgreSQL), so that a transaction never finds that
what it read has moved, and the trail's chain has one order.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pysqlite3.dbapi2 as sqlite
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, CheckConstraint, Connection, Engine, Integer, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from mealsvc.plumbing.prepared import execute

SAFE_SQLITE = (3, 51, 3)  # 3.7.0–3.51.2 can lose commits when two connections checkpoint the WAL
PG_WRITER_LOCK = 0x6D65616C  # "meal"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

BigInt = BigInteger().with_variant(Integer, "sqlite")
Fen = Annotated[int, mapped_column(BigInteger)]
Key = Annotated[int, mapped_column(BigInt, primary_key=True)]


class Base(DeclarativeBase):
    """All tables; every constraint has a name, so that migrations and refusals can speak of it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class JoiningSession(FlaskSession):
    """Works within the transaction of `writing()` while there is one, else in one of its own."""

    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Any = None, **_: Any
    ) -> Engine | Connection:
        return bind or self.info.get("connection") or self._db.engine


db = SQLAlchemy(
    model_class=Base,
    session_options={"class_": JoiningSession, "expire_on_commit": False},
)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as whole microseconds since 1970 in UTC: the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else instant(value)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return (at - EPOCH) // MICROSECOND


def instant(count: int) -> datetime:
    """The aware UTC instant of a count of microseconds."""
    return EPOCH + timedelta(microseconds=count)


def whole_numbers(*columns: str) -> list[CheckConstraint]:
    """SQLite's INTEGER takes 8.5; these checks do not."""
    return [
        CheckConstraint(
            f"{column} IS NULL OR typeof({column}) = 'integer'", name=f"{column}_whole"
        ).ddl_if(dialect="sqlite")
        for column in columns
    ]


class WriterBusy(Exception):
    """The queue of writers did not move within the time allowed."""


class WriterQueue:
    """First come, first served: threads of this process by a lock, processes by a locked file."""

    def __init__(self, path: Path, patience_s: float = 20.0):
        self.path, self.patience_s = path, patience_s
        self._threads = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        if not self._threads.acquire(timeout=self.patience_s):
            raise WriterBusy
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
        finally:
            self._threads.release()


class Writer:
    """The connection that writes. On SQLite it is kept until an error, or the pool is emptied;
    who has the turn has it alone.
    """

    def __init__(self, engine: Engine):
        self._engine = engine.execution_options(writes=True)
        self._kept: Connection | None = None
        event.listen(engine, "engine_disposed", lambda _engine: self._drop())

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        connection = self._kept or self._engine.connect()
        self._kept = None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self._engine.dialect.name == "sqlite":
            self._kept = connection
        else:
            connection.close()

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.detach()  # the pool that it came from is gone
            kept.close()


@contextmanager
def writing() -> Iterator[Connection]:
    """One short write transaction: commits at the end, rolls back on any error, then tells whoever waits."""
    session = db.session()
    if "writing" in session.info:
        raise RuntimeError("writing() inside writing(): the view or the command commits, once")
    session.rollback()
    session.info["writing"] = hooks = []
    extensions = current_app.extensions
    try:
        with (
            extensions["mealsvc.queue"].turn(),
            extensions["mealsvc.writer"].connection() as connection,
        ):
            session.info["connection"] = connection
            transaction = connection.begin()
            try:
                yield connection
                if session.in_transaction():
                    session.commit()  # flushes; the transaction is not its own
                transaction.commit()
            except BaseException:
                session.rollback()
                if transaction.is_active:
                    transaction.rollback()
                raise
            for hook in hooks:
                hook()
    finally:
        for name in ("writing", "connection", "chain"):
            session.info.pop(name, None)


def writer() -> Connection:
    """The connection of the present `writing()`; a KeyError outside it."""
    return db.session().info["connection"]


def after_commit(hook: Callable[[], None]) -> None:
    """Runs once the present transaction is durable; never after a rollback."""
    db.session().info["writing"].append(hook)


def once_durable(hook: Callable[[], None]) -> None:
    """As `after_commit` while writing; at once while reading, when all that is seen is durable."""
    if "writing" in db.session().info:
        after_commit(hook)
    else:
        hook()


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` needs for this address."""
    if url.startswith("sqlite"):
        if sqlite.sqlite_version_info < SAFE_SQLITE:
            raise RuntimeError(
                f"SQLite {sqlite.sqlite_version_info} 在WAL模式下可能丢失提交：请安装 3.51.3 以上版本。"
            )
        own = {"module": sqlite, "connect_args": {"timeout": 20}}
    else:
        own = {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 8}
    return {"hide_parameters": True, **own}  # no value of a row in an error or a log


def init_app(app: Flask) -> None:
    """Binds the session to the application's database and its queue of writers."""
    url = app.config["DATABASE_URL"]
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    app.extensions["mealsvc.queue"] = WriterQueue(app.config["INSTANCE"] / "writer.lock")
    db.init_app(app)
    with app.app_context():
        watch(db.engine)
        app.extensions["mealsvc.writer"] = Writer(db.engine)


def watch(engine: Engine) -> None:
    """Transactions as we want them: explicit BEGIN on SQLite, the writers' lock on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "cache_size = -32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    dialect, driver = connection.dialect, connection.connection
    if dialect.name == "sqlite":
        execute(dialect, driver, "BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        execute(dialect, driver, f"SELECT pg_advisory_xact_lock({PG_WRITER_LOCK})")


@event.listens_for(Session, "before_flush")
def _only_while_writing(session: Session, _context: Any, _instances: Any) -> None:
    if "writing" not in session.info and (session.new or session.dirty or session.deleted):
        raise RuntimeError(
            "a change outside writing(): open the transaction in the view or command"
        )
