"""Cases up to the explanation: opened, assigned, the point asked and heard. The doors to the rest.

No words that people write reach the trail; lines of a grave case are held as it is opened.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from mealsvc.accounts.models import Account
from mealsvc.auditing.cases import refusals, rules
from mealsvc.auditing.cases.acts import ready, take
from mealsvc.auditing.cases.leads import lead_lines
from mealsvc.auditing.cases.models import (
    AuditCase,
    CaseAct,
    CaseLine,
    CasePhoto,
    CaseQuestion,
)
from mealsvc.auditing.cases.money import Letter, claw_back, close, note_receipt, refer
from mealsvc.auditing.cases.reading import Candidate, candidates, other_cases
from mealsvc.auditing.cases.verdict import decide, hold, hold_free_lines
from mealsvc.auditing.cases.workers import may_work
from mealsvc.auditing.scanning.casing import set_cased
from mealsvc.auditing.scanning.models import Lead, LeadEdition
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.settings.calendar import add_working_days
from mealsvc.settings.services import value_on
from mealsvc.settlement.batches import person_id

__all__ = [
    "Letter",
    "Opening",
    "answer",
    "ask",
    "assign",
    "claw_back",
    "close",
    "decide",
    "due_day",
    "explain_without_answer",
    "extend",
    "hold",
    "note",
    "note_receipt",
    "open_case",
    "open_lead",
    "refer",
]
DAYS = "audit.case_days"
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened on: lines (by sequence) of one point. `source` is one of
    `rules.SOURCES`, `severity` of `rules.SEVERITIES`, `rules` codes of the catalogue as `A06,A07`."""

    point_id: int
    month: Month
    title: str
    sequences: Collection[int]
    severity: str = "case"
    source: str = "other"
    rules: str = ""
    lead_id: int | None = None
    lead_edition: int | None = None


def open_case(what: Opening, words: str, by: Actor, now: datetime) -> AuditCase:
    """Opens a case under the next number; grave ones hold what is not approved yet.

    Raises `NoCaseLines`, `TooManyCaseLines`, `NotALineOfThePoint`, `LineInOtherCase`.
    """
    lines = _checked(what)
    today = local_date(now)
    case = AuditCase(
        number=take_number("case", today.year, value_on(WORD, today)),
        source=what.source,
        lead_id=what.lead_id,
        lead_edition=what.lead_edition,
        point_id=what.point_id,
        month=what.month.key,
        severity=what.severity,
        rules=what.rules,
        title=what.title,
        opened_at=now,
        opened_by=str(by),
        opened_person=person_id(by),
        state="new",
    )
    db.session.add(case)
    db.session.flush()
    db.session.add_all(
        CaseLine(case_id=case.id, sequence=sequence, subsidy_fen=one.standing.worth_fen)
        for sequence, one in sorted(lines.items())
    )
    db.session.flush()
    worth_fen = sum(one.standing.worth_fen for one in lines.values())
    told = {"lines": len(lines), "amount_fen": worth_fen, "severity": what.severity}
    point = db.session.get_one(MealPoint, what.point_id)
    take(case, "opened", words, by, now, {**told, "point": point.code, "source": what.source})
    if what.severity in rules.HELD_AT_ONCE:
        hold_free_lines(case, by, now)
    return case


def open_lead(
    lead_id: int,
    point_id: int,
    sequences: Collection[int] | None,
    title: str,
    words: str,
    by: Actor,
    now: datetime,
) -> AuditCase:
    """Opens a case on the newest edition of a lead, on some of its lines or all (None); its severity
    and rules are the lead's. Raises `UnknownCaseLead` beside the refusals of `open_case`."""
    lead = db.session.get(Lead, lead_id)
    edition = lead and db.session.get(LeadEdition, (lead_id, lead.edition))
    if lead is None or edition is None or lead.state == "dismissed":
        raise refusals.UnknownCaseLead()
    own = lead_lines(lead, point_id)
    chosen = own if sequences is None else own & set(sequences)
    case = open_case(
        Opening(
            point_id,
            Month.from_key(lead.month),
            title or edition.title,
            chosen,
            edition.severity,
            "lead",
            edition.rules,
            lead.id,
            lead.edition,
        ),
        words,
        by,
        now,
    )
    set_cased(lead.id, by, now)
    return case


def assign(case_id: int, account_id: int, words: str, by: Actor, now: datetime) -> AuditCase:
    """Says who works the case; the first time the days for the explanation begin to count."""
    case = ready(case_id, "assigned")
    account = db.session.get(Account, account_id)
    point = db.session.get_one(MealPoint, case.point_id)
    if account is None or not may_work(account, point, local_date(now)):
        raise refusals.NotAWorker()
    case.assigned_to = account.id
    case.due_on = case.due_on or due_day(local_date(now))
    told = {"to": account.login, "due_on": case.due_on}
    take(case, "assigned", words, by, now, told)
    return case


