"""Which checklist holds on a day, and putting a new version in force."""

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing.db import db
from mealsvc.supervision.checklist import rules
from mealsvc.supervision.checklist.models import ChecklistVersion
from mealsvc.supervision.checklist.refusals import NoChecklist, TooEarly, VersionExists
from mealsvc.supervision.checklist.rules import Checklist
from mealsvc.trail.services import record

FIRST_FILE = Path(__file__).with_name("2026.1-draft.json")
FIRST_FROM = date(2022, 1, 1)


def checklist_on(day: date) -> Checklist:
    """The checklist in force on a day; the first one for days before any. Raises `NoChecklist`."""
    newest = ChecklistVersion.effective_from.desc()
    found = db.session.scalar(
        select(ChecklistVersion.document)
        .where(ChecklistVersion.effective_from <= day)
        .order_by(newest)
        .limit(1)
    ) or db.session.scalar(
        select(ChecklistVersion.document).order_by(ChecklistVersion.effective_from).limit(1)
    )
    if found is None:
        raise NoChecklist(version=chinese_date(day))
    return _read(found)


def checklist_of(version: str) -> Checklist:
    """The checklist of this version. Raises `NoChecklist`."""
    row = db.session.get(ChecklistVersion, version)
    if row is None:
        raise NoChecklist(version=version)
    return _read(row.document)


def versions() -> list[ChecklistVersion]:
    """All versions, the newest first."""
    return list(
        db.session.scalars(
            select(ChecklistVersion).order_by(ChecklistVersion.effective_from.desc())
        )
    )


def put_first(by: Actor, now: datetime) -> None:
    """Stores the checklist that comes with the program, unless there is one already."""
    if db.session.scalar(select(ChecklistVersion.version).limit(1)) is None:
        _add(FIRST_FILE.read_text(encoding="utf-8"), FIRST_FROM, by, now)


def preview(document: str) -> tuple[Checklist, list[rules.Change]]:
    """What this text would put in force, and what it changes. Raises `BadChecklist`, `VersionExists`."""
    new = rules.read(document)
    earlier = [_read(row.document) for row in reversed(versions())]
    if new.version in {old.version for old in earlier}:
        raise VersionExists(version=new.version)
    if mistakes := rules.mistakes_against(new, earlier):
        rules.refuse(mistakes)
    return new, rules.changes(earlier[-1], new) if earlier else []


def add_version(document: str, effective_from: date, by: Actor, now: datetime) -> ChecklistVersion:
    """Puts a version in force from a day on; visits that were made keep theirs.

    Raises as `preview`, and `TooEarly` unless the day is after the last version's and not past.
    """
    preview(document)
    known = versions()
    latest = known[0].effective_from if known else date.min
    if effective_from <= latest or effective_from < local_date(now):
        raise TooEarly(latest=chinese_date(latest))
    return _add(document, effective_from, by, now)


def _add(document: str, effective_from: date, by: Actor, now: datetime) -> ChecklistVersion:
    checklist = rules.read(document)
    row = ChecklistVersion(
        version=checklist.version,
        effective_from=effective_from,
        document=document,
        sha256=hashlib.sha256(document.encode()).hexdigest(),
        issued_at=now,
        issued_by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    told = {"from": str(effective_from), "items": len(checklist.items), "sha256": row.sha256}
    record(by, "checklist.add", checklist.version, told)
    return row


@lru_cache(maxsize=16)
def _read(document: str) -> Checklist:
    return rules.read(document)
