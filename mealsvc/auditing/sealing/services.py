"""Sealing the record: the trail's new rows under one root, chained to the seals before."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, func, insert, select

from mealsvc.auditing.sealing.models import RecordSeal
from mealsvc.auditing.sealing.queries import SEAL, all_seals, covered_by, sealed_of, trail_rows
from mealsvc.auditing.sealing.refusals import SealMoved
from mealsvc.auditing.sealing.rules import NOTHING, Growing, Sealed, leaf_of, seal_digest
from mealsvc.auditing.sealing.seal_file import add_seals
from mealsvc.auditing.sealing.tables import Covered, cover
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import after_commit, db, instant, micros, writing
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class _Draft:
    """A seal worked out from what was read; written only if none came in between."""

    before: Sealed | None
    to_seq: int
    root: bytes
    covered: Covered


def seal(by: Actor, now: datetime) -> Sealed | None:
    """Seals what was recorded since the last seal; None when that is nothing but seals. Opens its
    own transactions: the hashing is done before the one that writes.

    Raises `SealMoved` when another one sealed meanwhile.
    """
    db.session.remove()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            draft = _drafted(connection)
    if draft is None:
        return None
    with writing():
        made = _written(draft, by, now)
    return made


def _drafted(connection: Connection) -> _Draft | None:
    last = connection.execute(
        select(*RecordSeal.__table__.columns).order_by(RecordSeal.id.desc()).limit(1)
    ).first()
    before = None if last is None else sealed_of(last)
    start = before.to_seq if before else 0
    news = select(func.count()).where(TrailEvent.seq > start, TrailEvent.action != SEAL)
    if not connection.scalar(news):
        return None
    tree, seq = Growing(), start
    for row in trail_rows(connection, start):
        tree.add(leaf_of(*row))
        seq = row.seq
    return _Draft(before, seq, tree.root(), cover(connection, covered_by(connection, before)))


def _written(draft: _Draft, by: Actor, now: datetime) -> Sealed:
    last = db.session.scalar(select(func.max(RecordSeal.id)))
    if last != (draft.before and draft.before.number):
        raise SealMoved()
    before = draft.before.digest if draft.before else NOTHING
    own = (
        (last or 0) + 1,
        (draft.before.to_seq if draft.before else 0) + 1,
        draft.to_seq,
        draft.root,
        micros(now),
        str(by),
    )
    made = Sealed(*own, seal_digest(*own, before))
    db.session.execute(
        insert(RecordSeal),
        {
            "id": made.number,
            "from_seq": made.from_seq,
            "to_seq": made.to_seq,
            "root": made.root,
            "digest": made.digest,
            "at": instant(made.at),
            "by": made.by,
        },
    )
    detail = {"digest": made.digest, "to": made.to_seq, "tables": draft.covered}
    record(by, SEAL, str(made.number), detail)
    folder: Path = current_app.config["INSTANCE"]
    known = all_seals()
    add_seals(folder, known[:-1])  # there before the first commit: a missing file is no crash
    after_commit(lambda: add_seals(folder, known))
    return made
