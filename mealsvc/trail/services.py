"""Writing the trail: in the same transaction as the change it speaks of."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing import clock
from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import after_commit, db, micros, writer
from mealsvc.trail.anchor import advance_anchor
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.rules import Link, next_mac

_HEAD = select(TrailEvent.seq, TrailEvent.mac).order_by(TrailEvent.seq.desc()).limit(1)
_COLUMNS = ("seq", "at", "actor", "origin", "action", "subject", "detail", "mac")
_INSERT = BulkInsert(TrailEvent.__table__, _COLUMNS)
CHAIN_KEY = "trail"


SYSTEM = Actor("system", "mealsvc")


class Chain:
    """The chain within one write transaction: rows are linked at once and inserted together."""

    def __init__(self, head: Link, key: bytes):
        self.head, self._key = head, key
        self._rows: list[tuple[Any, ...]] = []

    @property
    def next_seq(self) -> int:
        return self.head.seq + 1

    def append(self, by: Actor, action: str, subject: str, detail: str, at: datetime) -> int:
        """Links one row (inserted by `flush`) and returns its sequence number."""
        seq, actor = self.head.seq + 1, str(by)
        columns = [seq, micros(at), actor, by.origin, action, subject, detail]
        mac = next_mac(self._key, self.head.mac, columns)
        self._rows.append((*columns, mac))
        self.head = Link(seq, mac)
        return seq

    def flush(self) -> None:
        """Inserts the rows linked since the last flush."""
        if self._rows:
            rows, self._rows = self._rows, []
            _INSERT(writer(), rows)


def chain(head: Link | None = None) -> Chain:
    """The chain of the present write transaction; `head` when the caller has just read it there."""
    info = db.session().info
    if "writing" not in info:
        raise RuntimeError("the trail is written inside writing() only")
    if "chain" not in info:
        if head is None:
            row = writer().execute(_HEAD).first()
            head = Link(row.seq, row.mac) if row else Link()
        info["chain"] = made = Chain(head, vault().mac(CHAIN_KEY, b"chain"))
        folder: Path = current_app.config["INSTANCE"]
        after_commit(lambda: advance_anchor(folder, made.head))
    return info["chain"]


def record(by: Actor, action: str, subject: str, detail: dict[str, Any] | None = None) -> int:
    """Adds one row to the trail, in this transaction; returns its sequence number.

    `detail` holds what changed, without ID numbers, phones, passwords, tokens or keys.
    """
    links = chain()
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, default=str)
    seq = links.append(by, action, subject, text, clock.now())
    links.flush()
    return seq
