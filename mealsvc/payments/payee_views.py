"""Pages: the accounts that points are paid to, entering one, comparing and confirming it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.payments import payees, queries
from mealsvc.payments.forms import CheckForm, PayeeForm
from mealsvc.places.models import MealPoint, Operator
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division

Answer = str | Response | tuple[str, int]
bp = Blueprint("payees", __name__, url_prefix="/payees")


@bp.get("")
@guard("payments.read")
def index() -> str:
    town = tidy(request.args.get("town", ""))
    if town and not current().at_point:
        require_division(town)
    rows = queries.points_with_payees(points_seen_by(current()), town)
    page = pages.page_of(rows, pages.page_asked())
    ids = [point.id for point in page.items]
    present, waiting = payees.payees_of(ids), payees.waiting_of(ids)
    return render_template(
        "payments/payees.html",
        page=page,
        present=present,
        waiting=waiting,
        shared=payees.shared_by([*present.values(), *waiting.values()]),
        towns=towns_seen(),
    )


@bp.get("/<code>")
@guard("payments.read")
def payee(code: str) -> str:
    return _payee(point_or_404(code), CheckForm())


@bp.route("/<code>/new", methods=["GET", "POST"])
@guard("payees.write")
def new(code: str) -> Answer:
    point, form = point_or_404(code), PayeeForm()
    if request.method == "GET":
        form.holder.data = _unit_of(point)
    if form.validate_on_submit():
        try:
            with writing():
                payees.propose_payee(
                    point,
                    form.holder.data or "",
                    form.bank.data or "",
                    form.account.data or "",
                    form.basis.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("收款账户已登记，等财政核对后启用。", "good")
            return redirect(url_for(".payee", code=point.code), 303)
    present = payees.payees_of([point.id]).get(point.id)
    page = render_template("payments/new_payee.html", form=form, point=point, present=present)
    return page, 422 if form.errors else 200


@bp.post("/<code>/check")
@guard("payees.confirm")
def check(code: str) -> Answer:
    """Shows the whole number that waits (and notes who looked), confirms it, or sends it back."""
    point, form = point_or_404(code), CheckForm()
    waiting = payees.waiting_of([point.id]).get(point.id)
    action, clear = request.form.get("action", ""), ""
    if waiting is None or request.form.get("payee", type=int) != waiting.id:
        flash("这份收款账户已经有人处理，或已被后来的登记代替：请看清现在的状态。", "warn")
        return redirect(url_for(".payee", code=point.code), 303)
    if not form.validate_on_submit():
        return _payee(point, form), 422
    if action == "reject" and not form.reason.data:
        form.reason.errors = ["请写明退回的原因。"]
        return _payee(point, form), 422
    try:
        with writing():
            if action == "confirm":
                payees.confirm_payee(waiting.id, current().actor(), clock.now())
            elif action == "reject":
                payees.reject_payee(
                    waiting.id, form.reason.data or "", current().actor(), clock.now()
                )
            else:
                clear = payees.reveal_account(waiting.id, current().actor())
    except Refusal as refusal:
        show(form, refusal)
        return _payee(point, form), 422
    if clear:
        return _payee(point, form, clear)
    flash("收款账户已启用。" if action == "confirm" else "收款账户已退回。", "good")
    return redirect(url_for(".payee", code=point.code), 303)


def _payee(point: MealPoint, form: CheckForm, clear: str = "") -> str:
    found = queries.versions(point.id)
    present = payees.payees_of([point.id]).get(point.id)
    waiting = next((one for one in found if one.outcome is None), None)
    return render_template(
        "payments/payee.html",
        point=point,
        unit=_unit_of(point),
        versions=found,
        present=present,
        waiting=waiting,
        shared=payees.shared_by([one for one in (present, waiting) if one is not None]),
        form=form,
        clear=clear,
    )


def _unit_of(point: MealPoint) -> str:
    unit = db.session.get(Operator, point.operator_id) if point.operator_id else None
    return unit.name if unit else ""
