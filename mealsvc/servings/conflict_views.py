"""Pages: what came back differently after hours without network, and how each is settled."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.ages import age_on
from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.money import display
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.queries import division_names
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.addresses import accept_keys
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.residents.models import Resident
from mealsvc.servings import conflict_words as words
from mealsvc.servings import uploads
from mealsvc.servings.conflict_forms import SettleForm
from mealsvc.servings.ledger import subsidised_already
from mealsvc.servings.models import Serving, ServingKey, UploadConflict
from mealsvc.servings.services import Receipt

Answer = Response | tuple[str, int]
STATES = [("open", "待处理"), ("settled", "已处理")]

bp = Blueprint("conflicts", __name__)
bp.record_once(accept_keys)


@bp.get("/till/conflicts")
@guard("till.use")
def conflicts() -> str:
    state = request.args.get("state", "")
    rows = _found(current().point_code or "", state)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template("servings/conflicts.html", page=page, states=STATES, words=words)


@bp.get("/till/conflicts/<key:upload>")
@guard("till.use")
def conflict(upload: str) -> Answer:
    found = _own(upload)
    return _page(found, SettleForm(formdata=None).of(found), 200)


@bp.post("/till/conflicts/<key:upload>")
@guard("conflicts.settle")
def settle(upload: str) -> Answer:
    """First the consequence is shown, then the manager confirms."""
    found, form = _own(upload), SettleForm()
    form.of(found)
    if found.settled_at is not None:
        return _page(found, form, 409)
    if not form.validate() or "edit" in request.form:
        return _page(found, form, 422 if form.errors else 200)
    day = _day(form)
    if "confirmed" not in request.form:
        told = words.consequence(found, form.settlement.data, day)
        return _page(found, form, 200, told=told, day=day)
    try:
        with writing() as connection:
            receipt = uploads.settle_conflict(
                connection,
                found,
                form.settlement.data,
                day,
                form.note.data or "",
                current().actor(),
                clock.now(),
            )
    except Refusal as refusal:
        db.session.rollback()
        show(form, refusal)
        return _page(_own(upload), form, 422)
    _say(found, receipt)
    return redirect(url_for(".conflicts"), 303)


def _found(point: str, state: str) -> Any:
    """The point's uploads, those that wait first, then the latest."""
    settled = UploadConflict.settled_at.is_not(None)
    rows = (
        select(UploadConflict, Resident.name, Resident.sex)
        .outerjoin(Resident, Resident.id == UploadConflict.resident_id)
        .where(UploadConflict.point == point)
        .order_by(settled, UploadConflict.arrived_at.desc(), UploadConflict.key)
    )
    if state in dict(STATES):
        rows = rows.where(settled if state == "settled" else ~settled)
    return rows


def _own(key: str) -> UploadConflict:
    found = uploads.find_conflict(key)
    if found is None:
        abort(404)
    if found.point != current().point_code:
        abort(403, description="这个助餐点不在您的管辖范围内。")
    return found


def _page(
    found: UploadConflict,
    form: SettleForm,
    status: int,
    told: str = "",
    day: date | None = None,
) -> tuple[str, int]:
    facts = {
        "one": found,
        "form": form,
        "words": words,
        "who": _who(found),
        "line": _line(found.key),
        "elsewhere": _elsewhere(found),
        "told": told,
        "day": day,
        "may_settle": current().can("conflicts.settle") and found.settled_at is None,
        "is_clock": found.outcome == uploads.CLOCK,
    }
    return render_template("servings/conflict.html", **facts), status


def _who(found: UploadConflict) -> dict[str, Any] | None:
    """The elder as the counter tells her from others; no number, and no more of the name than lists show."""
    person = found.resident_id and db.session.get(Resident, found.resident_id)
    if not person:
        return None
    home = person.residence_division or person.hukou_division
    return {
        "name": person.name,
        "sex": person.sex,
        "age": age_on(person.birth_on, local_date(clock.now())),
        "place": division_names({home}).get(home, ""),
    }


def _line(key: str) -> int | None:
    """The ledger's line of this meal, to look it up."""
    own = ServingKey.sequence == Serving.sequence
    return db.session.scalar(
        select(Serving.sequence).join(ServingKey, own).where(ServingKey.key == key)
    )


def _elsewhere(found: UploadConflict) -> Any:
    """Where the elder's place for this meal was taken meanwhile."""
    if found.code != "already_served" or found.resident_id is None:
        return None
    return subsidised_already(found.resident_id, local_date(found.served_at), found.meal)


def _day(form: SettleForm) -> date | None:
    try:
        return parse_date(form.day.data or "")
    except ValueError:
        return None


def _say(found: UploadConflict, receipt: Receipt | None) -> None:
    if found.settlement != uploads.RECORD or receipt is None:
        flash(f"已处理：{words.choice(found, found.settlement or '')}。", "good")
        return
    paid, shown = receipt.self_pay_fen, found.shown_self_pay_fen
    flash(f"已登记：补贴{display(receipt.subsidy_fen)}元，老人应付{display(paid)}元。", "good")
    if paid != shown:
        ask = "补收" if paid > shown else "退还"
        flash(
            f"当时告诉老人自付{display(shown)}元，请当面{ask}{display(abs(paid - shown))}元。",
            "warn",
        )
