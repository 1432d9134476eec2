"""Imports from the page: upload, rehearse, confirm, run in the background, stop, start again."""

import json
import logging
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import Flask, current_app
from sqlalchemy import Select, select
from werkzeug.datastructures import FileStorage

from mealsvc.exchange import uploads
from mealsvc.exchange.importing import Report, import_file
from mealsvc.exchange.models import ImportJob
from mealsvc.exchange.uploads import Files
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.errors import told_safely
from mealsvc.trail.services import record

CHECKING, CHECKED, RUNNING = "checking", "checked", "running"
DONE, CANCELLED, FAILED, INTERRUPTED = "done", "cancelled", "failed", "interrupted"
MOST_REHEARSED = 20_000  # rows; the tills wait while they are judged
BROKEN = "导入意外中断，已完成的部分已保存。请重新开始；重复的行不会再次写入。"

log = logging.getLogger(__name__)
_threads: set[threading.Thread] = set()


class NotReady(Refusal):
    """这次导入现在不能这样办理，请刷新页面，看清状态后再办。"""

    code = "not_ready"


class FileGone(Refusal):
    """上传的文件已过保存期（24小时）或已用完删除，请重新上传。"""

    code = "file_gone"


@dataclass(frozen=True, slots=True)
class JobView:
    """One import as the page shows it; `state` may be `interrupted`."""

    job: ImportJob
    state: str
    done: int
    total: int
    result: dict[str, Any]
    has_upload: bool
    has_rejects: bool

    @property
    def at_work(self) -> bool:
        return self.state in (CHECKING, RUNNING)


def add_upload(kind: str, file: FileStorage, by: Actor, now: datetime) -> ImportJob:
    """Keeps the file and makes its job; nothing of it is imported yet."""
    filename = Path(file.filename or "").name[:200]
    job = ImportJob(
        kind=kind,
        filename=filename,
        stored=uploads.store(file),
        state=CHECKING,
        by=str(by),
        at=now,
    )
    db.session.add(job)
    db.session.flush()
    record(by, "exchange.upload", str(job.id), {"kind": kind, "file": filename})
    return job


def start(job_id: int, state: str, by: Actor) -> None:
    """Rehearses (`checking`) or imports (`running`) in the background.

    Raises `NotReady` while it is at work or once it is done, `FileGone` without its file.
    """
    job = db.session.get_one(ImportJob, job_id)
    files = Files(job.stored)
    allowed = (CHECKING,) if state == CHECKING else (CHECKED, RUNNING, CANCELLED, FAILED)
    if job.state not in allowed:
        raise NotReady()
    if not files.upload.exists():
        raise FileGone()
    hold = files.begin()
    if hold is None:
        raise NotReady()
    try:
        with writing():
            job = db.session.get_one(ImportJob, job_id)
            job.state = state
            if state == RUNNING:
                record(by, "exchange.import", str(job.id), {"kind": job.kind})
    except BaseException:
        hold.close()
        raise
    app: Flask = current_app._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=_work, args=(app, job_id, by, hold), daemon=True)
    _threads.add(thread)
    thread.start()


def wait() -> None:
    """Until no import of this process is at work."""
    for thread in list(_threads):
        thread.join()


def ask_to_stop(job: ImportJob, by: Actor) -> None:
    """Stops the work after the batch that it is at; what is in stays in."""
    if not Files(job.stored).is_at_work():
        raise NotReady()
    Files(job.stored).stop.touch()
    record(by, "exchange.stop", str(job.id), {"kind": job.kind})


def discard(job: ImportJob, by: Actor) -> None:
    """Gives up an import that has not begun, and deletes its file."""
    if job.state not in (CHECKED, FAILED) or Files(job.stored).is_at_work():
        raise NotReady()
    Files(job.stored).drop(rejects=True)
    job.state = CANCELLED
    record(by, "exchange.discard", str(job.id), {"kind": job.kind})


def note_rejects_taken(job: ImportJob, by: Actor) -> None:
    """Leaves the trail row of a file of rejected rows that was given out."""
    record(by, "exchange.rejects", str(job.id), {"kind": job.kind})


def jobs() -> Select[ImportJob]:
    """All imports, the newest first."""
    return select(ImportJob).order_by(ImportJob.id.desc())


def view_of(job: ImportJob) -> JobView:
    """The import with what its files tell: how far it is, and whether its worker lives."""
    files = Files(job.stored)
    state, (done, total) = job.state, (job.done, job.total)
    if state in (CHECKING, RUNNING):
        done, total = files.how_far()
        if not files.is_at_work():
            state = INTERRUPTED
    result = json.loads(job.result) if job.result else {}
    kept = files.upload.exists(), files.rejects.exists()
    return JobView(job, state, done, total, result, *kept)


def _work(app: Flask, job_id: int, by: Actor, hold: IO[bytes]) -> None:
    with app.app_context():
        try:
            _run(db.session.get_one(ImportJob, job_id), by, hold)
        finally:
            db.session.remove()
            hold.close()
            _threads.discard(threading.current_thread())


def _run(job: ImportJob, by: Actor, hold: IO[bytes]) -> None:
    files, rehearse = Files(job.stored), job.state == CHECKING
    last = 0, 0

    def watch(done: int, total: int) -> bool:
        nonlocal last
        last = done, max(done, total)
        hold.seek(0)
        hold.write(f"{done} {last[1]}".encode())
        hold.flush()
        return not files.stop.exists()

    try:
        with files.rejects_stream() as rejects:
            report = import_file(
                job.kind,
                files.upload,
                by,
                filename=job.filename,
                rehearse=rehearse,
                at_most=MOST_REHEARSED if rehearse else None,
                rejects_to=rejects,
                watch=watch,
            )
    except Refusal as refusal:
        _finish(job.id, FAILED, {"error": refusal.message}, last)
    except Exception as error:  # its text may hold cells of the file
        log.error("import %d failed: %s", job.id, told_safely(error))
        _finish(job.id, FAILED, {"error": BROKEN}, last)
    else:
        state = CANCELLED if report.stopped else CHECKED if rehearse else DONE
        _finish(job.id, state, _result(report, rehearse, last), last)
        if state == DONE:
            files.drop(rejects=False)


def _finish(job_id: int, state: str, result: dict[str, Any], last: tuple[int, int]) -> None:
    with writing():
        job = db.session.get_one(ImportJob, job_id)
        job.state, job.result = state, json.dumps(result, ensure_ascii=False)
        job.done, job.total = last


def _result(report: Report, rehearsed: bool, last: tuple[int, int]) -> dict[str, Any]:
    return {
        "document": report.document,
        "warnings": report.warnings,
        "first": [[one.line, one.column, one.code, one.message] for one in report.first],
        "touched": asdict(report.touched) if report.touched else None,
        "said": report.touched.sentence if report.touched else "",
        "rehearsed": rehearsed,
        "partial": rehearsed and last[0] >= MOST_REHEARSED,
    }
