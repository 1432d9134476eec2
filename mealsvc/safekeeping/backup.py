"""Making a backup while everybody works on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import make_url, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.meals import LOCAL
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, is_sqlite, writing
from mealsvc.safekeeping import postgres_store, sqlite_store
from mealsvc.safekeeping.archive import ANCHOR, Manifest, key_check, sha256_of, writing_to
from mealsvc.safekeeping.marks import mark_backup
from mealsvc.safekeeping.refusals import CannotWrite, NotProven
from mealsvc.trail.anchor import read_anchor
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.rules import Link

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup: where it is, and up to which row of the trail it goes."""

    path: Path
    sequence: int
    rows: int
    bytes: int
    digest: str
    seconds: float


def back_up(destination: Path, by: Actor, now: datetime, progress: Progress) -> Made:
    """Writes one file, and marks it once it is safely there. Opens its own transactions.

    A folder gets a file named after the time. Raises `DestinationTaken`, `CannotWrite`, and
    `NotProven` when the database is not what the anchor says.
    """
    began = time.monotonic()
    path = _named(destination, now)
    anchor = read_anchor(current_app.config["INSTANCE"])  # before the snapshot: never ahead of it
    own = vault()
    manifest = Manifest(db.engine.dialect.name, "", format_instant(now), key_check(own))
    db.session.remove()
    try:
        with writing_to(path, manifest, own) as into:
            with into.member(ANCHOR) as member:
                member.write(f"{anchor.seq:020d} {anchor.mac.hex()}\n".encode())
            if is_sqlite():
                sqlite_store.save(database_file(), into, path.parent, progress)
            else:
                postgres_store.save(db.engine, into, progress)
            _prove(anchor, manifest.head)
    except sqlite_store.sqlite.OperationalError as error:
        raise CannotWrite(path=path, why=error) from error
    digest = sha256_of(path)
    with writing():
        mark_backup(manifest.head.seq, path.name, digest, by, now)
    return Made(
        path,
        manifest.head.seq,
        sum(manifest.rows.values()),
        path.stat().st_size,
        digest,
        round(time.monotonic() - began, 2),
    )


def database_file() -> Path:
    """Where the SQLite database of this application lies."""
    return Path(make_url(current_app.config["DATABASE_URL"]).database or "")


def _named(destination: Path, now: datetime) -> Path:
    if destination.is_dir():
        return destination / f"mealsvc-{now.astimezone(LOCAL):%Y%m%d-%H%M%S}.zip"
    return destination


def _prove(anchor: Link, head: Link) -> None:
    """What cannot be restored is no backup: the anchor must lie on the chain."""
    if head.seq < anchor.seq:
        raise NotProven(why=f"留痕止于第 {head.seq} 行，锚在第 {anchor.seq} 行")
    mac = db.session.scalar(select(TrailEvent.mac).where(TrailEvent.seq == anchor.seq))
    db.session.remove()
    if mac is None or bytes(mac) != anchor.mac:
        raise NotProven(why=f"留痕第 {anchor.seq} 行与锚不符")
