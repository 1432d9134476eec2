"""Pages: whose meal cards are printed, what that means, and the sheets."""

import re
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from sqlalchemy import func, select

from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.gazetteer import divisions_in
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports import meal_cards
from mealsvc.residents.card_holders import STATES, Wanted, cards_by_holder, holders
from mealsvc.residents.models import Resident
from mealsvc.residents.search import lies_in

bp = Blueprint("meal_cards", __name__, url_prefix="/reports/cards")

MOST_NAMED = 200  # people picked one by one: a page of the list
_REF = re.compile(r"R([0-9]{1,15})")


@bp.get("")
@guard("cards.write")
def choose() -> str:
    """The people within the scope, to print all of them or to pick some."""
    rows = holders(_wanted(), local_date(clock.now()))
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked(), count_up_to=100_000)
    return render_template(
        "reports/cards.html",
        page=page,
        held=cards_by_holder([one.id for one in page.items]),
        names=divisions_in(""),
        choices=list(divisions_in(current().scope).items()),
        states=list(STATES.items()),
        division=request.args.get("division", ""),
        state=request.args.get("state", ""),
        most=meal_cards.MOST,
    )


@bp.get("/print")
@guard("cards.write")
def preview() -> str:
    """How many cards and sheets it will be, and who gets a new number."""
    wanted = _wanted()
    if "picked" in request.args and not wanted.ids:
        return render_template("reports/print_cards.html", back=url_for(".choose"), count=None)
    return _confirmation(wanted)


@bp.post("/print")
@guard("cards.write")
def print_sheets() -> Response | tuple[str, int]:
    wanted = _wanted()
    subject = f"R{wanted.ids[0]:06d}" if len(wanted.ids) == 1 else wanted.division or wanted.scope
    try:
        paper = meal_cards.print_cards(wanted, subject, current().actor(), clock.now())
    except Refusal as refusal:
        return _confirmation(wanted, refusal), 422
    name = f"{meal_cards.TITLE}_{subject}.pdf"
    return send_file(
        BytesIO(paper), mimetype="application/pdf", as_attachment=True, download_name=name
    )


def _confirmation(wanted: Wanted, refusal: Refusal | None = None) -> str:
    told: dict[str, Any] = {"count": None, "refusal": refusal}
    try:
        told["count"] = meal_cards.count(wanted, clock.now())
    except Refusal as too_many:
        told["refusal"] = too_many
    args: dict[str, Any] = {"division": wanted.division or None, "state": wanted.state or None}
    back = url_for(".choose", **args)
    if len(wanted.ids) == 1:
        back = f"{request.script_root}/residents/R{wanted.ids[0]:06d}"
    return render_template("reports/print_cards.html", back=back, **told)


def _wanted() -> Wanted:
    """What the address asks for, within the scope; 404 for people who are not there."""
    division, state = tidy(request.args.get("division", "")), request.args.get("state", "")
    refs = [_REF.fullmatch(ref) for ref in request.args.getlist("who")[:MOST_NAMED]]
    ids = tuple(int(ref[1]) if ref else 0 for ref in refs)
    wanted = Wanted(
        current().scope,
        division if is_division(division) else "",
        state if state in STATES else "",
        ids,
    )
    if ids and not _all_there(wanted):
        abort(404)
    return wanted


def _all_there(wanted: Wanted) -> bool:
    """Whether everybody named lies within the scope, gone or not: what does not is not there."""
    ids = set(wanted.ids)
    seen = select(func.count()).where(Resident.id.in_(ids), lies_in(wanted.scope))
    return db.session.scalar(seen) == len(ids)
