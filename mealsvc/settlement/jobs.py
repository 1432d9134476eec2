"""One step for many points: each in its own transaction, counted, stopped when asked.

Twenty at most are done within the request, more in a thread. The worker keeps a lock on the job's
file, so whoever finds it free knows that the work has died; it is taken up where it stopped.
"""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from flask import Flask, current_app
from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import actions_of
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.errors import told_safely
from mealsvc.settlement import services, steps
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.models import BatchJob
from mealsvc.settlement.refusals import JobNotReady
from mealsvc.settlement.waiting import MOST_AT_ONCE
from mealsvc.trail.services import record

RUNNING, DONE, CANCELLED, FAILED, INTERRUPTED = (
    "running",
    "done",
    "cancelled",
    "failed",
    "interrupted",
)

Verb = Callable[[Month, str, str, Actor, datetime], Any]
log = logging.getLogger(__name__)
_threads: set[threading.Thread] = set()


def _submit(month: Month, code: str, opinion: str, by: Actor, now: datetime) -> None:
    services.submit(month, code, by, now)


VERBS: dict[str, Verb] = {
    "submit": _submit,
    "first_review": steps.first_review,
    "recheck": steps.recheck,
    "sample": steps.sample,
    "approve": steps.approve,
    "close": steps.close,
}


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its page shows it; `state` may be `interrupted`."""

    job: BatchJob
    state: str
    refused: dict[str, str]

    @property
    def at_work(self) -> bool:
        return self.state == RUNNING

    @property
    def gone(self) -> int:
        return self.job.done + len(self.refused)

    @property
    def left(self) -> int:
        return self.job.total - self.gone


def add_job(
    act: str, month: Month, codes: Sequence[str], opinion: str, by: Actor, now: datetime
) -> BatchJob:
    """Notes what is to be done; `start` does it."""
    job = BatchJob(
        act=act,
        month=month.key,
        codes=json.dumps(list(codes)),
        opinion=opinion,
        total=len(codes),
        state=RUNNING,
        by=str(by),
        at=now,
    )
    db.session.add(job)
    db.session.flush()
    detail = {"act": act, "month": str(month), "points": len(codes)}
    record(by, "settlement.job", str(job.id), detail)
    return job


def start(job_id: int, by: Actor) -> None:
    """Does the job, or what is left of it, as this person: at once, or in the background.

    Raises `JobNotReady` while it is at work or when nothing is left.
    """
    hold = hold_of(job_id)
    if hold is None:
        raise JobNotReady()
    try:
        with writing():
            job = db.session.get_one(BatchJob, job_id)
            left = view_of(job, alive=True).left
            if not left:
                raise JobNotReady()
            job.state, job.stop, job.ended_at = RUNNING, False, None
    except BaseException:
        hold.close()
        raise
    if left <= MOST_AT_ONCE:
        with hold:
            _run(job_id, by)
        return
    app: Flask = current_app._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=_work, args=(app, job_id, by, hold), daemon=True)
    _threads.add(thread)
    thread.start()


def wait() -> None:
    """Until no job of this process is at work."""
    for thread in list(_threads):
        thread.join()


def ask_to_stop(job: BatchJob, by: Actor) -> None:
    """Stops after the point that is being done; what is done stays done."""
    if not _is_at_work(job.id):
        raise JobNotReady()
    job.stop = True
    record(by, "settlement.job_stop", str(job.id), {"act": job.act})


def view_of(job: BatchJob, alive: bool | None = None) -> JobView:
    """The job, and whether its worker lives."""
    state = job.state
    if state == RUNNING and not (_is_at_work(job.id) if alive is None else alive):
        state = INTERRUPTED
    return JobView(job, state, json.loads(job.refused))


def _work(app: Flask, job_id: int, by: Actor, hold: IO[bytes]) -> None:
    with app.app_context():
        try:
            _run(job_id, by)
        finally:
            db.session.remove()
            hold.close()
            _threads.discard(threading.current_thread())


def _run(job_id: int, by: Actor) -> None:
    state = DONE
    try:
        codes = json.loads(db.session.get_one(BatchJob, job_id).codes)
        begun = view_of(db.session.get_one(BatchJob, job_id), alive=True).gone
        for code in codes[begun:]:
            if not _one(job_id, code, by):
                state = CANCELLED
                break
    except Exception as error:
        log.error("job %d failed: %s", job_id, told_safely(error))
        state = FAILED
    with writing():
        job = db.session.get_one(BatchJob, job_id)
        job.state, job.ended_at = state, clock.now()


def _one(job_id: int, code: str, by: Actor) -> bool:
    """One point, with the count in the same transaction; False once somebody asked to stop."""
    try:
        asked = db.session.get_one(BatchJob, job_id)
        prove(asked.act, Month.from_key(asked.month), code)
        with writing():
            job = db.session.get_one(BatchJob, job_id)
            if job.stop or not _may_still(by, job.act):
                return False
            VERBS[job.act](Month.from_key(job.month), code, job.opinion, by, clock.now())
            job.done += 1
    except Refusal as refusal:
        with writing():
            job = db.session.get_one(BatchJob, job_id)
            refused = json.loads(job.refused) | {code: refusal.message}
            job.refused = json.dumps(refused, ensure_ascii=False)
    return True


def _may_still(by: Actor, act: str) -> bool:
    """Whether whoever began a long job still has an account that may do it."""
    login = select(Account).where(Account.login == by.name)
    found = db.session.scalar(login) if by.kind == "user" else None
    return found is None or (
        found.disabled_at is None and ACTS[act].right in actions_of(found.role)
    )


def prove(act: str, month: Month, code: str) -> None:
    """Reads the lines while the tills may still write; a month not yet submitted has none to prove."""
    if act != "submit":
        steps.prove_lines([batch_at(month, code)])


def hold_of(job_id: int) -> IO[bytes] | None:
    """The worker's hold on this job; None when somebody is at work on it."""
    path = current_app.config["INSTANCE"] / "jobs" / f"{int(job_id)}.lock"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    hold = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        hold.close()
        return None
    return hold


def _is_at_work(job_id: int) -> bool:
    hold = hold_of(job_id)
    if hold is None:
        return True
    hold.close()
    return False
