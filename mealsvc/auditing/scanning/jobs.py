"""A scan in the background: one at a time for the whole installation, seen by every process.

Whoever scans holds a lock on a file of the instance folder, so that a scan that died is known by
its free lock. Beside it stand how far it is, and how each month's last look ended.
"""

import fcntl
import json
import logging
import os
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import Flask, current_app

from mealsvc.auditing.scanning import services
from mealsvc.auditing.scanning.refusals import ScanRunning
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.errors import told_safely

LOCK, PROGRESS, LOOKS = "scan.lock", "scan.json", "scans.json"
TRIES, PAUSE_S = 20, 0.05  # whoever only looks whether a scan runs holds the lock for a moment
EVERY_S = 0.5  # between two notes of how far it is
FAILED = "扫描没有完成（{why}），请稍后重新扫描；仍不成功的，请联系系统管理员。"
BROKEN = "助餐点 {points} 没能判断，其余已扫描，请联系系统管理员查看日志。"
log = logging.getLogger(__name__)
_threads: set[threading.Thread] = set()


@dataclass(frozen=True, slots=True)
class Running:
    """The scan at work: `done` points of `total`."""

    month: Month
    done: int
    total: int
    by: str


def start(month: Month, by: Actor) -> None:
    """Scans in the background and keeps what is found; raises `ScanRunning` while another does."""
    hold = _hold()
    if hold is None:
        raise ScanRunning(month=_month_at_work().chinese)
    _note_progress(month, 0, 0, by)
    app: Flask = current_app._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=_work, args=(app, month, by, hold), daemon=True)
    _threads.add(thread)
    thread.start()


def wait() -> None:
    """Until no scan of this process is at work."""
    for thread in list(_threads):
        thread.join()


def running() -> Running | None:
    """The scan at work in any process; None without one."""
    hold = _hold(fcntl.LOCK_SH, tries=1)
    if hold is not None:
        hold.close()
        return None
    told = _read(PROGRESS)
    if not told:
        return None
    return Running(Month.parse(told["month"]), told["done"], told["total"], told["by"])


def last_failure(month: Month) -> str:
    """Why the month's last look did not come to its end, in words; empty if it did."""
    return _read(LOOKS).get(str(month), {}).get("failure", "")


def last_look(month: Month) -> datetime | None:
    """When the month was last looked at to the end, whether or not there was anything to keep."""
    at = _read(LOOKS).get(str(month), {}).get("at")
    return datetime.fromisoformat(at) if at else None


def scan_now(month: Month, by: Actor) -> bool:
    """Scans within this call and keeps what is found; False when another scan is at work, or this
    one failed (see `last_failure`)."""
    hold = _hold()
    if hold is None:
        return False
    with closing(hold):
        return _scan(month, by)


def note_look(month: Month, failure: str = "") -> None:
    """How a look at a month ended; a failure leaves standing when it last went well."""
    looks = _read(LOOKS)
    before = looks.get(str(month), {}).get("at")
    at = before if failure else clock.now().isoformat()
    looks[str(month)] = {"at": at, "failure": failure}
    _write(LOOKS, looks)


def _work(app: Flask, month: Month, by: Actor, hold: IO[bytes]) -> None:
    with app.app_context(), closing(hold):
        try:
            _scan(month, by)
        finally:
            db.session.remove()
            _threads.discard(threading.current_thread())


def _scan(month: Month, by: Actor) -> bool:
    noted = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal noted
        if time.monotonic() - noted > EVERY_S or done == total:
            noted = time.monotonic()
            _note_progress(month, done, total, by)

    try:
        scanned = services.look(month, None, progress)
        with writing():
            services.keep(scanned, by, clock.now())
    except Exception as error:
        log.error("scan of %s failed: %s", month, told_safely(error))
        note_look(month, FAILED.format(why=type(error).__name__))
        return False
    broken = "、".join(scanned.failed)
    note_look(month, BROKEN.format(points=broken) if broken else "")
    return True


def _note_progress(month: Month, done: int, total: int, by: Actor) -> None:
    _write(PROGRESS, {"month": str(month), "done": done, "total": total, "by": str(by)})


def _month_at_work() -> Month:
    told = _read(PROGRESS)
    return Month.parse(told["month"]) if told else Month.of(clock.now().date())


def _hold(kind: int = fcntl.LOCK_EX, tries: int = TRIES) -> IO[bytes] | None:
    """The lock of whoever scans; None when somebody has it."""
    hold = os.fdopen(os.open(_folder() / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    for left in reversed(range(tries)):
        try:
            fcntl.flock(hold, kind | fcntl.LOCK_NB)
            return hold
        except BlockingIOError:
            if left:
                time.sleep(PAUSE_S)
    hold.close()
    return None


def _folder() -> Path:
    folder: Path = current_app.config["INSTANCE"] / "jobs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


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
