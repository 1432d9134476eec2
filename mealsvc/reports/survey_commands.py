"""`report survey`: which round is meant, and its report as PDF or DOCX."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import Shell

if TYPE_CHECKING:
    from mealsvc.survey.rounds.models import SurveyRound

SURVEY = "survey"
DOCX = ".docx"


class UnknownRound(Refusal):
    """没有编号为“{number}”的摸排。请用“摸排调研”页上的编号，例如 武民助摸〔2024〕0001号。"""

    code = "unknown_round"


def print_survey(
    shell: Shell,
    number: str | None,
    month: Month | None,
    out: Path,
    write: Callable[[Path, bytes], None],
) -> bytes:
    """Writes the report of the round with this number; without one of the newest round (of that
    month); where there is none, what the records say without a survey. Leaves its row in the trail."""
    from mealsvc.plumbing.db import writing
    from mealsvc.reports import services

    with shell.application():
        row = _round(number, month)
        content = _drawn(row, month, out.suffix.lower() == DOCX, shell)
        write(out, content)
        with writing():
            named = row.number if row else str(month or "")
            services.note_printing(SURVEY, named, "", shell.by_command())
    return content


def _round(number: str | None, month: Month | None) -> "SurveyRound | None":
    from mealsvc.settlement.area import district
    from mealsvc.survey.rounds.queries import latest_round, round_by_number, rounds

    if number is not None:
        row = round_by_number(number)
        if row is None:
            raise UnknownRound(number=number)
        return row
    if month is None:
        return latest_round(district())
    from mealsvc.plumbing.db import db
    from mealsvc.survey.rounds.models import SurveyRound

    of_month = SurveyRound.as_of.between(month.first_day, month.last_day)
    return db.session.scalar(rounds().where(of_month).limit(1))


def _drawn(row: "SurveyRound | None", month: Month | None, as_docx: bool, shell: Shell) -> bytes:
    from mealsvc.papers.services import content_of, issue
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.reports import survey_issue
    from mealsvc.survey.writing.composing import report_of

    if as_docx:
        from mealsvc.reports import survey_docx

        stamp = survey_issue.stamp_of(row) if row else None
        return survey_docx.draw(report_of(row.id if row else None, month), stamp)
    paper = survey_issue.issued_draft(row) if row else None
    if paper is None:
        return survey_issue.draft_pdf(report_of(row.id if row else None, month))
    with writing():
        issued = issue(paper, shell.by_command(), clock.now())
    return content_of(issued)
