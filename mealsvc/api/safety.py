"""What a till has to know before it forgets a meal: up to where everything is backed up."""

from typing import Any

from sqlalchemy import func, select

from mealsvc.plumbing.db import db
from mealsvc.trail.models import BackupMark, TrailEvent

NO_RESTORE = "0"
_RESTORED = (
    select(BackupMark.token)
    .where(BackupMark.kind == "restore")
    .order_by(BackupMark.id.desc())
    .limit(1)
)
_SAFETY = select(
    select(func.max(BackupMark.sequence)).scalar_subquery().label("backed_up"),
    _RESTORED.scalar_subquery().label("epoch"),
    select(func.max(TrailEvent.seq)).scalar_subquery().label("head"),
)


def safety() -> dict[str, Any]:
    """`epoch` changes with every restore; up to the sequence `backed_up` nothing can be lost."""
    row = db.session.execute(_SAFETY).one()
    return {"epoch": row.epoch or NO_RESTORE, "backed_up": row.backed_up or 0}


def head() -> int:
    """The server's latest sequence."""
    return db.session.scalar(select(func.max(TrailEvent.seq))) or 0
