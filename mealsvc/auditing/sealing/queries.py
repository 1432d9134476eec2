"""Reading the seals, and the trail's rows as their leaves spell them."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, Select, func, select, type_coerce

from mealsvc.auditing.sealing.models import RecordSeal
from mealsvc.auditing.sealing.rules import Sealed
from mealsvc.auditing.sealing.tables import Covered
from mealsvc.plumbing.db import db, micros
from mealsvc.trail.models import TrailEvent

SEAL = "seals.seal"
FETCHED = 5_000
LEAF_COLUMNS = (
    TrailEvent.seq,
    type_coerce(TrailEvent.at, BigInteger).label("at"),
    TrailEvent.actor,
    TrailEvent.origin,
    TrailEvent.action,
    TrailEvent.subject,
    TrailEvent.detail,
    type_coerce(TrailEvent.mac, LargeBinary).label("mac"),
)


def trail_rows(connection: Connection, after: int, up_to: int | None = None) -> Iterator[Any]:
    """The trail's rows with the instant as plain microseconds, in order."""
    rows = select(*LEAF_COLUMNS).where(TrailEvent.seq > after).order_by(TrailEvent.seq)
    if up_to is not None:
        rows = rows.where(TrailEvent.seq <= up_to)
    yield from connection.execute(rows, execution_options={"yield_per": FETCHED})


def sealed_of(row: Any) -> Sealed:
    """A row of the table as the rules know a seal."""
    at = micros(row.at)
    return Sealed(row.id, row.from_seq, row.to_seq, bytes(row.root), at, row.by, row.digest)


def all_seals(connection: Connection | None = None) -> list[Sealed]:
    """Every seal, in order."""
    rows = select(*RecordSeal.__table__.columns).order_by(RecordSeal.id)
    found = connection.execute(rows) if connection is not None else db.session.execute(rows)
    return [sealed_of(row) for row in found]


def covered_by(connection: Connection, seal: Sealed | None) -> Covered:
    """What a seal's trail row tells of the tables beside."""
    own = select(TrailEvent.detail).where(
        TrailEvent.action == SEAL, TrailEvent.subject == str(seal.number if seal else 0)
    )
    detail = connection.scalar(own)
    return {} if detail is None else json.loads(detail)["tables"]


def last_seal() -> RecordSeal | None:
    """The latest seal."""
    return db.session.scalars(select(RecordSeal).order_by(RecordSeal.id.desc()).limit(1)).first()


def seals_shown() -> Select[Any]:
    """All seals, the latest first."""
    return select(RecordSeal).order_by(RecordSeal.id.desc())


def unsealed_rows(to_seq: int) -> int:
    """How many rows of the trail are not under a seal yet."""
    last = db.session.scalar(select(func.max(TrailEvent.seq))) or 0
    return max(last - to_seq, 0)
