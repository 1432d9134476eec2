"""After the verdict: what was paid wrongly is claimed back, the case handed over, and closed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from mealsvc.auditing.cases import refusals, rules
from mealsvc.auditing.cases.acts import ready, take
from mealsvc.auditing.cases.models import AuditCase, CaseAct, CaseReferral
from mealsvc.auditing.cases.reading import sight_of, standing_of
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.settings.services import value_on
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.clawbacks import STATES, propose_clawback

BODIES = {
    "police": "公安机关",
    "discipline": "纪检监察机关",
    "samr": "市场监督管理局",
    "finance": "财政局",
    "audit": "审计局",
    "insurance": "医疗保障局",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to the competent body; `body` is one of `BODIES`."""

    body: str
    facts: str
    evidence: str
    contact: str


def claw_back(case_id: int, mode: str, words: str, by: Actor, now: datetime) -> Clawback:
    """Proposes to take back what was found wrong and is approved or paid; somebody else approves it
    as any clawback. `mode` is a key of `clawbacks.MODES`.

    Raises `ClawbackRunning`, `NothingToClawBack`, and the refusals of `settlement.clawbacks`.
    """
    case = ready(case_id, "clawback")
    running = db.session.get(Clawback, case.clawback_id) if case.clawback_id else None
    if running is not None and running.state == "proposed":
        raise refusals.ClawbackRunning(state=STATES[running.state])
    lines = [one.sequence for _, _, one in standing_of(case) if one.to_claw_back]
    if not lines:
        raise refusals.NothingToClawBack()
    point = db.session.get_one(MealPoint, case.point_id)
    told = f"核查案件{case.number}：{words}"
    reason = rules.reason_for(case.rules)
    made = propose_clawback(point, lines, reason, told, mode, by, now)
    case.clawback_id = made.id
    detail = {"clawback": made.id, "lines": len(lines), "amount_fen": made.amount_fen}
    take(case, "clawback", words, by, now, detail)
    return made


def refer(case_id: int, letter: Letter, by: Actor, now: datetime) -> CaseReferral:
    """Hands the case to the competent body, by a letter with its number."""
    case = ready(case_id, "refer")
    if letter.body not in BODIES:
        raise refusals.UnknownCaseBody()
    day = local_date(now)
    row = CaseReferral(
        number=take_number("referral", day.year, value_on(WORD, day)),
        case_id=case.id,
        body=letter.body,
        facts=vault().seal(letter.facts),
        evidence=letter.evidence,
        contact=letter.contact,
        sent_on=day,
        sent_at=now,
        by=str(by),
    )
    db.session.add(row)
    db.session.flush()
    take(case, "refer", "", by, now, {"referral": row.number, "body": row.body})
    return row


def note_receipt(
    referral_id: int, receipt_no: str, receipt_on: date, words: str, by: Actor, now: datetime
) -> CaseAct:
    """Notes the receipt slip of a letter and what the body answered. Raises `SlipDay`."""
    letter = db.session.get_one(CaseReferral, referral_id)
    case = ready(letter.case_id, "receipt")
    if not letter.sent_on <= receipt_on <= local_date(now):
        raise refusals.SlipDay()
    told = {"referral": letter.number, "receipt": receipt_no, "on": receipt_on}
    return take(case, "receipt", words, by, now, told)


def close(case_id: int, words: str, by: Actor, now: datetime) -> AuditCase:
    """The end, once the money is settled or the case handed over. Raises `NotToClose`."""
    case = ready(case_id, "closed")
    why = rules.why_not_closed(sight_of(case))
    if why:
        raise refusals.NotToClose(why="；".join(why))
    case.closed_at, case.closed_by = now, str(by)
    sent = select(CaseReferral.number).where(CaseReferral.case_id == case.id)
    told = {"referrals": db.session.scalars(sent.order_by(CaseReferral.id)).all()}
    take(case, "closed", words, by, now, told)
    return case
