"""Pages: payment orders, making one, taking it back, noting that it is paid."""

from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.money import capitals
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.payments import orders, queries
from mealsvc.payments.dues import Due, dues_of, stage_dues_of
from mealsvc.payments.forms import OrderForm, PaidForm, RecallForm
from mealsvc.payments.models import PaymentOrder
from mealsvc.payments.payees import payees_of, shared_by
from mealsvc.payments.rules import Money
from mealsvc.places.scope import points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.settlement.services import district
from mealsvc.settlement.steps import prove_lines

Answer = str | Response | tuple[str, int]
bp = Blueprint("payments", __name__, url_prefix="/payments")


class Choice(NamedTuple):
    """One thing that can be paid, and whether it is ticked."""

    due: Due
    ticked: bool

    @property
    def field(self) -> str:
        return "batch" if self.due.batch else "stage"

    @property
    def value(self) -> int | None:
        return self.due.batch.id if self.due.batch else self.due.stage_id


@bp.get("")
@guard("payments.read")
def index() -> str:
    seen, years = points_seen_by(current()), queries.years()
    year = next((one for one in years if str(one) == request.args.get("year")), None)
    state = request.args.get("state", "")
    state = state if state in orders.STATES else ""
    found = queries.orders(seen, year, state)
    return render_template(
        "payments/payments.html",
        page=pages.page_of(found, pages.page_asked()),
        totals=queries.totals(seen, year),
        states=list(orders.STATES.items()),
        years=[(one, f"{one}年") for one in years],
        waiting=len(queries.payable(seen, None, "")) if current().can("settlement.order") else 0,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("settlement.order")
def new() -> Answer:
    require_division(district())
    form = OrderForm()
    choices = _choices()
    ticked = [one.due for one in choices if one.ticked]
    total = sum((due.paid for due in ticked), Money())
    if request.form.get("action") == "order" and form.validate_on_submit():
        try:
            prove_lines(due.batch for due in ticked if due.batch)
            with writing():
                made = orders.order_payment(
                    [due.batch.id for due in ticked if due.batch],
                    [due.stage_id for due in ticked if due.stage_id],
                    form.note.data or "",
                    request.form.get("total_fen", type=int, default=-1),
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已下达拨付单 {made.number}。", "good")
            return redirect(url_for(".order", order_id=made.id), 303)
    page = render_template(
        "payments/new.html",
        form=form,
        choices=choices,
        total=total,
        capitals=capitals(total.fen),
        shared=shared_by([one.due.payee for one in choices if one.due.payee]),
        months=[
            (str(Month.from_key(key)), Month.from_key(key).chinese)
            for key in queries.payable_months(points_seen_by(current()))
        ],
        towns=towns_seen(),
        most=queries.AT_ONCE,
    )
    return page, 422 if form.errors else 200


@bp.get("/<int:order_id>")
@guard("payments.read")
def order(order_id: int) -> str:
    one, lines = _order(order_id)
    present = payees_of({line.point.id for line in lines})
    changed = [
        line.point.name
        for line in lines
        if line.payee and line.line.amount_fen and present[line.point.id].id != line.payee.id
    ]
    return render_template(
        "payments/order.html",
        order=one,
        lines=lines,
        total=sum(line.line.amount_fen for line in lines),
        sources=queries.by_source(line.line for line in lines),
        capitals=capitals(sum(line.line.amount_fen for line in lines)),
        whole=len(lines) == one.line_count,
        changed=changed if one.state == "ordered" else [],
    )


@bp.route("/<int:order_id>/recall", methods=["GET", "POST"])
@guard("settlement.order")
def recall(order_id: int) -> Answer:
    one, form = _whole(order_id), RecallForm()
    if form.validate_on_submit():
        try:
            prove_lines(orders.batches_of(one))
            with writing():
                orders.recall_order(
                    one.id, tidy(form.reason.data or ""), current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"拨付单 {one.number} 已撤回，其中的结算回到“已审批”。", "good")
            return redirect(url_for(".order", order_id=one.id), 303)
    page = render_template("payments/recall.html", form=form, order=one)
    return page, 422 if form.errors else 200


@bp.route("/<int:order_id>/paid", methods=["GET", "POST"])
@guard("settlement.pay")
def paid(order_id: int) -> Answer:
    one, form = _whole(order_id), PaidForm()
    if request.method == "GET":
        form.paid_on.data = local_date(clock.now())
    if form.validate_on_submit():
        try:
            prove_lines(orders.batches_of(one))
            with writing():
                orders.record_payment(
                    one.id,
                    form.paid_on.data,
                    form.voucher.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"拨付单 {one.number} 已登记拨付。", "good")
            return redirect(url_for(".order", order_id=one.id), 303)
    page = render_template(
        "payments/paid.html", form=form, order=one, capitals=capitals(one.total_fen)
    )
    return page, 422 if form.errors else 200


def order_or_404(order_id: int) -> PaymentOrder:
    """The order with this id; 403 unless every line of it lies within the scope."""
    return _whole(order_id)


def _choices() -> list[Choice]:
    """What can be paid within the filter; all of it is ticked at first where it has an account."""
    month, town = pages.month_asked(), tidy(request.args.get("town", ""))
    if town:
        require_division(town)
    seen = points_seen_by(current())
    listed = queries.payable(seen, month and month.key, town)
    stages = [
        due
        for due in (stage_dues_of(None) if month is None else [])
        if current().sees_division(due.point.division) and due.point.division.startswith(town)
    ]
    if request.method == "POST":
        batches = set(request.form.getlist("batch", type=int)) & set(listed)
        chosen = set(request.form.getlist("stage", type=int))
    else:
        ready = [due for due in dues_of(listed) if due.payee or not due.paid.fen]
        batches = {due.batch.id for due in ready if due.batch}
        chosen = {due.stage_id for due in stages if due.payee}
    found = [Choice(due, True) for due in dues_of(batches)]
    found += [Choice(due, False) for due in dues_of(set(listed) - batches)]
    found += [Choice(due, due.stage_id in chosen) for due in stages]
    return sorted(found, key=lambda one: (one.due.point.code, one.due.purpose))


def _order(order_id: int) -> tuple[PaymentOrder, list[queries.Line]]:
    one = db.session.get(PaymentOrder, order_id)
    lines = queries.lines_in(one, points_seen_by(current())) if one else []
    if one is None or not lines:
        abort(404)
    return one, lines


def _whole(order_id: int) -> PaymentOrder:
    one, lines = _order(order_id)
    if len(lines) != one.line_count:
        abort(403)
    return one
