"""Money taken back after it was approved (追回): proposed, approved by somebody else, set off.

The approval reverses the lines in the ledger; as their month is closed, the reversals count in the
point's next open month and lower what it is paid. If the point pays back in cash instead, an
adjustment gives back the same amount, so that nothing is taken twice.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db, writer
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.models import Decision, Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.settings.services import value_on
from mealsvc.settlement import refusals
from mealsvc.settlement.acts import FIXED
from mealsvc.settlement.adjusting import adjust
from mealsvc.settlement.batches import person_id, same_person
from mealsvc.settlement.clawback_models import Clawback, ClawbackLine
from mealsvc.settlement.models import LineHold, SettlementAdjustment, SettlementBatch
from mealsvc.settlement.proving import kept
from mealsvc.settlement.reasons import REASONS
from mealsvc.settlement.rules import worth
from mealsvc.trail.services import record

MODES = {"offset": "从以后的拨付中扣抵", "cash": "退回现金"}
STATES = {"proposed": "待审批", "approved": "已批准", "rejected": "未批准", "repaid": "已退回到账"}
PAID = FIXED[FIXED.index("paid") :]
MOST_LINES = 500


def propose_clawback(
    point: MealPoint,
    sequences: Sequence[int],
    reason: str,
    note: str,
    mode: str,
    by: Actor,
    now: datetime,
) -> Clawback:
    """Proposes to take these lines back; `reason` is a key of `REASONS`, `mode` of `MODES`."""
    lines = _lines(point, sequences, mode)
    clawback = Clawback(
        point_id=point.id,
        reason=reason,
        note=note,
        mode=mode,
        state="proposed",
        amount_fen=sum(line.amount_fen for line in lines),
        proposed_by=str(by),
        proposed_person=person_id(by),
        proposed_at=now,
    )
    db.session.add(clawback)
    db.session.flush()
    for line in lines:
        line.clawback_id = clawback.id
    db.session.add_all(lines)
    db.session.flush()
    detail = {"clawback": clawback.id, "lines": len(lines), "amount_fen": clawback.amount_fen}
    detail |= {"reason": reason, "mode": mode, "kept": [kept(clawback, lines_of(clawback))]}
    record(by, "clawbacks.propose", point.code, detail)
    return clawback


def approve_clawback(clawback_id: int, note: str, by: Actor, now: datetime) -> Clawback:
    """Another person approves: each line is reversed in the ledger, the claim gets its number."""
    clawback = _undecided(clawback_id, by)
    point = db.session.get_one(MealPoint, clawback.point_id)
    lines = lines_of(clawback)
    _checked(point, [line.sequence for line in lines], clawback.mode, clawback.id)
    told = f"追回（{REASONS[clawback.reason]}）{clawback.note}"[:200]
    for line in lines:
        original = db.session.get_one(Serving, line.sequence)
        key = f"clawback-{line.id}-{token_hex(4)}"
        done = reverse_serving(writer(), key, original.key, told, None, by, now)
        line.reversal = done.sequence
    today = local_date(now)
    number, days = _next_number(today.year), int(value_on("clawback.days", today))
    clawback.number, clawback.state = number, "approved"
    clawback.due_on = today + timedelta(days=days)
    clawback.decision_note, clawback.decided_by, clawback.decided_at = note, str(by), now
    db.session.flush()
    detail = {"clawback": clawback.id, "lines": len(lines), "amount_fen": clawback.amount_fen}
    record(by, "clawbacks.approve", number, {**detail, "kept": [kept(clawback, lines)]})
    return clawback


def reject_clawback(clawback_id: int, note: str, by: Actor, now: datetime) -> Clawback:
    """Another person finds that nothing is to be taken back."""
    clawback = _undecided(clawback_id, by)
    clawback.state, clawback.decision_note = "rejected", note
    clawback.decided_by, clawback.decided_at = str(by), now
    db.session.flush()
    detail = {"clawback": clawback.id, "kept": [kept(clawback, lines_of(clawback))]}
    record(by, "clawbacks.reject", str(clawback.id), detail)
    return clawback


def record_repaid(
    clawback_id: int, repaid_on: date, voucher: str, by: Actor, now: datetime
) -> Clawback:
    """The point has paid back in cash: what the reversals take off is given back."""
    clawback = db.session.get_one(Clawback, clawback_id)
    if (clawback.mode, clawback.state) != ("cash", "approved") or clawback.decided_at is None:
        raise refusals.NotRepayable()
    for actor, person, at in (
        (clawback.proposed_by, clawback.proposed_person, clawback.proposed_at),
        (clawback.decided_by, None, clawback.decided_at),
    ):
        if same_person(actor, person, by, at):
            raise refusals.OwnRepayment()
    first = local_date(clawback.decided_at)
    if not first <= repaid_on <= local_date(now):
        raise refusals.BadRepaymentDay(first=chinese_date(first))
    why = f"{clawback.number} 已退回现金，与冲正相抵"
    for line in lines_of(clawback):
        adjust(line.sequence, "repaid", line.amount_fen, line.funding, why, by, now)
    clawback.state, clawback.repaid_on, clawback.voucher = "repaid", repaid_on, voucher
    clawback.repaid_by, clawback.repaid_at = str(by), now
    db.session.flush()
    detail = {
        "amount_fen": clawback.amount_fen,
        "on": str(repaid_on),
        "kept": [kept(clawback, lines_of(clawback))],
    }
    record(by, "clawbacks.repaid", clawback.number or "", detail)
    return clawback


def lines_of(clawback: Clawback) -> Sequence[ClawbackLine]:
    """The lines of a clawback in the ledger's order."""
    return db.session.scalars(
        select(ClawbackLine)
        .where(ClawbackLine.clawback_id == clawback.id)
        .order_by(ClawbackLine.sequence)
    ).all()


