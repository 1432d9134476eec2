"""Scans kept in one short transaction, and what becomes of leads.

Imported by pages: what needs numpy (the look itself and the rules) is imported where it is used.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from mealsvc.auditing.scanning import refusals
from mealsvc.auditing.scanning.editions import Told, add_edition, editions, told
from mealsvc.auditing.scanning.models import AuditScan, Denial, Lead
from mealsvc.auditing.scanning.thresholds import written
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.trail.services import record

if TYPE_CHECKING:
    from mealsvc.auditing.scanning.looking import Progress, Scanned
    from mealsvc.auditing.scanning.rules.leads import Story

GONE = "GONE：最近一次扫描没有再发现这些情形。"


def look(
    month: Month,
    codes: Collection[str] | None = None,
    progress: "Progress | None" = None,
    helped: bool = False,
) -> "Scanned":
    """`looking.look`: what the rules find in the meals of a month; writes nothing."""
    from mealsvc.auditing.scanning import looking

    return looking.look(month, codes, progress, helped)


def keep(scanned: "Scanned", by: Actor, now: datetime) -> AuditScan | None:
    """Keeps what a look at all points found; None when the month's last scan said the same."""
    before = latest_scan(scanned.month)
    leads = {lead.story: lead for lead in _leads(scanned.month)}
    known = editions(leads.values())
    points = dict(db.session.execute(select(MealPoint.code, MealPoint.id)).all())
    news = [
        story
        for story in scanned.stories
        if (lead := leads.get(story.key)) is None
        or told(story) != known.get(lead.id)
        or _was_gone(lead)
    ]
    stories = {story.key for story in scanned.stories}
    blind = {points.get(code) for code in scanned.failed}
    gone = [
        one
        for one in leads.values()
        if one.state == "open" and one.story not in stories and one.point_id not in blind
    ]
    if not news and not gone and _same(before, scanned):
        return None
    scan = _scan_row(scanned, by, now)
    done: dict[str, list[int]] = {"new": [], "changed": [], "reopened": [], "gone": []}
    for story in news:
        lead = leads.get(story.key)
        if lead is None:
            lead = Lead(
                month=scanned.month.key,
                point_id=points.get(story.point),
                story=story.key,
                found_at=now,
                state="open",
                edition=0,
            )
            db.session.add(lead)
            db.session.flush()
            done["new"].append(lead.id)
        elif _must_reopen(lead, story, known.get(lead.id)):
            _open(lead)
            done["reopened"].append(lead.id)
        else:
            done["changed"].append(lead.id)
        if told(story) != known.get(lead.id):
            add_edition(lead, story, scan)
    for lead in gone:
        _settle(lead, "dismissed", GONE, by, now)
        done["gone"].append(lead.id)
    db.session.flush()
    detail = {
        "month": str(scanned.month),
        "servings": scanned.servings,
        "anomalies": len(scanned.anomalies),
        "leads": len(scanned.stories),
        **{name: ids for name, ids in done.items() if ids},
    }
    record(by, "leads.scan", f"scan/{scan.id}", detail)
    return scan


def dismiss_lead(lead_id: int, why: str, by: Actor, now: datetime) -> Lead:
    """There is an honest explanation; raises `NotOpen`, and `ReasonMissing` without a reason."""
    lead = _lead(lead_id)
    if not why.strip():
        raise refusals.ReasonMissing()
    if lead.state != "open":
        raise refusals.NotOpen()
    _settle(lead, "dismissed", why.strip(), by, now)
    db.session.flush()
    record(by, "leads.dismiss", f"lead/{lead.id}", {"month": lead.month, "edition": lead.edition})
    return lead


def reopen_lead(lead_id: int, why: str, by: Actor, now: datetime) -> Lead:
    """A dismissed lead is open again; raises `NotDismissed`, `ReasonMissing`."""
    lead = _lead(lead_id)
    if not why.strip():
        raise refusals.ReasonMissing()
    if lead.state != "dismissed":
        raise refusals.NotDismissed()
    _settle(lead, "open", why.strip(), by, now)
    db.session.flush()
    record(by, "leads.reopen", f"lead/{lead.id}", {"month": lead.month, "edition": lead.edition})
    return lead


def note_denial(sequence: int, source: str, ref: str, by: Actor, now: datetime) -> Denial:
    """Somebody says of this meal: I did not eat that. Noting the same again changes nothing."""
    line = db.session.get(Serving, sequence)
    if line is None or line.reverses is not None:
        raise refusals.UnknownLine()
    same = {"sequence": sequence, "source": source, "source_ref": ref}
    known = db.session.scalar(select(Denial).filter_by(**same))
    if known is not None:
        return known
    denial = Denial(**same, noted_at=now, by=str(by))
    db.session.add(denial)
    db.session.flush()
    record(by, "leads.deny", line.key, {"source": source, "ref": ref})
    return denial


def latest_scan(month: Month) -> AuditScan | None:
    """The month's last kept scan."""
    rows = select(AuditScan).where(AuditScan.month == month.key).order_by(AuditScan.id.desc())
    return db.session.scalar(rows.limit(1))


def _scan_row(scanned: "Scanned", by: Actor, now: datetime) -> AuditScan:
    from mealsvc.auditing.scanning.rules.scan import expected_false

    scan = AuditScan(
        month=scanned.month.key,
        division=_district(),
        servings=scanned.servings,
        anomalies=len(scanned.anomalies),
        leads=len(scanned.stories),
        expected_false=round(expected_false(scanned.limits) * 1000),
        limits=written(scanned.limits),
        counts=_counts(scanned),
        last_sequence=scanned.last,
        started_at=scanned.started_at,
        ended_at=now,
        by=str(by),
    )
    db.session.add(scan)
    db.session.flush()
    return scan


def _same(before: AuditScan | None, scanned: "Scanned") -> bool:
    """Whether there is nothing to note: no line at all, or all as the last time."""
    if before is None:
        return not scanned.servings
    return (before.last_sequence, before.limits, before.counts) == (
        scanned.last,
        written(scanned.limits),
        _counts(scanned),
    )


def _counts(scanned: "Scanned") -> str:
    from mealsvc.auditing.scanning.rules.scan import counts_of

    return json.dumps(counts_of(scanned.anomalies), separators=(",", ":"))


def _district() -> str:
    """The code of the district, as settlements name it."""
    codes = select(func.min(Division.code)).where(Division.level == "district")
    return db.session.scalar(codes) or ""


def _leads(month: Month) -> Sequence[Lead]:
    return db.session.scalars(select(Lead).where(Lead.month == month.key)).all()


def _must_reopen(lead: Lead, story: "Story", known: Told | None) -> bool:
    """A dismissed lead comes back when it was not found meanwhile, or holds lines that are new."""
    if lead.state != "dismissed":
        return False
    seen = known[2] if known else {}
    return _was_gone(lead) or any(sequence not in seen for sequence in story.sequences)


def _was_gone(lead: Lead) -> bool:
    return lead.state == "dismissed" and lead.settled_why == GONE


def _settle(lead: Lead, state: str, why: str, by: Actor, now: datetime) -> None:
    lead.state, lead.settled_at, lead.settled_by, lead.settled_why = state, now, str(by), why


def _open(lead: Lead) -> None:
    lead.state, lead.settled_at, lead.settled_by, lead.settled_why = "open", None, "", ""


def _lead(lead_id: int) -> Lead:
    lead = db.session.get(Lead, lead_id)
    if lead is None:
        raise refusals.NotOpen()
    return lead
