"""Pages of the rounds: who is on which, in which order."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.deliveries import queries, rounds
from mealsvc.deliveries.forms import AssignForm, RoundForm
from mealsvc.deliveries.models import DeliveryRound
from mealsvc.deliveries.refusals import BadOrder
from mealsvc.deliveries.rounds import Place
from mealsvc.deliveries.rules import DIETS, diet_names
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point

Answer = str | Response | tuple[str, int]

bp = Blueprint("rounds", __name__, url_prefix="/deliveries/rounds")


@bp.get("")
@guard("deliveries.plan")
def all_rounds() -> Answer:
    return _list(_own_point())


@bp.post("")
@guard("deliveries.plan")
def add() -> Answer:
    point, form = _own_point(), RoundForm()
    if form.validate_on_submit():
        try:
            with writing():
                made = rounds.add_round(
                    point, form.name.data or "", form.courier.data or "", current().actor()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"线路“{made.name}”已建好，可以把老人放到这条线路上。", "good")
            return redirect(url_for(".all_rounds"), 303)
    return _list(point, form=form), 422


@bp.post("/assign")
@guard("deliveries.plan")
def assign() -> Answer:
    """Puts the ticked residents at the end of a round, in the order proposed."""
    point, form = _own_point(), AssignForm()
    found = queries.rounds_of(point.id)
    form.round.choices = [(one.id, one.name) for one in found if one.active]
    picked = request.form.getlist("resident", type=int)
    if not picked:
        form.round.errors = ["请至少勾选一位老人。"]
    if not picked or not form.validate_on_submit():
        return _list(point, assigning=form, picked=picked), 422
    one = next(each for each in found if each.id == form.round.data)
    with writing():
        number = rounds.assign(one, point, picked, _today(), current().actor())
    flash(f"已把 {number} 位老人放到“{one.name}”，请核对顺序。", "good")
    return redirect(url_for(".one_round", round_id=one.id), 303)


@bp.get("/<int:round_id>")
@guard("deliveries.plan")
def one_round(round_id: int) -> Answer:
    one = _round(round_id)
    return _page(one, RoundForm(formdata=None, obj=one))


@bp.post("/<int:round_id>")
@guard("deliveries.plan")
def change(round_id: int) -> Answer:
    one, form = _round(round_id), RoundForm()
    if form.validate_on_submit():
        try:
            with writing():
                rounds.change_round(
                    one,
                    _own_point().code,
                    form.name.data or "",
                    form.courier.data or "",
                    bool(form.active.data),
                    current().actor(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("线路已保存。", "good")
            return redirect(url_for(".all_rounds"), 303)
    return _page(one, form), 422


@bp.post("/<int:round_id>/order")
@guard("deliveries.plan")
def order(round_id: int) -> Answer:
    """The order by the numbers typed; whoever is ticked as out leaves the round."""
    one = _round(round_id)
    try:
        places = _typed(queries.members_of(one.point_id, one.id))
        with writing():
            rounds.put_stops(one, _own_point().code, places, current().actor())
    except Refusal as refusal:
        form = RoundForm(formdata=None, obj=one)
        return _page(one, form, problem=refusal.message), 422
    flash("送餐顺序已保存，以后都按这个顺序。", "good")
    return redirect(url_for(".one_round", round_id=one.id), 303)


def _typed(members: Sequence[Any]) -> list[Place]:
    """The order as typed; of two with one number, the one that was changed goes first."""
    found = []
    for place, row in enumerate(members, 1):
        number, resident = request.form.get(f"position-{row.RoundStop.resident_id}", ""), row
        if request.form.get(f"out-{row.RoundStop.resident_id}"):
            continue
        if not (number.isascii() and number.isdigit() and len(number) < 6):
            raise BadOrder()
        diet = request.form.getlist(f"diet-{resident.RoundStop.resident_id}")
        key = (int(number), int(number) == place, place)
        found.append((key, Place(resident.RoundStop.resident_id, tuple(diet))))
    return [place for _, place in sorted(found, key=lambda pair: pair[0])]


def _list(
    point: MealPoint,
    form: RoundForm | None = None,
    assigning: AssignForm | None = None,
    picked: Sequence[int] = (),
) -> str:
    found = queries.rounds_of(point.id)
    free = queries.without_round(point.id, _today())
    by_id = {one.id: one for one in free}
    waiting = [by_id[door.id] for door in rounds.proposed(point, free)]
    if assigning is None:
        assigning = AssignForm(formdata=None)
    assigning.round.choices = [(one.id, one.name) for one in found if one.active]
    sizes: dict[int, int] = {}
    for row in queries.members_of(point.id):
        sizes[row.RoundStop.round_id] = sizes.get(row.RoundStop.round_id, 0) + 1
    return render_template(
        "deliveries/rounds.html",
        point=point,
        rounds=found,
        sizes=sizes,
        waiting=waiting,
        names=division_names({_home(one) for one in waiting}),
        home=_home,
        form=form or RoundForm(formdata=None),
        assigning=assigning,
        picked=set(picked),
    )


def _page(one: DeliveryRound, form: RoundForm, problem: str = "") -> str:
    members = queries.members_of(one.point_id, one.id)
    homes = {_home(row) for row in members}
    return render_template(
        "deliveries/round.html",
        one=one,
        form=form,
        members=members,
        names=division_names(homes),
        home=_home,
        diets=DIETS,
        diet_names=diet_names,
        problem=problem,
        typed=request.form if problem else {},
    )


def _home(row: Any) -> str:
    return row.residence_division or row.hukou_division


def _round(round_id: int) -> DeliveryRound:
    one, point = db.session.get(DeliveryRound, round_id), _own_point()
    if one is None:
        abort(404)
    if one.point_id != point.id:
        abort(403, description="这条线路不是您的助餐点的。")
    require_point(point.code, point.division)
    return one


def _own_point() -> MealPoint:
    return point_by_code(current().point_code or "") or abort(404)


def _today() -> date:
    return local_date(clock.now())
