"""Pages: clawbacks, proposing one, deciding it, and noting that the cash is in."""

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.servings.models import ServingKey
from mealsvc.settlement import clawbacks
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.clawback_queries import lines_shown, offsets_of
from mealsvc.settlement.notice_forms import ClawbackForm, DecideForm, RepaidForm
from mealsvc.settlement.reasons import REASONS

Answer = str | Response | tuple[str, int]
bp = Blueprint("clawbacks", __name__, url_prefix="/clawbacks")


@bp.get("")
@guard("settlement.read")
def index() -> str:
    state = request.args.get("state", "")
    rows: Any = (
        select(Clawback, MealPoint.name)
        .join(MealPoint, MealPoint.id == Clawback.point_id)
        .where(points_seen_by(current()))
        .order_by(Clawback.id.desc())
    )
    if state in clawbacks.STATES:
        rows = rows.where(Clawback.state == state)
    return render_template(
        "settlement/clawbacks.html",
        page=pages.page_of(rows, pages.page_asked()),
        states=list(clawbacks.STATES.items()),
        reasons=REASONS,
        modes=clawbacks.MODES,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("clawbacks.propose")
def new() -> Answer:
    """Lines of one point: that in the address, or, at first, the one asked for."""
    code, form = tidy(request.args.get("point", "")), ClawbackForm()
    point = point_or_404(code) if code else None
    if request.method == "GET":
        form.sequences.data = tidy(request.args.get("line", ""))
    if point is not None and form.validate_on_submit():
        try:
            with writing():
                made = clawbacks.propose_clawback(
                    point,
                    _sequences(point, form.sequences.data or ""),
                    form.reason.data,
                    form.note.data or "",
                    form.mode.data,
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("追回已提出，等另一个人审批。", "good")
            return redirect(url_for(".clawback", clawback_id=made.id), 303)
    seen = select(MealPoint.code, MealPoint.name).where(points_seen_by(current()))
    page = render_template(
        "settlement/clawback_new.html",
        form=form,
        point=point,
        points=[tuple(row) for row in db.session.execute(seen.order_by(MealPoint.code))],
        most=clawbacks.MOST_LINES,
    )
    return page, 422 if form.errors else 200


@bp.get("/<int:clawback_id>")
@guard("settlement.read")
def clawback(clawback_id: int) -> str:
    return _page(clawback_id, DecideForm())


@bp.post("/<int:clawback_id>/decide")
@guard("clawbacks.approve")
def decide(clawback_id: int) -> Answer:
    one, _ = clawback_or_404(clawback_id)
    form, verbs = DecideForm(), {"approve": _approve, "reject": _reject}
    verb = verbs.get(request.form.get("action", ""))
    if verb is None or not form.validate_on_submit():
        return _page(clawback_id, form), 422
    try:
        with writing():
            verb(one.id, form.note.data or "")
    except Refusal as refusal:
        show(form, refusal)
        return _page(clawback_id, form), 422
    flash("追回已批准，流水已冲正。" if verb is _approve else "已登记不批准。", "good")
    return redirect(url_for(".clawback", clawback_id=one.id), 303)


@bp.route("/<int:clawback_id>/repaid", methods=["GET", "POST"])
@guard("settlement.pay")
def repaid(clawback_id: int) -> Answer:
    one, point = clawback_or_404(clawback_id)
    form = RepaidForm()
    if request.method == "GET":
        form.repaid_on.data = local_date(clock.now())
    if form.validate_on_submit():
        try:
            with writing():
                clawbacks.record_repaid(
                    one.id,
                    form.repaid_on.data,
                    form.voucher.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("追回款已登记到账。", "good")
            return redirect(url_for(".clawback", clawback_id=one.id), 303)
    page = render_template("settlement/clawback_repaid.html", form=form, clawback=one, point=point)
    return page, 422 if form.errors else 200


def clawback_or_404(clawback_id: int) -> tuple[Clawback, MealPoint]:
    """The clawback with this id and its point; 404 outside the scope."""
    one = db.session.get(Clawback, clawback_id) or abort(404)
    point = db.session.get_one(MealPoint, one.point_id)
    if not current().sees_point(point.code, point.division):
        abort(404)
    return one, point


def _page(clawback_id: int, form: DecideForm) -> str:
    one, point = clawback_or_404(clawback_id)
    lines = lines_shown(one)
    return render_template(
        "settlement/clawback.html",
        clawback=one,
        point=point,
        lines=lines,
        form=form,
        reasons=REASONS,
        modes=clawbacks.MODES,
        offsets=offsets_of(one, lines),
    )


def _approve(clawback_id: int, note: str) -> None:
    clawbacks.approve_clawback(clawback_id, note, current().actor(), clock.now())


def _reject(clawback_id: int, note: str) -> None:
    clawbacks.reject_clawback(clawback_id, note, current().actor(), clock.now())


def _sequences(point: MealPoint, written: str) -> list[int]:
    """The lines that somebody wrote down, by key or by number; unknown ones stay to be refused."""
    words = list(dict.fromkeys(re.split(r"[\s,，、;；]+", written.strip())))[: clawbacks.MOST_LINES]
    keys = dict(
        db.session.execute(
            select(ServingKey.key, ServingKey.sequence).where(ServingKey.key.in_(words))
        ).all()
    )
    return [
        keys.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 16 else 0)
        for word in words
        if word
    ]
