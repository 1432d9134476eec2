"""Pages: samples, drawing one, a sample with its figures and lines, sharing out its calls."""

from collections import defaultdict
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.auditing.sampling import calling, queries, services, wording
from mealsvc.auditing.sampling.asking import fill_answer, taken_of
from mealsvc.auditing.sampling.forms import AnswerForm, AssignForm, DrawForm
from mealsvc.auditing.sampling.models import AuditSample, SampleItem
from mealsvc.auditing.sampling.queries import Shown, Slim
from mealsvc.auditing.sampling.refusals import NotTheSame
from mealsvc.auditing.sampling.rules.answers import OUTCOMES, STATES, WAITING, WAYS
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division, require_point

Answer = str | Response | tuple[str, int]
WRONG, DONE = "wrong", "done"
ENOUGH, ADDRESS = 1_000, 3_000

bp = Blueprint("samples", __name__, url_prefix="/samples")


@bp.get("")
@guard("samples.read")
def index() -> str:
    rows = queries.samples_seen(current())
    if month := pages.month_asked():
        rows = rows.where(AuditSample.month == month.key)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template(
        "samples/list.html",
        page=page,
        standing=queries.standing_of([one.id for one in page.items]),
        methods=services.METHODS,
    )


@bp.get("/new")
@guard("samples.draw")
def new() -> Answer:
    """The form; with a month in the address also how many lines would be drawn from what."""
    if not request.args.get("month"):
        form = _draw_form(None)
        form.month.data = Month.of(local_date(clock.now())).previous
        return _new_page(form, None)
    form = _draw_form(request.args)
    made = None
    if form.validate():
        try:
            made = services.look(_order(form))
        except Refusal as refusal:
            show(form, refusal)
    return _new_page(form, made)


