"""Pages: one sheet, filled on the page with its draft kept, confirmed, handed in, and read later."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.queries import division_names
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.residents.models import Resident
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.rounds import forms, intake, queries, rules, services, showing
from mealsvc.survey.rounds.access import may, names_seen, require_role, sheet_or_404
from mealsvc.survey.rounds.intake import Taken
from mealsvc.survey.rounds.known import Known
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet

Answer = str | Response | tuple[str, int]
DRAFT, MORE = "draft", "more"
SPARE_ROWS = 1
_KEY = re.compile(r"[A-E][0-9]{2}(\.[0-9]{1,2}\.[A-E][0-9]{2}|\.why)?", re.ASCII)

bp = Blueprint("survey_sheets", __name__, url_prefix="/surveys/<int:round_id>/sheets")


@bp.get("/<int:sheet_id>")
@guard("survey.read")
def sheet(round_id: int, sheet_id: int) -> str:
    """Whoever has to fill it gets the form, everybody else what was handed in."""
    row, one = sheet_or_404(round_id, sheet_id)
    again = one.state == "filled" and "again" in request.args
    if may(row, one, rules.FILL) and (one.state in rules.TO_FILL or again):
        known = showing.known_for(row, one)
        return _form_page(row, one, known, showing.typed_first(row, one, known))
    return _read_page(row, one)


@bp.post("/<int:sheet_id>")
@guard("survey.fill")
def fill(round_id: int, sheet_id: int) -> Answer:
    """Saves what is typed; with `do=check` goes on to the confirmation if everything is right."""
    row, one = sheet_or_404(round_id, sheet_id)
    require_role(one, rules.FILL)
    known, typed = showing.known_for(row, one), _typed(one)
    try:
        _keep_draft(row, one, typed)
    except Refusal as refusal:
        flash(refusal.message, "bad")
        return _form_page(row, one, known, typed), 422
    if request.form.get("do") == MORE:
        return _form_page(row, one, known, typed, rows=_rows(one, typed) + 1)
    if request.form.get("do") == DRAFT:
        flash("已保存草稿，可以以后再填。", "good")
        return redirect(url_for(".sheet", round_id=row.id, sheet_id=one.id), 303)
    taken = intake.take(one.form, typed, known, intake.tolerance_on(row.as_of))
    if not taken.good:
        return _form_page(row, one, known, typed, taken), 422
    return redirect(url_for(".confirm", round_id=row.id, sheet_id=one.id), 303)


@bp.post("/<int:sheet_id>/draft")
@guard("survey.fill")
def draft(round_id: int, sheet_id: int) -> Response:
    """The same from the script, every now and then while somebody types."""
    row, one = sheet_or_404(round_id, sheet_id)
    require_role(one, rules.FILL)
    try:
        _keep_draft(row, one, _typed(one))
    except Refusal as refusal:
        answer = jsonify(said=refusal.message)
        answer.status_code = 422
        return answer
    return jsonify(said=f"草稿已保存 {pages.local_time(clock.now(), 'time')}")


@bp.route("/<int:sheet_id>/confirm", methods=["GET", "POST"])
@guard("survey.fill")
def confirm(round_id: int, sheet_id: int) -> Answer:
    """Shows once more what will be handed in, and hands it in."""
    row, one = sheet_or_404(round_id, sheet_id)
    require_role(one, rules.FILL)
    if not may(row, one, rules.FILL):
        flash("这张表已经提交，或这次摸排已经锁定。", "warn")
        return redirect(url_for(".sheet", round_id=row.id, sheet_id=one.id), 303)
    known = showing.known_for(row, one)
    typed = showing.typed_first(row, one, known)
    taken = intake.take(one.form, typed, known, intake.tolerance_on(row.as_of))
    if not taken.good:
        return _form_page(row, one, known, typed, taken), 422
    form = forms.Token()
    if form.validate_on_submit():
        try:
            _hand_in(row, one, taken)
        except Refusal as refusal:
            flash(refusal.message, "bad")
        else:
            flash("已提交，等待审核。审核前发现有误，可以再改一次。", "good")
        return redirect(url_for(".sheet", round_id=row.id, sheet_id=one.id), 303)
    shown = showing.answers_shown(one, taken.answers, taken.remarks, known, row.as_of)
    return render_template("survey/confirm.html", shown=shown, form=form, **_about(row, one))


@bp.get("/<int:sheet_id>/editions/<int:edition>")
@guard("survey.read")
def edition(round_id: int, sheet_id: int, edition: int) -> str:
    """An edition as it was handed in."""
    row, one = sheet_or_404(round_id, sheet_id)
    entry = queries.entry_of(one, edition)
    if entry is None:
        abort(404)
    known = showing.known_for(row, one)
    shown = showing.entry_shown(one, entry, known, row.as_of)
    return render_template("survey/edition.html", entry=entry, shown=shown, **_about(row, one))


def _keep_draft(row: SurveyRound, one: SurveySheet, typed: Mapping[str, str]) -> None:
    with writing():
        services.save_draft(*_fresh(row, one), typed, current().actor())


def _hand_in(row: SurveyRound, one: SurveySheet, taken: Taken) -> None:
    with writing():
        now_sheet, now_row = _fresh(row, one)
        by, now = current().actor(), clock.now()
        services.fill(now_sheet, now_row, taken.answers, taken.remarks, "web", by, now)


def _fresh(row: SurveyRound, one: SurveySheet) -> tuple[SurveySheet, SurveyRound]:
    """Both as they are now, within the transaction."""
    return (
        db.session.get_one(SurveySheet, one.id, populate_existing=True),
        db.session.get_one(SurveyRound, row.id, populate_existing=True),
    )


def _typed(one: SurveySheet) -> dict[str, str]:
    """What was posted for this form's questions and reasons; blanks are left out."""
    codes = {field.code for field in FORMS[one.form].fields}
    found = {}
    for name, values in request.form.lists():
        if _KEY.fullmatch(name) and name.split(".")[0] in codes and any(values):
            found[name] = ",".join(filter(None, values))
    return found


