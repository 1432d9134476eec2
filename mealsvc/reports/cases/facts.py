"""What the papers of a case tell, gathered from its rows; names of elders are masked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mealsvc.accounts.models import Account
from mealsvc.auditing.cases import rules, showing, sums
from mealsvc.auditing.cases.models import AuditCase, CaseQuestion, CaseReferral
from mealsvc.auditing.cases.money import BODIES
from mealsvc.auditing.scanning.models import LeadEdition
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import METHODS, local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import fen
from mealsvc.reports.supervision.facts_common import head_on, named, place_of, shots_of
from mealsvc.reports.supervision.shapes import Head, Place, Shot
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.clawbacks import MODES
from mealsvc.settlement.clawbacks import STATES as CLAWBACK_STATES


@dataclass(frozen=True, slots=True)
class Meal:
    """A line as papers list it."""

    key: str
    served_at: datetime
    meal: str
    name: str
    method: str
    fen: int
    finding: str
    became: str


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question to the point; `number` is that of the case and of the question in it."""

    head: Head
    place: Place
    number: str
    words: str
    asked_on: date
    due_on: date
    month: Month
    meals: tuple[Meal, ...]

    @property
    def told(self) -> Any:
        return self.number, self.words, self.due_on, [one.key for one in self.meals]


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """A letter that hands a case to the competent body."""

    head: Head
    place: Place
    number: str
    case: str
    body: str
    facts: str
    evidence: str
    contact: str
    sent_on: date
    lines: int
    fen: int

    @property
    def told(self) -> Any:
        return self.number, self.case, self.body, self.facts, self.evidence, self.sent_on


@dataclass(frozen=True, slots=True)
class Heard:
    """A question with its answer, as the file tells it."""

    words: str
    asked: str
    due_on: date
    answer: str
    answered: str


