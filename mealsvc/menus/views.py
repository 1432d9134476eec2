"""Pages: a point's menu of the week, one meal of it, copying last week's and making it public."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.dates import chinese_date, parse_date
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.menus import queries, rules, services
from mealsvc.menus.forms import ConfirmForm, DishForm
from mealsvc.menus.models import MenuItem
from mealsvc.menus.queries import MealMenu
from mealsvc.menus.register import in_force
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.settings.services import value_on

Answer = str | Response | tuple[str, int]
USUAL = ("lunch", "dinner")
LATEST = 366  # days ahead that a week may be looked at

bp = Blueprint("menus", __name__)


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, diet_name=rules.DIETS)
    state.app.jinja_env.filters["marks"] = rules.marks
    state.app.jinja_env.filters["weekday_head"] = weekday_head


@bp.get("/menus")
@guard("menus.read")
def week() -> str:
    points = points_to_choose()
    place = _asked_point()
    if place is None:
        return render_template("menus/week.html", place=None, points=points)
    monday, today = _monday(), _today()
    menus = queries.week_menus(place.id, monday)
    return render_template(
        "menus/week.html",
        place=place,
        points=points,
        monday=monday,
        days=rules.week_of(monday),
        meals=_meals_of(menus.values()),
        menus=menus,
        today=today,
        this_week=rules.monday_of(today),
        states=[menu.state for menu in menus.values()],
        may_write=current().can("menus.write"),
        pattern=value_on("menu.set_meal_parts", today),
    )


@bp.get("/menus/day/<code>/<day>/<meal>")
@guard("menus.read")
def meal_page(code: str, day: str, meal: str) -> Answer:
    place, menu = _meal(code, day, meal)
    form = DishForm() if _may_change(menu.day) else None
    return _shown_meal(place, menu, form)


@bp.post("/menus/day/<code>/<day>/<meal>")
@guard("menus.write")
def add_dish(code: str, day: str, meal: str) -> Answer:
    place, menu = _meal(code, day, meal)
    form = DishForm()
    if not form.validate():
        return _shown_meal(place, menu, form)
    key = {"served_on": menu.day, "meal": menu.meal}
    try:
        with writing():
            services.add_dish(place, form.values() | key, current().actor(), clock.now())
    except Refusal as refusal:
        show(form, refusal)
        return _shown_meal(place, menu, form)
    flash(f"已加上“{form.name.data}”。", "good")
    return redirect(_meal_address(place, menu.day, menu.meal), 303)


@bp.route("/menus/items/<int:item_id>/edit", methods=["GET", "POST"])
@guard("menus.write")
def edit_dish(item_id: int) -> Answer:
    item, place = _item(item_id)
    form = DishForm() if request.method == "POST" else DishForm.of(item)
    if form.validate_on_submit():
        try:
            with writing():
                services.change_dish(item, place, form.values(), current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("修改已保存。", "good")
            return redirect(_meal_address(place, item.served_on, item.meal), 303)
    facts = {"form": form, "item": item, "place": place}
    return render_template("menus/dish.html", **facts), _status(form)


@bp.route("/menus/items/<int:item_id>/remove", methods=["GET", "POST"])
@guard("menus.write")
def remove_dish(item_id: int) -> Answer:
    item, place = _item(item_id)
    form = ConfirmForm()
    menu = queries.meal_menu(place.id, item.served_on, item.meal)
    if form.validate_on_submit():
        try:
            with writing():
                services.remove_dish(item, place, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已撤下“{item.name}”。", "good")
            return redirect(_meal_address(place, item.served_on, item.meal), 303)
    facts = {"form": form, "item": item, "place": place, "menu": menu}
    return render_template("menus/remove.html", **facts), _status(form)


@bp.route("/menus/week/<code>/copy", methods=["GET", "POST"])
@guard("menus.write")
def copy_week(code: str) -> Answer:
    """Last week's dishes into the week asked for."""
    place, monday, form = point_or_404(code), _monday(), ConfirmForm()
    before = monday - timedelta(days=7)
    copying = queries.plan_copy(place.id, before, monday, _today())
    if form.validate_on_submit():
        try:
            with writing():
                copying = queries.plan_copy(place.id, before, monday, _today())
                copied = services.copy_week(place, copying, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已复制 {copied} 道菜，核对以后再公布。", "good")
            return redirect(_week_address(place, monday), 303)
    facts = {"form": form, "place": place, "copying": copying, "monday": monday}
    return render_template("menus/copy.html", **facts), _status(form)


@bp.route("/menus/week/<code>/publish", methods=["GET", "POST"])
@guard("menus.write")
def publish(code: str) -> Answer:
    """The week's menus, or those of one meal, made public."""
    place, monday, form = point_or_404(code), _monday(), ConfirmForm()
    meal = request.args.get("meal", "")
    due = services.to_publish(_menus_of(place, monday, meal), _today())
    if form.validate_on_submit():
        try:
            with writing():
                menus = _menus_of(place, monday, meal)
                services.publish(place, menus, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已公布 {len(due)} 餐的菜单。", "good")
            return redirect(_week_address(place, monday), 303)
    pattern = value_on("menu.set_meal_parts", _today())
    facts = {
        "form": form,
        "place": place,
        "monday": monday,
        "meal": meal,
        "due": due,
        "barred": [refusal.message for refusal in services.above_filed(place.id, due)],
        "warnings": [warning for menu in due for warning in menu.warnings(pattern)],
    }
    return render_template("menus/publish.html", **facts), _status(form)


def weekday_head(day: date) -> str:
    """周一 5月6日."""
    return f"周{'一二三四五六日'[day.weekday()]} {day.month}月{day.day}日"


def points_to_choose() -> list[tuple[str, str]]:
    """The points that somebody may look at; nothing to choose at a point."""
    if current().at_point:
        return []
    rows = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    found = db.session.execute(rows.order_by(MealPoint.code))
    return [(code, f"{name}（{code}）") for code, name in found]


def _asked_point() -> MealPoint | None:
    """The point in the address, else one's own, else the first that serves."""
    asked = tidy(request.args.get("point", ""))
    if asked:
        return point_or_404(asked)
    rows = select(MealPoint).where(points_seen_by(current())).order_by(MealPoint.code)
    return db.session.scalar(rows.limit(1))


def _monday() -> date:
    """The Monday of the week in the address, else of this week."""
    today = _today()
    try:
        asked = parse_date(request.args.get("week", ""))
    except ValueError:
        asked = today
    if not 2000 <= asked.year <= today.year + 1:
        asked = today
    return rules.monday_of(asked)


def _meals_of(menus: Any) -> list[str]:
    """The rows of the week: what this point serves, lunch and dinner at least."""
    served = {menu.meal for menu in menus} | set(USUAL)
    return [meal for meal in MEALS if meal in served]


def _menus_of(place: MealPoint, monday: date, meal: str) -> list[MealMenu]:
    menus = queries.week_menus(place.id, monday).values()
    return [menu for menu in menus if meal in ("", menu.meal)]


def _meal(code: str, day: str, meal: str) -> tuple[MealPoint, MealMenu]:
    place = point_or_404(code)
    try:
        served_on = parse_date(day)
    except ValueError:
        abort(404)
    if meal not in MEALS or served_on > _today() + timedelta(days=LATEST):
        abort(404)
    return place, queries.meal_menu(place.id, served_on, meal)


def _shown_meal(place: MealPoint, menu: MealMenu, form: DishForm | None) -> tuple[str, int]:
    pattern = value_on("menu.set_meal_parts", menu.day)
    facts = {
        "place": place,
        "menu": menu,
        "form": form,
        "may_change": _may_change(menu.day),
        "missing": menu.missing(pattern),
        "pattern": rules.marks(pattern),
        "prices": in_force(place.id, menu.meal, menu.day),
        "guides": _guides(menu),
        "chinese_day": chinese_date(menu.day),
    }
    return render_template("menus/meal.html", **facts), _status(form)


def _guides(menu: MealMenu) -> list[dict[str, Any]]:
    """What the dishes weigh together beside the guideline, where weights are given."""
    found = []
    salt = [item.salt_g for item in menu.dishes if item.salt_g is not None]
    if salt:
        most = float(value_on("menu.lunch_salt_g", menu.day))
        fits = sum(salt) <= most
        found.append({"name": "用盐", "grams": sum(salt), "word": f"不超过{most:g}克", "ok": fits})
    greens = [i.portion_g for i in menu.dishes if i.kind == "素" and i.portion_g is not None]
    if greens:
        least = float(value_on("menu.lunch_vegetables_g", menu.day))
        fits = sum(greens) >= least
        found.append(
            {"name": "蔬菜", "grams": sum(greens), "word": f"不少于{least:g}克", "ok": fits}
        )
    return found


def _item(item_id: int) -> tuple[MenuItem, MealPoint]:
    item = db.session.get(MenuItem, item_id)
    if item is None or item.withdrawn_at is not None:
        abort(404)
    place = db.session.get_one(MealPoint, item.point_id)
    require_point(place.code, place.division)
    return item, place


def _may_change(day: date) -> bool:
    return current().can("menus.write") and day >= _today()


def _status(form: Any) -> int:
    return 422 if form is not None and form.errors else 200


def _today() -> date:
    return local_date(clock.now())


def _week_address(place: MealPoint, monday: date) -> str:
    return url_for("menus.week", point=place.code, week=monday)


def _meal_address(place: MealPoint, day: date, meal: str) -> str:
    return url_for("menus.meal_page", code=place.code, day=day, meal=meal)
