"""Proof of the record: the trail's chain, the ledger's every column, slots and tallies, one anchor."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import BigInteger, Connection, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from mealsvc.auditing import papers
from mealsvc.auditing.claims import Claims
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import Instant, db
from mealsvc.servings.models import DailyTally, Decision, Serving, ServingKey, ServingSlot
from mealsvc.servings.services import RECORDED, REVERSED
from mealsvc.trail.anchor import read_anchor
from mealsvc.trail.rules import Link, digest
from mealsvc.trail.services import CHAIN_KEY
from mealsvc.trail.verify import Broken, Verified, walk

# The columns of a line as its digest spells them, plain as the database keeps them; what was decided
# comes last.
_COLUMNS = [column for column in Serving.__table__.columns if column.name != "decision_id"]
_MAC = [column.name for column in _COLUMNS].index("content_mac")
_LEDGER = (
    select(
        *(
            type_coerce(column, BigInteger) if isinstance(column.type, Instant) else column
            for column in _COLUMNS
        ),
        Decision.digest,
        Decision.content,
    )
    .outerjoin(Decision, Decision.id == Serving.decision_id)
    .order_by(Serving.sequence)
)
_SUMS = ("price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen")


class Watch(Protocol):
    """What else is held against the trail while it is walked."""

    def begin(self, connection: Connection) -> None: ...

    def note(self, event: Any) -> None: ...

    def check(self, connection: Connection) -> None: ...


def verify(watch: Watch | None = None) -> Verified:
    """Walks everything recorded once, in one snapshot; raises `Broken` naming the first bad row.

    Works while others write: the anchor is read before the snapshot begins.
    """
    folder: Path = current_app.config["INSTANCE"]
    anchor = read_anchor(folder)
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            return verify_within(connection, anchor, watch)


def verify_within(connection: Connection, anchor: Link, watch: Watch | None = None) -> Verified:
    """The same in a transaction of the caller's; `anchor` must be older than its snapshot."""
    watches: list[Watch] = [Claims(), *([watch] if watch else [])]
    for one in watches:
        one.begin(connection)
    verified = _verify_rows(connection, anchor, watches)
    for check in (*DERIVED, *(one.check for one in watches)):
        check(connection)
    return verified


def _verify_rows(connection: Connection, anchor: Link, watches: list[Watch]) -> Verified:
    events, head, notes = 0, Link(), [one.note for one in watches]
    lines = _lines(connection)
    line = next(lines, None)
    for event in walk(connection, vault().mac(CHAIN_KEY, b"chain"), anchor):
        if line is not None and line[0] < event.seq:
            raise Broken(f"就餐流水第 {line[0]} 号没有对应的操作留痕：该行是插入的。")
        if event.action in (RECORDED, REVERSED):
            if line is None or line[0] != event.seq:
                raise Broken(f"就餐流水第 {event.seq} 号（{event.subject}）缺失：该行被删除。")
            if digest(line) != event.detail:
                raise Broken(
                    f"就餐流水第 {event.seq} 号（{event.subject}）与留痕不符：该行被改动。"
                )
            line = next(lines, None)
        for note in notes:
            note(event)
        events, head = event.seq, Link(event.seq, event.mac)
    if line is not None:
        raise Broken(f"就餐流水第 {line[0]} 号没有对应的操作留痕：该行是插入的。")
    return Verified(events, head)


def _lines(connection: Connection) -> Iterator[list[Any]]:
    """Each line as its digest spells it (`servings.services.line_digest`), its decision proven."""
    known: dict[str, str] = {}
    rows: Any = connection.execute(_LEDGER, execution_options={"yield_per": 5000})
    for row in rows:
        *line, key, content = row
        if content is None:
            raise Broken(f"就餐流水第 {line[0]} 号的补贴决定缺失。")
        if known.get(key) != content:
            if digest([content]) != key:
                raise Broken(f"就餐流水第 {line[0]} 号的补贴决定被改动。")
            known[key] = content
        line[_MAC] = line[_MAC].hex()
        yield [*line, content]


def _check_slots(connection: Connection) -> None:
    """Each unreversed subsidised line has its slot, and each slot such a line."""
    reversal = aliased(Serving)
    slot = ("sequence", "served_on", "meal", "resident_id")
    taken = (
        select(*(getattr(Serving, name) for name in slot))
        .outerjoin(reversal, reversal.reverses == Serving.sequence)
        .where(Serving.subsidy_fen > 0, reversal.sequence.is_(None))
    )
    held = select(*(getattr(ServingSlot, name) for name in slot))
    for kind, missing in (("占用", taken.except_(held)), ("多余", held.except_(taken))):
        row = connection.execute(missing.limit(1)).first()
        if row:
            raise Broken(f"补贴名额与就餐流水不符：第 {row[0]} 号（{kind}）。")


def _check_keys(connection: Connection) -> None:
    """Each line stands under its key, and no key stands for another line."""
    row = connection.execute(
        select(func.coalesce(Serving.sequence, ServingKey.sequence))
        .join_from(Serving, ServingKey, ServingKey.key == Serving.key, full=True)
        .where(
            or_(
                Serving.sequence.is_(None),
                ServingKey.sequence.is_(None),
                Serving.sequence != ServingKey.sequence,
            )
        )
        .limit(1)
    ).first()
    if row:
        raise Broken(f"流水号登记与就餐流水不符：第 {row[0]} 号。")


def _check_tallies(connection: Connection) -> None:
    """A recount of the ledger gives the daily tallies."""
    keys = ("settle_month", "point_id", "late", "served_on", "meal", "decision_id")
    counted = select(
        *(getattr(Serving, name) for name in keys),
        func.count().filter(Serving.reverses.is_(None)),
        func.count().filter(Serving.reverses.is_not(None)),
        *(func.sum(getattr(Serving, name)) for name in _SUMS),
    ).group_by(*(getattr(Serving, name) for name in keys))
    kept = select(*(getattr(DailyTally, name) for name in (*keys, "lines", "reversals", *_SUMS)))
    for one, other in ((counted, kept), (kept, counted)):
        row = connection.execute(one.except_(other).limit(1)).first()
        if row:
            raise Broken(f"日汇总与就餐流水不符：{row.served_on}，{row.settle_month} 月结算。")


def _check_decisions(connection: Connection) -> None:
    """Each is under its own digest, also one that no line has."""
    for row in connection.execute(select(Decision.id, Decision.digest, Decision.content)):
        if digest([row.content]) != row.digest:
            raise Broken(f"补贴决定第 {row.id} 号与它的摘要不符：该行被改动或是插入的。")


DERIVED = (_check_decisions, _check_slots, _check_keys, _check_tallies, papers.check)
