"""Lines carved out of a month while they are checked (暂缓), and what becomes of them.

While its batch is not approved, a held line simply does not count in what is paid. Once it has
left the batch for good (`carved`), it comes back as an adjustment of the next open month; a refused
line is reversed in the ledger as well, so that the two cancel out and the ledger tells the truth.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writer
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.models import Decision, Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import refusals
from mealsvc.settlement.adjusting import adjust
from mealsvc.settlement.batches import batch_of, person_id, same_person
from mealsvc.settlement.models import LineHold
from mealsvc.settlement.proving import ENDED, PLACED, row_digest
from mealsvc.settlement.reasons import REASONS
from mealsvc.settlement.rules import worth
from mealsvc.trail.services import record


def hold_lines(
    month: Month,
    point_id: int,
    sequences: Sequence[int],
    reason: str,
    note: str,
    by: Actor,
    now: datetime,
) -> list[LineHold]:
    """Carves these lines out of the month in which they settle; `reason` is a key of `REASONS`.

    Raises `UnknownLine`, `NothingToHold`, `HeldAlready`, and `HoldTooLate` after the approval.
    """
    _refuse_if_approved(month, point_id)
    lines, person = _lines(month, point_id, sequences), person_id(by)
    return [
        _place(month, point_id, one, lines.get(one), reason, note, by, person, now)
        for one in sequences
    ]


def release(hold_id: int, note: str, by: Actor, now: datetime) -> LineHold:
    """The line was found right: it is paid, in its own month or as an adjustment of a later one."""
    return _release(_open(hold_id, by), note, by, now)


def refuse(hold_id: int, note: str, by: Actor, now: datetime) -> LineHold:
    """The line was found wrong (核减): it is reversed in the ledger and never paid."""
    return _refuse(_open(hold_id, by), note, by, now)


def end_holds(
    outcomes: Mapping[int, str], notes: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """Ends many holds (by id) at once, each `released` or `refused` with that outcome's note; whoever
    placed one of them ends none. Raises `HoldEnded`, `OwnHold`.
    """
    holds = db.session.scalars(select(LineHold).where(LineHold.id.in_(outcomes))).all()
    lines = select(Serving).where(Serving.sequence.in_([hold.sequence for hold in holds]))
    kept = db.session.scalars(lines).all()  # in the session: what follows asks for each again
    asked: set[tuple[str, int | None, datetime]] = set()
    for hold in holds:
        placed = hold.placed_by, hold.placed_person, hold.placed_at
        _refuse_to_end(hold, by, known=placed in asked)
        asked.add(placed)
    for hold in sorted(holds, key=lambda one: one.sequence):
        end = _release if outcomes[hold.id] == "released" else _refuse
        end(hold, notes[outcomes[hold.id]], by, now)
    del kept


def carve_out(
    month: Month, point_id: int, sequence: int, reason: str, note: str, by: Actor, now: datetime
) -> LineHold:
    """The point itself agrees that the line is wrong: held and refused at once, if it is not yet."""
    _refuse_if_approved(month, point_id)
    hold = db.session.scalar(
        select(LineHold).where(
            LineHold.sequence == sequence,
            or_(LineHold.outcome.is_(None), LineHold.outcome == "refused"),
        )
    )
    if hold is None:
        [hold] = hold_lines(month, point_id, [sequence], reason, note, by, now)
    return hold if hold.outcome == "refused" else _refuse(hold, note, by, now)


def _release(hold: LineHold, note: str, by: Actor, now: datetime) -> LineHold:
    if hold.carved:
        _adjust(hold, "released", f"暂缓后核实无误：{note}", by, now)
    _end(hold, "released", note, by, now)
    return hold


def _refuse(hold: LineHold, note: str, by: Actor, now: datetime) -> LineHold:
    line = db.session.get_one(Serving, hold.sequence)
    month = Month.from_key(hold.month)
    if batch_of(month, hold.point_id) is not None and not _reversed_within(hold.sequence, month):
        hold.carved = True
        _adjust(hold, "refused", f"已核减，与冲正相抵：{note}", by, now)
    if _reversal_of(hold.sequence) is None:
        key = f"hold-{hold.id}-{token_hex(4)}"
        told = f"核减（{REASONS[hold.reason]}）{note}"[:200]
        reverse_serving(writer(), key, line.key, told, None, by, now)
    _end(hold, "refused", note, by, now)
    return hold


@dataclass(slots=True)
class _Line:
    """A line of a month as it is about to be held; `taken`: it is held, or was carved out for good."""

    key: str
    reversal: bool
    amount_fen: int
    funding: dict[str, int]
    reversed: bool
    taken: bool


def _lines(month: Month, point_id: int, sequences: Sequence[int]) -> dict[int, _Line]:
    """Those that settle in this month at this point: three questions, however many there are."""
    undone = aliased(Serving)
    rows = db.session.execute(
        select(
            Serving.sequence,
            Serving.key,
            Serving.reverses,
            Serving.decision_id,
            undone.settle_month.label("undone_in"),
        )
        .outerjoin(undone, undone.reverses == Serving.sequence)
        .where(
            Serving.sequence.in_(sequences),
            Serving.point_id == point_id,
            Serving.settle_month == month.key,
        )
    ).all()
    decisions = select(Decision.id, Decision.content).where(
        Decision.id.in_({row.decision_id for row in rows})
    )
    policies = policies_in_force()
    worths = {row.id: worth(row.content, policies) for row in db.session.execute(decisions)}
    taken = set(
        db.session.scalars(
            select(LineHold.sequence).where(
                LineHold.month == month.key,
                LineHold.point_id == point_id,
                or_(LineHold.outcome.is_(None), LineHold.carved),
            )
        )
    )
    return {
        row.sequence: _Line(
            row.key,
            row.reverses is not None,
            *worths[row.decision_id],
            row.undone_in == month.key,
            row.sequence in taken,
        )
        for row in rows
    }


def _place(
    month: Month,
    point_id: int,
    sequence: int,
    found: _Line | None,
    reason: str,
    note: str,
    by: Actor,
    person: int | None,
    now: datetime,
) -> LineHold:
    if found is None:
        raise refusals.UnknownLine(sequence=sequence, month=month.chinese, point="")
    for why, holds in (
        ("是一笔冲正", found.reversal),
        ("没有补贴", found.amount_fen == 0),
        ("已经冲正", found.reversed),
    ):
        if holds:
            raise refusals.NothingToHold(key=found.key, why=why)
    if found.taken:
        raise refusals.HeldAlready(key=found.key)
    found.taken = True
    hold = LineHold(
        sequence=sequence,
        point_id=point_id,
        month=month.key,
        amount_fen=found.amount_fen,
        funding=json.dumps(found.funding),
        reason=reason,
        note=note,
        carved=False,
        placed_by=str(by),
        placed_person=person,
        placed_at=now,
    )
    db.session.add(hold)
    db.session.flush()
    detail = {
        "hold": hold.id,
        "reason": reason,
        "amount_fen": found.amount_fen,
        "row": row_digest(hold, PLACED),
    }
    record(by, "settlement.hold", str(sequence), detail)
    return hold


def _open(hold_id: int, by: Actor) -> LineHold:
    hold = db.session.get_one(LineHold, hold_id)
    _refuse_to_end(hold, by)
    return hold


def _refuse_to_end(hold: LineHold, by: Actor, known: bool = False) -> None:
    """`known`: it was asked already that `by` is not who placed this one."""
    if hold.outcome is not None:
        raise refusals.HoldEnded()
    if not known and same_person(hold.placed_by, hold.placed_person, by, hold.placed_at):
        raise refusals.OwnHold()


def _end(hold: LineHold, outcome: str, note: str, by: Actor, now: datetime) -> None:
    hold.outcome, hold.end_note, hold.ended_by, hold.ended_at = outcome, note, str(by), now
    db.session.flush()
    detail = {
        "hold": hold.id,
        "amount_fen": hold.amount_fen,
        "carved": hold.carved,
        "row": row_digest(hold, ENDED),
    }
    action = "settlement.release" if outcome == "released" else "settlement.refuse"
    record(by, action, str(hold.sequence), detail)


def _adjust(hold: LineHold, kind: str, why: str, by: Actor, now: datetime) -> None:
    adjust(hold.sequence, kind, hold.amount_fen, hold.funding, why, by, now)


def _refuse_if_approved(month: Month, point_id: int) -> None:
    batch = batch_of(month, point_id)
    if batch is not None and batch.held_fen is not None:
        raise refusals.HoldTooLate(month=month.chinese)


def _reversal_of(sequence: int) -> int | None:
    return db.session.scalar(select(Serving.sequence).where(Serving.reverses == sequence))


def _reversed_within(sequence: int, month: Month) -> bool:
    reversal = select(Serving.settle_month).where(Serving.reverses == sequence)
    return db.session.scalar(reversal) == month.key