def _form_page(
    row: SurveyRound,
    one: SurveySheet,
    known: Known,
    typed: Mapping[str, str],
    taken: Taken | None = None,
    rows: int = 0,
) -> str:
    returned = [act for act in queries.acts_of(one) if act.act == rules.RETURN]
    before = queries.last_time(row, one)
    person = db.session.get(Resident, one.resident_id) if one.resident_id else None
    return render_template(
        "survey/fill.html",
        typed=typed,
        errors=taken.errors if taken else {},
        named=showing.errors_named(one.form, taken.errors) if taken else {},
        doubts=taken.doubts if taken else {},
        silent=taken.silent if taken else [],
        REMARK=intake.REMARK,
        rows=rows or _rows(one, typed),
        known=showing.known_words(one.form, known),
        partial=bool(known.part),
        returned=returned[-1] if returned and one.state == "returned" else None,
        before=before,
        person=person,
        **_about(row, one),
    )


def _rows(one: SurveySheet, typed: Mapping[str, str]) -> int:
    """How many rows of a table the form shows: those that have anything in them, and a spare one."""
    used = [int(key.split(".")[1]) for key in typed if key.count(".") == 2]
    most = max(
        (int(each.most or 1) for each in FORMS[one.form].fields if each.kind == "rows"), default=1
    )
    return min(max(used, default=0) + SPARE_ROWS, most)


def _read_page(row: SurveyRound, one: SurveySheet) -> str:
    me = current()
    entry = queries.entry_of(one) if one.edition else None
    known, before = showing.known_for(row, one), queries.last_time(row, one)
    shown = None
    if entry is not None:
        last = before[1] if before else None
        shown = showing.entry_shown(one, entry, known, row.as_of, last)
    acts = rules.acts_of(one.form, one.state, me.role) if row.locked_at is None else []
    return render_template(
        "survey/sheet.html",
        entry=entry,
        shown=shown,
        before=before,
        partial=bool(known.part),
        acts=queries.acts_of(one),
        may=[act for act in acts if act in rules.REVIEWERS],
        may_return=rules.RETURN in acts and one.edition > 0 and me.can("survey.review"),
        may_leave=rules.LEAVE in acts,
        may_fill=may(row, one, rules.FILL) and me.can("survey.fill"),
        editions=queries.entries_of(one),
        next_id=queries.next_waiting(row.id, queries.seen_by(me), me.role, one),
        form=forms.Token(),
        **_about(row, one),
    )


def _about(row: SurveyRound, one: SurveySheet) -> dict[str, Any]:
    """What every page of a sheet says about it."""
    places = division_names({one.division, one.division[:9]})
    town, own = places.get(one.division[:9], ""), places.get(one.division, "")
    return {
        "row": row,
        "sheet": one,
        "survey_form": FORMS[one.form],
        "name": names_seen([one])[one.id],
        "place": f"{town} {own}" if own != town else town,
        "urgency": rules.urgency(one.due_on, one.state, local_date(clock.now())),
        "rules": rules,
    }
