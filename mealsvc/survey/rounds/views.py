"""Pages: rounds with their progress, opening one, one round's sheets, deadlines and late units."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.queries import division_names
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settings.services import value_on
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.rounds import forms, queries, rules, services
from mealsvc.survey.rounds.access import names_seen, round_or_404
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.rounds.queries import Wanted
from mealsvc.survey.rounds.units import BY_PERSON, LEVEL_OF, units_of

Answer = str | Response | tuple[str, int]
MOST_COUNTED, MOST_OWN = 5_000, 10

bp = Blueprint("surveys", __name__, url_prefix="/surveys")

# The pages of a round, of this room and of those above it: endpoint, words, right, form it needs.
PAGES = (
    ("surveys.round_page", "进度和名单", "survey.read", ""),
    ("survey_sampling.draw_page", "抽样", "survey.study", BY_PERSON),
    ("survey_sampling.estimates_page", "问卷结果", "survey.study", BY_PERSON),
    ("survey_assessing.page", "研判", "survey.study", ""),
    ("survey_writing.report", "调研报告", "survey.study", ""),
)


LOCK, BLANK = "survey_writing.lock", "survey_forms.blank"


@bp.record_once
def _words(state: Any) -> None:
    state.app.jinja_env.globals["survey_pages"] = pages_of
    state.app.jinja_env.globals["survey_lock_url"] = lock_url
    state.app.jinja_env.globals["survey_blank_url"] = blank_url
    state.app.jinja_env.filters["survey_json"] = json.loads
    pages.add_words(
        state.app,
        survey_state=rules.STATES,
        survey_tone=rules.TONES,
        survey_act=rules.ACTS,
        survey_form={letter: form.name for letter, form in FORMS.items()},
    )


def pages_of(row: SurveyRound) -> list[tuple[str, str]]:
    """Addresses and words of the pages of this round that the reader may open."""
    return [
        (url_for(endpoint, round_id=row.id), told)
        for endpoint, told, right, form in PAGES
        if endpoint in current_app.view_functions and current().can(right) and form in row.forms
    ]


def lock_url(row: SurveyRound) -> str:
    """Where the reader locks this round; empty where there is no such page for them."""
    if row.locked_at or LOCK not in current_app.view_functions or not current().can("survey.issue"):
        return ""
    return url_for(LOCK, round_id=row.id)


def blank_url(row: SurveyRound, letter: str) -> str:
    """Where a form is printed to be filled with a pen; empty where there is no such page."""
    if BLANK not in current_app.view_functions:
        return ""
    return url_for(BLANK, letter=letter, round=row.id)


@bp.get("")
@guard("survey.read")
def index() -> str:
    """The rounds; above them what waits for the reader in those under way."""
    me, today = current(), local_date(clock.now())
    page = pages.page_of(queries.rounds_seen(me), pages.page_asked(), pages.size_asked())
    ids = [row.id for row in page.items]
    waiting = queries.waiting_sheets(me, today, MOST_OWN)
    return render_template(
        "survey/rounds.html",
        page=page,
        progress={
            key: queries.whole(own.values())
            for key, own in queries.progress(ids, today, queries.seen_by(me)).items()
        },
        waiting=waiting,
        names=names_seen([sheet for sheet, _ in waiting]),
        to_do=queries.to_do(me, today),
        today=today,
        rules=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("survey.issue")
def new() -> Answer:
    today = local_date(clock.now())
    form = forms.RoundForm()
    if request.method == "GET":
        form.forms.data = list(FORMS)
        form.as_of.data, form.due_on.data = today, services.usual_due(today)
    if form.validate_on_submit():
        try:
            with writing():
                row = services.open_round(_order(form), current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已下发，编号 {row.number}。", "good")
            return redirect(url_for(".round_page", round_id=row.id), 303)
    page = render_template(
        "survey/new.html",
        form=form,
        asked=_asked(form),
        levels=FORMS,
        days=value_on("survey.due_days", today),
    )
    return (page, 422) if form.errors else page


@bp.get("/<int:round_id>")
@guard("survey.read")
def round_page(round_id: int) -> str:
    """How far a round is, by town, and its sheets."""
    row = round_or_404(round_id)
    me, today = current(), local_date(clock.now())
    wanted, seen = _wanted(), queries.seen_by(me)
    rows = queries.sheets(row.id, seen, wanted, me.role, today)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked(), MOST_COUNTED)
    by_form = queries.progress([row.id], today, seen)[row.id]
    towns = queries.by_town(row.id, today, seen, wanted.form)
    own = {one.division for one in page.items}
    places = division_names(own | {code[:9] for code in own} | set(towns))
    return render_template(
        "survey/round.html",
        row=row,
        page=page,
        names=names_seen(page.items),
        where={one.id: _where(one, places) for one in page.items},
        places=places,
        by_form=by_form,
        whole=queries.whole(by_form.values()),
        towns=towns,
        town_sum=queries.whole(towns.values()),
        wanted=wanted,
        today=today,
        rules=rules,
        forms=FORMS,
        intact=services.is_intact(row) if row.locked_at and "check" in request.args else None,
        town_choices=[(code, places.get(code, code)) for code in towns],
        form_choices=forms.form_choices("".join(by_form)),
        several=_several(wanted, me.role) if row.locked_at is None else "",
    )


@bp.route("/<int:round_id>/deadline", methods=["GET", "POST"])
@guard("survey.issue")
def deadline(round_id: int) -> Answer:
    row = round_or_404(round_id)
    form = forms.DeadlineForm()
    form.form.choices = [("", "全部表"), *forms.form_choices(row.forms)]
    if form.validate_on_submit():
        try:
            with writing():
                kind, day, why = form.form.data or "", form.due_on.data, form.reason.data or ""
                by, now = current().actor(), clock.now()
                moved = services.extend(_fresh(row), kind, day, why, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(
                f"已改期，{moved} 张还没有汇总的表改到{pages.cn_date(form.due_on.data)}。", "good"
            )
            return redirect(url_for(".round_page", round_id=row.id), 303)
    page = render_template("survey/deadline.html", row=row, form=form)
    return (page, 422) if form.errors else page


@bp.route("/<int:round_id>/issue/<letter>", methods=["GET", "POST"])
@guard("survey.issue")
def issue(round_id: int, letter: str) -> Answer:
    """Issues a form to a unit that was not there when the round began."""
    row = round_or_404(round_id)
    if letter not in row.forms or letter == BY_PERSON:
        abort(404)
    form = forms.IssueForm()
    form.unit.choices = _late(row, letter)
    if form.validate_on_submit():
        try:
            with writing():
                code, by, now = form.unit.data, current().actor(), clock.now()
                services.issue_late(_fresh(row), letter, code, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已补发，填报单位现在就能看到。", "good")
            return redirect(url_for(".round_page", round_id=row.id, form=letter), 303)
    page = render_template(
        "survey/issue.html", row=row, form=form, letter=letter, level=LEVEL_OF.get(letter, "point")
    )
    return (page, 422) if form.errors else page


def _where(sheet: SurveySheet, places: Mapping[str, str]) -> str:
    """The town, and the community too where the unit is not the community itself."""
    codes = {sheet.division[:9], sheet.division} - {sheet.unit}
    return " ".join(places.get(code, "") for code in sorted(codes, key=len))


def _fresh(row: SurveyRound) -> SurveyRound:
    """The round as it is now, within the transaction."""
    return db.session.get_one(SurveyRound, row.id, populate_existing=True)


def _order(form: forms.RoundForm) -> services.Order:
    own = {letter: form[f"due_{letter.lower()}"].data for letter in FORMS}
    return services.Order(
        title=form.title.data or "",
        division=current().scope,
        as_of=form.as_of.data,
        forms="".join(form.forms.data or []),
        due_on=form.due_on.data,
        due={letter: day for letter, day in own.items() if day},
        note=form.note.data or "",
    )


def _asked(form: forms.RoundForm) -> dict[str, int]:
    """How many sheets of each form would be issued on the day typed."""
    day = form.as_of.data or local_date(clock.now())
    return {letter: len(units_of(letter, current().scope, day)) for letter in FORMS}


def _late(row: SurveyRound, letter: str) -> list[tuple[str, str]]:
    """Units without a sheet that the form asks today."""
    there = queries.units_with(row.id, letter)
    found = units_of(letter, row.division, local_date(clock.now()))
    new_ones = [one.unit for one in found if one.unit not in there]
    names = queries.unit_names(letter, new_ones)
    return [(code, f"{names.get(code, code)}（{code}）") for code in new_ones]


def _wanted() -> Wanted:
    args = request.args
    return Wanted(
        args.get("form", ""), args.get("state", ""), args.get("division", ""), args.get("unit", "")
    )


def _several(wanted: Wanted, role: str) -> str:
    """What this role can do with many sheets of the list at once: those that wait for it."""
    if wanted.state != queries.WAITING:
        return ""
    return next((act for act in rules.REVIEWERS if rules.REVIEWERS[act][0] == role), "")
