"""Everything that became of a line after it was recorded, in the order of time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import acts_of, batch_of
from mealsvc.settlement.clawback_models import Clawback, ClawbackLine
from mealsvc.settlement.correction_models import Correction
from mealsvc.settlement.models import (
    BatchAct,
    LineHold,
    NoticeBatch,
    PublicNotice,
    ReturnedLine,
    SettlementAdjustment,
    SettlementBatch,
)
from mealsvc.settlement.reasons import REASONS

ANSWERS = {"explained": "助餐点说明", "agreed": "助餐点同意核减"}
OUTCOMES = {"released": "核实无误，解除暂缓", "refused": "核减"}
DECISIONS = {"confirmed": "更正已确认", "dismissed": "更正已驳回", "superseded": "更正已重新计算"}
KINDS = {"released": "暂缓解除后补付", "refused": "核减后与冲正相抵", "repaid": "追回款已缴回"}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, by whom and why; a page of our own tells more."""

    at: datetime
    title: str
    detail: str = ""
    endpoint: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def events_of(line: Serving, own: Serving) -> list[Event]:
    """What happened to a line; `own` is the serving itself where the line is its reversal."""
    found = [
        Event(own.served_at, "就餐"),
        *_recorded(line, own),
        *_corrections(own),
        *_holds(own),
        *_returns(own),
        *_adjustments(own),
        *_clawbacks(own),
        *_batch(line),
    ]
    return sorted(found, key=lambda event: event.at)


def _recorded(line: Serving, own: Serving) -> Iterator[Event]:
    by = "，".join(part for part in (own.operator, own.device) if part)
    yield Event(own.recorded_at, "登记", by, *_line(own, line))
    undo = db.session.scalar(select(Serving).where(Serving.reverses == own.sequence))
    if undo is not None:
        yield Event(undo.recorded_at, "冲正", undo.note, *_line(undo, line))


def _line(one: Serving, shown: Serving) -> tuple[str, dict[str, Any]]:
    """The address of a line, unless it is the page's own."""
    if one.sequence == shown.sequence:
        return "", {}
    return "servings.line", {"sequence": one.sequence}


def _corrections(own: Serving) -> Iterator[Event]:
    """Proposals about the line, and the one that recorded it."""
    mine = or_(Correction.sequence == own.sequence, Correction.replacement_key == own.key)
    for one in db.session.scalars(select(Correction).where(mine)):
        page = "corrections.correction", {"change_id": one.fact_change_id}
        if one.sequence != own.sequence:
            original = "servings.line", {"sequence": one.sequence}
            yield Event(one.found_at, "由更正产生，原流水", f"第{one.sequence}号", *original)
            continue
        money = f"{display(one.before_fen)}元 → {display(one.after_fen)}元"
        yield Event(one.found_at, "迟到的事实提出更正", money, *page)
        if one.decided_at is not None:
            yield Event(one.decided_at, DECISIONS[one.status], _by(one.decided_by, one.note), *page)


def _holds(own: Serving) -> Iterator[Event]:
    for hold in db.session.scalars(select(LineHold).where(LineHold.sequence == own.sequence)):
        told = f"{REASONS[hold.reason]}，{display(hold.amount_fen)}元"
        yield Event(hold.placed_at, "暂缓", _by(hold.placed_by, told, hold.note))
        if hold.ended_at is not None:
            title = OUTCOMES[hold.outcome or ""]
            yield Event(hold.ended_at, title, _by(hold.ended_by, hold.end_note))


def _returns(own: Serving) -> Iterator[Event]:
    rows = select(ReturnedLine, BatchAct).join(BatchAct, BatchAct.id == ReturnedLine.act_id)
    for one, act in db.session.execute(rows.where(ReturnedLine.sequence == own.sequence)):
        told = _by(act.actor, REASONS.get(one.reason, one.reason), one.note)
        yield Event(act.at, "退回核实", told)
        if one.answered_at is not None:
            yield Event(
                one.answered_at, ANSWERS[one.answer or ""], _by(one.answered_by, one.answer_note)
            )


def _adjustments(own: Serving) -> Iterator[Event]:
    rows = select(SettlementAdjustment).where(SettlementAdjustment.sequence == own.sequence)
    for one in db.session.scalars(rows):
        month = Month.from_key(one.settle_month)
        told = f"{display(one.amount_fen)}元计入{month.chinese}的调整"
        yield Event(one.made_at, KINDS[one.kind], told, *_settlement(month, one.point_id))


def _clawbacks(own: Serving) -> Iterator[Event]:
    rows = select(Clawback).join(ClawbackLine, ClawbackLine.clawback_id == Clawback.id)
    for one in db.session.scalars(rows.where(ClawbackLine.sequence == own.sequence)):
        yield Event(one.proposed_at, "提出追回", _by(one.proposed_by, one.note))
        if one.decided_at is not None:
            title = "追回未批准" if one.state == "rejected" else "批准追回"
            told = _by(one.decided_by, one.number or "", one.decision_note)
            yield Event(one.decided_at, title, told)
        if one.repaid_at is not None:
            yield Event(one.repaid_at, "追回款已缴回", _by(one.repaid_by))


def _batch(line: Serving) -> Iterator[Event]:
    """The chain of the month in which the line settles, up to the payment."""
    month = Month.from_key(line.settle_month)
    batch = batch_of(month, line.point_id)
    if batch is None:
        return
    page = _settlement(month, line.point_id)
    for act in acts_of(batch.id):
        title = "退回" if act.act == "return" else ACTS[act.act].name
        told = _by(f"user:{act.name}", act.opinion, _number(act))
        yield Event(act.at, f"{month.chinese}结算{title}", told, *page)
    yield from _notices(batch, month, page)


def _notices(
    batch: SettlementBatch, month: Month, page: tuple[str, dict[str, Any]]
) -> Iterator[Event]:
    rows = select(PublicNotice).join(NoticeBatch, NoticeBatch.notice_id == PublicNotice.id)
    for notice in db.session.scalars(rows.where(NoticeBatch.batch_id == batch.id)):
        days = f"{chinese_date(notice.from_on)}至{chinese_date(notice.to_on)}，{notice.place}"
        yield Event(notice.posted_at, f"{month.chinese}公示 {notice.number}", days, *page)


def _number(act: BatchAct) -> str:
    """The paper that an act names: the payment order of `order`, `recall` and `pay`."""
    told = json.loads(act.detail)
    return str(told.get("order") or told.get("number") or "")


def _settlement(month: Month, point_id: int) -> tuple[str, dict[str, Any]]:
    code = db.session.get_one(MealPoint, point_id).code
    return "settlement.settlement", {"month": str(month), "code": code}


def _by(actor: str, *said: str) -> str:
    """Who, and what they said."""
    kind, _, name = actor.partition(":")
    who = name if kind == "user" else "系统"
    return "，".join(part for part in (who, *said) if part)
