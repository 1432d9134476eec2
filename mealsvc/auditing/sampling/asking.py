"""What the forms of answers share: the places to choose from, and an answer as services take it."""

from sqlalchemy import select

from mealsvc.auditing.sampling.calling import Taken
from mealsvc.auditing.sampling.forms import AnswerForm
from mealsvc.auditing.sampling.rules.answers import HERE, UNSURE, Said
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db

MOST_POINTS = 1_000


def fill_answer(form: AnswerForm, point: str) -> None:
    """Any point can be the one that the elder names."""
    rows = select(MealPoint.code, MealPoint.name).order_by(MealPoint.code).limit(MOST_POINTS)
    form.offer(point, db.session.execute(rows).all())


def taken_of(form: AnswerForm, point: str) -> Taken:
    """The form's answer; a place that nobody remembers is none."""
    where = form.ate_at.data or ""
    where = {HERE: point, UNSURE: ""}.get(where, where)
    said = Said(form.outcome.data, where, form.got.data or "", form.paid.data)
    return Taken(form.way.data, said, form.words.data or "")
