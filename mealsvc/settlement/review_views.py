"""Pages: what matters in a point's month, its lines, holding and sending back, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.places.units.queries import states_on
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.policies.register import policies_in_force
from mealsvc.settlement import holding, refusals, returning, services
from mealsvc.settlement import review_queries as reading
from mealsvc.settlement.acts import STATE_NAMES
from mealsvc.settlement.asking import (
    OBJECTORS,
    REVIEWERS,
    batch_or_404,
    month_or_404,
    numbers_asked,
    require_any,
)
from mealsvc.settlement.batches import batch_of
from mealsvc.settlement.models import LineHold, ReturnedLine, SettlementBatch
from mealsvc.settlement.ranks import draw, seed_of
from mealsvc.settlement.reasons import REASONS
from mealsvc.settlement.review_forms import AnswerForm, EndHoldForm, ObjectionForm
from mealsvc.settlement.rules import worth
from mealsvc.settlement.waiting import acts_for, may_object

Answer = str | Response | tuple[str, int]
MOST_LINES = 500
SAMPLE, HELD, OBJECTED = "sample", "hold", "returned"

bp = Blueprint("settlement_review", __name__, url_prefix="/settlements")


@bp.app_template_filter("objection_name")
def _objection_name(code: str) -> str:
    return REASONS.get(code, code)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A list of lines: what it is called, and which they are (None: all of the month)."""

    title: str
    sequences: Sequence[int] | None


@bp.get("/<month>/<code>/review")
@guard("settlement.read")
def review(month: str, code: str) -> str:
    """Changes, news, signals and the sample of one point's month."""
    require_any(REVIEWERS)
    asked, point = month_or_404(month), point_or_404(code)
    entries = services.settlement_of(asked, point.code)["points"]
    batch = batch_of(asked, point.id)
    found = reading.review_of(asked, point)
    seed = seed_of(asked, point.code, batch.line_digest) if batch else ""
    drawn = draw(seed, found.sequences) if batch else []
    return render_template(
        "settlement/review.html",
        month=asked,
        point=point,
        entry=entries[0] if entries else None,
        batch=batch,
        earlier=reading.earlier_entries(asked, point.id),
        review=found,
        seed=seed,
        sample=list(reading.lines_by_sequence(drawn).values()),
        papers=states_on(asked.last_day, [point.id])[point.id],
        may_object=_may_object(batch),
        may_act=batch is not None and bool(acts_for(current().can, batch.status)),
    )


@bp.get("/<month>/<code>/lines")
@guard("settlement.read")
def lines(month: str, code: str) -> str:
    """The month's lines: all, those of a signal, held, returned, or the sample."""
    require_any(REVIEWERS)
    asked, point = month_or_404(month), point_or_404(code)
    batch = batch_of(asked, point.id)
    chosen = _chosen(asked, point, batch)
    rows = reading.lines_shown(asked, point.id, chosen.sequences)
    objections = returning.objections_of(batch) if batch else []
    return render_template(
        "settlement/lines.html",
        month=asked,
        point=point,
        batch=batch,
        chosen=chosen,
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        objections=reading.returned_now(objections),
        may_object=_may_object(batch),
    )


