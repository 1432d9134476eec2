"""SQLite: a snapshot of the database as one file, and a file put in the database's place."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as _driver

from mealsvc.plumbing.db import WriterQueue
from mealsvc.safekeeping.archive import CHUNK, Reading, Writing
from mealsvc.safekeeping.refusals import NotABackup, StillServing
from mealsvc.trail.rules import Link

sqlite: Any = _driver  # its names are not declared
MEMBER = "mealsvc.db"
PAGES = 4096
Progress = Callable[[str, int, int], None]


def save(database: Path, into: Writing, beside: Path, progress: Progress) -> None:
    """Copies the database as it is at one moment; writers go on meanwhile."""
    with tempfile.TemporaryDirectory(prefix=".mealsvc-", dir=beside) as folder:
        copy = Path(folder) / MEMBER
        _snapshot(database, copy, progress)
        _describe(copy, into)
        with into.member(MEMBER) as member, copy.open("rb") as file:
            while piece := file.read(CHUNK):
                member.write(piece)


def unpack(backup: Reading, folder: Path) -> Path:
    """The database of a backup as a file in this folder."""
    path = folder / MEMBER
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in backup.pieces(MEMBER):
            file.write(piece)
    return path


@contextmanager
def exclusively(database: Path, queue: WriterQueue) -> Iterator[None]:
    """Nobody else writes, or has the database open; nothing of it is left outside its one file."""
    with queue.turn():
        if database.exists():
            _fold_if_readable(database)
        yield


def put_in_place(staged: Path, database: Path, aside: Path | None) -> None:
    """The staged file becomes the database in one step; the old one stays under the name `aside`."""
    _fold(staged, NotABackup(path=staged))
    with staged.open("rb") as file:
        os.fsync(file.fileno())
    if database.exists():
        _fold_if_readable(database)  # whoever came meanwhile would go on in the old one
    if aside is not None:
        os.link(database, aside)
    _take_away_what_lies_beside(database, aside)
    os.replace(staged, database)
    handle = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _snapshot(database: Path, copy: Path, progress: Progress) -> None:
    source, target = _open(database), _open(copy)
    try:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the snapshot begins here

        def told(_status: int, left: int, total: int) -> None:
            progress("复制数据库（页）", total - left, total)

        source.backup(target, pages=PAGES, progress=told)
        target.execute("PRAGMA journal_mode = DELETE")
        found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise NotABackup(path=database)
    finally:
        source.close()
        target.close()


def _describe(copy: Path, into: Writing) -> None:
    connection = _open(copy)
    try:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
            )
        ]
        for name in names:
            counted = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            into.manifest.rows[name] = counted[0]
        (into.manifest.revision,) = connection.execute(
            "SELECT version_num FROM alembic_version"
        ).fetchone()
        last = "SELECT seq, mac FROM trail_event ORDER BY seq DESC LIMIT 1"
        head = connection.execute(last).fetchone()
        into.manifest.head = Link(*head) if head else Link()
    finally:
        connection.close()


def _take_away_what_lies_beside(database: Path, aside: Path | None) -> None:
    """A log without its database (deleted, or broken) would be played into the new one."""
    for ending in ("-wal", "-shm", "-journal"):
        left = database.with_name(database.name + ending)
        if not left.exists():
            continue
        if aside is not None:
            left.rename(aside.with_name(aside.name + ending))
        else:
            left.unlink()


def _fold_if_readable(database: Path) -> None:
    """A broken database has nothing to fold: it is kept aside as it is."""
    try:
        _fold(database, StillServing())
    except sqlite.DatabaseError:
        return


def _fold(database: Path, busy: Exception) -> None:
    """Brings everything into the one file, which only the last user of a database can."""
    connection = _open(database)
    try:
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    except sqlite.OperationalError as error:
        raise busy from error
    finally:
        connection.close()
    if mode != "delete":
        raise busy


def _open(path: Path) -> Any:
    connection = sqlite.connect(path, timeout=5, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 2000")
    return connection
