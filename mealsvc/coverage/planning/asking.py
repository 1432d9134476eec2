"""What the address of the page asks for, within the scope of who asks."""

from dataclasses import dataclass
from datetime import date

from flask import request
from werkzeug.datastructures import MultiDict

from mealsvc.coverage.planning.forms import QuestionForm
from mealsvc.coverage.planning.reading import uptake_on
from mealsvc.coverage.planning.refusals import NoUptake
from mealsvc.coverage.planning.rules import Question
from mealsvc.coverage.queries import time_meant
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.meals import local_date
from mealsvc.places.scope import area_of, towns_seen
from mealsvc.plumbing import clock
from mealsvc.plumbing.guards import current, require_division
from mealsvc.settings.services import value_on

USUAL_SITES = 3
ASKED = frozenset(
    ("radius", "add", "target", "budget", "within", "day", "capacity", "equity", "scratch")
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as filled, the question if it makes sense, and the same for another address."""

    form: QuestionForm
    day: date
    within: str
    question: Question | None
    address: dict[str, str]


def asked() -> Asked:
    """The question in the address; without one, three points within the usual radius."""
    today = local_date(clock.now())
    given = {name: value for name, value in request.args.items() if name in ASKED and value.strip()}
    if not given:
        usual = f"{float(value_on('coverage.radius_m', today)):g}"
        given = {"radius": usual, "add": str(USUAL_SITES)}
    form = QuestionForm(MultiDict({"within": "", **given}))
    form.within.choices = [("", "全部"), *towns_seen()]
    sound = form.validate()
    day = time_meant(None, form.day.data, today)[1]
    chosen = form.within.data or ""
    within = chosen if is_division(chosen) else area_of(current())
    require_division(within)
    return Asked(form, day, within, _question(form, day, within) if sound else None, given)


def _question(form: QuestionForm, day: date, within: str) -> Question | None:
    uptake = None
    if form.capacity.data:
        try:
            uptake = uptake_on(day)
        except NoUptake as refusal:
            form.capacity.errors = [refusal.message]
            return None
    return Question(
        form.radius.data,
        form.add.data,
        form.target.data,
        form.budget.data,
        uptake,
        form.equity.data,
        form.scratch.data,
        within,
    )