@dataclass(frozen=True, slots=True)
class Done:
    """One act: when, what, by whom, with which words."""

    at: datetime
    act: str
    by: str
    words: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The whole case."""

    head: Head
    place: Place
    number: str
    title: str
    state: str
    source: str
    severity: str
    rules: str
    month: Month
    opened_at: datetime
    opened_by: str
    worker: str
    due_on: date | None
    decided_at: datetime | None
    decided_by: str
    verdict: str
    closed_at: datetime | None
    closed_by: str
    closing: str
    doubt: tuple[str, str]
    clawback: str
    letters: tuple[str, ...]
    money: sums.Money
    heard: tuple[Heard, ...]
    acts: tuple[Done, ...]
    meals: tuple[Meal, ...]
    shots: tuple[Shot, ...]

    @property
    def told(self) -> Any:
        acts = [(one.at, one.act, one.words) for one in self.acts]
        meals = [(one.key, one.finding, one.fen) for one in self.meals]
        return self.number, self.title, acts, meals, [one.sha256 for one in self.shots]


def question_facts(row: CaseQuestion) -> QuestionFacts:
    """A question with the meals that it is about."""
    case = db.session.get_one(AuditCase, row.case_id)
    day = local_date(row.asked_at)
    earlier = [one.id for one in showing.questions_of(case.id)]
    return QuestionFacts(
        head=head_on(day),
        place=place_of(case.point_id, day),
        number=f"{case.number}（问{earlier.index(row.id) + 1}）",
        words=vault().open(row.words),
        asked_on=day,
        due_on=row.due_on,
        month=Month.from_key(case.month),
        meals=_meals(case),
    )


def letter_facts(row: CaseReferral) -> LetterFacts:
    """A letter, with how many lines were found wrong and what they cost."""
    case = db.session.get_one(AuditCase, row.case_id)
    bad = [one for one in _meals(case) if one.finding == rules.FINDINGS["bad"]]
    return LetterFacts(
        head=head_on(row.sent_on),
        place=place_of(case.point_id, row.sent_on),
        number=row.number,
        case=case.number,
        body=BODIES[row.body],
        facts=vault().open(row.facts),
        evidence=row.evidence,
        contact=row.contact,
        sent_on=row.sent_on,
        lines=len(bad),
        fen=sum(one.fen for one in bad),
    )


def file_facts(case: AuditCase) -> FileFacts:
    """Everything that is known of a case."""
    acts = showing.acts_of(case.id)
    questions = showing.questions_of(case.id)
    people = named([case.opened_by, case.decided_by, case.closed_by, *(one.by for one in acts)]
                   + [one.asked_by for one in questions] + [one.answered_by for one in questions])  # fmt: skip
    worker = db.session.get(Account, case.assigned_to) if case.assigned_to else None
    last = {one.act: one.words for one in acts}
    day = local_date(case.closed_at or acts[-1].at)
    return FileFacts(
        head=head_on(day),
        place=place_of(case.point_id, day),
        number=case.number,
        title=case.title,
        state=rules.STATES[case.state],
        source=rules.SOURCES[case.source],
        severity=rules.SEVERITIES[case.severity],
        rules=case.rules.replace(",", "、"),
        month=Month.from_key(case.month),
        opened_at=case.opened_at,
        opened_by=people[case.opened_by],
        worker=worker.name if worker else "",
        due_on=case.due_on,
        decided_at=case.decided_at,
        decided_by=people.get(case.decided_by, ""),
        verdict=last.get("verdict", ""),
        closed_at=case.closed_at,
        closed_by=people.get(case.closed_by, ""),
        closing=last.get("closed", ""),
        doubt=_doubt(case),
        clawback=_clawback(case),
        letters=tuple(f"{one.number}，{BODIES[one.body]}" for one in showing.referrals_of(case.id)),
        money=sums.money_of([case.id])[case.id],
        heard=tuple(
            Heard(
                one.words,
                people[one.asked_by],
                one.due_on,
                one.answer,
                people.get(one.answered_by, ""),
            )
            for one in questions
        ),
        acts=tuple(Done(one.at, rules.ACTS[one.act], people[one.by], _told(one)) for one in acts),
        meals=_meals(case),
        shots=_shots(case.id),
    )


def _meals(case: AuditCase) -> tuple[Meal, ...]:
    return tuple(
        Meal(
            row.key,
            row.served_at,
            row.meal,
            mask_name(row.name),
            METHODS.get(row.method) or row.method,
            row.subsidy_fen,
            rules.FINDINGS.get(row.finding or "", ""),
            _became(row),
        )
        for row in db.session.execute(showing.lines_shown(case))
    )


def _became(row: Any) -> str:
    if row.outcome == "refused":
        return "核减"
    if row.reversal is not None:
        return "冲正"
    if row.hold_id is not None and row.outcome is None:
        return "暂缓"
    return "支付" if row.finding == "ok" else ""


def _day(written: str) -> str:
    return chinese_date(date.fromisoformat(written))


def _told(act: showing.Act) -> str:
    """What an act did, and the words that were written with it."""
    known = act.detail
    match act.act:
        case "opened":
            done = f"{known['lines']}笔，{fen(known['amount_fen'])}元。"
        case "held":
            done = f"暂缓{known['lines']}笔，{fen(known['amount_fen'])}元。"
        case "assigned":
            done = f"说明期限{_day(known['due_on'])}。"
        case "asked":
            done = f"期限{_day(known['due_on'])}。"
        case "extended":
            done = f"延长到{_day(known['to_on'])}。"
        case "verdict":
            done = f"有误{known['bad']}笔，无误{known['ok']}笔。"
        case "clawback":
            done = f"{known['lines']}笔，{fen(known['amount_fen'])}元。"
        case "refer":
            done = f"{known['referral']}，{BODIES[known['body']]}。"
        case "receipt":
            done = f"{known['referral']}，回执{known['receipt']}。"
        case _:
            done = ""
    return f"{done}{act.words}"


def _doubt(case: AuditCase) -> tuple[str, str]:
    """What the lead said, and which innocent explanations it named first."""
    if case.lead_id is None:
        return "", ""
    edition = db.session.get_one(LeadEdition, (case.lead_id, case.lead_edition))
    return edition.summary, edition.honest


def _clawback(case: AuditCase) -> str:
    if case.clawback_id is None:
        return ""
    one = db.session.get_one(Clawback, case.clawback_id)
    return f"{one.number or '（未编号）'}，{CLAWBACK_STATES[one.state]}，{MODES[one.mode]}"


def _shots(case_id: int) -> tuple[Shot, ...]:
    photos = [
        (photo.id, "核查照片" if question is None else "答复照片")
        for question, some in showing.photos_of(case_id).items()
        for photo in some
    ]
    shot = shots_of([photo_id for photo_id, _ in photos])
    return tuple(shot(photo_id, of) for photo_id, of in sorted(photos))
