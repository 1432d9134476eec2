"""Pages: how a point pays for itself, and what it costs."""

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.servings.models import DailyTally
from mealsvc.survey.assessing import services
from mealsvc.survey.assessing.costing import Cost
from mealsvc.survey.assessing.economics import cost_in, costs_of, trend
from mealsvc.survey.assessing.forms import CostForm
from mealsvc.survey.assessing.picture import picture
from mealsvc.survey.assessing.rules.breakeven import sensitivity
from mealsvc.survey.assessing.words import assumptions, sentence

Answer = str | Response | tuple[str, int]

bp = Blueprint("economics", __name__, url_prefix="/points/<code>/economics")


@bp.get("")
@guard("economics.read")
def point(code: str) -> str:
    found = point_or_404(code)
    months = trend(found, _month(found))
    now = months[-1]
    return render_template(
        "survey/economics.html",
        point=found,
        now=now,
        month=Month.from_key(now.month),
        months=months,
        sentence=sentence(now),
        assumed=assumptions(now),
        variants=sensitivity(now),
        picture=picture(months),
        costs=costs_of([found.id]).get(found.id, [])[::-1],
    )


@bp.route("/cost", methods=["GET", "POST"])
@guard("economics.write")
def cost(code: str) -> Answer:
    found = point_or_404(code)
    month = _month(found)
    kept = cost_in(costs_of([found.id]).get(found.id, ()), month)
    form = CostForm(
        month=month,
        fixed=kept.fixed_fen if kept else None,
        variable=kept.variable_fen if kept else None,
        other=kept.other_fen if kept else None,
    )
    if form.validate_on_submit():
        try:
            return _entered(found, form)
        except Refusal as refusal:
            show(form, refusal)
    page = render_template("survey/economics_cost.html", point=found, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _entered(point: MealPoint, form: CostForm) -> Response:
    told = Cost(form.fixed.data, form.variable.data, form.other.data or 0, form.basis.data or "")
    with writing():
        services.put_cost(point, form.month.data, told, current().actor(), clock.now())
    flash("成本已登记；以前登记的保留在下面，不改动。", "good")
    return redirect(url_for(".point", code=point.code, month=form.month.data), 303)


def _month(point: MealPoint) -> Month:
    """The month that is asked for, else the latest whole one with servings, else the latest."""
    asked = pages.month_asked()
    if asked is not None:
        return asked
    this = Month.of(local_date(clock.now()))
    own = select(DailyTally.settle_month).where(DailyTally.point_id == point.id, ~DailyTally.late)
    newest = own.order_by(DailyTally.settle_month.desc()).limit(1)
    for last in (this.previous, this):
        key = db.session.scalar(newest.where(DailyTally.settle_month <= last.key))
        if key is not None:
            return Month.from_key(key)
    return this
