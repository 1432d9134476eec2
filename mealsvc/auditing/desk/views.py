"""Pages of the auditor's desk: leads by weight, one lead with its pictures, scan now, dismiss."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.auditing.cases.rules import SEVERITIES
from mealsvc.auditing.cases.rules import STATES as CASE_STATES
from mealsvc.auditing.desk import kinds, queries
from mealsvc.auditing.desk.evidence import people, pieces
from mealsvc.auditing.desk.forms import DismissForm, ReopenForm
from mealsvc.auditing.desk.queries import Wanted, leads_seen_by
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard

Answer = str | BaseResponse | tuple[str, int]
MOST_COUNTED = 1_000
LINES_A_PAGE = 50

bp = Blueprint("leads", __name__, url_prefix="/leads")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(
        state.app,
        lead_severity=SEVERITIES,
        lead_state=kinds.STATES,
        picture_name=kinds.TITLES,
        picture_says=kinds.SAYS,
        lead_rule=kinds.RULES,
    )


@bp.get("")
@guard("audit.read")
def index() -> str:
    from mealsvc.auditing.scanning import jobs

    wanted, seen = _wanted(), leads_seen_by(current())
    page = pages.page_of(
        queries.listed(seen, wanted), pages.page_asked(), pages.size_asked(), MOST_COUNTED
    )
    return render_template(
        "leads/leads.html",
        page=page,
        wanted=wanted,
        sums=queries.sums(seen, wanted),
        scan=queries.last_scan(wanted.month),
        looked=jobs.last_look(wanted.month),
        running=jobs.running() if current().can("audit.scan") else None,
        failure=jobs.last_failure(wanted.month) if current().can("audit.scan") else "",
        days=queries.days_of([row.Lead for row in page.items], wanted.month),
        rules=[(code, f"{code} {name}") for code, name in kinds.RULES.items()],
        points=_points_to_choose(),
        kinds=kinds,
        severities=SEVERITIES,
    )


@bp.post("/scan")
@guard("audit.scan")
def scan() -> Answer:
    """Scans the month in the background; the list shows how far it is."""
    from mealsvc.auditing.scanning import jobs

    month = _month(request.form.get("month", ""))
    if month is None:
        flash("没有选定月份，没有扫描。请在疑点线索页按月份扫描。", "bad")
        return redirect(url_for(".index"), 303)
    try:
        jobs.start(month, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    return redirect(url_for(".index", month=str(month)), 303)


@bp.get("/<int:lead_id>")
@guard("audit.read")
def lead(lead_id: int) -> str:
    return _page(lead_id, DismissForm(formdata=None), ReopenForm(formdata=None))


@bp.get("/<int:lead_id>/<picture>.svg")
@guard("audit.read")
def picture(lead_id: int, picture: str) -> Response:
    """One picture of the evidence, as a file of its own."""
    from mealsvc.auditing.desk import sights  # reportlab: not before somebody looks

    row = _row(lead_id)
    if picture not in kinds.TITLES:
        abort(404)
    drawn = sights.svg(picture, sights.scene_of(row.Lead, row.LeadEdition, row.MealPoint))
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@bp.post("/<int:lead_id>/dismiss")
@guard("leads.settle")
def dismiss(lead_id: int) -> Answer:
    from mealsvc.auditing.scanning import services  # numpy: not before it is needed

    _row(lead_id)
    form = DismissForm()
    if form.validate_on_submit():
        why = kinds.why_written(form.reason.data, form.note.data or "")
        try:
            with writing():
                services.dismiss_lead(lead_id, why, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已排除这条疑点，以后扫描仍会更新它的内容，但不再提醒。", "good")
            return redirect(url_for(".lead", lead_id=lead_id), 303)
    return _page(lead_id, form, ReopenForm(formdata=None)), 422


@bp.post("/<int:lead_id>/reopen")
@guard("leads.settle")
def reopen(lead_id: int) -> Answer:
    from mealsvc.auditing.scanning import services

    _row(lead_id)
    form = ReopenForm()
    if form.validate_on_submit():
        try:
            with writing():
                services.reopen_lead(lead_id, form.note.data or "", current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已恢复，重新列入待看。", "good")
            return redirect(url_for(".lead", lead_id=lead_id), 303)
    return _page(lead_id, DismissForm(formdata=None), form), 422


def _page(lead_id: int, dismissing: DismissForm, reopening: ReopenForm) -> str:
    row, seen = _row(lead_id), leads_seen_by(current())
    lead, edition = row.Lead, row.LeadEdition
    wanted = _wanted(Month.from_key(lead.month))
    before, after = queries.beside(seen, wanted, lead, edition.weight)
    return render_template(
        "leads/lead.html",
        lead=lead,
        edition=edition,
        point=row.MealPoint,
        pieces=pieces(edition.evidence, edition.rules, kinds.RULES),
        pictures=kinds.pictures_of(
            edition.rules, edition.servings, row.MealPoint is not None, edition.residents
        ),
        page=pages.page_of(queries.lines(lead), pages.page_asked(), LINES_A_PAGE),
        people=queries.people_of(people(edition.evidence)),
        editions=queries.editions(lead_id),
        cases=queries.cases_of(lead_id),
        case_states=CASE_STATES,
        neighbours=queries.neighbours(seen, lead),
        before=before,
        after=after,
        narrowed=_narrowing(),
        settled=kinds.why_shown(lead.settled_why) if lead.settled_why else None,
        kinds=kinds,
        dismissing=dismissing,
        reopening=reopening,
    )


def _row(lead_id: int) -> Any:
    """The lead within the scope; 404 where there is none."""
    return queries.lead_row(leads_seen_by(current()), lead_id) or abort(404)


def _wanted(month: Month | None = None) -> Wanted:
    asked = _narrowing()
    return Wanted(month or pages.month_asked() or _default_month(), **asked)


def _narrowing() -> dict[str, str]:
    """What the address narrows the list to, beside the month."""
    return {
        name: tidy(request.args.get(name, "")) for name in ("point", "rule", "severity", "state")
    }


def _default_month() -> Month:
    """The latest month that was scanned, else the present one."""
    latest = queries.latest_month()
    return Month.from_key(latest) if latest else Month.of(local_date(clock.now()))


def _month(written: str) -> Month | None:
    try:
        return Month.parse(written)
    except ValueError:
        return None


def _points_to_choose() -> list[tuple[str, str]]:
    rows = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    return [
        (code, f"{name}（{code}）")
        for code, name in db.session.execute(rows.order_by(MealPoint.code))
    ]
