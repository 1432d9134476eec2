"""Answers for the page: short ones at once, long ones in the background, stopped at will.

An answer is kept as a file of the instance folder for a day, under a digest of the question and the
ground: the same question of the same ground is answered once, and any change asks anew. Whoever
works in the background holds a lock; where somebody does, others get the best found at once.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from flask import Flask, current_app

from mealsvc.coverage.planning import services
from mealsvc.coverage.planning.reading import ground_on
from mealsvc.coverage.planning.rules import Answer, Ground, Question
from mealsvc.plumbing import clock
from mealsvc.plumbing.errors import told_safely
from mealsvc.settings.services import value_on

AT_ONCE_S = 1.5
KEPT_S = 24 * 3600
LOCK, PROGRESS = "plan.lock", "plan.json"
_FILE = re.compile(r"[0-9a-f]{32}\.(json|stop)")
log = logging.getLogger(__name__)
_threads: set[threading.Thread] = set()


@dataclass(frozen=True, slots=True)
class Run:
    """An answer, final or the best so far; `at_work` says that a proof is still looked for."""

    name: str
    ground: Ground
    answer: Answer
    at_work: bool = False
    seconds: int = 0
    most_seconds: int = 0


def answered(question: Question, day: date) -> Run:
    """The answer on the ground of that day: proven at once if that is quick, else at work."""
    ground = ground_on(day, question.within)
    most = int(value_on("plan.seconds", day))
    name = _name(question, ground)
    kept = _kept(name)
    if kept is not None:
        return Run(name, ground, kept)
    at_work = _at_work()
    if at_work is not None and at_work["name"] == name:
        first = Answer.from_json(at_work["answer"])
        began = datetime.fromisoformat(at_work["began"])
        return Run(name, ground, first, True, (clock.now() - began).seconds, most)
    first = services.solved(ground, question, AT_ONCE_S)
    if first.optimal:
        _keep(name, first)
        return Run(name, ground, first)
    started = _start(name, ground, question, first, most)
    return Run(name, ground, first, started, 0, most)


def ask_to_stop(name: str) -> None:
    """Ends the search for a proof; the best found until then is the answer."""
    if _FILE.fullmatch(f"{name}.stop"):
        (_folder() / f"{name}.stop").touch(0o600)


def wait() -> None:
    """Until no search of this process is at work."""
    for thread in list(_threads):
        thread.join()


def sweep(now: datetime) -> None:
    """Deletes answers older than a day."""
    oldest = now.timestamp() - KEPT_S
    for entry in os.scandir(_folder()):
        with suppress(FileNotFoundError):  # somebody else was quicker
            if _FILE.fullmatch(entry.name) and entry.stat().st_mtime < oldest:
                os.unlink(entry)


def _start(name: str, ground: Ground, question: Question, first: Answer, seconds: int) -> bool:
    """Goes on looking in the background; False while somebody else does."""
    hold = _hold()
    if hold is None:
        return False
    _write(PROGRESS, {"name": name, "began": clock.now().isoformat(), "answer": first.to_json()})
    app: Flask = current_app._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    asked = (app, name, ground, question, first, seconds, hold)
    thread = threading.Thread(target=_work, args=asked, daemon=True)
    _threads.add(thread)
    thread.start()
    return True


def _work(
    app: Flask,
    name: str,
    ground: Ground,
    question: Question,
    first: Answer,
    seconds: int,
    hold: IO[bytes],
) -> None:
    """The database is left alone here: the ground was read before."""
    with app.app_context(), closing(hold):
        stop = _folder() / f"{name}.stop"
        try:
            found = services.solved(ground, question, seconds, stop.exists)
            _keep(name, found)
        except Exception as error:
            log.error("plan %s failed: %s", name, told_safely(error))
            _keep(name, first)
        finally:
            _threads.discard(threading.current_thread())


def _name(question: Question, ground: Ground) -> str:
    said = repr((question, ground)).encode()
    return hashlib.sha256(said).hexdigest()[:32]


def _kept(name: str) -> Answer | None:
    told = _read(f"{name}.json")
    return Answer.from_json(told) if told else None


def _keep(name: str, answer: Answer) -> None:
    _write(f"{name}.json", answer.to_json())


def _at_work() -> dict[str, Any] | None:
    hold = _hold(fcntl.LOCK_SH)
    if hold is not None:
        hold.close()
        return None
    return _read(PROGRESS) or None


def _hold(kind: int = fcntl.LOCK_EX) -> IO[bytes] | None:
    """The lock of whoever works in the background; None when somebody has it."""
    hold = os.fdopen(os.open(_folder() / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(hold, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        hold.close()
        return None
    return hold


def _folder() -> Path:
    path: Path = current_app.config["INSTANCE"] / "plans"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _read(name: str) -> dict[str, Any]:
    try:
        return json.loads((_folder() / name).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _write(name: str, told: dict[str, Any]) -> None:
    """Whole or not at all, whoever reads it meanwhile."""
    path = _folder() / f"{name}.{os.getpid()}.{threading.get_ident()}"
    path.write_text(json.dumps(told), "utf-8")
    path.replace(_folder() / name)
