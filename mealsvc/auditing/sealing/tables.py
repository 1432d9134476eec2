"""Append-only tables beside trail and ledger: each seal's trail row holds a digest over the rows
that came since the seal before, so that none of them changes unseen from then on."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, func, select

from mealsvc.plumbing.db import Base
from mealsvc.servings.services import plain_value
from mealsvc.trail.rules import canonical
from mealsvc.trail.verify import Broken

Covered = dict[str, list[Any]]  # table -> [the last number, the digest of what came since]
# Each with the column that grows with every new row, and whose rows are all written at once.
TABLES: Mapping[str, str] = {
    "audit_sample": "id",
    "audit_scan": "id",
    "batch_act": "id",
    "budget_change": "id",
    "call_answer": "id",
    "case_act": "id",
    "case_referral": "id",
    "complaint_act": "id",
    "cooking_time": "id",
    "delivery_event": "id",
    "delivery_receipt": "id",
    "denial": "id",
    "fact_change": "id",
    "filed_price": "id",
    "finding_act": "id",
    "grant_act": "id",
    "interview": "id",
    "meal_dispatch": "id",
    "meal_receipt": "id",
    "outreach_call": "id",
    "point_cost": "id",
    "point_grade": "id",
    "public_notice": "id",
    "rating": "id",
    "re_inspection": "id",
    "re_inspection_item": "re_inspection_id",
    "rectification_reply": "id",
    "referral_finding": "referral_id",
    "sample_item": "sample_id",
    "survey_act": "id",
    "survey_draw": "id",
    "survey_entry": "id",
    "survey_person": "draw_id",
    "survey_text": "id",
    "tariff_trial": "id",
}
# Of these each row is one act: as many rows as acts, also since the last seal.
COUNTED: Mapping[str, tuple[str, ...]] = {
    "call_answer": ("calls.answer",),
    "complaint_act": tuple(
        f"complaints.{act}" for act in ("assigned", "answered", "returned", "closed", "called")
    ),
    "cooking_time": ("deliveries.cooked",),
    "delivery_receipt": ("receipts.note",),
    "denial": ("leads.deny",),
    "filed_price": ("prices.file", "prices.end"),
    "interview": ("interviews.hold",),
    "meal_dispatch": ("bookings.send",),
    "meal_receipt": ("bookings.receive",),
    "outreach_call": ("outreach.call",),
    "point_grade": ("places.grade",),
    "public_notice": ("notices.post",),
    "rating": ("complaints.rate",),
    "re_inspection": ("orders.re_inspect",),
    "rectification_reply": ("orders.reply",),
    "tariff_trial": ("economics.trial",),
}
ACTS = frozenset(act for acts in COUNTED.values() for act in acts)
_FIRST = -(1 << 62)  # below every number


def cover(connection: Connection, before: Covered) -> Covered:
    """What the next seal tells of each table that has rows; `before` is what the last one told."""
    told: Covered = {}
    for name in TABLES:
        start = before[name][0] if name in before else _FIRST
        last = connection.scalar(select(func.max(_number(name)))) or 0
        if last:
            told[name] = [last, digest_of(connection, name, start, last)]
    return told


def check(
    connection: Connection, seals: list[tuple[int, Covered]], acts: Mapping[str, int]
) -> None:
    """Raises `Broken` for the first table that is not as these seals (number, told) tell, in order;
    `acts` counts what the trail has of each of `ACTS`."""
    for name in TABLES:
        start = _FIRST
        for number, told in seals:
            if name not in told:
                continue
            last, digest = told[name]
            if digest_of(connection, name, start, last) != digest:
                raise Broken(
                    f"数据表 {name} 到第 {last} 号为止的记录与第 {number} 次封存不符："
                    "有行被改动、删除或插入。"
                )
            start = last
    for name, made in COUNTED.items():
        told = sum(acts.get(act, 0) for act in made)
        rows = select(func.count()).select_from(Base.metadata.tables[name])
        if connection.scalar(rows) != told:
            raise Broken(f"数据表 {name} 的行数与留痕的 {told} 次办理不符：有行被删除或插入。")


def digest_of(connection: Connection, name: str, after: int, up_to: int) -> str:
    """The SHA-256 (hex) over every column of these rows."""
    sha = hashlib.sha256()
    for row in _rows(connection, name, after, up_to):
        sha.update(canonical([plain_value(value) for value in row]) + b"\n")
    return sha.hexdigest()


def _rows(connection: Connection, name: str, after: int, up_to: int) -> Iterator[Any]:
    table, number = Base.metadata.tables[name], _number(name)
    rows = select(table).where(number > after, number <= up_to).order_by(*table.primary_key)
    yield from connection.execute(rows, execution_options={"yield_per": 2_000})


def _number(name: str) -> Column[int]:
    return Base.metadata.tables[name].c[TABLES[name]]
