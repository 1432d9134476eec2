"""The files of one import on disk: the upload, its rejects, and how far the work is.

They hold ID numbers: only the server's account reads them, and after a day they are gone. The
worker keeps a lock on the progress file, so whoever finds it free knows that the work has died.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

from flask import current_app
from werkzeug.datastructures import FileStorage

KEPT_S = 24 * 3600
_NAME = re.compile(r"[0-9a-f]{32}")


class Files:
    """The files that belong to one stored name."""

    def __init__(self, stored: str) -> None:
        if not _NAME.fullmatch(stored):
            raise ValueError("not a stored name")
        self._folder = folder()
        self.upload = self._folder / stored
        self.rejects = self._folder / f"{stored}.csv"
        self.progress = self._folder / f"{stored}.progress"
        self.stop = self._folder / f"{stored}.stop"

    def is_at_work(self) -> bool:
        """Whether a living worker holds the progress file."""
        try:
            with self.progress.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def how_far(self) -> tuple[int, int]:
        """Rows done, and about how many there are; zeros before the first batch."""
        try:
            done, total = self.progress.read_text("ascii").split()
        except (OSError, ValueError):
            return 0, 0
        return int(done), int(total)

    def begin(self) -> IO[bytes] | None:
        """The worker's hold on this import; None when somebody is at work on it already."""
        hold = os.fdopen(os.open(self.progress, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hold.close()
            return None
        hold.truncate()
        self.stop.unlink(missing_ok=True)
        return hold

    @contextmanager
    def rejects_stream(self) -> Iterator[BinaryIO]:
        """A new file of rejects, in place once it is complete."""
        draft = self.rejects.with_suffix(".part")
        with _private(draft) as stream:
            yield stream
        draft.replace(self.rejects)

    def drop(self, *, rejects: bool) -> None:
        """Deletes the upload and its notes, and the rejects if asked."""
        for path in (self.upload, self.progress, self.stop):
            path.unlink(missing_ok=True)
        if rejects:
            self.rejects.unlink(missing_ok=True)


def folder() -> Path:
    """The folder of uploads, made on first use."""
    path: Path = current_app.config["INSTANCE"] / "uploads"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def store(file: FileStorage) -> str:
    """Keeps an uploaded file under a random name and returns the name."""
    stored = secrets.token_hex(16)
    with _private(folder() / stored) as stream:
        file.save(stream)
    return stored


def sweep(now: datetime) -> None:
    """Deletes files that are older than a day."""
    oldest = now.timestamp() - KEPT_S
    for entry in os.scandir(folder()):
        with suppress(FileNotFoundError):  # somebody else was quicker
            if _NAME.match(entry.name) and entry.stat().st_mtime < oldest:
                os.unlink(entry)


def _private(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