def ask(case_id: int, words: str, due_on: date | None, by: Actor, now: datetime) -> CaseQuestion:
    """Asks the point; without a day the point has the usual working days. Raises `NotLater`."""
    case, today = ready(case_id, "asked"), local_date(now)
    due_on = due_on or due_day(today)
    if due_on < today:
        raise refusals.NotLater(due=chinese_date(today))
    row = CaseQuestion(
        case_id=case.id,
        words=vault().seal(words),
        asked_at=now,
        asked_by=str(by),
        due_on=due_on,
    )
    db.session.add(row)
    db.session.flush()
    case.due_on = max(due_on, case.due_on or due_on)
    take(case, "asked", "", by, now, {"question": row.id, "due_on": due_on})
    return row


def answer(
    question_id: int, words: str, photos: Sequence[int], by: Actor, now: datetime
) -> CaseQuestion:
    """What the point says, with photos that are kept already; the answer to the last open question
    makes the case explained. Raises `UnknownQuestion`, `AnsweredAlready`."""
    row = db.session.get(CaseQuestion, question_id)
    if row is None:
        raise refusals.UnknownQuestion()
    if row.answered_at is not None:
        raise refusals.AnsweredAlready()
    case = ready(row.case_id, "answered")
    row.answer, row.answered_at, row.answered_by = vault().seal(words), now, str(by)
    db.session.flush()
    _keep_photos(case.id, photos, row.id)
    told = {"question": row.id, "photos": len(photos), "late": local_date(now) > row.due_on}
    take(case, "answered", "", by, now, told, last=_unanswered(case.id) == 0)
    return row


def extend(case_id: int, due_on: date, why: str, by: Actor, now: datetime) -> AuditCase:
    """Gives the point more days; once. Raises `ExtendedAlready`, `NotLater`."""
    case = ready(case_id, "extended")
    before = select(CaseAct.id).where(CaseAct.case_id == case_id, CaseAct.act == "extended")
    if db.session.scalar(before.limit(1)) is not None:
        raise refusals.ExtendedAlready()
    old = case.due_on or local_date(now)
    if due_on <= old or due_on < local_date(now):
        raise refusals.NotLater(due=chinese_date(old))
    case.due_on = due_on
    take(case, "extended", why, by, now, {"from_on": old, "to_on": due_on})
    return case


def explain_without_answer(case_id: int, why: str, by: Actor, now: datetime) -> AuditCase:
    """The case goes on without (a further) answer: the day has passed, or nothing was to be asked.

    Raises `QuestionsOpen` while the point still has time.
    """
    case = ready(case_id, "explained")
    missing, today = _unanswered(case.id), local_date(now)
    if missing and case.due_on is not None and today <= case.due_on:
        raise refusals.QuestionsOpen(count=missing, due=chinese_date(case.due_on))
    take(case, "explained", why, by, now, {"unanswered": missing, "due_on": case.due_on})
    return case


def note(case_id: int, words: str, photos: Sequence[int], by: Actor, now: datetime) -> AuditCase:
    """What was done or found, with photos that are kept already."""
    case = ready(case_id, "noted")
    _keep_photos(case.id, photos, None)
    take(case, "noted", words, by, now, {"photos": len(photos)})
    return case


def due_day(today: date) -> date:
    """The last day for an explanation that is asked for today."""
    return add_working_days(today, int(value_on(DAYS, today)))


def _checked(what: Opening) -> dict[int, Candidate]:
    wanted = set(what.sequences)
    if not wanted:
        raise refusals.NoCaseLines()
    if len(wanted) > MOST_LINES:
        raise refusals.TooManyCaseLines(limit=MOST_LINES, count=len(wanted))
    found = candidates(wanted)
    for sequence in sorted(wanted):
        one = found.get(sequence)
        if one is None or one.point_id != what.point_id or one.reverses is not None:
            raise refusals.NotALineOfThePoint(key=one.key if one else sequence)
    for sequence, number in sorted(other_cases(wanted).items()):
        raise refusals.LineInOtherCase(key=found[sequence].key, number=number)
    return found


def _unanswered(case_id: int) -> int:
    rows = select(func.count()).where(
        CaseQuestion.case_id == case_id, CaseQuestion.answered_at.is_(None)
    )
    return db.session.scalar(rows) or 0


def _keep_photos(case_id: int, photos: Sequence[int], question_id: int | None) -> None:
    known = set(db.session.scalars(select(CasePhoto.photo_id).where(CasePhoto.case_id == case_id)))
    db.session.add_all(
        CasePhoto(case_id=case_id, photo_id=photo_id, question_id=question_id)
        for photo_id in photos
        if photo_id not in known
    )
    db.session.flush()
