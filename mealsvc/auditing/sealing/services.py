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
from mealsvc.plumbing.db import after_commit, db, micros, writing
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import SYSTEM, record

MOST = 65_536  # rows under one seal: an export reads whole seals


@dataclass(frozen=True, slots=True)
class _Draft:
    """Seals worked out from what was read; written only if none came in between."""

    before: Sealed | None
    parts: list[tuple[int, bytes]]  # up to which row, under which root
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
        return _written(draft, by, now)


def _drafted(connection: Connection) -> _Draft | None:
    last = connection.execute(
        select(*RecordSeal.__table__.columns).order_by(RecordSeal.id.desc()).limit(1)
    ).first()
    before = None if last is None else sealed_of(last)
    start = before.to_seq if before else 0
    news = select(TrailEvent.seq).where(TrailEvent.seq > start, TrailEvent.action != SEAL)
    if connection.scalar(news.limit(1)) is None:
        return None
    parts: list[tuple[int, bytes]] = []
    tree, count, seq = Growing(), 0, start
    for row in trail_rows(connection, start):
        tree.add(leaf_of(*row))
        count, seq = count + 1, row.seq
        if count == MOST:
            parts.append((seq, tree.root()))
            tree, count = Growing(), 0
    if count:
        parts.append((seq, tree.root()))
    return _Draft(before, parts, cover(connection, covered_by(connection, before)))


def _written(draft: _Draft, by: Actor, now: datetime) -> Sealed:
    last = db.session.scalar(select(func.max(RecordSeal.id)))
    if last != (draft.before and draft.before.number):
        raise SealMoved()
    folder: Path = current_app.config["INSTANCE"]
    known = all_seals()
    add_seals(folder, known)  # the file is there before the first commit: a missing one is no crash
    for to_seq, root in draft.parts:
        known.append(_next(known[-1] if known else None, to_seq, root, by, now))
        last = known[-1]
        detail = {
            "from": last.from_seq,
            "to": last.to_seq,
            "root": last.root.hex(),
            "at": last.at,
            "digest": last.digest,
            "tables": draft.covered if to_seq == draft.parts[-1][0] else {},
        }
        record(by, SEAL, str(last.number), detail)
    after_commit(lambda: add_seals(folder, known))
    return known[-1]


def _next(before: Sealed | None, to_seq: int, root: bytes, by: Actor, now: datetime) -> Sealed:
    number, start, chained = (
        (before.number, before.to_seq, before.digest) if before else (0, 0, NOTHING)
    )
    own = (number + 1, start + 1, to_seq, root, micros(now), str(by))
    made = Sealed(*own, seal_digest(*own, chained))
    db.session.execute(
        insert(RecordSeal),
        {
            "id": made.number,
            "from_seq": made.from_seq,
            "to_seq": made.to_seq,
            "root": made.root,
            "digest": made.digest,
            "at": now,
            "by": made.by,
        },
    )
    return made


def night(now: datetime) -> bool:
    """The night's work: whatever was recorded since the last seal is sealed."""
    seal(SYSTEM, now)
    return True
