"""Inspecting: what was entered is saved as it grows, photos come one by one, a signature ends it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.findings.services import raise_findings
from mealsvc.supervision.inspecting import refusals
from mealsvc.supervision.inspecting.rules import DRAFT_LENGTH, PER_VISIT
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.photos.services import Ready, keep
from mealsvc.supervision.visits import rules as visiting
from mealsvc.supervision.visits import signing
from mealsvc.supervision.visits.models import Visit, VisitDraft
from mealsvc.supervision.visits.services import open_visit
from mealsvc.trail.services import record


@dataclass(frozen=True, slots=True)
class Concluded:
    """A signed visit and what was found wrong."""

    visit: Visit
    findings: list[Finding]


def save_draft(
    visit_id: int,
    document: Mapping[str, Any],
    revision: int,
    by: Actor,
    now: datetime,
    device: str = "",
) -> int:
    """Saves what was entered, sealed; answers the new revision.

    `revision` is the one that this document was built on (0: none). The same document sent again
    changes nothing. Raises `DraftConflict` when somebody has saved another one since, `BadDraft`,
    `visits.refusals.NotOpen`.
    """
    text = json.dumps(document, sort_keys=True)
    if len(text) > DRAFT_LENGTH:
        raise refusals.BadDraft()
    visit = open_visit(visit_id)
    draft = db.session.get(VisitDraft, visit_id, populate_existing=True)
    if draft is not None and vault().open(draft.document) == text:
        return draft.revision
    current = draft.revision if draft else 0
    if current != revision:
        raise refusals.DraftConflict(
            device=(draft.device if draft else "") or "未知设备", revision=current
        )
    if draft is None:
        draft = VisitDraft(visit_id=visit_id)
        db.session.add(draft)
    draft.document = vault().seal(text)
    draft.revision, draft.saved_at = current + 1, now
    draft.by, draft.device = str(by), device[:40]
    if visit.status != visiting.UNDER_WAY:
        visit.status = visiting.UNDER_WAY
    db.session.flush()
    told = {"revision": draft.revision, "device": draft.device}
    record(by, "visits.draft", f"visit/{visit_id}", told)
    return draft.revision


def add_photo(
    visit_id: int, ready: Ready, key: str, by: Actor, now: datetime, device: str = ""
) -> Photo:
    """Keeps a photo of this visit under the sender's key; sent again, it is the same photo.

    Raises `VisitPhotosFull` beyond `PER_VISIT`, `visits.refusals.NotOpen` once the visit is signed.
    """
    subject = f"visit/{visit_id}"
    if db.session.scalar(select(Photo.id).where(Photo.key == key)) is None:
        visit = open_visit(visit_id)
        count = db.session.scalar(select(func.count()).where(Photo.subject == subject)) or 0
        if count >= PER_VISIT:
            raise refusals.VisitPhotosFull(limit=PER_VISIT)
    else:
        visit = db.session.get_one(Visit, visit_id)
    point = db.session.get_one(MealPoint, visit.point_id)
    return keep(ready, key, subject, point, by, now, device)


def conclude(visit_id: int, document: Mapping[str, Any], by: Actor, now: datetime) -> Concluded:
    """Signs the visit and raises what was found wrong, in the present transaction.

    Raises what `visits.signing.sign` raises.
    """
    open_visit(visit_id)
    visit = signing.sign(visit_id, document, by, now)
    outcomes = {code: one.get("outcome") or "" for code, one in document["results"].items()}
    chosen = {code: outcome for code, outcome in outcomes.items() if outcome}
    return Concluded(visit, raise_findings(visit, by, now, chosen))
