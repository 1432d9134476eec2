"""Pages: the draw of a round's questionnaire, and what its answers say about everybody."""

from collections import Counter
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.places.queries import division_names
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.residents.models import Resident
from mealsvc.survey.rounds.access import round_or_404
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.survey.rounds.units import BY_PERSON
from mealsvc.survey.sampling import queries, results, rules, services
from mealsvc.survey.sampling.forms import DrawForm
from mealsvc.survey.sampling.queries import Member, Sample
from mealsvc.survey.sampling.refusals import DrawnAlready, NobodyToDraw

Answer = str | Response | tuple[str, int]
MOST_OPINIONS = 30
TONES = {
    queries.WAITING: ("info", "wait"),
    queries.DONE: ("good", "good"),
    queries.REFUSED: ("warn", "pause"),
    queries.GONE: ("muted", "undo"),
    queries.LEFT: ("warn", "warn"),
    queries.RESERVE: ("muted", "people"),
}

bp = Blueprint("survey_sampling", __name__, url_prefix="/surveys")


@bp.get("/<int:round_id>/draw")
@guard("survey.study")
def draw_page(round_id: int) -> Answer:
    """Before the draw what it would be; afterwards who was drawn, and how far they are asked."""
    row = _round_or_404(round_id)
    sample = queries.sample_of(row.id, "filled")
    return _plan_page(row, DrawForm(request.args)) if sample is None else _drawn_page(row, sample)


@bp.post("/<int:round_id>/draw")
@guard("survey.issue")
def draw(round_id: int) -> Answer:
    """Draws and keeps: once in a round, so that nobody looks for a pleasant sample."""
    row = _round_or_404(round_id)
    require_division(row.division)
    form = DrawForm()
    if form.validate():
        try:
            made = services.look(row, form.seed.data or "", form.size.data)
            with writing():
                kept = services.keep(row, made, current().actor(), clock.now())
                told = f"已抽取 {kept.size} 人，种子 {kept.seed}，问卷已下发到各村（社区）。"
        except DrawnAlready as refusal:
            flash(refusal.message, "bad")
            return redirect(url_for(".draw_page", round_id=row.id), 303)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(told, "good")
            return redirect(url_for(".draw_page", round_id=row.id), 303)
    return _plan_page(row, form)


