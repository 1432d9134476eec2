"""Finding an issued paper again: by its number and check code, or by the file itself."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from mealsvc.papers.models import IssuedPaper
from mealsvc.papers.rules import CODE_LENGTH, as_typed, facts_digest
from mealsvc.plumbing.db import db, micros
from mealsvc.trail.models import TrailEvent

NOBODYS = "-" * CODE_LENGTH  # no code holds a hyphen
ISSUED = "papers.issue"
_TOLD = (
    "kind",
    "subject",
    "edition",
    "number",
    "title",
    "issuer",
    "totals",
    "facts_digest",
    "check_code",
    "sha256",
    "signer",
    "certificate",
    "issued_by",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What anybody who holds a paper may read about it."""

    number: str
    edition: int
    title: str
    issuer: str
    issued_at: datetime
    totals: Mapping[str, str]
    facts_digest: str
    sha256: str
    signer: str
    newer: str  # the number of the latest edition, if this is an older one


def paper_at(number: str, code: str) -> IssuedPaper | None:
    """The paper with this number, if the check code is its own; both take the same time."""
    found = db.session.scalar(select(IssuedPaper).where(IssuedPaper.number == number))
    own = found.check_code if found else NOBODYS
    right = hmac.compare_digest(own.encode(), as_typed(code).encode())
    return found if found is not None and right and is_vouched(found) else None


def paper_of(content: bytes) -> IssuedPaper | None:
    """The paper whose file is this one, to the byte."""
    digest = sha256(content).hexdigest()
    found = db.session.scalars(select(IssuedPaper).where(IssuedPaper.sha256 == digest)).first()
    return found if found is not None and is_vouched(found) else None


def row_digest(paper: Any) -> str:
    """SHA-256 over everything that is kept of a paper, as its row in the trail has it."""
    return facts_digest([getattr(paper, name) for name in _TOLD], micros(paper.issued_at))


def is_vouched(paper: IssuedPaper) -> bool:
    """Whether the trail, which nobody can write without the key, tells of this very row."""
    details = db.session.scalars(
        select(TrailEvent.detail).where(
            TrailEvent.subject == paper.number, TrailEvent.action == ISSUED
        )
    )
    own = row_digest(paper)
    return any(json.loads(detail).get("row") == own for detail in details)


def shown(paper: IssuedPaper) -> Shown:
    """What the public page tells of a paper."""
    newest = db.session.scalars(
        select(IssuedPaper.number)
        .where(IssuedPaper.subject == paper.subject, IssuedPaper.edition > paper.edition)
        .order_by(IssuedPaper.edition.desc())
        .limit(1)
    ).first()
    return Shown(
        number=paper.number,
        edition=paper.edition,
        title=paper.title,
        issuer=paper.issuer,
        issued_at=paper.issued_at,
        totals=json.loads(paper.totals),
        facts_digest=paper.facts_digest,
        sha256=paper.sha256,
        signer=paper.signer,
        newer=newest or "",
    )
