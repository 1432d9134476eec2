"""Pages: a case is opened, on a lead or by hand."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.auditing.cases import forms, leads, rules, services
from mealsvc.auditing.cases.models import AuditCase
from mealsvc.auditing.cases.reading import candidates, other_cases
from mealsvc.auditing.cases.refusals import NotALineOfThePoint
from mealsvc.auditing.cases.views import points_to_choose
from mealsvc.auditing.scanning.models import Lead, LeadEdition
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.addresses import number_asked
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving, ServingKey
from mealsvc.settlement.area import district

Answer = str | Response | tuple[str, int]
MOST_SHOWN = 200

bp = Blueprint("case_opening", __name__, url_prefix="/cases")


@bp.route("/new", methods=["GET", "POST"])
@guard("leads.settle")
def new() -> Answer:
    lead_id = number_asked("lead")
    if lead_id is not None:
        return _on_a_lead(_lead_or_404(lead_id))
    return _by_hand()


def _lead_or_404(lead_id: int) -> Lead:
    """As at the desk: of the points within the scope, and of no single one with the whole district."""
    lead = db.session.get(Lead, lead_id) or abort(404)
    me, place = current(), db.session.get(MealPoint, lead.point_id or 0)
    seen = me.sees_point(place.code, place.division) if place else me.sees_division(district())
    return lead if seen else abort(404)


def _on_a_lead(lead: Lead) -> Answer:
    edition = db.session.get(LeadEdition, (lead.id, lead.edition)) or abort(404)
    here = leads.points_of(lead)
    code = tidy(request.args.get("point", "")) or (here[0][0].code if here else "")
    point = point_or_404(code)
    lines = leads.lead_lines(lead, point.id, *_days())
    taken = other_cases(lines)
    form = forms.LeadForm()
    if request.method == "GET":
        form.title.data = edition.title[:80]
    chosen = _ticked(lines)
    if form.validate_on_submit():
        free = lines - set(taken)
        wanted = free if form.scope.data == "all" else chosen
        try:
            with writing():
                by, now = current().actor(), clock.now()
                title, words = form.title.data or "", form.words.data or ""
                made = services.open_lead(lead.id, point.id, wanted, title, words, by, now)
        except Refusal as refusal:
            form.form_errors.append(refusal.message)
        else:
            return _opened(made)
    page = render_template(
        "cases/new_lead.html",
        form=form,
        lead=lead,
        edition=edition,
        point=point,
        points=here,
        rows=_rows(leads.in_time(lines)),
        number=len(lines),
        taken=taken,
        chosen=chosen if request.method == "POST" else lines - set(taken),
        could=rules.what_could_be_held(_standings(lines - set(taken))),
        words=rules,
        most=MOST_SHOWN,
    )
    return page, 422 if form.errors else 200


def _by_hand() -> Answer:
    code, form = tidy(request.args.get("point", "")), forms.OpenForm()
    point = point_or_404(code) if code else None
    month = pages.month_asked()
    if request.method == "GET":
        form.lines.data = "\n".join(map(tidy, request.args.getlist("line")))[: forms.LONG_LIST]
        source = request.args.get("source", "")
        form.source.data = source if source in forms.BY_HAND else "other"
    if point is not None and form.validate_on_submit():
        try:
            sequences = _sequences(form.lines.data or "")
            what = services.Opening(
                point.id,
                month or _month_of(sequences),
                form.title.data or "",
                sequences,
                form.severity.data,
                form.source.data,
            )
            with writing():
                by, now = current().actor(), clock.now()
                made = services.open_case(what, form.words.data or "", by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            return _opened(made)
    page = render_template(
        "cases/new.html", form=form, point=point, month=month, points=points_to_choose()
    )
    return page, 422 if form.errors else 200


def _days() -> tuple[date, date]:
    """The days in the address to which the lines are narrowed down."""
    asked = []
    for name, otherwise in (("from", date.min), ("to", date.max)):
        try:
            asked.append(parse_date(tidy(request.args.get(name, ""))))
        except ValueError:
            asked.append(otherwise)
    return asked[0], asked[1]


def _opened(made: AuditCase) -> Response:
    flash(f"已立案，案号 {made.number}。请分派给经办人。", "good")
    return redirect(url_for("cases.case", case_id=made.id), 303)


def _rows(servings: Any) -> Sequence[Any]:
    """Servings with their elders' names, as many as one page holds."""
    rows = servings.add_columns(Resident.name).join(Resident, Resident.id == Serving.resident_id)
    return db.session.execute(rows.limit(MOST_SHOWN)).all()


def _ticked(lines: set[int]) -> set[int]:
    written = request.form.getlist("sequence")
    return {
        int(one) for one in written if one.isascii() and one.isdigit() and len(one) < 19
    } & lines


def _standings(lines: set[int]) -> list[rules.Standing]:
    return [one.standing for one in candidates(lines).values()]


def _sequences(written: str) -> list[int]:
    """The lines under these keys. Raises `NotALineOfThePoint` for the first that there is not."""
    wanted = forms.split_keys(written)[: services.MOST_LINES + 1]
    rows = select(ServingKey.key, ServingKey.sequence).where(ServingKey.key.in_(wanted))
    known = {row.key: row.sequence for row in db.session.execute(rows)}
    for key in wanted:
        if key not in known:
            raise NotALineOfThePoint(key=key[:64])
    return [known[key] for key in wanted]


def _month_of(sequences: Sequence[int]) -> Month:
    """The month in which the first of these meals was eaten."""
    rows = select(Serving.served_on).where(Serving.sequence.in_(sequences))
    first = db.session.scalar(rows.order_by(Serving.served_on).limit(1))
    return Month.of(first or clock.now().date())
