"""Pages: meal points with their month, one point in full, and the table of divisions."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.credit_code import is_credit_code
from mealsvc.kernel.divisions import LEVEL_NAMES
from mealsvc.kernel.licence_number import licence_warning
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places import grades, queries, rules, services
from mealsvc.places.forms import GradeForm, NewPointForm, PointForm, ResumeForm, SuspendForm
from mealsvc.places.models import Division, MealPoint, Operator, PointSuspension
from mealsvc.places.queries import PointFilter
from mealsvc.places.scope import area_of, point_or_404, points_seen_by, towns_seen
from mealsvc.places.units.queries import states_on
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.plumbing.outlook import Sums, outlook

Answer = str | Response | tuple[str, int]
LICENCES = (("due", "已过期或30天内到期"),)
UNIT_FIELDS = ("operator", "uscc")

bp = Blueprint("places", __name__)


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(
        state.app,
        point_kind=rules.KIND_NAMES,
        catering_name=rules.CATERING_NAMES,
        level_name=LEVEL_NAMES,
    )


@bp.get("/points")
@guard("points.read")
def points() -> str:
    today, month = _today(), _month()
    asked = {
        name: tidy(request.args.get(name, "")) for name in ("kind", "status", "town", "licence")
    }
    wanted = PointFilter(text=tidy(request.args.get("q", "")), **asked)
    rows = queries.found_points(points_seen_by(current()), wanted, today)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    ids = db.session.scalars(rows.with_only_columns(MealPoint.id)).all()
    sums = outlook().sums_by_point(month, ids)
    return render_template(
        "places/points.html",
        page=page,
        month=month,
        found=len(ids),
        sums=sums,
        total=sum(sums.values(), Sums()),
        statuses=queries.statuses(page.items, today),
        licences={point.id: _licence(point, today) for point in page.items},
        states=states_on(today, [point.id for point in page.items]),
        towns=queries.division_names({point.division[:9] for point in page.items}),
        choices={
            "kinds": [(rules.SERVING, "供老人用餐的"), *rules.KIND_NAMES.items()],
            "states": list(rules.STATUS_NAMES.items()),
            "towns": towns_seen(),
            "licences": LICENCES,
        },
    )


@bp.get("/points/<code>")
@guard("points.read")
def point(code: str) -> str:
    found, today, month = point_or_404(code), _today(), _month()
    unit = db.session.get(Operator, found.operator_id) if found.operator_id else None
    supplies = select(MealPoint).where(MealPoint.supplier == found.code).order_by(MealPoint.code)
    rows = select(PointSuspension).where(PointSuspension.point_id == found.id)
    stops = db.session.scalars(rows.order_by(PointSuspension.from_on.desc())).all()
    per_day = outlook().days_of(month, [found.id])
    return render_template(
        "places/point.html",
        point=found,
        unit=unit,
        status=queries.statuses([found], today)[found.id],
        supplier=services.point_by_code(found.supplier) if found.supplier else None,
        supplied=db.session.scalars(supplies).all(),
        suspensions=stops,
        findings=outlook().findings_at(found.id, today),
        decided=outlook().measures_behind([one.id for one in stops]),
        stopped=queries.stopped_on(found, today),
        towns=queries.division_names({found.division, found.division[:9]}),
        licence=_licence(found, today),
        state=states_on(today, [found.id])[found.id],
        warnings=_warnings(found, unit),
        month=month,
        sums=outlook().sums_by_point(month, [found.id]).get(found.id, Sums()),
        days=[_day_bar(found.code, day, number) for day, number in sorted(per_day.items())],
        active_days=len(per_day),
        grades=grades.grades_of(found.id),
    )


@bp.route("/points/new", methods=["GET", "POST"])
@guard("points.write")
def add_point() -> Answer:
    form = NewPointForm()
    if form.validate_on_submit() and _fits_scope(form):
        if services.point_by_code(form.code.data or "") is not None:
            form.code.errors = ["这个编号已经有助餐点使用，请换一个编号。"]
        else:
            return _saved(form, form.code.data or "", "助餐点已建立。")
    return _page("places/add_point.html", form)


@bp.route("/points/<code>/edit", methods=["GET", "POST"])
@guard("points.write")
def edit_point(code: str) -> Answer:
    found = point_or_404(code)
    unit = db.session.get(Operator, found.operator_id) if found.operator_id else None
    form = PointForm(
        obj=found, operator=unit.name if unit else "", uscc=(unit.uscc or "") if unit else ""
    )
    if form.validate_on_submit() and _fits_scope(form):
        return _saved(form, found.code, "修改已保存。")
    return _page("places/edit_point.html", form, point=found)


@bp.route("/points/<code>/suspend", methods=["GET", "POST"])
@guard("points.write")
def suspend(code: str) -> Answer:
    found, form = point_or_404(code), SuspendForm()

    def act() -> None:
        assert form.from_on.data is not None
        services.suspend_point(found, form.from_on.data, form.reason.data or "", current().actor())

    return _confirmed(
        "places/suspend.html", form, found, act, "已登记暂停运营，停餐期间收银台不能登记就餐。"
    )


@bp.route("/points/<code>/resume", methods=["GET", "POST"])
@guard("points.write")
def resume(code: str) -> Answer:
    found, form = point_or_404(code), ResumeForm()

    def act() -> None:
        services.resume_point(found, form.on.data or _today(), current().actor())

    return _confirmed("places/resume.html", form, found, act, "已恢复运营。")


@bp.route("/points/<code>/grade", methods=["GET", "POST"])
@guard("points.grade")
def grade(code: str) -> Answer:
    found, form = point_or_404(code), GradeForm()
    if form.validate_on_submit():
        assert form.from_on.data is not None
        try:
            with writing():
                grades.give_grade(
                    found,
                    form.stars.data,
                    form.from_on.data,
                    form.basis.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("星级已评定。", "good")
            return redirect(url_for(".point", code=code), 303)
    return _page("places/grade.html", form, point=found, grades=grades.grades_of(found.id))


@bp.get("/divisions")
@guard("divisions.read")
def divisions() -> str:
    area = area_of(current())
    rows = queries.found_divisions(
        area, tidy(request.args.get("level", "")), tidy(request.args.get("town", ""))
    )
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    codes = [one.code for one in page.items]
    standing = db.session.scalars(
        select(MealPoint.division).where(MealPoint.division.startswith(area, autoescape=True))
    )
    points_in: dict[str, int] = {}
    for code in standing:
        points_in[code] = points_in.get(code, 0) + 1
    residents = outlook().residents_by_division(area, _today()) if area else {}
    return render_template(
        "places/divisions.html",
        page=page,
        points=queries.summed_up(points_in, codes),
        residents=queries.summed_up(residents, codes),
        towns=towns_seen(),
        levels=list(LEVEL_NAMES.items()),
    )


def _today() -> date:
    return local_date(clock.now())


def _month() -> Month:
    return pages.month_asked() or outlook().latest_month() or Month.of(_today())


def _licence(point: MealPoint, today: date) -> str | None:
    return rules.licence_state(point.licence_expires_on, today)


def _warnings(point: MealPoint, unit: Operator | None) -> dict[str, str | None]:
    wrong = bool(unit and unit.uscc and not is_credit_code(unit.uscc))
    return {
        "licence": licence_warning(point.licence_no) if point.licence_no else None,
        "uscc": "统一社会信用代码的校验位对不上，请核对。" if wrong else None,
    }


def _day_bar(code: str, day: date, number: int) -> dict[str, Any]:
    url = f"{request.script_root}/servings?month={Month.of(day)}&point={code}&day={day}"
    return {"label": str(day.day), "value": number, "url": url}


def _fits_scope(form: PointForm) -> bool:
    """A point is put only in a division of the list that the signed-in person sees."""
    code = form.division.data or ""
    if not current().sees_division(code):
        form.division.errors = ["这个区划不在您的管辖范围内，请核对代码。"]
    elif db.session.get(Division, code) is None:
        form.division.errors = ["区划名单里没有这个代码，请核对或先导入区划。"]
    else:
        return True
    return False


def _saved(form: PointForm, code: str, done: str) -> Response:
    values = {
        one.short_name: one.data
        for one in form
        if one.short_name not in ("csrf_token", "code", *UNIT_FIELDS)
    }
    unit = {name: form[name].data for name in UNIT_FIELDS if form[name].data}
    with writing():
        services.put_point({"code": code, **values, **unit}, current().actor())
    flash(done, "good")
    return redirect(url_for(".point", code=code), 303)


def _confirmed(
    template: str, form: Any, point: MealPoint, act: Callable[[], None], done: str
) -> Answer:
    if request.method == "GET":
        field = form.from_on if "from_on" in form else form.on
        field.data = _today()
    if form.validate_on_submit():
        try:
            with writing():
                act()
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(done, "good")
            return redirect(url_for(".point", code=point.code), 303)
    return _page(template, form, point=point)


def _page(template: str, form: Any, **facts: Any) -> tuple[str, int]:
    """The form's page: 422 when it comes back with something to correct."""
    return render_template(template, form=form, **facts), 422 if form.errors else 200