@bp.post("/<int:round_id>/draw/reserve")
@guard("survey.issue")
def reserve(round_id: int) -> Response:
    """Calls up the reserve for those who refused or were never met."""
    row = _round_or_404(round_id)
    require_division(row.division)
    try:
        with writing():
            called = services.call_reserve(row, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash(f"已启用替补 {called} 人，问卷已下发。", "good")
    return redirect(url_for(".draw_page", round_id=row.id), 303)


@bp.get("/<int:round_id>/estimates")
@guard("survey.study")
def estimates_page(round_id: int) -> str:
    """Weighted answers with their intervals; one question also by town, age or living state."""
    row = _round_or_404(round_id)
    least = "filled" if request.args.get("with") == "filled" else "accepted"
    sample = queries.sample_of(row.id, least)
    if sample is None:
        return render_template("survey/estimates.html", row=row, sample=None)
    sample = queries.within(sample, current().scope)
    strata = queries.strata_answered(sample)
    asked = request.args.get("question", "")
    field = next((one for one in results.QUESTIONS if one.code == asked), None)
    by = request.args.get("by", "")
    by = by if by in results.BY else next(iter(results.BY))
    towns = division_names({one.town for one in sample.strata})
    return render_template(
        "survey/estimates.html",
        row=row,
        sample=sample,
        standing=queries.standing_of(sample),
        strata=strata,
        results=results.results(strata) if strata else [],
        question=results.result(strata, field) if field and strata else None,
        groups=[
            (results.group_name(by, key, towns), found)
            for key, found in results.broken_down(strata, field, by)
        ]
        if field and strata
        else [],
        by=by,
        ways=results.BY,
        questions=[(one.code, f"{int(one.code[1:])}. {one.label}") for one in results.QUESTIONS],
        opinions=_opinions(sample),
    )


def _round_or_404(round_id: int) -> SurveyRound:
    row = round_or_404(round_id)
    if BY_PERSON not in row.forms:
        abort(404)
    return row


def _plan_page(row: SurveyRound, form: DrawForm) -> Answer:
    posted = request.method == "POST"
    try:
        plan = services.plan(row, form.size.data)
    except NobodyToDraw:
        plan = None
    except Refusal as refusal:
        show(form, refusal)
        plan = services.plan(row)
    strata = _own(plan.strata) if plan else []
    page = render_template(
        "survey/draw_plan.html",
        row=row,
        form=form,
        plan=plan,
        strata=strata,
        names=_stratum_names(strata),
        usual=rules.least_size(10**9),
    )
    return (page, 422) if posted else page


def _drawn_page(row: SurveyRound, sample: Sample) -> str:
    proof = services.redraw(row) if request.args.get("again") else None
    sample = queries.within(sample, current().scope)
    chosen = _chosen(sample)
    page, size = pages.page_asked(), pages.size_asked()
    shown = chosen[(page - 1) * size : page * size]
    names = _stratum_names(sample.strata)
    return render_template(
        "survey/draw.html",
        row=row,
        sample=sample,
        standing=queries.standing_of(sample),
        strata=sample.strata,
        names=names,
        met=_met(sample),
        by_town=_by_town(sample),
        page=pages.Page(shown, page, len(chosen) > page * size, len(chosen), per_page=size),
        people=_people(shown),
        places=division_names(
            {one.division for one in shown} | {one.town for one in sample.strata}
        ),
        towns=_towns(sample),
        communities=_communities(sample),
        stands=queries.STANDS,
        tones=TONES,
        bands=rules.BANDS,
        to_call=len(queries.to_call(sample)),
        proof=proof,
        margin=rules.margin_of(sample.strata),
        drawn_strata=len(sample.strata),
    )


def _own(strata: Any) -> list[rules.Stratum]:
    """The strata within the reader's scope."""
    scope = current().scope
    return [one for one in strata if len(scope) <= 6 or one.town == scope[:9]]


def _stratum_names(strata: Any) -> dict[str, str]:
    towns = division_names({one.town for one in strata})
    return {one.code: rules.stratum_name(one, towns) for one in strata}


def _chosen(sample: Sample) -> list[Member]:
    """The people that the filters in the address leave."""
    place = request.args.get("division", "")
    stands = request.args.get("stands", "")
    stratum = request.args.get("stratum", "")
    return [
        one
        for one in sample.people
        if one.division.startswith(place)
        and stands in ("", one.stands)
        and stratum in ("", one.stratum)
    ]


def _met(sample: Sample) -> dict[str, Counter[str]]:
    """How the visits of each stratum ended."""
    found: dict[str, Counter[str]] = {one.code: Counter() for one in sample.strata}
    for one in sample.people:
        found[one.stratum][one.stands] += 1
    return found


def _by_town(sample: Sample) -> list[tuple[str, int, Counter[str]]]:
    """For each town how many live there, and how the visits ended."""
    found: dict[str, Counter[str]] = {}
    for one in sample.people:
        found.setdefault(one.cell.town, Counter())[one.stands] += 1
    people = Counter[str]()
    for one in sample.strata:
        people[one.town] += one.population
    return [(town, people[town], found[town]) for town in sorted(found)]


def _people(shown: list[Member]) -> dict[int, Resident]:
    """The persons of one page, for whoever may see the register."""
    if not current().can("residents.read"):
        return {}
    ids = [one.resident_id for one in shown]
    rows = db.session.scalars(select(Resident).where(Resident.id.in_(ids)))
    return {one.id: one for one in rows}


def _towns(sample: Sample) -> list[tuple[str, str]]:
    return sorted(division_names({one.town for one in sample.strata}).items())


def _communities(sample: Sample) -> list[tuple[str, str, int]]:
    """The communities with how many questionnaires each has, for printing."""
    counts = Counter(one.division for one in sample.people if one.sheet_id)
    names = division_names(counts)
    return [(code, names.get(code, code), counts[code]) for code in sorted(counts)]


def _opinions(sample: Sample) -> list[tuple[str, int]]:
    """What people wrote and how many wrote just that, the most frequent first; nobody is named."""
    said = Counter(
        one.answers[results.OPINION]
        for one in sample.people
        if one.counted and one.answers.get(results.OPINION)
    )
    return said.most_common(MOST_OPINIONS)
