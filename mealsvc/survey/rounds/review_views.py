"""Pages of the reviewers' desks: a step on, several at once, back with reasons, left out."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.plumbing import clock
from mealsvc.plumbing.addresses import LARGEST
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.reading import PRIVATE, is_private
from mealsvc.survey.rounds import batch, forms, queries, rules, services, showing
from mealsvc.survey.rounds.access import may, names_seen, require_role, round_or_404, sheet_or_404
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet

Answer = str | Response | tuple[str, int]
MOST_AT_ONCE, LONGEST_FIELD = 200, 120

bp = Blueprint("survey_reviews", __name__, url_prefix="/surveys/<int:round_id>")


@bp.post("/sheets/<int:sheet_id>/review")
@guard("survey.review")
def review(round_id: int, sheet_id: int) -> Answer:
    """Takes the sheet a step on, and goes to the next one that waits."""
    row, one = sheet_or_404(round_id, sheet_id)
    act = request.form.get("act", "")
    if act not in rules.REVIEWERS:
        abort(400)
    require_role(one, act)
    try:
        with writing():
            services.review(*_fresh(row, one), act, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
        return redirect(url_for("survey_sheets.sheet", round_id=row.id, sheet_id=one.id), 303)
    name = names_seen([one])[one.id]
    flash(f"{name}：{rules.ACTS[act]}通过。", "good")
    return redirect(_next(row, one), 303)


@bp.route("/sheets/<int:sheet_id>/return", methods=["GET", "POST"])
@guard("survey.review")
def send_back(round_id: int, sheet_id: int) -> Answer:
    """Back to whoever fills it, with what to put right at which question."""
    row, one = sheet_or_404(round_id, sheet_id)
    require_role(one, rules.RETURN)
    entry = queries.entry_of(one) if one.edition else None
    if entry is None:
        abort(404)
    form = forms.ReasonForm()
    form.reason.validators = form.reason.validators[1:]  # one reason at a question is enough
    fields = _field_reasons(one)
    sound = form.validate_on_submit()
    if sound and any(map(is_private, fields.values())):
        form.form_errors.append(PRIVATE)
    elif sound:
        try:
            with writing():
                by, now, why = current().actor(), clock.now(), form.reason.data or ""
                services.send_back(*_fresh(row, one), why, fields, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已退回，填报单位会看到原因。", "good")
            return redirect(_next(row, one), 303)
    known = showing.known_for(row, one)
    page = render_template(
        "survey/return.html",
        row=row,
        sheet=one,
        survey_form=FORMS[one.form],
        name=names_seen([one])[one.id],
        shown=showing.entry_shown(one, entry, known, row.as_of),
        form=form,
        fields=fields,
        longest=LONGEST_FIELD,
        open_to=may(row, one, rules.RETURN),
    )
    return (page, 422) if form.errors else page


@bp.route("/sheets/<int:sheet_id>/leave", methods=["GET", "POST"])
@guard("survey.issue")
def leave(round_id: int, sheet_id: int) -> Answer:
    """The district goes on without it."""
    row, one = sheet_or_404(round_id, sheet_id)
    require_role(one, rules.LEAVE)
    form = forms.ReasonForm()
    if form.validate_on_submit():
        try:
            with writing():
                by, now, why = current().actor(), clock.now(), form.reason.data or ""
                services.leave_out(*_fresh(row, one), why, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已列为缺报，锁定时会写进名单。", "good")
            return redirect(url_for("surveys.round_page", round_id=row.id), 303)
    name = names_seen([one])[one.id]
    page = render_template("survey/leave.html", row=row, sheet=one, name=name, form=form)
    return (page, 422) if form.errors else page


@bp.route("/several", methods=["GET", "POST"])
@guard("survey.review")
def several(round_id: int) -> Answer:
    """Many sheets a step on: first what will be done, then it is done."""
    row = round_or_404(round_id)
    act = request.values.get("act", "")
    if act not in rules.REVIEWERS:
        abort(400)
    chosen = _chosen(row, act)
    form = forms.Token()
    if chosen and form.validate_on_submit():
        try:
            with writing():
                by, now = current().actor(), clock.now()
                fresh = db.session.get_one(SurveyRound, row.id, populate_existing=True)
                done = batch.review_batch(fresh, _again(chosen), act, by, now)
        except Refusal as refusal:
            flash(refusal.message, "bad")
        else:
            flash(f"{rules.ACTS[act]}通过 {done} 张。", "good")
            return redirect(url_for("surveys.round_page", round_id=row.id, state="waiting"), 303)
    known = showing.known_of_all(row, chosen)
    return render_template(
        "survey/several.html",
        row=row,
        act=act,
        chosen=chosen,
        names=names_seen(chosen),
        doubts=showing.doubt_counts(row, chosen, known),
        form=form,
        rules=rules,
    )


def _chosen(row: SurveyRound, act: str) -> list[SurveySheet]:
    """The ticked sheets within the scope for which it is this role's turn."""
    asked = request.values.getlist("sheet", type=int)[:MOST_AT_ONCE]
    ids = [one for one in asked if 0 < one <= LARGEST]
    if not ids:
        return []
    rows = select(SurveySheet).where(
        SurveySheet.round_id == row.id, SurveySheet.id.in_(ids), queries.seen_by(current())
    )
    found = db.session.scalars(rows.order_by(SurveySheet.form, SurveySheet.unit)).all()
    return [one for one in found if may(row, one, act)]


def _again(chosen: list[SurveySheet]) -> list[SurveySheet]:
    """The same as they are now, within the transaction."""
    rows = select(SurveySheet).where(SurveySheet.id.in_([one.id for one in chosen]))
    found = db.session.scalars(
        rows.order_by(SurveySheet.form, SurveySheet.unit),
        execution_options={"populate_existing": True},
    )
    return list(found)


def _fresh(row: SurveyRound, one: SurveySheet) -> tuple[SurveySheet, SurveyRound]:
    return (
        db.session.get_one(SurveySheet, one.id, populate_existing=True),
        db.session.get_one(SurveyRound, row.id, populate_existing=True),
    )


def _field_reasons(one: SurveySheet) -> dict[str, str]:
    """What is to be put right, by question."""
    told: dict[str, Any] = {
        field.code: tidy(request.form.get(f"why.{field.code}", ""))[:LONGEST_FIELD]
        for field in FORMS[one.form].fields
    }
    return {code: text for code, text in told.items() if text}


def _next(row: SurveyRound, one: SurveySheet) -> str:
    """The next sheet that waits for the reader, else the list."""
    me = current()
    found = queries.next_waiting(row.id, queries.seen_by(me), me.role, one)
    if found is None:
        return url_for("surveys.round_page", round_id=row.id)
    return url_for("survey_sheets.sheet", round_id=row.id, sheet_id=found)
