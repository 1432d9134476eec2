"""Putting a backup in the database's place: proven first, then all at once or not at all."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import Connection, delete, exists, func, inspect, select
from sqlalchemy.exc import DatabaseError, OperationalError

from mealsvc.accounts.models import SignInSession
from mealsvc.auditing.sealing import checking
from mealsvc.auditing.sealing.queries import all_seals
from mealsvc.auditing.sealing.rules import Sealed
from mealsvc.auditing.sealing.seal_file import FILENAME as SEALS
from mealsvc.auditing.sealing.seal_file import replace_seals
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, is_sqlite, writing
from mealsvc.safekeeping import postgres_store, sqlite_store
from mealsvc.safekeeping.archive import ANCHOR, Reading, reading_from, sha256_of
from mealsvc.safekeeping.backup import Progress, database_file
from mealsvc.safekeeping.marks import BACKUP, mark_restore
from mealsvc.safekeeping.refusals import (
    CannotRestore,
    NotABackup,
    NotEmpty,
    NotOurs,
    NotWhole,
    OtherDatabase,
    TooNew,
    Unreadable,
)
from mealsvc.settings.calendar import seed_calendar
from mealsvc.settings.services import put_defaults
from mealsvc.trail.anchor import FILENAME, advance_anchor, read_anchor
from mealsvc.trail.models import BackupMark, TrailEvent
from mealsvc.trail.rules import Link
from mealsvc.trail.verify import Broken

STAGING = ".restore-"
UNUSED = ("setup.init", "settings.defaults")  # what `mealsvc init` leaves in a new database


class House(Protocol):
    """What lies floors above: the application itself, and its migrations."""

    def bare_application(self, **settings: Any) -> AbstractContextManager[Any]: ...

    def migrate(self, revision: str, connection: Connection | None = None) -> None: ...

    def knows_revision(self, revision: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Restored:
    """What the database now holds; `aside` is where the one before lies, `missing` counts the rows of
    the trail that a later backup held and this one does not."""

    created_at: str
    sequence: int
    rows: int
    epoch: str
    aside: Path | None
    missing: int


@dataclass(frozen=True, slots=True)
class Job:
    """One restore: the proven file and who asked for it."""

    backup: Reading
    anchor: Link
    name: str
    digest: str
    by: Actor
    now: datetime
    house: House
    progress: Progress


def restore(
    source: Path, replace: bool, house: House, by: Actor, now: datetime, progress: Progress
) -> Restored:
    """Restores into the database of this application. Opens its own transactions.

    Raises `NotABackup`, `WrongKey`, `OtherDatabase`, `TooNew`, `NotEmpty`, `Unreadable`,
    `StillServing`, `NotWhole` and `CannotRestore`; the database is untouched by any of them.
    """
    db.session.remove()
    with reading_from(source, vault(), current_app.config["INSTANCE"]) as backup:
        manifest = backup.manifest
        if manifest.dialect != db.engine.dialect.name:
            raise OtherDatabase(theirs=manifest.dialect, ours=db.engine.dialect.name)
        if not house.knows_revision(manifest.revision):
            raise TooNew(revision=manifest.revision)
        job = Job(
            backup,
            _anchor_of(backup, source),
            source.name,
            sha256_of(source),
            by,
            now,
            house,
            progress,
        )
        broken = (OSError, OperationalError, db.engine.dialect.loaded_dbapi.OperationalError)
        try:
            return (_into_sqlite if is_sqlite() else _into_postgres)(job, replace)
        except broken as error:
            raise CannotRestore(why=_why(error)) from error


def _into_sqlite(job: Job, replace: bool) -> Restored:
    """A copy beside the database is migrated, proven and marked; then it takes the database's place."""
    database, folder = database_file(), Path(current_app.config["INSTANCE"])
    used, missing = _present_file(job, database, replace)
    aside = database.with_name(f"{database.name}.{_moment(job)}")
    with (
        sqlite_store.exclusively(database, current_app.extensions["mealsvc.queue"]),
        _folder_beside(database) as staging,
    ):
        staged = sqlite_store.unpack(job.backup, staging)
        _put_anchor(staging, job.anchor)
        settings = {"INSTANCE": staging, "DATABASE_URL": f"sqlite:///{staged}"}
        with job.house.bare_application(**settings):
            job.house.migrate("head")
            with writing() as connection:
                epoch, seals = _prove_and_mark(job, connection)
        end = read_anchor(staging)
        with _anchor_at(folder, job.backup.manifest.head):
            sqlite_store.put_in_place(staged, database, aside if used else None)
        advance_anchor(folder, end)  # in place: a full disk cannot stop it
    _put_seals(folder, seals, job)
    return _restored(job, epoch, aside if used else None, missing)


