"""Papers of cases ready to be handed over; what is final is issued and kept (see `papers`)."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from mealsvc.auditing.cases.models import AuditCase, CaseQuestion, CaseReferral
from mealsvc.kernel.dates import chinese_date
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Draw, Matter, draft
from mealsvc.reports.cases import file, letter, question
from mealsvc.reports.cases.facts import file_facts, letter_facts, question_facts
from mealsvc.reports.cases.kinds import FILE, LETTER, QUESTION
from mealsvc.reports.supervision.catalogue import Kind
from mealsvc.reports.supervision.papers import Printing


def question_paper(row: CaseQuestion) -> Printing:
    """The question as a letter to the point."""
    facts = question_facts(row)
    totals = {"被询问单位": facts.place.name, "答复期限": chinese_date(facts.due_on)}
    year = facts.asked_on.year
    return _final(QUESTION, row.id, year, facts, totals, lambda stamp: question.draw(
        facts, stamp, current_app.config
    ))  # fmt: skip


def letter_paper(row: CaseReferral) -> Printing:
    """The letter to the competent body; its public page says nothing of whom it is about."""
    facts = letter_facts(row)
    totals = {"发函日期": chinese_date(facts.sent_on)}
    year = facts.sent_on.year
    return _final(LETTER, row.id, year, facts, totals, lambda stamp: letter.draw(
        facts, stamp, current_app.config
    ))  # fmt: skip


def file_paper(case: AuditCase) -> Printing:
    """The file of a case: kept once it is closed, a preview before."""
    facts = file_facts(case)
    if case.closed_at is None:
        return Printing(
            FILE.code, case.id, FILE.title, preview=file.draw(facts, None, current_app.config)
        )
    totals = {"案号": facts.number, "流水": f"{facts.money.lines} 笔"}
    return _final(FILE, case.id, case.opened_at.year, facts, totals, lambda stamp: file.draw(
        facts, stamp, current_app.config
    ))  # fmt: skip


def _final(
    kind: Kind, key: int, year: int, facts: Any, totals: Mapping[str, str], draw: Draw
) -> Printing:
    matter = Matter(
        kind=f"case-{kind.code}",
        subject=f"cases/{kind.code}/{key}",
        number=f"{kind.letters}-{year}-{key}",
        title=kind.title,
        issuer=facts.head.issuer,
        totals={"文号": facts.number, **totals},
        facts_digest=facts_digest(kind.code, facts.told),
    )
    return Printing(kind.code, key, kind.title, [draft(matter, draw)])
