"""Scans: looked at without writing, kept in one short transaction; and what becomes of leads."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select

from mealsvc.auditing.scanning import refusals
from mealsvc.auditing.scanning.models import AuditScan, Denial, Lead, LeadEdition, LeadLine
from mealsvc.auditing.scanning.reading import Reading
from mealsvc.auditing.scanning.rules.leads import Story, leads_of
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.scan import (
    counts_of,
    expected_false,
    finish,
    scan_district,
    scan_point,
)
from mealsvc.auditing.scanning.rules.view import Anomaly, Lines, day_of
from mealsvc.auditing.scanning.thresholds import limits_on, written
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from mealsvc.trail.services import record

GONE = "GONE：最近一次扫描没有再发现这些情形。"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a look at a month found; `last` is the ledger's last line that it knew."""

    month: Month
    last: int
    servings: int
    points: int
    limits: Limits
    anomalies: tuple[Anomaly, ...]
    stories: tuple[Story, ...]
    started_at: datetime


def look(
    month: Month, codes: Collection[str] | None = None, progress: Progress | None = None
) -> Scanned:
    """Looks for anomalies in the meals eaten in a month; writes nothing.

    `progress` is told how many points are done, of how many.
    """
    started_at = clock.now()
    found: list[Anomaly] = []
    subsidies: dict[int, int] = {}
    with Reading(month, codes) as reading:
        reading.prepare()
        total = len(reading.points)
        limits = limits_on(month.last_day, total)
        for done, seen in enumerate(reading.months(), 1):
            here = scan_point(seen, limits)
            found += here
            subsidies |= _subsidies(here, seen.lines)
            if progress is not None:
                progress(done, total)
        district = reading.district()
        between = scan_district(district, limits)
        subsidies |= _subsidies(between, district.lines)
        anomalies = finish([*found, *between], limits)
        return Scanned(
            month,
            reading.last,
            reading.servings,
            total,
            limits,
            tuple(anomalies),
            tuple(leads_of(anomalies, subsidies)),
            started_at,
        )


def known_points(codes: Collection[str]) -> list[str]:
    """These codes; raises `UnknownPoint` for one that there is not."""
    known = set(db.session.scalars(select(MealPoint.code).where(MealPoint.code.in_(codes))))
    for code in codes:
        if code not in known:
            raise refusals.UnknownPoint(code=code)
    return sorted(known)


def keep(scanned: Scanned, by: Actor, now: datetime) -> AuditScan | None:
    """Keeps what a look at all points found; None when the month's last scan said the same."""
    before = latest_scan(scanned.month)
    leads = {lead.story: lead for lead in _leads(scanned.month)}
    known = _editions(leads.values())
    points = dict(db.session.execute(select(MealPoint.code, MealPoint.id)).all())
    news = [
        story
        for story in scanned.stories
        if (lead := leads.get(story.key)) is None
        or _told(story) != known.get(lead.id)
        or _was_gone(lead)
    ]
    stories = {story.key for story in scanned.stories}
    gone = [one for one in leads.values() if one.state == "open" and one.story not in stories]
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
        if _told(story) != known.get(lead.id):
            _add_edition(lead, story, scan)
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
    _open(lead)
    db.session.flush()
    record(by, "leads.reopen", f"lead/{lead.id}", {"month": lead.month, "why": why.strip()})
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


Told = tuple[Any, ...]


def _subsidies(anomalies: Iterable[Anomaly], lines: Lines) -> dict[int, int]:
    """Fen by the ledger's number, of the lines that these hold responsible."""
    wanted = [sequence for one in anomalies for sequence in one.sequences]
    if not wanted:
        return {}
    its = np.isin(lines.sequence, np.unique(np.array(wanted, np.int64)))
    return dict(zip(lines.sequence[its].tolist(), lines.subsidy[its].tolist(), strict=True))


def _scan_row(scanned: Scanned, by: Actor, now: datetime) -> AuditScan:
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


def _same(before: AuditScan | None, scanned: Scanned) -> bool:
    """Whether there is nothing to note: no line at all, or all as the last time."""
    if before is None:
        return not scanned.servings
    return (before.last_sequence, before.limits, before.counts) == (
        scanned.last,
        written(scanned.limits),
        _counts(scanned),
    )


def _counts(scanned: Scanned) -> str:
    return json.dumps(counts_of(scanned.anomalies), separators=(",", ":"))


def _district() -> str:
    """The code of the district, as settlements name it."""
    codes = select(func.min(Division.code)).where(Division.level == "district")
    return db.session.scalar(codes) or ""


def _leads(month: Month) -> Sequence[Lead]:
    return db.session.scalars(select(Lead).where(Lead.month == month.key)).all()


def _editions(leads: Iterable[Lead]) -> dict[int, Told]:
    """What the last edition of each lead says, with its lines."""
    ids = [lead.id for lead in leads]
    latest = (Lead.id == LeadEdition.lead_id) & (Lead.edition == LeadEdition.number)
    editions = db.session.scalars(
        select(LeadEdition).join(Lead, latest).where(LeadEdition.lead_id.in_(ids))
    )
    lines: dict[int, dict[int, str]] = {}
    rows = (
        select(LeadLine.lead_id, LeadLine.sequence, LeadLine.rules)
        .join(Lead, (Lead.id == LeadLine.lead_id) & (Lead.edition == LeadLine.number))
        .where(LeadLine.lead_id.in_(ids))
    )
    for lead_id, sequence, rules in db.session.execute(rows):
        lines.setdefault(lead_id, {})[sequence] = rules
    return {
        one.lead_id: (
            (one.severity, one.weight, one.rules, one.title, one.summary, one.honest),
            one.evidence,
            lines.get(one.lead_id, {}),
        )
        for one in editions
    }


def _told(story: Story) -> Told:
    """A story as `_editions` gives those that are kept."""
    return (
        (
            story.severity,
            story.weight,
            ",".join(story.rules),
            story.title,
            story.summary,
            story.honest,
        ),
        _evidence(story),
        _line_rules(story),
    )


def _evidence(story: Story) -> str:
    """By rule: what it measured, and its own words where the lead's are another's."""
    by_rule = {
        one.rule: {"summary": one.summary, "honest": one.honest} | dict(one.evidence)
        for one in story.anomalies
    }
    return json.dumps(by_rule, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _line_rules(story: Story) -> dict[int, str]:
    rules: dict[int, list[str]] = {}
    for anomaly in story.anomalies:
        for sequence in anomaly.sequences:
            rules.setdefault(sequence, []).append(anomaly.rule)
    return {sequence: ",".join(dict.fromkeys(some)) for sequence, some in rules.items()}


def _add_edition(lead: Lead, story: Story, scan: AuditScan) -> None:
    lead.edition += 1
    days = [day_of(day) for day in story.days]
    db.session.add(
        LeadEdition(
            lead_id=lead.id,
            number=lead.edition,
            scan_id=scan.id,
            severity=story.severity,
            weight=story.weight,
            rules=",".join(story.rules),
            title=story.title,
            summary=story.summary,
            honest=story.honest,
            evidence=_evidence(story),
            from_on=min(days, default=None),
            to_on=max(days, default=None),
            servings=len(story.sequences),
            residents=len(story.residents),
            subsidy_fen=story.subsidy_fen,
        )
    )
    db.session.flush()
    held = [
        {"lead_id": lead.id, "number": lead.edition, "sequence": sequence, "rules": rules}
        for sequence, rules in sorted(_line_rules(story).items())
    ]
    if held:
        db.session.execute(insert(LeadLine), held)


def _must_reopen(lead: Lead, story: Story, known: Told | None) -> bool:
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
