"""Reads everything that was said about a submitted month: acts, returned lines, held lines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.months import Month
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Matter
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import fen
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.settlement_facts import bureau
from mealsvc.servings.models import Serving
from mealsvc.settlement.acts import ACTS, STATE_NAMES
from mealsvc.settlement.batches import acts_of, batch_at, held_in
from mealsvc.settlement.budget_words import noted
from mealsvc.settlement.models import BatchAct, LineHold, ReturnedLine, SettlementBatch


@dataclass(frozen=True, slots=True)
class Said:
    """One act: what, who, when, with which words, and what would have been paid then."""

    act: str
    name: str
    at: datetime
    opinion: str
    payable_fen: int


@dataclass(frozen=True, slots=True)
class Objected:
    """A line (without key: the whole batch) that was sent back, and the point's answer."""

    key: str
    served_on: date | None
    reason: str
    note: str
    answer: str | None
    answer_note: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line that was held, and what became of it; `carved` out of this batch for good."""

    key: str
    served_on: date
    reason: str
    note: str
    amount_fen: int
    placed_at: datetime
    outcome: str | None
    end_note: str
    ended_at: datetime | None
    carved: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A batch's whole story."""

    month: Month
    point: str
    heading: Mapping[str, str]
    state: str
    claim_fen: int
    held_fen: int
    said: tuple[Said, ...]
    objected: tuple[Objected, ...]
    held: tuple[HeldLine, ...]
    demo: bool

    @property
    def payable_fen(self) -> int:
        return self.claim_fen - self.held_fen


def review_of(month: Month, point: str) -> Review:
    """The story of this point's month; raises `NotSubmitted`."""
    batch = batch_at(month, point)
    return Review(
        month=month,
        point=point,
        heading=json.loads(batch.heading),
        state=STATE_NAMES[batch.status],
        claim_fen=batch.payable_fen,
        held_fen=held_in(batch).fen,
        said=tuple(_said(act) for act in acts_of(batch.id)),
        objected=_objected(batch),
        held=_held(batch),
        demo=is_demo(),
    )


def matter_of(facts: Review, words: str) -> Matter:
    """What is kept of the issued paper; every act, answer or outcome makes another edition."""
    story: list[Any] = [facts.state, facts.claim_fen, facts.held_fen, facts.heading["name"]]
    story += [[_values(one) for one in part] for part in (facts.said, facts.objected, facts.held)]
    return Matter(
        kind="opinions",
        subject=f"opinions/{facts.month}/{facts.point}",
        number=f"SH-{facts.month}-{facts.point}",
        title=f"{facts.month.chinese}{words}（{facts.heading['name']}）",
        issuer=bureau(),
        totals={
            "状态": facts.state,
            "申报应付": f"{fen(facts.claim_fen)} 元",
            "暂缓": f"{fen(facts.held_fen)} 元",
            "应付金额": f"{fen(facts.payable_fen)} 元",
        },
        facts_digest=facts_digest(story),
    )


def _values(row: Said | Objected | HeldLine) -> list[Any]:
    return [getattr(row, name) for name in type(row).__dataclass_fields__]


def _said(act: BatchAct) -> Said:
    name = "退回" if act.act == "return" else ACTS[act.act].name if act.act in ACTS else act.act
    said = "　".join(filter(None, (act.opinion, noted(act.detail))))
    return Said(name, act.name, act.at, said, act.payable_fen)


def _objected(batch: SettlementBatch) -> tuple[Objected, ...]:
    rows = db.session.execute(
        select(ReturnedLine, Serving.key, Serving.served_on)
        .join(BatchAct, BatchAct.id == ReturnedLine.act_id)
        .outerjoin(Serving, Serving.sequence == ReturnedLine.sequence)
        .where(BatchAct.batch_id == batch.id)
        .order_by(ReturnedLine.id)
    )
    return tuple(
        Objected(
            key=key or "",
            served_on=served_on,
            reason=one.reason,
            note=one.note,
            answer=one.answer,
            answer_note=one.answer_note,
            answered_at=one.answered_at,
        )
        for one, key, served_on in rows
    )


def _held(batch: SettlementBatch) -> tuple[HeldLine, ...]:
    rows = db.session.execute(
        select(LineHold, Serving.key, Serving.served_on)
        .join(Serving, Serving.sequence == LineHold.sequence)
        .where(LineHold.month == batch.month, LineHold.point_id == batch.point_id)
        .order_by(LineHold.id)
    )
    return tuple(
        HeldLine(
            key=key,
            served_on=served_on,
            reason=one.reason,
            note=one.note,
            amount_fen=one.amount_fen,
            placed_at=one.placed_at,
            outcome=one.outcome,
            end_note=one.end_note,
            ended_at=one.ended_at,
            carved=one.carved,
        )
        for one, key, served_on in rows
    )
