"""A verification asked for on the page: one at a time over all processes, its progress in a file.

Whoever verifies keeps a lock on the file: found free, nobody is at it.
"""

import fcntl
import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import Flask, current_app
from sqlalchemy import func, select

from mealsvc.auditing.sealing import checking
from mealsvc.auditing.sealing.refusals import AlreadyChecking
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.errors import told_safely
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record
from mealsvc.trail.verify import Broken

FILENAME = "proof.progress"
AT_ONCE = 20_000  # rows; more are verified in the background
CHECKED = "seals.check"
CUT_OFF = "核对意外中断，请重新核对；再次中断的，请系统管理员运行 mealsvc audit verify。"

log = logging.getLogger(__name__)
_threads: set[threading.Thread] = set()


@dataclass(frozen=True, slots=True)
class Checking:
    """A verification under way."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class LastCheck:
    """How the last verification ended; `words` say what was wrong, and are empty when all was well."""

    at: datetime
    by: str
    rows: int
    words: str


class Counter(checking.Progress):
    """Writes how far the walk has come where the page reads it."""

    def __init__(self, file: IO[bytes], total: int) -> None:
        self._file, self._total = file, total
        self.told(0)

    def told(self, done: int) -> None:
        self._file.seek(0)
        self._file.write(f"{done:020d} {self._total:020d}".encode())
        self._file.flush()


def start(by: Actor) -> None:
    """Begins a verification; done already when it returns if the record is short. It leaves a trail
    row with its outcome. Raises `AlreadyChecking`.
    """
    held = os.fdopen(os.open(_path(), os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise AlreadyChecking() from error
    total = db.session.scalar(select(func.max(TrailEvent.seq))) or 0
    db.session.remove()
    if total <= AT_ONCE:
        _work(by, held, total)
        return
    app: Flask = current_app._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=_in_background, args=(app, by, held, total), daemon=True)
    _threads.add(thread)
    thread.start()


def wait() -> None:
    """Until no verification of this process is at work."""
    for thread in list(_threads):
        thread.join()


def under_way() -> Checking | None:
    """The verification that is at work, in whatever process."""
    try:
        with _path().open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                told = file.read().split() or [b"0", b"0"]
                return Checking(int(told[0]), int(told[1]))
    except FileNotFoundError:
        return None
    return None


def last_check() -> LastCheck | None:
    """The last verification that came to its end."""
    row = db.session.scalars(
        select(TrailEvent)
        .where(TrailEvent.action == CHECKED)
        .order_by(TrailEvent.seq.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    detail: dict[str, Any] = json.loads(row.detail)
    return LastCheck(row.at, row.actor, detail["rows"], detail["words"])


def _in_background(app: Flask, by: Actor, held: IO[bytes], total: int) -> None:
    with app.app_context():
        try:
            _work(by, held, total)
        finally:
            db.session.remove()
            _threads.discard(threading.current_thread())


def _work(by: Actor, held: IO[bytes], total: int) -> None:
    with held:
        rows, words = total, ""
        try:
            rows = checking.verify(Counter(held, total)).events
        except Broken as broken:
            words = str(broken)
        except Refusal as refusal:
            words = refusal.message
        except Exception as error:
            log.error("verification failed: %s", told_safely(error))
            words = CUT_OFF
        db.session.remove()
        with writing():
            subject = "bad" if words else "good"
            record(by, CHECKED, subject, {"rows": rows, "words": words})


def _path() -> Path:
    return current_app.config["INSTANCE"] / FILENAME
