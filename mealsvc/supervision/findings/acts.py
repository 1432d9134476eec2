"""What every step after a finding shares: its act, its trail row, its number, who may not take it."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mealsvc.accounts.persons import is_one_of
from mealsvc.kernel.actors import Actor
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.supervision.findings.models import Finding, FindingAct
from mealsvc.supervision.visits.models import Inspector, Visit, VisitInspector


def note(
    finding_ids: Iterable[int], act: str, detail: dict[str, Any], by: Actor, now: datetime
) -> None:
    """Notes that somebody did this about these findings."""
    told = json.dumps(detail, ensure_ascii=False, default=str, sort_keys=True)
    for finding_id in finding_ids:
        db.session.add(FindingAct(finding_id=finding_id, act=act, detail=told, at=now, by=str(by)))


def end(finding: Finding, state: str, now: datetime) -> None:
    """Ends a finding: `closed`, `fixed` or `referred`."""
    finding.state, finding.closed_at = state, now


def next_number(series: str, day: date) -> str:
    """The next official number of this series."""
    return take_number(series, day.year, value_on(WORD, day))


def signed(visit_id: int | None, by: Actor) -> bool:
    """Whether `by` is one of those who made or signed the visit, or one person with them since."""
    visit = None if visit_id is None else db.session.get(Visit, visit_id)
    if visit is None or by.kind != "user":
        return False
    went = select(Inspector.login).join(VisitInspector, VisitInspector.inspector_id == Inspector.id)
    went = went.where(VisitInspector.visit_id == visit.id, Inspector.login.is_not(None))
    logins = {visit.signed_by.removeprefix("user:"), *db.session.scalars(went)}
    return is_one_of(by.name, logins, visit.signed_at or visit.made_at)
