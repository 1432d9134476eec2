"""The page that gives out a day close as a paper."""

from io import BytesIO

from flask import Blueprint, Response, current_app, send_file
from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard
from mealsvc.reports import services
from mealsvc.reports.day_close_sheet import TITLE, CloseSheet, draw
from mealsvc.reports.gathering import is_demo
from mealsvc.servings.close_views import close_or_404
from mealsvc.servings.closing import day_of

bp = Blueprint("close_sheets", __name__)


@bp.get("/days/<code>/<day>/<int:nth>.pdf")
@guard("servings.read")
def sheet(code: str, day: str, nth: int) -> Response:
    point, close = close_or_404(code, day, nth)
    name = db.session.scalar(select(Account.name).where(Account.login == close.closed_by))
    found = day_of(point.id, close.served_on, up_to=close.last_sequence)
    paper = CloseSheet(point.code, point.name, close, name or close.closed_by, found, is_demo())
    pdf = draw(paper, current_app.config)
    place = f"{point.code}/{close.served_on}/{nth}"
    with writing():
        services.note_printing("day_close", Month.of(close.served_on), place, current().actor())
    return send_file(
        BytesIO(pdf),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{TITLE}_{close.served_on}_{point.code}_{nth}.pdf",
    )