@bp.post("/new")
@guard("samples.draw")
def draw() -> Answer:
    """Draws and keeps; the seed was chosen before, so that nobody looks for a pleasant one."""
    form = _draw_form(request.form)
    if form.validate():
        try:
            made = services.look(_order(form))
            with writing():
                row = services.keep(made, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已抽取并编号 {row.number}，种子 {row.seed}。", "good")
            return redirect(url_for(".sample", sample_id=row.id), 303)
    return _new_page(form, None)


@bp.get("/<int:sample_id>")
@guard("samples.read")
def sample(sample_id: int) -> str:
    return _page(_sample_or_404(sample_id))


@bp.post("/<int:sample_id>/assign")
@guard("samples.draw")
def assign(sample_id: int) -> Answer:
    """Shares the open lines out evenly among the ticked callers."""
    one = _sample_or_404(sample_id)
    require_division(one.row.division)
    form = _assign_form(one.row)
    if form.validate_on_submit():
        try:
            with writing():
                by, now = current().actor(), clock.now()
                given, left = calling.assign(
                    one.row.id, form.callers.data or [], form.again.data, by, now
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(_given_words(given, left), "warn" if left else "good")
            return redirect(url_for(".sample", sample_id=one.row.id), 303)
    return _page(one, form), 422


@bp.get("/<int:sample_id>/lines/<int:sequence>")
@guard("samples.read")
def line(sample_id: int, sequence: int) -> str:
    """One line with every answer about it."""
    return _line_page(*_line_or_404(sample_id, sequence))


@bp.post("/<int:sample_id>/lines/<int:sequence>")
@guard("samples.draw")
def amend(sample_id: int, sequence: int) -> Answer:
    """Puts an answer right, or adds what a visit or the original papers show."""
    one, slim, told = _line_or_404(sample_id, sequence)
    form = AnswerForm()
    fill_answer(form, told.code)
    if form.validate_on_submit():
        try:
            with writing():
                by, now = current().actor(), clock.now()
                calling.answer(one.row.id, sequence, taken_of(form, told.code), None, by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记，推算按新的结果计算。", "good")
            return redirect(url_for(".line", sample_id=one.row.id, sequence=sequence), 303)
    return _line_page(one, slim, told, form), 422


def _draw_form(data: Any) -> DrawForm:
    form = DrawForm(data, meta={"csrf": False})  # the guard checks the token of what is posted
    form.point.choices = [("", "全部助餐点"), *_points()]
    return form


def _order(form: DrawForm) -> services.Order:
    return services.Order(
        month=form.month.data,
        division=current().scope,
        method=form.method.data,
        seed=form.seed.data or "",
        confidence=form.confidence.data,
        size=form.size.data,
        point=form.point.data or "",
    )


def _new_page(form: DrawForm, made: services.Drawing | None) -> Answer:
    page = render_template(
        "samples/new.html",
        form=form,
        made=made,
        strata=made.drawn.strata if made else (),
        unfinished=made is not None and local_date(clock.now()) <= made.month.last_day,
        words=wording,
        names=dict(_points()),
    )
    return (page, 422) if form.errors and request.method == "POST" else page


def _page(one: Shown, form: AssignForm | None = None) -> str:
    own = _own_items(one)
    chosen = _filtered(own)
    page, size = pages.page_asked(), pages.size_asked()
    shown = chosen[(page - 1) * size : page * size]
    names = dict(_points())
    again = request.args.get("again")
    said = one.projection
    return render_template(
        "samples/sample.html",
        one=one,
        month=one.month,
        page=pages.Page(shown, page, len(chosen) > page * size, len(chosen), per_page=size),
        told=queries.details_of(one.row.id, [item.sequence for item in shown]),
        names=names,
        strata=one.strata,
        strata_choices=[(each.name, wording.stratum_name(each.name, names)) for each in one.strata],
        said=said,
        verdict=wording.verdict(said, one.plan["tolerable"]) if said else None,
        again=_same_again(one.row) if again else None,
        loads=queries.loads_of(one.items, one.row.id),
        unassigned=queries.unassigned(one.items, one.row.id),
        form=form or _assign_form(one.row),
        to_cases=_to_cases(one, own),
        words=wording,
        methods=services.METHODS,
        states=STATES,
    )


def _line_page(one: Shown, slim: Slim, told: Any, form: AnswerForm | None = None) -> str:
    if form is None:
        form = AnswerForm(formdata=None)
        form.way.data = "papers"
        fill_answer(form, told.code)
    answers = [
        (one, vault().open(one.words) if one.words else "")
        for one in queries.answers_at(one.row.id, slim.sequence)
    ]
    return render_template(
        "samples/line.html",
        one=one,
        slim=slim,
        told=told,
        answers=answers,
        form=form,
        names=dict(_points()),
        words=wording,
        states=STATES,
        outcomes=OUTCOMES,
        ways=WAYS,
    )


def _sample_or_404(sample_id: int) -> Shown:
    one = queries.sample_shown(sample_id)
    if one is None:
        abort(404)
    if not _own_items(one):
        require_division(one.row.division)
    return one


def _line_or_404(sample_id: int, sequence: int) -> tuple[Shown, Slim, Any]:
    one = _sample_or_404(sample_id)
    slim = next((item for item in one.items if item.sequence == sequence), None)
    if slim is None or db.session.get(SampleItem, (sample_id, sequence)) is None:
        abort(404)
    told = queries.details_of(sample_id, [sequence])[sequence]
    require_point(told.code, told.division)
    return one, slim, told


def _own_items(one: Shown) -> list[Slim]:
    """Those at points within the scope."""
    seen = set(db.session.scalars(select(MealPoint.id).where(points_seen_by(current()))))
    return [item for item in one.items if item.point_id in seen]


def _filtered(items: list[Slim]) -> list[Slim]:
    state, stratum = request.args.get("state", ""), tidy(request.args.get("stratum", ""))
    if state == WRONG:
        items = [item for item in items if item.error]
    elif state == DONE:
        items = [item for item in items if item.state not in WAITING]
    elif state:
        items = [item for item in items if item.state == state]
    return [item for item in items if item.stratum == stratum] if stratum else items


def _points() -> list[tuple[str, str]]:
    rows = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    found = db.session.execute(rows.order_by(MealPoint.code).limit(ENOUGH))
    return [(code, name) for code, name in found]


def _assign_form(row: AuditSample) -> AssignForm:
    form = AssignForm()
    form.callers.choices = [
        (one.id, f"{one.name}（{one.login}）") for one in calling.callers(row.division)
    ]
    return form


def _same_again(row: AuditSample) -> str:
    """Empty if the seed draws the same sample again, else what differs."""
    try:
        services.redraw(row)
    except NotTheSame as refusal:
        return refusal.message
    return ""


def _to_cases(one: Shown, items: list[Slim]) -> list[tuple[str, str, int]]:
    """For each point with wrong lines its name, where a case of them is opened, and how many."""
    if not current().can("leads.settle"):
        return []
    told = queries.details_of(one.row.id, [item.sequence for item in items if item.error])
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in told.values():
        keys[row.code, row.point_name].append(row.key)
    return [
        (name, _case_address(code, one.month, sorted(own)), len(own))
        for (code, name), own in sorted(keys.items())
    ]


def _case_address(code: str, month: Month, keys: list[str]) -> str:
    """Where a case of these lines is opened; of very many as many as an address holds."""
    fit = next(at for at in range(len(keys), 0, -1) if sum(map(len, keys[:at])) + 6 * at < ADDRESS)
    return url_for("case_opening.new", point=code, month=month, source="sample", line=keys[:fit])


def _given_words(given: int, left: int) -> str:
    told = f"已分派 {given} 笔。"
    return (
        f"{told}还有 {left} 笔没有合适的人：不在辖区内或需要回避，请加选其他人。" if left else told
    )
