"""Simulations from the page: kept as files for a day, long ones in the background, stopped at will.

A run is a question, its progress and its answer in the instance folder; the database holds nothing
of it. The worker keeps a lock on the progress file: whoever finds it free knows that it has ended.
"""

import fcntl
import json
import logging
import os
import re
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import Flask, current_app

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.errors import told_safely
from mealsvc.policies.document import read_policy
from mealsvc.simulation.reading import count_lines, snapshot
from mealsvc.simulation.services import Stopped, months_between, places_within, simulate

KEPT_S = 24 * 3600
AT_ONCE = 100_000  # lines; more are replayed in the background
RUNNING, DONE, STOPPED, FAILED, INTERRUPTED = "running", "done", "stopped", "failed", "interrupted"
BROKEN = "测算意外中断，没有写入任何数据，请重新测算。"
_NAME = re.compile(r"[0-9a-f]{32}")

log = logging.getLogger(__name__)
_threads: set[threading.Thread] = set()


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation as the page shows it."""

    name: str
    document: str
    months: tuple[Month, Month]
    by: str
    at: datetime
    state: str
    done: int
    total: int
    result: dict[str, Any]
    error: str


class Files:
    """The files that belong to one run."""

    def __init__(self, name: str) -> None:
        folder = _folder()
        self.question = folder / f"{name}.json"
        self.progress = folder / f"{name}.progress"
        self.stop = folder / f"{name}.stop"
        self.answer = folder / f"{name}.answer"

    def write(self, path: Path, content: Any) -> None:
        """In place once it is complete; readable by the server only."""
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, ensure_ascii=False)
        part.replace(path)

    def hold(self) -> IO[bytes]:
        """The worker's hold."""
        held = os.fdopen(os.open(self.progress, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        fcntl.flock(held, fcntl.LOCK_EX)
        return held

    def is_at_work(self) -> bool:
        try:
            with self.progress.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


def start(document: str, first: Month, last: Month, within: str, by: str, now: datetime) -> str:
    """Begins a simulation over the points within a division and returns its name: done already
    if it is short, else at work.
    """
    name = secrets.token_hex(16)
    files = Files(name)
    months = [str(first), str(last)]
    question = {"document": document, "months": months, "within": within}
    files.write(files.question, question | {"by": by, "at": now.isoformat()})
    with snapshot() as connection:
        lines = count_lines(connection, [first, last], places_within(within))
    held = files.hold()
    if lines <= AT_ONCE:
        _work(name, held)
        return name
    app: Flask = current_app._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=_in_background, args=(app, name, held), daemon=True)
    _threads.add(thread)
    thread.start()
    return name


def wait() -> None:
    """Until no simulation of this process is at work."""
    for thread in list(_threads):
        thread.join()


def ask_to_stop(name: str) -> None:
    """Stops it after the lines that it is at."""
    files = Files(name)
    if files.is_at_work():
        files.stop.touch(0o600)


def run_of(name: str) -> Run | None:
    """The run under this name; None if there is none, or not any more."""
    if not _NAME.fullmatch(name):
        return None
    files = Files(name)
    try:
        question = json.loads(files.question.read_text("utf-8"))
    except FileNotFoundError:
        return None
    at_work = files.is_at_work()
    answer = json.loads(files.answer.read_text("utf-8")) if files.answer.exists() else {}
    ended = answer.get("state") or (STOPPED if files.stop.exists() else INTERRUPTED)
    first, last = map(Month.parse, question["months"])
    return Run(
        name,
        question["document"],
        (first, last),
        question["by"],
        datetime.fromisoformat(question["at"]),
        RUNNING if at_work else ended,
        *_how_far(files),
        answer.get("result", {}),
        answer.get("error", ""),
    )


def sweep(now: datetime) -> None:
    """Deletes what is older than a day."""
    oldest = now.timestamp() - KEPT_S
    for entry in os.scandir(_folder()):
        with suppress(FileNotFoundError):  # somebody else was quicker
            if _NAME.match(entry.name) and entry.stat().st_mtime < oldest:
                os.unlink(entry)


def _in_background(app: Flask, name: str, held: IO[bytes]) -> None:
    with app.app_context():
        try:
            _work(name, held)
        finally:
            db.session.remove()
            _threads.discard(threading.current_thread())


def _work(name: str, held: IO[bytes]) -> None:
    """Answers the question; the hold is let go last, when the answer is in place."""
    files = Files(name)

    def watch(done: int, total: int) -> bool:
        held.seek(0)
        held.write(f"{done} {total}".encode())
        held.flush()
        return not files.stop.exists()

    with held:
        question = json.loads(files.question.read_text("utf-8"))
        first, last = map(Month.parse, question["months"])
        answer: dict[str, Any]
        try:
            draft = read_policy(question["document"])
            months = months_between(first, last)
            result = simulate(draft, months, clock.now(), watch, question["within"])
            answer = {"state": DONE, "result": result}
        except Stopped:
            answer = {"state": STOPPED}
        except Refusal as refusal:
            answer = {"state": FAILED, "error": refusal.message}
        except Exception as error:
            log.error("simulation %s failed: %s", name, told_safely(error))
            answer = {"state": FAILED, "error": BROKEN}
        files.write(files.answer, answer)


def _how_far(files: Files) -> tuple[int, int]:
    try:
        done, total = files.progress.read_text("ascii").split()
    except (OSError, ValueError):
        return 0, 0
    return int(done), int(total)


def _folder() -> Path:
    path: Path = current_app.config["INSTANCE"] / "simulations"
    path.mkdir(mode=0o700, exist_ok=True)
    return path
