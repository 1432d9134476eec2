"""A batch sent back to its point (退回), line by line with reasons, and the point's answers.

What was submitted stays frozen: a line that the point gives up is taken out of the claim for good,
anything else is explained, and the same claim comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.settlement import refusals
from mealsvc.settlement.acts import ACTS, RETURNED, STATE_NAMES, return_from
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.holding import carve_out
from mealsvc.settlement.models import BatchAct, ReturnedLine, SettlementBatch
from mealsvc.settlement.proving import ANSWERED, SENT, row_digest
from mealsvc.settlement.steps import check_turn, take
from mealsvc.trail.rules import digest
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a line (None: the batch as a whole) is sent back; `reason` is a key of `REASONS`."""

    sequence: int | None
    reason: str
    note: str = ""


def return_batch(
    month: Month,
    code: str,
    objections: Sequence[Objection],
    opinion: str,
    by: Actor,
    now: datetime,
) -> SettlementBatch:
    """Sends a submitted month back to its point, in the turn of whoever reviews next."""
    batch = batch_at(month, code)
    act = return_from(batch.status)
    if act is None:
        raise refusals.NotItsTurn(
            month=month.chinese, point=code, state=STATE_NAMES[batch.status], act="退回"
        )
    if not objections:
        raise refusals.NothingReturned()
    for one in objections:
        if one.sequence is not None:
            _refuse_unknown(batch, one.sequence)
    sent = digest([row_digest(one, SENT) for one in objections])
    row = take(act, batch, by, now, opinion, {"lines": len(objections), "objections": sent})
    for one in objections:
        db.session.add(
            ReturnedLine(act_id=row.id, sequence=one.sequence, reason=one.reason, note=one.note)
        )
    db.session.flush()
    return batch


def answer(returned_id: int, answer: str, note: str, by: Actor, now: datetime) -> ReturnedLine:
    """The point's answer to one objection: `explained` with a note, or `agreed` (核减).

    Whoever answers must not have reviewed the batch.
    """
    returned = db.session.get_one(ReturnedLine, returned_id)
    batch = _batch_of(returned)
    if returned.answer is not None or batch.status != RETURNED:
        raise refusals.AnsweredAlready()
    check_turn(ACTS["resubmit"], batch, by)
    if answer == "explained" and not note:
        raise refusals.OpinionMissing()
    if answer == "agreed" and returned.sequence is not None:
        month = Month.from_key(batch.month)
        carve_out(month, batch.point_id, returned.sequence, returned.reason, note, by, now)
    returned.answer, returned.answer_note = answer, note
    returned.answered_by, returned.answered_at = str(by), now
    db.session.flush()
    detail = {"answer": answer, "row": row_digest(returned, ANSWERED)}
    record(by, "settlement.answer", str(returned.id), detail)
    return returned


def resubmit(month: Month, code: str, opinion: str, by: Actor, now: datetime) -> SettlementBatch:
    """Hands the same claim in again, once every objection has its answer."""
    batch = batch_at(month, code)
    waiting = len([one for one in objections_of(batch) if one.answer is None])
    if waiting:
        raise refusals.AnswersMissing(count=waiting)
    take(ACTS["resubmit"], batch, by, now, opinion)
    return batch


def objections_of(batch: SettlementBatch) -> Sequence[ReturnedLine]:
    """What the batch was sent back for the last time; empty if it never was."""
    latest = (
        select(func.max(BatchAct.id))
        .where(BatchAct.batch_id == batch.id, BatchAct.act == "return")
        .scalar_subquery()
    )
    return db.session.scalars(
        select(ReturnedLine).where(ReturnedLine.act_id == latest).order_by(ReturnedLine.id)
    ).all()


def _batch_of(returned: ReturnedLine) -> SettlementBatch:
    act = db.session.get_one(BatchAct, returned.act_id)
    return db.session.get_one(SettlementBatch, act.batch_id)


def _refuse_unknown(batch: SettlementBatch, sequence: int) -> None:
    month = Month.from_key(batch.month)
    line = db.session.get(Serving, sequence)
    if line is None or (line.point_id, line.settle_month) != (batch.point_id, batch.month):
        raise refusals.UnknownLine(sequence=sequence, month=month.chinese, point="该点")
