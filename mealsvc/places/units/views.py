"""Pages: how the papers of all points stand, one point's papers, people and exercises."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.licence_number import licence_warning
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places import services as places
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.places.units import queries, reading, rules, services
from mealsvc.places.units.forms import EVENT_FORMS, DocumentForm, WithdrawForm
from mealsvc.places.units.models import UnitDocument, UnitEvent
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division, require_point
from mealsvc.plumbing.outlook import outlook

Answer = str | Response | tuple[str, int]
LICENCES = ("licence", "supplier_licence")
bp = Blueprint("units", __name__, url_prefix="/units")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(
        state.app,
        paper_name={code: one.name for code, one in rules.KINDS.items()},
        post_name=rules.POSTS,
        staff_paper_name=rules.STAFF_PAPERS,
        unit_event_name=rules.EVENTS,
    )


@bp.get("")
@guard("units.read")
def index() -> str:
    if current().at_point:
        return _point_page(point_or_404(current().scope))
    town, today = tidy(request.args.get("town", "")), _today()
    if town:
        require_division(town)
    text, wanted = tidy(request.args.get("q", "")), tidy(request.args.get("state", ""))
    points = reading.points_seen(points_seen_by(current()), today, town, text)
    states = queries.states_on(today, [point.id for point in points])
    found = [point for point in points if reading.matches(states[point.id], wanted)]
    page = _paged(found, pages.page_asked(), pages.size_asked())
    return render_template(
        "places/units/units.html",
        page=page,
        found=len(found),
        states=states,
        flagged=sum(states[point.id].flagged for point in points),
        towns=division_names({point.division[:9] for point in page.items}),
        choices={"states": list(reading.STATES.items()), "towns": towns_seen()},
    )


@bp.get("/<code>")
@guard("units.read")
def unit(code: str) -> str:
    return _point_page(point_or_404(code))


@bp.get("/rules")
@guard("units.read")
def district_rules() -> str:
    """The twelve rules of the district itself; everybody who may see papers may see them."""
    documents = reading.documents_of(None)
    return render_template(
        "places/units/rules.html",
        documents=documents,
        held=reading.rules_held(documents, _today()),
        codes=rules.RULES,
        may_write=_may_write_rules(),
    )


@bp.route("/rules/new", methods=["GET", "POST"])
@guard("units.write")
def add_rule() -> Answer:
    if not _may_write_rules():
        abort(403)
    form = DocumentForm()
    form.offer(rules.RULES, with_others=False)
    return _entering(form, None, url_for(".district_rules"))


@bp.route("/<code>/documents/new", methods=["GET", "POST"])
@guard("units.write")
def add_document(code: str) -> Answer:
    point, form = point_or_404(code), DocumentForm()
    form.offer(rules.required(point.kind, point.catering_mode))
    return _entering(form, point, url_for(".unit", code=point.code))


@bp.route("/documents/<int:document_id>/withdraw", methods=["GET", "POST"])
@guard("units.write")
def withdraw_document(document_id: int) -> Answer:
    document = db.session.get(UnitDocument, document_id) or abort(404)
    point = _point_of(document.point_id)
    if point is None and not _may_write_rules():
        abort(403)
    what = rules.DOCUMENTS[document.kind].name
    return withdrawing(services.withdraw_document, document, what, point)


@bp.route("/<code>/events/new", methods=["GET", "POST"])
@guard("units.write")
def add_event(code: str) -> Answer:
    point, kind = point_or_404(code), request.args.get("kind", "")
    if kind not in EVENT_FORMS:
        abort(404)
    form = EVENT_FORMS[kind]()
    if form.validate_on_submit():
        values = {one.short_name: one.data for one in form if one.short_name != "csrf_token"}
        try:
            with writing():
                services.note_event(point, values | {"kind": kind}, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"{rules.EVENTS[kind]}已登记。", "good")
            return redirect(url_for(".unit", code=point.code), 303)
    return page_of_form("places/units/event.html", form, point=point, kind=kind)


@bp.route("/events/<int:event_id>/withdraw", methods=["GET", "POST"])
@guard("units.write")
def withdraw_event(event_id: int) -> Answer:
    event = db.session.get(UnitEvent, event_id) or abort(404)
    point = _point_of(event.point_id)
    return withdrawing(services.withdraw_event, event, rules.EVENTS[event.kind], point)


def withdrawing(
    act: Callable[..., None], row: Any, what: str, point: MealPoint | None, **facts: Any
) -> Answer:
    """Asks for the reason, then takes the entry out of account and goes back."""
    back = facts.get("back") or (
        url_for("units.unit", code=point.code) if point else url_for("units.district_rules")
    )
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            with writing():
                act(row, form.why.data or "", current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("这条登记已撤回，不再算数；原来的内容留着可查。", "good")
            return redirect(back, 303)
    return page_of_form(
        "places/units/withdraw.html", form, row=row, what=what, point=point, back=back
    )


def page_of_form(template: str, form: Any, **facts: Any) -> tuple[str, int]:
    """The form's page: 422 when it comes back with something to correct."""
    return render_template(template, form=form, **facts), 422 if form.errors else 200


def _entering(form: DocumentForm, point: MealPoint | None, back: str) -> Answer:
    if request.method == "GET":
        form.kind.data = request.args.get("kind", "")
    if form.validate_on_submit():
        values = {one.short_name: one.data for one in form if one.short_name != "csrf_token"}
        try:
            with writing():
                services.enter_document(point, values, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"{rules.DOCUMENTS[form.kind.data].name}已登记。", "good")
            number = form.number.data or ""
            warning = licence_warning(number) if number and form.kind.data in LICENCES else None
            if warning:
                flash(warning, "warn")
            return redirect(back, 303)
    return page_of_form("places/units/document.html", form, point=point, back=back)


def _paged(found: list[MealPoint], page: int, size: int) -> pages.Page:
    first = (page - 1) * size
    return pages.Page(found[first : first + size], page, len(found) > first + size, per_page=size)


def _point_page(point: MealPoint) -> str:
    today = _today()
    diners = outlook().diners_a_meal(today, [point.id])
    state = queries.states_on(today, [point.id], diners)[point.id]
    documents = reading.documents_of(point.id)
    members = reading.staff_of(point.id, False, today)
    return render_template(
        "places/units/unit.html",
        point=point,
        state=state,
        lines=reading.lines_of(state, today),
        documents=documents,
        held=reading.rules_held(documents, today),
        codes=rules.RULES,
        members=members,
        gone=reading.staff_of(point.id, True, today),
        papers=reading.papers_of(members),
        events=reading.events_of(point.id),
        supplier=places.point_by_code(point.supplier) if point.supplier else None,
        named=reading.namer(current()),
        today=today,
        may_write=current().can("units.write"),
    )


def _point_of(point_id: int | None) -> MealPoint | None:
    """The point of a row, which stands within the scope; none for the district's own."""
    point = db.session.get(MealPoint, point_id) if point_id else None
    if point is not None:
        require_point(point.code, point.division)
    return point


def _may_write_rules() -> bool:
    """The district's own rules are entered by the district."""
    return current().can("units.write") and not current().at_point


def _today() -> date:
    return local_date(clock.now())
