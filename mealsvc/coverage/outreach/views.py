"""Pages: the lists to call, and the desk from which one elder at a time is called."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.coverage.outreach import queries, rules, services
from mealsvc.coverage.outreach.forms import CallForm
from mealsvc.coverage.outreach.queries import Frame, Listed
from mealsvc.coverage.outreach.refusals import NotListed
from mealsvc.kernel import masking
from mealsvc.kernel.ages import age_on
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.queries import division_names
from mealsvc.places.scope import area_of
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.residents.models import Resident
from mealsvc.residents.search import lies_in
from mealsvc.settings.services import value_on

Answer = str | Response | tuple[str, int]
COUNTED_UP_TO = 1_000

bp = Blueprint("outreach", __name__, url_prefix="/contacts")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(state.app, call_outcome=rules.OUTCOMES, call_tone=rules.TONES)


@bp.get("")
@guard("outreach.call")
def index() -> str:
    """One list (`topic`), masked: who is on it and why."""
    topic = rules.TOPICS.get(request.args.get("topic", ""), rules.TOPICS[rules.QUIET])
    frame = _frame()
    page = pages.page_of(
        queries.list_of(topic.code, frame), pages.page_asked(), pages.size_asked(), COUNTED_UP_TO
    )
    outcomes = queries.outcomes_of(topic.code, frame)
    return render_template(
        "outreach/list.html",
        topic=topic,
        topics=rules.TOPICS.values(),
        who=topic.who.format(**frame.words),
        frame=frame,
        page=page,
        outcomes=outcomes,
        called=sum(outcomes.values()),
        stops=queries.stops(frame.day) if topic.code == rules.STOPPED_POINT else [],
        stop_words=stop_words,
        **_about(page.items, frame),
    )


@bp.get("/<topic>/<ref>")
@guard("outreach.call")
def desk(topic: str, ref: str) -> str:
    """One elder of a list: what to say, and what came of it."""
    resident, frame = _known(topic, ref), _frame()
    try:
        line = queries.listed(topic, resident.id, frame)
    except NotListed:
        line = None
    return _desk(topic, resident, line, frame, CallForm(formdata=None))


@bp.post("/<topic>/<ref>/phone")
@guard("outreach.call")
def phone(topic: str, ref: str) -> Answer:
    """Shows one number, once: the answer is not kept anywhere, the trail tells who asked."""
    resident, frame = _known(topic, ref), _frame()
    try:
        line = queries.listed(topic, resident.id, frame)
        with writing():
            number = services.reveal(line, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "warn")
        return redirect(url_for(".desk", topic=topic, ref=ref), 303)
    response = make_response(
        _desk(topic, resident, line, frame, CallForm(formdata=None), number=number)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<topic>/<ref>/call")
@guard("outreach.call")
def call(topic: str, ref: str) -> Answer:
    """Takes the outcome down and goes on to the next elder of the list."""
    resident, frame = _known(topic, ref), _frame()
    form = CallForm()
    try:
        line = queries.listed(topic, resident.id, frame)
    except NotListed as refusal:
        flash(refusal.message, "warn")
        return redirect(url_for(".index", topic=topic), 303)
    if not form.validate_on_submit():
        return _desk(topic, resident, line, frame, form), 422
    with writing():
        services.note_call(
            line, form.outcome.data, form.words.data or "", current().actor(), clock.now()
        )
    after = db.session.execute(queries.list_of(topic, _frame()).limit(1)).first()
    if after is None:
        flash("已登记。这份名单都联系过了。", "good")
        return redirect(url_for(".index", topic=topic), 303)
    flash("已登记，这是下一位。", "good")
    return redirect(url_for(".desk", topic=topic, ref=f"R{after.id:06d}"), 303)


def stop_words(stop: queries.Stop) -> str:
    """2024年6月1日起 / 2024年6月1日至6月7日: when a point stands still."""
    if stop.to_on is None:
        return f"{chinese_date(stop.from_on)}起"
    return f"{chinese_date(stop.from_on)}至{chinese_date(stop.to_on)}"


def _office() -> str:
    """How the caller's office is called on the telephone."""
    scope = current().scope
    name = division_names([scope]).get(scope, "")
    return f"{name}民政局" if len(scope) == 6 else name


def _frame() -> Frame:
    return queries.frame_of(area_of(current()), clock.now())


def _known(topic: str, ref: str) -> Resident:
    """The resident of this number within the scope; 404 for anybody else and for another list."""
    number = ref.removeprefix("R")
    if topic not in rules.TOPICS or not (
        number.isascii() and number.isdigit() and len(number) < 16
    ):
        abort(404)
    seen = select(Resident).where(Resident.id == int(number), lies_in(current().scope))
    return db.session.scalar(seen) or abort(404)


def _about(rows: Any, frame: Frame) -> dict[str, Any]:
    """What the rows of a list need besides: names of places and points, categories, ages."""
    codes = {row.home for row in rows} | {row.home[:9] for row in rows}
    ids = {row.point_id for row in rows if row.point_id}
    points = select(MealPoint.id, MealPoint.name).where(MealPoint.id.in_(ids))
    return {
        "places": division_names(codes),
        "points": dict(db.session.execute(points).all()) if ids else {},
        "needs": queries.needs_of([row.id for row in rows], frame.day),
        "age_on": lambda row: age_on(row.birth_on, frame.day),
    }


def _desk(
    topic: str,
    resident: Resident,
    line: Listed | None,
    frame: Frame,
    form: CallForm,
    *,
    number: str = "",
) -> str:
    row, keys = (line.row if line else None), vault()
    stopped = {one.point_id: one for one in queries.stops(frame.day)} if row else {}
    stop = stopped.get(row.point_id) if row else None
    known = rules.TOPICS[topic]
    said = {
        "caller": _office(),
        "surname": masking.surname(resident.name),
        "phone": value_on("public.service_phone", local_date(clock.now())),
        "point": stop.name if stop else "",
        "stop": stop_words(stop) if stop else "",
    }
    return render_template(
        "outreach/desk.html",
        topic=known,
        who=known.who.format(**frame.words),
        resident=resident,
        row=row,
        frame=frame,
        form=form,
        number=number,
        script=[line.format(**said) for line in known.script],
        calls=[
            (one, keys.open(one.words) if one.words else "")
            for one in queries.calls_of(resident.id)
        ],
        topic_names={one.code: one.name for one in rules.TOPICS.values()},
        **_about([row] if row else [], frame),
    )
