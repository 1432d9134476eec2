"""The marks of backups and restores: up to which row of the trail nothing can be lost."""

from datetime import datetime

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.trail.models import BackupMark
from mealsvc.trail.services import record

BACKUP, RESTORE = "backup", "restore"


def mark_backup(sequence: int, name: str, digest: str, by: Actor, now: datetime) -> BackupMark:
    """Everything up to `sequence` lies in the backup `name`."""
    record(by, "safekeeping.backup", name, {"sequence": sequence, "digest": digest})
    return _put(BACKUP, sequence, "", digest, by, now)


def mark_restore(
    sequence: int, name: str, digest: str, epoch: str, by: Actor, now: datetime
) -> BackupMark:
    """The database is what the backup `name` held; `epoch` tells the tills to send again."""
    record(by, "safekeeping.restore", name, {"sequence": sequence, "digest": digest})
    return _put(RESTORE, sequence, epoch, digest, by, now)


def _put(kind: str, sequence: int, token: str, digest: str, by: Actor, now: datetime) -> BackupMark:
    mark = BackupMark(kind=kind, sequence=sequence, at=now, by=by.name, token=token, digest=digest)
    db.session.add(mark)
    db.session.flush()
    return mark
