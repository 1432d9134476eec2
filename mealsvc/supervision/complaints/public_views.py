"""The page behind the code on the table: stars and complaints without sign-in, nothing shown back."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import public_page
from mealsvc.supervision.complaints import services, throttle
from mealsvc.supervision.complaints.forms import FeedbackForm
from mealsvc.supervision.complaints.refusals import NothingSaid
from mealsvc.supervision.complaints.services import Said, Stars

Answer = str | Response | tuple[str, int]
DINER = Actor("system", "扫码")
"""Whoever scans; the address stays out of the trail."""
RATED = "rated"

bp = Blueprint("feedback", __name__)


@bp.route("/c/<code>", methods=["GET", "POST"])
@public_page
def feedback(code: str) -> Answer:
    place, form, now = _open_point(code), FeedbackForm(), clock.now()
    if request.method == "GET":
        form.fill_key()
    if form.validate_on_submit():
        if form.website.data:  # a program: thanked, and nothing is kept
            return _thanks(place)
        try:
            with writing():
                number = _keep(place, form, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            if form.stars.data:
                session[RATED] = _mark(place, now)
            return _thanks(place, number)
    page = render_template(
        "supervision/complaints/feedback.html",
        form=form,
        place=place,
        thanked=bool(request.args.get("thanks")),
        rated=session.get(RATED) == _mark(place, now),
    )
    return page, 422 if form.errors else 200


def _keep(place: MealPoint, form: FeedbackForm, now: datetime) -> str:
    """Counts the stars and takes the words down; the complaint's number, if there is one."""
    words, stars, key = form.words.data or "", form.stars.data, form.key.data or ""
    if not (words or stars):
        raise NothingSaid()
    today = local_date(now)
    visitor = throttle.visitor_of(request.remote_addr or "", place, today)
    number = ""
    if words:
        throttle.check_complaints(visitor, place, today)
        said = Said(form.kind.data, "qr", words, form.contact.data or "")
        number = services.receive(place, said, key, DINER, now, visitor).number
    if stars and session.get(RATED) != _mark(place, now):
        throttle.check_answers(visitor, place, today)
        given = Stars(int(stars), **form.grades())
        services.rate(place, given, "qr", f"{visitor}/{key}", DINER, now)
    return number


def _open_point(code: str) -> MealPoint:
    """The point, unless there is none of this code or it has closed for good."""
    place = point_by_code(code)
    if place is None or (place.closed_on and place.closed_on < local_date(clock.now())):
        abort(404)
    return place


def _mark(place: MealPoint, now: datetime) -> str:
    """What a telephone remembers: that it has answered here today."""
    return f"{place.code} {local_date(now)}"


def _thanks(place: MealPoint, number: str = "") -> Response:
    if number:
        flash(f"您反映的事情已经收到，编号 {number}，我们会尽快核实办理。", "good")
    return redirect(url_for(".feedback", code=place.code, thanks=1), 303)
