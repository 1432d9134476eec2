"""What a scan says of a lead, as an edition keeps it: compared whole, written when it differs."""

import json
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from mealsvc.auditing.scanning.models import AuditScan, Lead, LeadEdition, LeadLine
from mealsvc.plumbing.db import db

if TYPE_CHECKING:
    from mealsvc.auditing.scanning.rules.leads import Story

MOST_NAMED = 50  # elders of an anomaly that holds no lines responsible
EPOCH = date(1970, 1, 1).toordinal()
Told = tuple[Any, ...]


def editions(leads: Iterable[Lead]) -> dict[int, Told]:
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


def told(story: "Story") -> Told:
    """A story as `editions` gives those that are kept."""
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


def _evidence(story: "Story") -> str:
    """By rule: its own words, what it measured, and about whom it is where it names no lines."""
    by_rule = {
        one.rule: {"summary": one.summary, "honest": one.honest}
        | dict(one.evidence)
        | ({} if one.sequences else {"residents": sorted(one.residents)[:MOST_NAMED]})
        for one in story.anomalies
    }
    return json.dumps(by_rule, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _line_rules(story: "Story") -> dict[int, str]:
    rules: dict[int, list[str]] = {}
    for anomaly in story.anomalies:
        for sequence in anomaly.sequences:
            rules.setdefault(sequence, []).append(anomaly.rule)
    return {sequence: ",".join(dict.fromkeys(some)) for sequence, some in rules.items()}


def add_edition(lead: Lead, story: "Story", scan: AuditScan) -> None:
    lead.edition += 1
    days = [date.fromordinal(EPOCH + day) for day in story.days]
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
