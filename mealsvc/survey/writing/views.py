"""Pages: the report of a round as it reads now, its sections to write, and the lock."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.survey.rounds.access import round_or_404
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.survey.rounds.rules import DONE, STATES
from mealsvc.survey.rounds.services import states_of
from mealsvc.survey.writing import services
from mealsvc.survey.writing.composing import Draft, draft_of, locked_report
from mealsvc.survey.writing.exhibits import EXHIBITS, SIGNS
from mealsvc.survey.writing.forms import LockForm, SectionForm
from mealsvc.survey.writing.maps import view_of
from mealsvc.survey.writing.models import SurveyText
from mealsvc.survey.writing.rules.blocks import Para, Part, Report
from mealsvc.survey.writing.rules.layout import blocks_of
from mealsvc.survey.writing.rules.sections import SECTIONS
from mealsvc.survey.writing.rules.tokens import codes_in, pieces, typed_in, wrong_in

Answer = str | Response | tuple[str, int]
DISTRICT = 6
MOST_EDITIONS = 50

bp = Blueprint("survey_writing", __name__, url_prefix="/surveys/<int:round_id>")


@bp.record_once
def _words(state: Any) -> None:
    filters = state.app.jinja_env.filters
    filters["report_pieces"] = lambda text: list(pieces(text))
    filters["report_map"] = view_of
    filters["block_kind"] = lambda block: type(block).__name__.lower()


@bp.get("/report")
@guard("survey.study")
def report(round_id: int) -> str:
    """The whole report; towns see it once it is locked."""
    row = round_or_404(round_id)
    kept = locked_report(row.id)
    if kept is None and not _district():
        return render_template("survey/writing_wait.html", row=row)
    draft = None if kept else draft_of(row.id)
    told = kept or (draft.report if draft else None)
    if told is None:
        abort(404)
    return render_template(
        "survey/writing.html",
        row=row,
        report=told,
        sections=[(part, SECTIONS[part.code], _cited(part, told)) for part in told.sections],
        edits=draft.edits if draft else {},
        typed=_typed(told),
        writes=draft is not None and current().can("survey.write"),
    )


@bp.get("/report/<section>")
@guard("survey.write")
def section(round_id: int, section: str) -> str:
    row = _open_round(round_id, section)
    draft = draft_of(row.id)
    edition, text = _edition_asked(row, section), draft.texts[section]
    form = SectionForm(formdata=None)
    form.text.data = edition.text if edition and edition.text else text
    form.seen.data = services.edition_of(row.id, section)
    return _section_page(row, section, form, draft, edition)


@bp.post("/report/<section>")
@guard("survey.write")
def write(round_id: int, section: str) -> Answer:
    """Keeps the text as the next edition, or shows how it would read."""
    row = _open_round(round_id, section)
    draft = draft_of(row.id)
    form = SectionForm()
    if not form.validate_on_submit():
        return _section_page(row, section, form, draft), 422
    text, seen = form.text.data or "", form.seen.data or 0
    if request.form.get("act") == "preview":
        return _section_page(row, section, form, draft, preview=text)
    try:
        with writing():
            services.write_section(
                row,
                section,
                text,
                seen,
                draft.figures,
                SIGNS,
                current().actor(),
                clock.now(),
            )
    except Refusal as refusal:
        form.seen.data = services.edition_of(row.id, section)
        show(form, refusal)
        return _section_page(row, section, form, draft), 422
    flash(f"“{SECTIONS[section]}”已保存。", "good")
    return redirect(url_for(".report", round_id=row.id, _anchor=section), 303)


@bp.post("/report/<section>/restore")
@guard("survey.write")
def restore(round_id: int, section: str) -> Answer:
    """Lets the section write itself from the figures again; what was written stays as an edition."""
    row = _open_round(round_id, section)
    try:
        with writing():
            seen = services.edition_of(row.id, section)
            services.restore_section(row, section, seen, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash(f"“{SECTIONS[section]}”已恢复自动成文，以前的稿子都留着。", "good")
    return redirect(url_for(".report", round_id=row.id, _anchor=section), 303)


@bp.get("/lock")
@guard("survey.issue")
def lock(round_id: int) -> Answer:
    row = round_or_404(round_id)
    require_division(row.division)
    if row.locked_at is not None:
        return redirect(url_for(".report", round_id=row.id), 303)
    return _lock_page(row, LockForm(formdata=None))


@bp.post("/lock")
@guard("survey.issue")
def lock_now(round_id: int) -> Answer:
    """Locks the round with its report; nothing of either changes afterwards."""
    row = round_or_404(round_id)
    require_division(row.division)
    form = LockForm()
    if not form.validate_on_submit():
        return _lock_page(row, form), 422
    now = clock.now()
    try:
        ready = services.prepare_lock(row, now)
        with writing():
            services.lock_report(row, ready, current().actor(), now)
    except Refusal as refusal:
        show(form, refusal)
        return _lock_page(row, form), 422
    flash("摸排和报告已锁定，数字和文字以后不再变化。", "good")
    return redirect(url_for(".report", round_id=row.id), 303)


def _district() -> bool:
    me = current()
    return not me.at_point and len(me.scope) <= DISTRICT


def _open_round(round_id: int, section: str) -> SurveyRound:
    """The round whose section is written; 404 for another section, back to the report if locked."""
    row = round_or_404(round_id)
    require_division(row.division)
    if section not in SECTIONS:
        abort(404)
    if row.locked_at is not None:
        abort(redirect(url_for(".report", round_id=row.id), 303))
    return row


def _section_page(
    row: SurveyRound,
    section: str,
    form: SectionForm,
    draft: Draft,
    edition: SurveyText | None = None,
    *,
    preview: str | None = None,
) -> str:
    wrong = wrong_in(preview, draft.figures, SIGNS) if preview else []
    known = "" if preview is None or wrong else preview
    part = Part(section, SECTIONS[section], blocks_of(known, draft.exhibits))
    return render_template(
        "survey/section.html",
        row=row,
        section=section,
        title=SECTIONS[section],
        form=form,
        part=part if preview is not None else None,
        wrong=wrong,
        figures=draft.figures,
        typed=typed_in(form.text.data or ""),
        exhibits=[
            (code, sign, name, code in draft.exhibits) for code, (sign, name, _) in EXHIBITS.items()
        ],
        used=set(codes_in(form.text.data or "")),
        editions=_editions(row, section),
        edition=edition,
        own=section not in draft.edits,
    )


def _lock_page(row: SurveyRound, form: LockForm) -> str:
    draft = draft_of(row.id)
    missing: dict[str, list[tuple[str, int]]] = {}
    for (form_letter, state), number in sorted(states_of(row.id).items()):
        if state not in DONE:
            missing.setdefault(form_letter, []).append((state, number))
    return render_template(
        "survey/lock.html",
        row=row,
        form=form,
        missing=missing,
        waiting=sum(number for states in missing.values() for _, number in states),
        states=STATES,
        typed=_typed(draft.report),
        unknown=_unknown(draft),
        edited=len(draft.edits),
        figures=len(draft.report.figures),
    )


def _typed(told: Report) -> list[tuple[str, str, str, str]]:
    """Section, its name, the number, and the paragraph that it stands in."""
    return [
        (part.code, SECTIONS[part.code], number, block.text)
        for part in told.sections
        for block in part.blocks
        if isinstance(block, Para)
        for number in typed_in(block.text)
    ]


def _unknown(draft: Draft) -> list[tuple[str, str, str]]:
    """Figures that a text cites though nobody knows them: section, its name, the figure's name."""
    return [
        (part.code, SECTIONS[part.code], draft.figures[code].name)
        for part in draft.report.sections
        for code in dict.fromkeys(
            code
            for block in part.blocks
            if isinstance(block, Para)
            for code in codes_in(block.text)
        )
        if code in draft.figures and draft.figures[code].value is None
    ]


def _cited(part: Part, told: Report) -> Mapping[str, Any]:
    codes = [
        code for block in part.blocks if isinstance(block, Para) for code in codes_in(block.text)
    ]
    return {code: told.figures[code] for code in dict.fromkeys(codes) if code in told.figures}


def _editions(row: SurveyRound, section: str) -> list[SurveyText]:
    rows = (
        select(SurveyText)
        .where(SurveyText.round_id == row.id, SurveyText.section == section)
        .order_by(SurveyText.edition.desc())
        .limit(MOST_EDITIONS)
    )
    return list(db.session.scalars(rows))


def _edition_asked(row: SurveyRound, section: str) -> SurveyText | None:
    asked = request.args.get("edition", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 6):
        return None
    return db.session.scalar(
        select(SurveyText).filter_by(round_id=row.id, section=section, edition=int(asked))
    )
