"""Findings: raised by a signed visit, and what is decided about them; the doors to all later steps."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist.services import checklist_of, checklist_on
from mealsvc.supervision.findings import refusals, rules
from mealsvc.supervision.findings.acts import note
from mealsvc.supervision.findings.letters import (
    Held,
    Letter,
    Receipt,
    hold_interview,
    note_answer,
    note_delivery,
    note_receipt,
    refer,
)
from mealsvc.supervision.findings.measures import resume, suspend
from mealsvc.supervision.findings.models import Finding, FindingAct
from mealsvc.supervision.findings.orders import (
    Checked,
    Done,
    issue_order,
    re_inspect,
    recused,
    reply,
)
from mealsvc.supervision.visits.models import Visit, VisitResult
from mealsvc.trail.services import record

__all__ = [
    "Checked",
    "Done",
    "Held",
    "Letter",
    "Receipt",
    "add_finding",
    "decide_referral",
    "hold_interview",
    "issue_order",
    "note_answer",
    "note_delivery",
    "note_receipt",
    "raise_findings",
    "re_inspect",
    "recused",
    "refer",
    "reply",
    "resume",
    "suspend",
]
NO_OUTCOMES: Mapping[str, str] = {}


def raise_findings(
    visit: Visit, by: Actor, now: datetime, outcomes: Mapping[str, str] = NO_OUTCOMES
) -> list[Finding]:
    """One finding for each item that failed or passed in part, in the transaction of the signing.

    `outcomes` holds the outcome chosen for an item (`results[code]["outcome"]` of the document);
    what is missing is to be rectified by a date.
    """
    wrong = db.session.scalars(
        select(VisitResult)
        .where(VisitResult.visit_id == visit.id, VisitResult.result.in_(("FAIL", "PARTIAL")))
        .order_by(VisitResult.item)
    ).all()
    if not wrong:
        return []
    items = {item.code: item for item in checklist_of(visit.checklist).items}
    found_at = visit.ended_at or visit.signed_at or now  # on paper entered later, its own day
    day = local_date(found_at)
    earlier = _earlier(visit.point_id, day, [one.item for one in wrong])
    findings = []
    for one in wrong:
        critical = items[one.item].critical and one.result == "FAIL"
        chosen = outcomes.get(one.item) or rules.RECTIFY
        findings.append(
            _finding(
                point_id=visit.point_id,
                visit_id=visit.id,
                source="visit",
                item=one.item,
                checklist=visit.checklist,
                critical=critical,
                fact=one.note,
                outcome=rules.outcome_for(chosen, critical),
                repeats=earlier.get(one.item),
                found_on=day,
                found_at=found_at,
                found_by=str(by),
            )
        )
    _begin(findings, by, now)
    point = db.session.get_one(MealPoint, visit.point_id)
    told = {"visit": visit.number or visit.key, "items": [one.item for one in findings]}
    record(by, "findings.raise", point.code, told)
    return findings


def add_finding(
    point: MealPoint, item: str, fact: str, outcome: str, source: str, by: Actor, now: datetime
) -> Finding:
    """A finding that no visit made: from a complaint, a log or something else that came up."""
    day = local_date(now)
    checklist = checklist_on(day)
    known = {one.code: one for one in checklist.items}
    if item not in known:
        raise refusals.UnknownItem(item=item)
    finding = _finding(
        point_id=point.id,
        visit_id=None,
        source=source,
        item=item,
        checklist=checklist.version,
        critical=known[item].critical,
        fact=fact,
        outcome=rules.outcome_for(outcome, known[item].critical),
        repeats=_earlier(point.id, day, [item]).get(item),
        found_on=day,
        found_at=now,
        found_by=str(by),
    )
    _begin([finding], by, now)
    record(by, "findings.add", point.code, {"finding": finding.id, "item": item, "source": source})
    return finding


def decide_referral(finding_id: int, yes: bool, why: str, by: Actor, now: datetime) -> None:
    """Records, for a failed key item, whether it is to be handed to a competent body, and why."""
    finding = db.session.get_one(Finding, finding_id)
    decided = select(FindingAct.id).where(
        FindingAct.finding_id == finding_id, FindingAct.act == "referral_decided"
    )
    if db.session.scalar(decided.limit(1)) is not None:
        raise refusals.AlreadyDecided()
    if not why.strip():
        raise refusals.WhyMissing()
    note([finding.id], "referral_decided", {"refer": yes, "why": why}, by, now)
    point = db.session.get_one(MealPoint, finding.point_id)
    db.session.flush()
    told = {"finding": finding.id, "item": finding.item, "refer": yes}
    record(by, "findings.decide_referral", point.code, told)


def _finding(**values: Any) -> Finding:
    state = rules.first_state(values["outcome"])
    return Finding(
        state=state, closed_at=values["found_at"] if state == "fixed" else None, **values
    )


def _begin(findings: list[Finding], by: Actor, now: datetime) -> None:
    db.session.add_all(findings)
    db.session.flush()
    for finding in findings:
        note([finding.id], "raised", {"outcome": finding.outcome}, by, now)
        if finding.state == "fixed":
            note([finding.id], "fixed", {"fact": finding.fact}, by, now)
    db.session.flush()


def _earlier(point_id: int, day: date, items: list[str]) -> dict[str, int]:
    """The latest earlier finding of each of these items at the point, if it is recent enough."""
    since = rules.months_before(day, int(value_on("order.repeat_months", day)))
    rows = db.session.execute(
        select(Finding.item, Finding.id)
        .where(
            Finding.point_id == point_id,
            Finding.item.in_(items),
            Finding.found_on.between(since, day),
        )
        .order_by(Finding.found_at, Finding.id)
    )
    return {row.item: row.id for row in rows}
