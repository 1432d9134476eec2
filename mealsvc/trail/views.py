"""The page of the trail: who did what, newest first."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import Select, select

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.text import tidy
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import guard
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.wording import ACTION_NAMES, KIND_NAMES, action_name, actor_name, detail_lines

PER_PAGE = 100

bp = Blueprint("trail", __name__)
bp.add_app_template_filter(action_name)
bp.add_app_template_filter(actor_name)


@bp.get("/trail")
@guard("trail.read")
def trail() -> str:
    day, unread = _day_asked()
    before = request.args.get("before", type=int)
    rows = db.session.scalars(_found(day, before)).all()
    shown = rows[:PER_PAGE]
    return render_template(
        "trail/trail.html",
        rows=[(row, detail_lines(row.action, row.detail)) for row in shown],
        older=shown[-1].seq if len(rows) > PER_PAGE else None,
        before=before,
        unread_day=unread,
        actions=list(ACTION_NAMES.items()),
    )


def _found(day: date | None, before: int | None) -> Select[Any]:
    """One row more than a page, by sequence downwards: leafing costs the same at any depth."""
    rows = select(TrailEvent).order_by(TrailEvent.seq.desc()).limit(PER_PAGE + 1)
    if before is not None and 0 < before < 2**62:
        rows = rows.where(TrailEvent.seq < before)
    if action := tidy(request.args.get("action", "")):
        rows = rows.where(TrailEvent.action == action)
    if subject := tidy(request.args.get("subject", "")):
        rows = rows.where(TrailEvent.subject == subject)
    if actor := tidy(request.args.get("actor", "")):
        rows = rows.where(
            TrailEvent.actor.in_([actor, *(f"{kind}:{actor}" for kind in KIND_NAMES)])
        )
    if day is not None:
        begins = datetime.combine(day, time(), LOCAL)
        rows = rows.where(TrailEvent.at >= begins, TrailEvent.at < begins + timedelta(days=1))
    return rows


def _day_asked() -> tuple[date | None, str]:
    """The day in the address, and what was typed instead of one."""
    written = tidy(request.args.get("day", ""))
    try:
        return (parse_date(written) if written else None), ""
    except ValueError:
        return None, written
