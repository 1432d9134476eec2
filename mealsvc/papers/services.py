"""The verbs of whoever issues a paper: draw it once, keep it, give the same bytes for ever.

    paper = draft(Matter(kind, subject, number, title, issuer, totals, facts_digest(…)), draw)
    with writing():
        issued = issue(paper, by, now)
    pdf = content_of(issued)

Drawing and signing happen in `draft`, outside the transaction. A subject whose facts are those of
its latest edition is not drawn again: the stored file is given. Other facts make the next edition.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from flask import current_app
from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.papers import refusals
from mealsvc.papers.models import IssuedPaper, PaperFile
from mealsvc.papers.queries import ISSUED, row_digest
from mealsvc.papers.rules import address, check_code, edition_number
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.paper.signing import Signature, is_configured, sign
from mealsvc.trail.services import record

PUBLIC_URL = "http://127.0.0.1:8000"
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Matter:
    """What a paper is about. `number` is that of the first edition, without slash or blank.

    `totals` (words and figures, in order) stand on the public page: nothing personal.
    """

    kind: str
    subject: str
    number: str
    title: str
    issuer: str
    totals: Mapping[str, str]
    facts_digest: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a paper prints so that it can be verified; `url` is for its QR code."""

    number: str
    edition: int
    check_code: str
    url: str
    signed: bool


Draw = Callable[[Stamp], bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper ready to be issued; `kept` is the edition that already says the same."""

    matter: Matter
    stamp: Stamp
    kept: IssuedPaper | None = None
    content: bytes = field(default=b"", repr=False)
    signature: Signature | None = None


def draft(matter: Matter, draw: Draw) -> Draft:
    """Finds the edition that says this, or draws (and signs) the next one."""
    [found] = stamped([matter])
    return drawn(found, draw)


def stamped(matters: Sequence[Matter]) -> list[Draft]:
    """Drafts without their files: which edition each is, and what it prints of itself."""
    latest = _latest([matter.subject for matter in matters])
    return [_stamped(matter, latest.get(matter.subject)) for matter in matters]


def drawn(found: Draft, draw: Draw) -> Draft:
    """The draft with its file; one that is kept already is left alone."""
    if found.kept is not None:
        return found
    content, signature = draw(found.stamp), None
    if found.stamp.signed:
        content, signature = sign(content, current_app.config, clock.now())
    return Draft(found.matter, found.stamp, None, content, signature)


def issue(paper: Draft, by: Actor, now: datetime) -> IssuedPaper:
    """Keeps the draft as issued, with its row in the trail; what is kept already stays as it is.

    Raises `PaperMoved` if another edition was issued since it was drawn.
    """
    if paper.kept is not None:
        return paper.kept
    matter, stamp = paper.matter, paper.stamp
    latest = _latest([matter.subject]).get(matter.subject)
    if latest is not None and latest.facts_digest == matter.facts_digest:
        return latest
    if stamp.edition != (latest.edition if latest else 0) + 1:
        raise refusals.PaperMoved(title=matter.title)
    row = IssuedPaper(
        kind=matter.kind,
        subject=matter.subject,
        edition=stamp.edition,
        number=stamp.number,
        title=matter.title,
        issuer=matter.issuer,
        totals=json.dumps(dict(matter.totals), ensure_ascii=False),
        facts_digest=matter.facts_digest,
        check_code=stamp.check_code,
        sha256=sha256(paper.content).hexdigest(),
        signer=paper.signature.signer if paper.signature else "",
        certificate=paper.signature.certificate if paper.signature else "",
        issued_at=now,
        issued_by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(PaperFile(paper_id=row.id, content=paper.content))
    db.session.flush()
    record(by, ISSUED, row.number, {"kind": row.kind, "sha256": row.sha256, "row": row_digest(row)})
    return row


def content_of(paper: IssuedPaper) -> bytes:
    """The file as it was given out; refuses if it is no longer that."""
    content = db.session.scalar(select(PaperFile.content).where(PaperFile.paper_id == paper.id))
    if content is None or sha256(content).hexdigest() != paper.sha256:
        raise refusals.PaperDamaged(number=paper.number)
    return content


def _stamped(matter: Matter, latest: IssuedPaper | None) -> Draft:
    if latest is not None and latest.facts_digest == matter.facts_digest:
        return Draft(matter, _stamp_of(latest), latest)
    edition = latest.edition + 1 if latest else 1
    number = edition_number(matter.number, edition)
    mac = vault().mac("papers", f"{number}\n{matter.subject}\n{matter.facts_digest}".encode())
    signed = is_configured(current_app.config)
    return Draft(matter, _stamp(number, edition, check_code(mac), signed))


def _stamp_of(paper: IssuedPaper) -> Stamp:
    return _stamp(paper.number, paper.edition, paper.check_code, bool(paper.signer))


def _stamp(number: str, edition: int, code: str, signed: bool) -> Stamp:
    url = address(current_app.config.get("PUBLIC_URL") or PUBLIC_URL, number, code)
    return Stamp(number, edition, code, url, signed)


def _latest(subjects: Sequence[str]) -> dict[str, IssuedPaper]:
    """The latest edition of each of these subjects that has one."""
    found: dict[str, IssuedPaper] = {}
    for start in range(0, len(subjects), CHUNK):
        newest = (
            select(IssuedPaper.subject, func.max(IssuedPaper.edition).label("edition"))
            .where(IssuedPaper.subject.in_(subjects[start : start + CHUNK]))
            .group_by(IssuedPaper.subject)
            .subquery()
        )
        rows = db.session.scalars(
            select(IssuedPaper).join(
                newest,
                (newest.c.subject == IssuedPaper.subject)
                & (newest.c.edition == IssuedPaper.edition),
            )
        )
        found |= {row.subject: row for row in rows}
    return found
