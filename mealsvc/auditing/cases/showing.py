"""One case as its page and papers show it: lines, acts, questions and answers in clear, photos."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from mealsvc.auditing.cases import rules
from mealsvc.auditing.cases.models import (
    AuditCase,
    CaseAct,
    CaseLine,
    CasePhoto,
    CaseQuestion,
    CaseReferral,
)
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving
from mealsvc.settlement.models import LineHold, SettlementBatch
from mealsvc.supervision.photos.models import Photo


@dataclass(frozen=True, slots=True)
class Act:
    """One act with its words opened."""

    number: int
    act: str
    words: str
    detail: Mapping[str, Any]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer and the photos of it."""

    id: int
    words: str
    asked_at: datetime
    asked_by: str
    due_on: date
    answer: str
    answered_at: datetime | None
    answered_by: str
    photos: Sequence[Photo] = ()


def lines_shown(one: AuditCase, only: str = "") -> Any:
    """The lines of a case in the order of time, with name, hold, reversal and the month's state;
    `only`: `ok`, `bad` or `none` (no finding yet)."""
    reversal, hold = aliased(Serving), aliased(LineHold)
    batch = and_(
        SettlementBatch.point_id == Serving.point_id, SettlementBatch.month == Serving.settle_month
    )
    rows = (
        select(
            CaseLine.sequence,
            CaseLine.subsidy_fen,
            CaseLine.finding,
            Serving.key,
            Serving.served_at,
            Serving.served_on,
            Serving.meal,
            Serving.mode,
            Serving.method,
            Serving.settle_month,
            Resident.name,
            hold.outcome,
            hold.id.label("hold_id"),
            SettlementBatch.status,
            reversal.sequence.label("reversal"),
        )
        .join(Serving, Serving.sequence == CaseLine.sequence)
        .join(Resident, Resident.id == Serving.resident_id)
        .outerjoin(hold, hold.id == CaseLine.hold_id)
        .outerjoin(reversal, reversal.reverses == Serving.sequence)
        .outerjoin(SettlementBatch, batch)
        .where(CaseLine.case_id == one.id)
        .order_by(Serving.served_at, Serving.sequence)
    )
    if only in rules.FINDINGS:
        return rows.where(CaseLine.finding == only)
    return rows.where(CaseLine.finding.is_(None)) if only == "none" else rows


def acts_of(case_id: int) -> list[Act]:
    """What was done in a case, in order, in clear."""
    rows = select(CaseAct).where(CaseAct.case_id == case_id).order_by(CaseAct.number)
    return [
        Act(one.number, one.act, _open(one.words), json.loads(one.detail), one.at, one.by)
        for one in db.session.scalars(rows)
    ]


def questions_of(case_id: int) -> list[Question]:
    """What the point was asked and said, in order, in clear."""
    photos = photos_of(case_id)
    rows = select(CaseQuestion).where(CaseQuestion.case_id == case_id).order_by(CaseQuestion.id)
    return [opened(one, photos.get(one.id, ())) for one in db.session.scalars(rows)]


def opened(one: CaseQuestion, photos: Sequence[Photo] = ()) -> Question:
    """A question in clear."""
    return Question(
        one.id,
        _open(one.words),
        one.asked_at,
        one.asked_by,
        one.due_on,
        _open(one.answer),
        one.answered_at,
        one.answered_by,
        photos,
    )


def photos_of(case_id: int) -> dict[int | None, list[Photo]]:
    """The photos of a case by the question that they answer; None: of who works it."""
    rows = (
        select(CasePhoto.question_id, Photo)
        .join(Photo, Photo.id == CasePhoto.photo_id)
        .where(CasePhoto.case_id == case_id)
        .order_by(Photo.id)
    )
    found: dict[int | None, list[Photo]] = defaultdict(list)
    for question_id, photo in db.session.execute(rows):
        found[question_id].append(photo)
    return found


def referrals_of(case_id: int) -> Sequence[CaseReferral]:
    rows = select(CaseReferral).where(CaseReferral.case_id == case_id).order_by(CaseReferral.id)
    return db.session.scalars(rows).all()


def _open(words: bytes | None) -> str:
    return vault().open(words) if words else ""
