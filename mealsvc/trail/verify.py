"""Proof that the trail is what was written: every row, its order, its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, select, type_coerce

from mealsvc.trail.models import TrailEvent
from mealsvc.trail.rules import GENESIS, Link, next_mac

# In the table's order; the instant as the plain count of microseconds that it is kept as.
_ROWS = select(
    *(
        type_coerce(column, BigInteger).label("at") if column.name == "at" else column
        for column in TrailEvent.__table__.columns
    )
).order_by(TrailEvent.seq)


class Broken(Exception):
    """The first row that is not what was written; the text names it in Chinese."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a finished walk has seen."""

    events: int
    head: Link


def walk(connection: Connection, key: bytes, anchor: Link) -> Iterator[Any]:
    """Yields each trail row (`at` in microseconds) once it has been proven; raises `Broken` at the
    first bad one.

    `anchor` must have been read before the snapshot of `connection` began.
    """
    seq, mac = 0, GENESIS
    rows: Any = connection.execute(_ROWS, execution_options={"yield_per": 5000})
    for row in rows:
        seq += 1
        *told, own = row
        if told[0] != seq:
            raise Broken(f"操作留痕第 {seq} 行缺失或次序被改动（读到第 {told[0]} 行）。")
        mac = next_mac(key, mac, told)
        if mac != own:
            raise Broken(f"操作留痕第 {seq} 行与链值不符：该行或其前一行被改动。")
        if seq == anchor.seq and mac != anchor.mac:
            raise Broken(f"操作留痕第 {seq} 行与库外锚值不符：记录曾被整体改写。")
        yield row
    if seq < anchor.seq:
        raise Broken(f"操作留痕止于第 {seq} 行，而库外锚值为第 {anchor.seq} 行：末尾被截去。")
