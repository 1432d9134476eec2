"""One act in a case: its row, its row in the trail and the state that follows, together."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.auditing.cases import refusals, rules
from mealsvc.auditing.cases.models import AuditCase, CaseAct
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record


def ready(case_id: int, act: str) -> AuditCase:
    """The case, if this step can be taken now. Raises `UnknownCase`, `WrongCaseStep`."""
    case = db.session.get(AuditCase, case_id)
    if case is None:
        raise refusals.UnknownCase()
    if not rules.may_start(act, case.state):
        raise refusals.WrongCaseStep(state=rules.STATES[case.state], act=rules.ACTS[act])
    return case


def take(
    case: AuditCase,
    act: str,
    words: str,
    by: Actor,
    now: datetime,
    detail: dict[str, Any] | None = None,
    *,
    bad: bool = False,
    last: bool = False,
) -> CaseAct:
    """Notes the act; see `rules.state_after` for `bad` and `last`."""
    number = db.session.scalar(
        select(func.coalesce(func.max(CaseAct.number), 0)).where(CaseAct.case_id == case.id)
    )
    row = CaseAct(
        case_id=case.id,
        number=(number or 0) + 1,
        act=act,
        words=vault().seal(words) if words else None,
        detail=json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, default=str),
        at=now,
        by=str(by),
    )
    db.session.add(row)
    case.state = rules.state_after(act, case.state, bad=bad, last=last)
    db.session.flush()
    record(by, f"cases.{act}", case.number, detail or {})
    return row
