"""Gives out the survey report: PDF and DOCX, drafts before the lock, afterwards the numbered paper."""

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from mealsvc.papers.services import content_of, issue
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.survey.rounds.access import round_or_404
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.trail.services import record

DISTRICT = 6
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

bp = Blueprint("survey_papers", __name__, url_prefix="/surveys/<int:round_id>")


@bp.get("/report.pdf")
@guard("survey.study")
def report_pdf(round_id: int) -> Response:
    from mealsvc.reports import survey_issue
    from mealsvc.survey.writing.composing import draft_of

    row = _readable(round_id)
    paper = survey_issue.issued_draft(row)
    if paper is None:
        content = survey_issue.draft_pdf(draft_of(row.id).report)
        _note(row, "survey")
        return _file(content, PDF, f"老年助餐调研报告_征求意见稿_{row.number}.pdf")
    with writing():
        issued = issue(paper, current().actor(), clock.now())
        record(current().actor(), "reports.print", issued.number, {"kind": issued.kind})
    return _file(content_of(issued), PDF, f"老年助餐调研报告_{issued.number}.pdf")


@bp.get("/report.docx")
@guard("survey.study")
def report_docx(round_id: int) -> Response:
    """The same report for a word processor; what counts is the PDF."""
    from mealsvc.reports import survey_docx, survey_issue
    from mealsvc.survey.writing.composing import report_of

    row = _readable(round_id)
    stamp = survey_issue.stamp_of(row)
    content = survey_docx.draw(report_of(row.id), stamp)
    _note(row, "survey_docx")
    some = "" if stamp else "征求意见稿_"
    return _file(content, DOCX, f"老年助餐调研报告_{some}{row.number}.docx")


def _readable(round_id: int) -> SurveyRound:
    """The round; before its lock its report is the district's alone."""
    row, me = round_or_404(round_id), current()
    if row.locked_at is None and (me.at_point or len(me.scope) > DISTRICT):
        abort(403)
    return row


def _note(row: SurveyRound, kind: str) -> None:
    with writing():
        record(current().actor(), "reports.print", row.number, {"kind": kind})


def _file(content: bytes, kind: str, name: str) -> Response:
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
