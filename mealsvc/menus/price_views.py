"""Pages: the filed prices of a point with their history, filing and ending one, and what is flagged."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.menus import filing, flags, queries
from mealsvc.menus.forms import EndForm, PriceForm
from mealsvc.menus.models import FiledPrice
from mealsvc.menus.register import Register, filed_prices
from mealsvc.menus.rules import Filed, prices_on
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard

Answer = str | Response | tuple[str, int]

bp = Blueprint("prices", __name__, url_prefix="/menus/prices")


@bp.get("")
@guard("menus.read")
def prices() -> Answer:
    """What each point may charge today; for people at a point their own, in full."""
    if current().at_point:
        return point_prices(current().point_code or "")
    rows = select(MealPoint).where(points_seen_by(current())).order_by(MealPoint.code)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    register = filed_prices()
    return render_template(
        "menus/prices.html",
        page=page,
        now={point.id: in_force_now(register, point.id, _today()) for point in page.items},
    )


@bp.get("/flags")
@guard("menus.read")
def flagged() -> str:
    """Price changes shortly before a policy began, the latest first."""
    found = flags.flagged(points_seen_by(current()), _today())
    number, size = pages.page_asked(), pages.size_asked()
    first = (number - 1) * size
    page = pages.Page(
        found[first : first + size],
        number,
        len(found) > first + size,
        total=len(found),
        per_page=size,
    )
    return render_template("menus/flags.html", page=page)


@bp.get("/<code>")
@guard("menus.read")
def point_prices(code: str) -> Answer:
    place, today = point_or_404(code), _today()
    now = in_force_now(filed_prices(), place.id, today)
    page = pages.page_of(queries.filed_of(place.id), pages.page_asked(), pages.size_asked())
    return render_template(
        "menus/point_prices.html",
        place=place,
        today=today,
        now=now,
        current_keys={(meal, price.name, price.effective_from) for meal, price in now},
        page=page,
        flags=flags.flags_of(place, page.items, today),
        may_file=current().can("prices.file"),
    )


@bp.route("/<code>/new", methods=["GET", "POST"])
@guard("prices.file")
def file_price(code: str) -> Answer:
    place, form = point_or_404(code), PriceForm()
    if request.method == "GET":
        _fill(form)
    if form.validate_on_submit():
        assert form.effective_from.data is not None
        price = Filed(
            form.name.data or "",
            form.public_price.data or 0,
            form.elder_price.data or 0,
            form.effective_from.data,
        )
        try:
            with writing():
                row = filing.file_price(
                    place,
                    form.meal.data,
                    price,
                    form.basis.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            return _filed(place, row)
    facts = {"form": form, "place": place, "today": _today()}
    return render_template("menus/file_price.html", **facts), 422 if form.errors else 200


@bp.route("/<code>/end/<int:price_id>", methods=["GET", "POST"])
@guard("prices.file")
def end_price(code: str, price_id: int) -> Answer:
    place, form = point_or_404(code), EndForm()
    row = db.session.get(FiledPrice, price_id)
    if row is None or row.point_id != place.id or row.ended:
        abort(404)
    if form.validate_on_submit():
        assert form.effective_from.data is not None
        from_on, basis = form.effective_from.data, form.basis.data or ""
        try:
            with writing():
                by, now = current().actor(), clock.now()
                filing.end_price(place, row.meal, row.name, from_on, basis, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记终止，之前的备案价照旧。", "good")
            return redirect(url_for(".point_prices", code=place.code), 303)
    facts = {"form": form, "place": place, "row": row}
    return render_template("menus/end_price.html", **facts), 422 if form.errors else 200


def in_force_now(register: Register, point_id: int, day: date) -> list[tuple[str, Filed]]:
    """Meal and price for everything in force at a point on a day."""
    return [
        (meal, price)
        for meal in MEALS
        for price in prices_on(register.get((point_id, meal), ()), day)
    ]


def _filed(place: MealPoint, row: FiledPrice) -> Response:
    found: Iterable[Any] = flags.flags_of(place, [row], _today()).get(row.id, ())
    flash("价格已备案。", "good")
    for flag in found:
        flash(flag.sentence, "warn")
    return redirect(url_for(".point_prices", code=place.code), 303)


def _fill(form: PriceForm) -> None:
    """Meal and name from the address, where a price that is there is changed."""
    if request.args.get("meal") in MEALS:
        form.meal.data = request.args["meal"]
    form.name.data = request.args.get("name", "")[:40]


def _today() -> date:
    return local_date(clock.now())
