"""Pages: a round weighed up (研判) with every table and the records behind each figure."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.coverage.mapping.services import map_on
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.survey.assessing import services
from mealsvc.survey.assessing.assessment import Assessment
from mealsvc.survey.assessing.figure_words import fixed, rounded
from mealsvc.survey.assessing.risk_words import percent
from mealsvc.survey.assessing.rules.breakeven import ABOVE, BELOW, HOPELESS
from mealsvc.survey.assessing.words import METHODS, gap_words, state_words
from mealsvc.survey.rounds.access import round_or_404

MOST_BLANKS = 20
DISTRICT = 6
# Pages that not everybody who reads an assessment may open, by how their address begins.
RIGHTS = {
    "/budget": "budget.read",
    "/settings": "settings.read",
    "/settlements": "settlement.read",
    "/coverage/plan": "coverage.plan",
    "/findings": "supervision.read",
    "/orders": "supervision.read",
    "/visits": "supervision.read",
    "/complaints": "complaints.read",
    "/units": "units.read",
    "/simulation": "simulation.run",
}

bp = Blueprint("survey_assessing", __name__)


@bp.record_once
def _words(state: Any) -> None:
    filters = state.app.jinja_env.filters
    filters["whole_number"] = lambda value: "—" if value is None else f"{rounded(value):,}"
    filters["with_places"] = lambda value, places=1: "—" if value is None else fixed(value, places)
    filters["percent_of"] = lambda value, places=1: "—" if value is None else percent(value, places)
    filters["rounded_fen"] = lambda value: None if value is None else rounded(value)
    filters["economics_words"] = state_words
    filters["gap_words"] = gap_words
    state.app.jinja_env.globals["assessment_link"] = link


def link(url: str) -> str:
    """The address, or nothing where whoever asks may not open it."""
    if not url or url.startswith("#"):
        return url
    needed = next((right for start, right in RIGHTS.items() if url.startswith(start)), None)
    if needed is not None and not current().can(needed):
        return ""
    return request.script_root + url


@bp.get("/surveys/<int:round_id>/assessment")
@guard("survey.study")
def page(round_id: int) -> str:
    row = round_or_404(round_id)
    found = services.study(row.id)
    result = _narrowed(found.assessment)
    return render_template(
        "survey/assess.html",
        row=row,
        locked=found.locked,
        figures=found.figures,
        result=result,
        states={state: _of_state(result, state) for state in (ABOVE, BELOW, HOPELESS)},
        blanks=result.blanks[:MOST_BLANKS],
        methods=METHODS,
        view=None if found.locked else map_on(row.as_of, _within()),
        whole=len(current().scope) <= DISTRICT,
    )


@bp.post("/surveys/<int:round_id>/assessment/costs")
@guard("survey.write")
def take_costs(round_id: int) -> Response:
    """Enters the costs that the accepted supply sheets tell."""
    row = round_or_404(round_id)
    try:
        with writing():
            number = services.take_costs(row.id, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        told = f"已从供给表取用{number}个助餐点的成本。" if number else "供给表的成本都已经登记过。"
        flash(told, "good" if number else "info")
    return redirect(url_for(".page", round_id=round_id) + "#break-even", 303)


def _within() -> str:
    """The part of the district that the reader sees; empty: the whole."""
    scope = current().scope
    return "" if len(scope) <= DISTRICT else scope


def _narrowed(result: Assessment) -> Assessment:
    """A town sees its own rows; figures of the district stay whole."""
    scope = current().scope
    if len(scope) <= DISTRICT:
        return result
    codes = {one.point for one in result.catchments if one.town.startswith(scope)}
    return replace(
        result,
        demand=tuple(one for one in result.demand if one.town.startswith(scope)),
        towns=tuple(one for one in result.towns if one.town.startswith(scope)),
        catchments=tuple(one for one in result.catchments if one.point in codes),
        blanks=tuple(one for one in result.blanks if one.division.startswith(scope)),
        points=tuple(one for one in result.points if one.point in codes),
        candidates=tuple(one for one in result.candidates if one.division.startswith(scope)),
        risks=(),
    )


def _of_state(result: Assessment, state: str) -> int:
    return sum(one.state == state for one in result.points)
