"""Which round and sheet an address means, and whether whoever asks may see or do it."""

from collections.abc import Sequence

from flask import abort
from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, require_division, require_point
from mealsvc.survey.rounds import rules
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.rounds.queries import names_of, seen_by
from mealsvc.survey.rounds.units import BY_POINT


def round_or_404(round_id: int) -> SurveyRound:
    """The round; 404 if there is none, 403 where somebody has no sheet of it to see."""
    row = db.session.get(SurveyRound, round_id)
    if row is None:
        abort(404)
    me = current()
    if not me.at_point and len(me.scope) <= 6:
        require_division(row.division)
        return row
    own = select(SurveySheet.id).where(SurveySheet.round_id == row.id, seen_by(me)).limit(1)
    if db.session.scalar(own) is None:
        abort(403)
    return row


def sheet_or_404(round_id: int, sheet_id: int) -> tuple[SurveyRound, SurveySheet]:
    """The sheet with its round; 404 if there is none, 403 outside the scope."""
    sheet = db.session.get(SurveySheet, sheet_id)
    if sheet is None or sheet.round_id != round_id:
        abort(404)
    row = db.session.get_one(SurveyRound, round_id)
    if sheet.form == BY_POINT:
        require_point(sheet.unit, sheet.division)
    else:
        require_division(sheet.division)
    return row, sheet


def names_seen(found: Sequence[SurveySheet]) -> dict[int, str]:
    """What these sheets are called for whoever asks: the register's readers alone see who was drawn."""
    return names_of(found, current().can("residents.read"))


def may(row: SurveyRound, sheet: SurveySheet, act: str) -> bool:
    """Whether this is for whoever asks to do, now."""
    return row.locked_at is None and rules.may(sheet.form, sheet.state, act, current().role)


def require_role(sheet: SurveySheet, act: str) -> None:
    """Refuses (403) whose desk never does this with such a sheet, whatever its state."""
    if not rules.ever(sheet.form, act, current().role):
        abort(403)