def _into_postgres(job: Job, replace: bool) -> Restored:
    """One transaction: the old tables go, the backup's come, are proven and marked."""
    folder = Path(current_app.config["INSTANCE"])
    db.session.remove()
    db.engine.dispose()
    with _anchor_at(folder, None), writing() as connection:
        postgres_store.require_alone(connection)
        _, missing = _check_present(job, connection, replace)
        postgres_store.clear(connection)
        job.house.migrate(job.backup.manifest.revision, connection)
        postgres_store.load(connection, job.backup, job.progress)
        job.house.migrate("head", connection)
        epoch, seals = _prove_and_mark(job, connection)
        _put_anchor(folder, job.backup.manifest.head)  # on both chains; the commit moves it on
    _put_seals(folder, seals, job)
    return _restored(job, epoch, None, missing)


def _prove_and_mark(job: Job, connection: Connection) -> tuple[str, list[Sealed]]:
    """Nothing altered, nothing missing; then the first rows of the time after. Gives the new epoch,
    and the seals that the backup holds."""
    manifest = job.backup.manifest
    try:
        verified = checking.verify_within(connection, job.anchor)
    except Broken as broken:
        raise NotWhole(why=str(broken)) from broken
    if verified.head != manifest.head:
        raise NotWhole(why="留痕的末尾与备份的说明不符。")
    epoch = secrets.token_hex(16)
    db.session.execute(delete(SignInSession))  # whoever signed out since then stays signed out
    put_defaults(job.by)
    seed_calendar(job.by)
    mark_restore(manifest.head.seq, job.name, job.digest, epoch, job.by, job.now)
    return epoch, all_seals(connection)


def _put_seals(folder: Path, seals: list[Sealed], job: Job) -> None:
    """The file beside the database holds the seals of this one; that of the other stays aside."""
    replace_seals(folder, seals, f"{SEALS}.{_moment(job)}")


def _moment(job: Job) -> str:
    return f"{job.now.astimezone(LOCAL):%Y%m%d-%H%M%S}"


def _present_file(job: Job, database: Path, replace: bool) -> tuple[bool, int]:
    if not database.exists():
        return False, 0
    try:
        with db.engine.connect() as connection:
            return _check_present(job, connection, replace)
    except OperationalError:
        raise
    except DatabaseError as error:
        if not replace:
            raise Unreadable() from error
        return True, 0
    finally:
        db.engine.dispose()


def _check_present(job: Job, connection: Connection, replace: bool) -> tuple[bool, int]:
    """Whether the present database was ever used, and how much of it a later backup knows."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return False, 0
    if "trail_event" not in names:
        raise NotOurs()
    used = bool(connection.scalar(select(exists().where(TrailEvent.action.not_in(UNUSED)))))
    if used and not replace:
        raise NotEmpty()
    known = 0
    if "backup_mark" in names:
        latest = select(func.max(BackupMark.sequence)).where(BackupMark.kind == BACKUP)
        known = connection.scalar(latest) or 0
    return used, max(known - job.backup.manifest.head.seq, 0)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(getattr(error, "orig", error)).strip().splitlines()[0]


def _anchor_of(backup: Reading, source: Path) -> Link:
    try:
        seq, mac = b"".join(backup.pieces(ANCHOR)).split()
        return Link(int(seq), bytes.fromhex(mac.decode()))
    except (ValueError, KeyError) as error:
        raise NotABackup(path=source) from error


@contextmanager
def _folder_beside(database: Path) -> Iterator[Path]:
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in database.parent.glob(f"{STAGING}*"):  # of one that was cut off: we have the turn
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=database.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _anchor_at(folder: Path, link: Link | None) -> Iterator[None]:
    """The anchor at a row that both the old and the new chain have, should we be cut off here; as
    before if what is done within fails."""
    path = folder / FILENAME
    before = path.read_bytes() if path.exists() else None
    try:
        if link is not None:
            _put_anchor(folder, link)
        yield
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            _put(path, before)
        raise


def _put_anchor(folder: Path, link: Link) -> None:
    _put(folder / FILENAME, f"{link.seq:020d} {link.mac.hex()}\n".encode())


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _restored(job: Job, epoch: str, aside: Path | None, missing: int) -> Restored:
    manifest = job.backup.manifest
    rows = sum(manifest.rows.values())
    return Restored(manifest.created_at, manifest.head.seq, rows, epoch, aside, missing)