@bp.post("/<month>/<code>/hold")
@guard("settlement.read")
def hold(month: str, code: str) -> Answer:
    """Carves the ticked lines out of the month: asks first, with number and amount."""
    asked, point, batch, form = _to_object(month, code)
    found = _ticked(asked, point, batch)
    if "sure" in request.form and form.validate_on_submit():
        try:
            _refuse_out_of_turn(asked, point, batch)
            if not found:
                raise refusals.NothingTicked()
            with writing():
                holding.hold_lines(
                    asked,
                    point.id,
                    [one.Serving.sequence for one in found],
                    form.reason.data,
                    form.note.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已暂缓{len(found):,}笔，本批先不付；结论由另一个人作出。", "good")
            here = url_for(".lines", month=asked, code=code, show=HELD)
            return redirect(here, 303)
    return _asked_to_object("hold", form, asked, point, batch, found)


@bp.route("/<month>/<code>/return", methods=["GET", "POST"])
@guard("settlement.read")
def send_back(month: str, code: str) -> Answer:
    """Sends the month back to its point, with the ticked lines or as a whole."""
    asked, point, batch, form = _to_object(month, code)
    found = _ticked(asked, point, batch)
    if "sure" in request.form and form.validate_on_submit():
        reason, note = form.reason.data, form.note.data or ""
        ticked: list[int | None] = [one.Serving.sequence for one in found]
        objections = [returning.Objection(one, reason, note) for one in ticked or [None]]
        told = f"{REASONS[reason]}：{note}" if note else REASONS[reason]
        try:
            _refuse_out_of_turn(asked, point, batch)
            with writing():
                returning.return_batch(
                    asked, code, objections, told, current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已退回，等店长逐条答复后重新提交。", "good")
            return redirect(url_for("settlement.settlement", month=asked, code=code), 303)
    return _asked_to_object("return", form, asked, point, batch, found)


@bp.route("/<month>/<code>/answer", methods=["GET", "POST"])
@guard("settlement.answer")
def answer(month: str, code: str) -> Answer:
    """The point's side of a return: every objection explained, or its line given up."""
    asked, point, batch = batch_or_404(month, code)
    objections, form = returning.objections_of(batch), AnswerForm()
    wanted = next((one for one in objections if one.id == _number("returned")), None)
    agreed = request.form.get("answer") == "agreed"
    if wanted is not None and _may_be_saved(form, wanted, agreed):
        try:
            with writing():
                returning.answer(
                    wanted.id,
                    "agreed" if agreed else "explained",
                    form.note.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            flash(refusal.message, "bad")
        else:
            flash("已答复一条。", "good")
        return redirect(url_for(".answer", month=asked, code=code), 303)
    asking = wanted if agreed and wanted is not None and wanted.answer is None else None
    page = render_template(
        "settlement/answer.html",
        form=form,
        month=asked,
        point=point,
        batch=batch,
        page=_page_of(objections),
        waiting=sum(one.answer is None for one in objections),
        wanted=wanted,
        asking=asking,
        lines=reading.lines_by_sequence([one.sequence for one in objections if one.sequence]),
    )
    return page, 422 if form.errors else 200


@bp.post("/<month>/<code>/resubmit")
@guard("settlement.submit")
def resubmit(month: str, code: str) -> Response:
    asked, _, _ = batch_or_404(month, code)
    try:
        with writing():
            returning.resubmit(asked, code, "", current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash("已重新提交，等镇街初审。", "good")
    return redirect(url_for("settlement.settlement", month=asked, code=code), 303)


@bp.get("/holds")
@guard("settlement.release")
def holds() -> str:
    """Every held line within the scope that waits for its end."""
    page = pages.page_of(reading.open_holds(points_seen_by(current())), pages.page_asked())
    return render_template("settlement/holds.html", page=page)


@bp.route("/holds/<int:hold_id>", methods=["GET", "POST"])
@guard("settlement.release")
def end_hold(hold_id: int) -> Answer:
    """Releases a held line, or refuses it for good."""
    found = db.session.get(LineHold, hold_id)
    if found is None:
        abort(404)
    point = db.session.get_one(MealPoint, found.point_id)
    point_or_404(point.code)
    form, outcome = EndHoldForm(), request.form.get("outcome")
    if outcome in ("released", "refused") and form.validate_on_submit():
        end = holding.release if outcome == "released" else holding.refuse
        try:
            with writing():
                end(hold_id, form.note.data or "", current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            told = "已解除暂缓。" if outcome == "released" else "已核减，流水已冲正。"
            flash(told, "good")
            return redirect(url_for(".holds"), 303)
    row = reading.lines_by_sequence([found.sequence])[found.sequence]
    page = render_template("settlement/hold.html", form=form, hold=found, row=row, point=point)
    return page, 422 if form.errors else 200


def _may_object(batch: SettlementBatch | None) -> bool:
    """Whether the visitor may hold lines now; a month that is not submitted is the district's."""
    return may_object(current().can, batch.status if batch else "preview")


def _refuse_out_of_turn(month: Month, point: MealPoint, batch: SettlementBatch | None) -> None:
    if not _may_object(batch):
        state = STATE_NAMES[batch.status if batch else "preview"]
        raise refusals.NotYourTurn(month=month.chinese, point=point.name, state=state)


def _to_object(
    month: str, code: str
) -> tuple[Month, MealPoint, SettlementBatch | None, ObjectionForm]:
    require_any(OBJECTORS)
    asked, point = month_or_404(month), point_or_404(code)
    return asked, point, batch_of(asked, point.id), ObjectionForm()


def _ticked(month: Month, point: MealPoint, batch: SettlementBatch | None) -> list[Any]:
    """The ticked lines of this month that can be held or sent back; with `all`, those of the list
    that was looked at.
    """
    sequences: Sequence[int] | None = numbers_asked("sequence", MOST_LINES)
    if "all" in request.form:
        sequences = _chosen(month, point, batch).sequences
    rows = reading.to_object(reading.lines_shown(month, point.id, sequences))
    return list(db.session.execute(rows.limit(MOST_LINES + 1)))


def _chosen(month: Month, point: MealPoint, batch: SettlementBatch | None) -> Chosen:
    signal, which = request.values.get("signal", ""), request.values.get("show", "")
    if signal:
        for one in reading.review_of(month, point).signals:
            if one.code == signal:
                return Chosen(f"{one.name}（{one.code}）", one.sequences)
        return Chosen("没有这个信号", ())
    if which == HELD:
        return Chosen("暂缓的流水", reading.held_sequences(month, point.id))
    if which == OBJECTED and batch:
        listed = returning.objections_of(batch)
        return Chosen("退回的流水", [one.sequence for one in listed if one.sequence])
    if which == SAMPLE and batch:
        known = [one.sequence for one in reading.month_lines(month, point.id)]
        return Chosen("抽查样本", draw(seed_of(month, point.code, batch.line_digest), known))
    return Chosen("全部流水", None)


def _asked_to_object(
    what: str,
    form: ObjectionForm,
    month: Month,
    point: MealPoint,
    batch: SettlementBatch | None,
    found: list[Any],
) -> Answer:
    in_turn = _may_object(batch)
    if len(found) > MOST_LINES:
        show(form, refusals.TooManyLines(most=MOST_LINES, count=f"{MOST_LINES}以上"))
    page = render_template(
        "settlement/object.html",
        what=what,
        form=form,
        month=month,
        point=point,
        batch=batch,
        rows=found[:MOST_LINES],
        worths=_worths(found),
        in_turn=in_turn,
        state=STATE_NAMES[batch.status if batch else "preview"],
    )
    return page, 422 if form.errors else 200


def _may_be_saved(form: AnswerForm, wanted: ReturnedLine, agreed: bool) -> bool:
    """To give a line up is asked with the consequence first; anything else needs words."""
    if agreed and wanted.sequence is not None:
        return "sure" in request.form
    return form.validate_on_submit()


def _number(name: str) -> int:
    return request.form.get(name, type=int, default=0)


def _worths(found: list[Any]) -> dict[int, int]:
    """What each line brings the point; each decision is read once."""
    contents = reading.contents_of({one.Serving.decision_id for one in found})
    policies = policies_in_force()
    fen = {key: worth(content, policies)[0] for key, content in contents.items()}
    return {one.Serving.sequence: fen[one.Serving.decision_id] for one in found}


def _page_of(rows: Sequence[ReturnedLine]) -> pages.Page:
    page = pages.page_asked()
    start = (page - 1) * pages.PER_PAGE
    return pages.Page(
        rows[start : start + pages.PER_PAGE], page, len(rows) > start + pages.PER_PAGE
    )
