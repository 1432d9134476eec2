"""What the server does by itself every night: the present and the previous month are scanned.

Every worker process looks at the clock once a minute; whoever comes first does the night's work,
and a night that was missed (the server was down) is made up for when it runs again.
"""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path

from flask import Flask, current_app

from mealsvc.auditing.scanning import jobs
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.errors import told_safely
from mealsvc.settings.services import value_on
from mealsvc.trail.services import SYSTEM

EVERY_S = 60.0
AGAIN = timedelta(hours=1)  # after a night that failed
LOCK, STATE = "night.lock", "night.json"
Work = Callable[[datetime], bool]  # True when it came to its end
log = logging.getLogger(__name__)


def scan_months(now: datetime) -> bool:
    """The present month and the one before; False when one of both did not come to its end."""
    month = Month.of(local_date(now))
    ended = [jobs.scan_now(one, SYSTEM) for one in (month.previous, month)]
    return all(ended)


def begin(app: Flask, works: Sequence[Work] = (scan_months,)) -> threading.Event:
    """Watches the clock in a thread of its own, until the event that is returned is set."""
    stop = threading.Event()
    threading.Thread(target=_watch, args=(app, tuple(works), stop), daemon=True).start()
    return stop


def run_if_due(now: datetime, works: Sequence[Work] = (scan_months,)) -> bool:
    """Does the night's work if it is time and nobody does it already; whether it was done."""
    folder: Path = current_app.config["INSTANCE"] / "jobs"
    folder.mkdir(mode=0o700, exist_ok=True)
    night = last_night(now)
    if not _is_due(folder, night, now):
        return False
    with os.fdopen(os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as hold:
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if not _is_due(folder, night, now):
            return False
        ended = [_did(work, now) for work in works]
        done = all(ended)
        state = {"done": night.isoformat() if done else _state(folder)[0], "tried": now.isoformat()}
        (folder / STATE).write_text(json.dumps(state), "utf-8")
        return done


def last_night(now: datetime) -> datetime:
    """The last time that the night's work was to begin."""
    local = now.astimezone(LOCAL)
    begins = time.fromisoformat(value_on("audit.night", local.date()))
    tonight = datetime.combine(local.date(), begins, LOCAL)
    return tonight if tonight <= local else tonight - timedelta(days=1)


def _watch(app: Flask, works: tuple[Work, ...], stop: threading.Event) -> None:
    while not stop.wait(EVERY_S):
        with app.app_context():
            try:
                run_if_due(clock.now(), works)
            except Exception as error:  # the database is away: the next minute may find it
                log.error("night's work: %s", told_safely(error))
            finally:
                db.session.remove()


def _did(work: Work, now: datetime) -> bool:
    try:
        return work(now)
    except Exception as error:
        log.error("night's work failed: %s", told_safely(error))
        return False


def _is_due(folder: Path, night: datetime, now: datetime) -> bool:
    done, tried = _state(folder)
    if done and datetime.fromisoformat(done) >= night:
        return False
    return not tried or not night <= datetime.fromisoformat(tried) > now - AGAIN


def _state(folder: Path) -> tuple[str, str]:
    told: dict[str, str] = {}
    with suppress(FileNotFoundError, ValueError):
        told = json.loads((folder / STATE).read_text("utf-8"))
    return told.get("done", ""), told.get("tried", "")
