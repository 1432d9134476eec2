"""Pages: sheets as an XLSX workbook to take along, and workbooks that come back filled."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, abort, render_template, request, send_file
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.rules import raw_of
from mealsvc.survey.rounds import forms, intake, queries, rules, services, showing
from mealsvc.survey.rounds.access import may, names_seen, round_or_404, sheet_or_404
from mealsvc.survey.rounds.known import Known
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.rounds.workbook import Bad, In, Out, bad_cells, read_workbook, workbook
from mealsvc.trail.services import record

Answer = str | Response | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHEETS, LARGEST = 200, 8 << 20
TOO_LARGE = "文件超过8MB。请只上传系统导出的摸排表。"

bp = Blueprint("survey_books", __name__, url_prefix="/surveys/<int:round_id>")


@dataclass(slots=True)
class Outcome:
    """What came of a workbook: names of the sheets handed in, and every cell that stopped another."""

    taken: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


@bp.get("/sheets/<int:sheet_id>.xlsx")
@guard("survey.read")
def one_book(round_id: int, sheet_id: int) -> Response:
    row, one = sheet_or_404(round_id, sheet_id)
    name = names_seen([one])[one.id]
    return _sent(row, [one], f"{row.title}-{one.form}表-{name}")


@bp.get("/workbook.xlsx")
@guard("survey.fill")
def book(round_id: int) -> Response:
    """What is still to be filled within the scope, narrowed by form and division."""
    row = round_or_404(round_id)
    rows = select(SurveySheet).where(
        SurveySheet.round_id == row.id,
        SurveySheet.state.in_(rules.TO_FILL),
        queries.seen_by(current()),
        SurveySheet.form.in_(_own_forms()),
    )
    if form := request.args.get("form"):
        rows = rows.where(SurveySheet.form == form)
    if division := request.args.get("division"):
        rows = rows.where(SurveySheet.division.startswith(division, autoescape=True))
    rows = rows.order_by(SurveySheet.division, SurveySheet.form, SurveySheet.unit)
    found = db.session.scalars(rows.limit(MOST_SHEETS)).all()
    if not found:
        abort(404)
    return _sent(row, found, f"{row.title}-待填报")


@bp.route("/workbook", methods=["GET", "POST"])
@guard("survey.fill")
def upload(round_id: int) -> Answer:
    """Takes every good sheet of a workbook, and tells each cell of the others."""
    row = round_or_404(round_id)
    form = forms.UploadForm()
    outcome = None
    if form.validate_on_submit():
        content = form.file.data.read(LARGEST + 1)
        if len(content) > LARGEST:
            form.file.errors = [TOO_LARGE]
        else:
            try:
                outcome = _taken(row, content)
            except Refusal as refusal:
                show(form, refusal)
    page = render_template("survey/upload.html", row=row, form=form, outcome=outcome)
    return (page, 422) if form.errors else page


def _own_forms() -> list[str]:
    return [form for form, fillers in rules.FILLERS.items() if current().role in fillers]


def _letters(out: Sequence[Out]) -> str:
    return "".join(sorted({one.form for one in out}))


def _sent(row: SurveyRound, found: Sequence[SurveySheet], name: str) -> Response:
    known = showing.known_of_all(row, found)
    names = names_seen(found)
    out = []
    for one in found:
        typed = showing.typed_first(row, one, known[one.id])
        taken = intake.take(one.form, typed, known[one.id], intake.tolerance_on(row.as_of))
        out.append(
            Out(
                one.form,
                one.unit,
                names[one.id],
                services.subject(row, one),
                known[one.id].whole,
                taken.answers,
                taken.remarks,
            )
        )
    subject, told = f"surveys/{row.number}", {"sheets": len(out), "forms": _letters(out)}
    with writing():
        record(current().actor(), "exchange.export", subject, told)
    safe = "".join(letter for letter in name if letter not in '/\\:*?"<>|')
    return send_file(
        io.BytesIO(workbook(out)), XLSX, as_attachment=True, download_name=f"{safe}.xlsx"
    )


def _taken(row: SurveyRound, content: bytes) -> Outcome:
    """Reads outside the transaction, hands in what is good, keeps the rest as drafts."""
    read = read_workbook(content)
    outcome = Outcome(bad=list(read.bad))
    sheets = _sheets(row, read.sheets)
    known = showing.known_of_all(row, list(sheets.values()))
    names = names_seen(list(sheets.values()))
    for came in read.sheets:
        one = sheets.get(came.key)
        if one is None or not may(row, one, rules.FILL):
            outcome.bad.append(Bad(came.sheet, "A1", _not_yours(one)))
            continue
        _take(row, one, came, known[one.id], names[one.id], outcome)
    return outcome


def _take(
    row: SurveyRound, one: SurveySheet, came: In, known: Known, name: str, outcome: Outcome
) -> None:
    typed = {key: text for key, text in came.raw.items() if text.strip()}
    typed |= {code + intake.REMARK: text for code, text in came.remarks.items()}
    taken = intake.take(one.form, typed, known, intake.tolerance_on(row.as_of))
    stopped = dict(taken.errors) | {code: taken.doubts[code] for code in taken.silent}
    outcome.bad += bad_cells(came, stopped)
    if not typed:
        return
    try:
        with writing():
            fresh = db.session.get_one(SurveySheet, one.id, populate_existing=True)
            now_row = db.session.get_one(SurveyRound, row.id, populate_existing=True)
            by, now = current().actor(), clock.now()
            if stopped:
                read = raw_of(FORMS[one.form], taken.answers)  # options by their codes, as the page
                services.save_draft(fresh, now_row, typed | read, by)
            else:
                services.fill(fresh, now_row, taken.answers, taken.remarks, "xlsx", by, now)
    except Refusal as refusal:
        outcome.bad.append(Bad(came.sheet, "A1", refusal.message))
    else:
        (outcome.drafts if stopped else outcome.taken).append(f"{one.form}表 {name}")


def _sheets(row: SurveyRound, came: Sequence[In]) -> dict[str, SurveySheet]:
    """The sheets of this round within the scope that the workbook names, by key."""
    units = {one.unit for one in came}
    rows = select(SurveySheet).where(
        SurveySheet.round_id == row.id, SurveySheet.unit.in_(units), queries.seen_by(current())
    )
    return {services.subject(row, one): one for one in db.session.scalars(rows)}


def _not_yours(one: SurveySheet | None) -> str:
    if one is None:
        return "这张表不属于这次摸排，或不在您的范围内，没有读取。"
    return f"这张表现在是“{rules.STATES[one.state]}”，不能由您填报，没有读取。"