def _lines(point: MealPoint, sequences: Sequence[int], mode: str) -> list[ClawbackLine]:
    policies = policies_in_force()
    lines = []
    for found, month in _checked(point, sequences, mode, None):
        amount_fen, funding = worth(found.content, policies)
        if amount_fen == 0:
            raise refusals.NotToClawBack(key=found.key, why="没有补贴")
        lines.append(
            ClawbackLine(
                sequence=found.sequence,
                paid_month=month,
                amount_fen=amount_fen,
                funding=json.dumps(funding),
            )
        )
    return lines


def _checked(
    point: MealPoint, sequences: Sequence[int], mode: str, own: int | None
) -> list[tuple[Any, int]]:
    """The lines with the month in which each was paid; refuses the first that cannot be taken
    back. `own` is the clawback that asks.
    """
    wanted = sorted(set(sequences))
    if not wanted:
        raise refusals.NoLines()
    found = {
        row.sequence: row
        for row in db.session.execute(
            select(
                Serving.sequence,
                Serving.key,
                Serving.settle_month,
                Serving.reverses,
                Decision.content,
            )
            .join(Decision, Decision.id == Serving.decision_id)
            .where(Serving.sequence.in_(wanted), Serving.point_id == point.id)
        )
    }
    for sequence in wanted:
        if sequence not in found:
            raise refusals.NotAtThisPoint(sequence=sequence)
    reversed_ = set(
        db.session.scalars(select(Serving.reverses).where(Serving.reverses.in_(wanted)))
    )
    claimed = _claimed_elsewhere(wanted, own)
    months, held = _paying_months(wanted, found)
    states = dict(
        db.session.execute(
            select(SettlementBatch.month, SettlementBatch.status).where(
                SettlementBatch.point_id == point.id,
                SettlementBatch.month.in_(set(months.values())),
            )
        ).all()
    )
    allowed = PAID if mode == "cash" else FIXED
    for sequence, row in sorted(found.items()):
        for why, holds in (
            ("是一笔冲正", row.reverses is not None),
            ("已经冲正", sequence in reversed_),
            ("正在暂缓，请先作出结论", sequence in held),
            ("已在另一笔追回中", sequence in claimed),
            (_not_yet(mode), states.get(months[sequence]) not in allowed),
        ):
            if holds:
                raise refusals.NotToClawBack(key=row.key, why=why)
    return [(found[sequence], months[sequence]) for sequence in wanted]


def _not_yet(mode: str) -> str:
    if mode == "cash":
        return "还没有拨付，没有现金可退：请改为从以后的拨付中扣抵"
    return "还没有审批：请在复核时暂缓或退回"


def _claimed_elsewhere(wanted: Sequence[int], own: int | None) -> set[int]:
    return set(
        db.session.scalars(
            select(ClawbackLine.sequence)
            .join(Clawback, Clawback.id == ClawbackLine.clawback_id)
            .where(
                ClawbackLine.sequence.in_(wanted),
                Clawback.state != "rejected",
                Clawback.id != (own or 0),
            )
        )
    )


def _paying_months(wanted: Sequence[int], found: dict[int, Any]) -> tuple[dict[int, int], set[int]]:
    """In which month each line is paid: its own, or that in which it came back after a hold.
    And those that are held now.
    """
    months = {sequence: found[sequence].settle_month for sequence in wanted}
    rows = db.session.execute(
        select(SettlementAdjustment.sequence, SettlementAdjustment.settle_month).where(
            SettlementAdjustment.sequence.in_(wanted), SettlementAdjustment.kind == "released"
        )
    )
    months.update({row.sequence: row.settle_month for row in rows})
    held = db.session.scalars(
        select(LineHold.sequence).where(LineHold.sequence.in_(wanted), LineHold.outcome.is_(None))
    )
    return months, set(held)


def _undecided(clawback_id: int, by: Actor) -> Clawback:
    clawback = db.session.get_one(Clawback, clawback_id)
    if clawback.state != "proposed":
        raise refusals.ClawbackDecided()
    proposed = (clawback.proposed_by, clawback.proposed_person)
    if same_person(*proposed, by, clawback.proposed_at):
        raise refusals.OwnClawback()
    return clawback


def _next_number(year: int) -> str:
    taken = select(func.count()).where(Clawback.number.startswith(f"ZH-{year}-"))
    return f"ZH-{year}-{(db.session.scalar(taken) or 0) + 1:03d}"
