"""How the lines of a case stand now, in the ledger and in settlement; what decides its next step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from mealsvc.auditing.cases.models import AuditCase, CaseLine, CaseQuestion, CaseReferral
from mealsvc.auditing.cases.rules import Sight, Standing
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.models import Decision, Serving
from mealsvc.settlement.clawback_models import Clawback, ClawbackLine
from mealsvc.settlement.models import LineHold, SettlementBatch
from mealsvc.settlement.rules import worth


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may come into a case: where it belongs, and how it stands."""

    key: str
    point_id: int
    settle_month: int
    reverses: int | None
    standing: Standing


def candidates(sequences: Collection[int]) -> dict[int, Candidate]:
    """Lines of the ledger by sequence, each with what it is worth in settlement."""
    rows = _rows(Serving.sequence.in_(sequences))
    worths = _worths({row.decision_id for row in rows})
    return {
        row.sequence: Candidate(
            row.key,
            row.point_id,
            row.settle_month,
            row.reverses,
            _standing(row, worths[row.decision_id] if row.reverses is None else 0),
        )
        for row in rows
    }


def standing_of(case: AuditCase) -> list[tuple[CaseLine, int, Standing]]:
    """The lines of a case in the ledger's order: line, the month in which it settles, how it stands."""
    own = select(CaseLine.sequence).where(CaseLine.case_id == case.id)
    rows = {row.sequence: row for row in _rows(Serving.sequence.in_(own))}
    claimed = _claimed(own)
    lines = db.session.scalars(
        select(CaseLine).where(CaseLine.case_id == case.id).order_by(CaseLine.sequence)
    ).all()
    return [
        (line, rows[line.sequence].settle_month, _of_case(line, rows[line.sequence], claimed))
        for line in lines
    ]


def other_cases(sequences: Collection[int]) -> dict[int, str]:
    """Of these lines those that are in a case that is not closed: the number of that case."""
    rows = db.session.execute(
        select(CaseLine.sequence, AuditCase.number)
        .join(AuditCase, AuditCase.id == CaseLine.case_id)
        .where(CaseLine.sequence.in_(sequences), AuditCase.state != "closed")
    )
    return {row.sequence: row.number for row in rows}


def sight_of(case: AuditCase, lines: Sequence[Standing] | None = None) -> Sight:
    """What decides the next step."""
    if lines is None:
        lines = [standing for _, _, standing in standing_of(case)]
    asked, answered = db.session.execute(
        select(func.count(), func.count(CaseQuestion.answered_at)).where(
            CaseQuestion.case_id == case.id
        )
    ).one()
    clawback = db.session.get(Clawback, case.clawback_id) if case.clawback_id else None
    letters = select(func.count()).where(CaseReferral.case_id == case.id)
    return Sight(
        state=case.state,
        due_on=case.due_on,
        questions=asked,
        open_questions=asked - answered,
        holds=sum(one.hold is not None for one in lines),
        foreign=sum(one.held_elsewhere for one in lines),
        to_claw_back=sum(one.to_claw_back for one in lines),
        clawback=clawback.state if clawback else "",
        mode=clawback.mode if clawback else "",
        letters=db.session.scalar(letters) or 0,
    )


def _rows(ours: Any) -> Sequence[Any]:
    reversal, ended = aliased(Serving), aliased(LineHold)
    open_hold = and_(LineHold.sequence == Serving.sequence, LineHold.outcome.is_(None))
    batch = and_(
        SettlementBatch.point_id == Serving.point_id, SettlementBatch.month == Serving.settle_month
    )
    carved = select(ended.id).where(ended.sequence == Serving.sequence, ended.carved).exists()
    return db.session.execute(
        select(
            Serving.sequence,
            Serving.key,
            Serving.point_id,
            Serving.settle_month,
            Serving.reverses,
            Serving.decision_id,
            reversal.sequence.label("reversal"),
            LineHold.id.label("hold"),
            SettlementBatch.held_fen.is_not(None).label("approved"),
            carved.label("carved"),
        )
        .outerjoin(reversal, reversal.reverses == Serving.sequence)
        .outerjoin(LineHold, open_hold)
        .outerjoin(SettlementBatch, batch)
        .where(ours)
    ).all()


def _standing(row: Any, worth_fen: int) -> Standing:
    return Standing(
        sequence=row.sequence,
        worth_fen=worth_fen,
        hold=row.hold,
        reversed=row.reversal is not None,
        approved=bool(row.approved),
        carved=bool(row.carved),
    )


def _of_case(line: CaseLine, row: Any, claimed: Collection[int]) -> Standing:
    return replace(
        _standing(row, line.subsidy_fen),
        finding=line.finding,
        own=row.hold is not None and row.hold == line.hold_id,
        claimed=line.sequence in claimed,
    )


def _claimed(sequences: Any) -> set[int]:
    """Those that a clawback has, unless it was rejected."""
    rows = (
        select(ClawbackLine.sequence)
        .join(Clawback, Clawback.id == ClawbackLine.clawback_id)
        .where(ClawbackLine.sequence.in_(sequences), Clawback.state != "rejected")
    )
    return set(db.session.scalars(rows))


def _worths(decision_ids: Collection[int]) -> Mapping[int, int]:
    """What a line of each of these decisions is worth."""
    policies = policies_in_force()
    rows = select(Decision.id, Decision.content).where(Decision.id.in_(decision_ids))
    return {row.id: worth(row.content, policies)[0] for row in db.session.execute(rows)}
