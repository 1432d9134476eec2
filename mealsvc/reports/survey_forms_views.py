"""Blank forms of a survey to print, and a community's questionnaires with their numbers."""

from io import BytesIO

from flask import Blueprint, Response, abort, current_app, request, send_file
from sqlalchemy import select

from mealsvc.kernel.divisions import is_division
from mealsvc.plumbing.addresses import number_asked
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.reports.gathering import is_demo
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.rounds.access import round_or_404
from mealsvc.survey.rounds.models import SurveySheet
from mealsvc.survey.rounds.units import BY_PERSON

MOST = 300  # questionnaires in one file

bp = Blueprint("survey_forms", __name__, url_prefix="/surveys")


@bp.get("/forms/<letter>.pdf")
@guard("survey.read")
def blank(letter: str) -> Response:
    """A blank form; with `round` in the address that round's title, number and days are on it."""
    from mealsvc.reports import survey_forms as paper

    if letter not in FORMS:
        abort(404)
    asked = number_asked("round")
    head = paper.Head.of(round_or_404(asked)) if asked is not None else paper.Head()
    made = paper.draw(letter, head, is_demo(), current_app.config)
    return _file(made, paper.filename(letter, head))


@bp.get("/<int:round_id>/questionnaires.pdf")
@guard("survey.read")
def questionnaires(round_id: int) -> Response:
    """The questionnaires of a community (`division`) of whoever was drawn there, not yet filled."""
    from mealsvc.reports import survey_forms as paper

    row = round_or_404(round_id)
    place = request.args.get("division", "") or current().scope
    if current().at_point:
        abort(403)
    if not is_division(place):
        abort(404)
    require_division(place)
    units = db.session.scalars(
        select(SurveySheet.unit)
        .where(
            SurveySheet.round_id == row.id,
            SurveySheet.form == BY_PERSON,
            SurveySheet.edition == 0,
            SurveySheet.division.startswith(place, autoescape=True),
        )
        .order_by(SurveySheet.unit)
        .limit(MOST)
    ).all()
    if not units:
        abort(404)
    head = paper.Head.of(row)
    made = paper.questionnaires(units, head, is_demo(), current_app.config)
    return _file(made, f"老人抽样问卷_{place}.pdf")


def _file(content: bytes, name: str) -> Response:
    return send_file(
        BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name
    )
