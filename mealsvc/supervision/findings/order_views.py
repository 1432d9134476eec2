"""Pages: rectification orders, issuing one, the unit's reply item by item, re-inspection."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settings.services import value_on
from mealsvc.supervision.findings import queries, rules, services
from mealsvc.supervision.findings.forms import LONGEST, CheckForm, OrderForm, ReplyForm
from mealsvc.supervision.findings.models import Finding, OrderItem, RectificationOrder
from mealsvc.supervision.findings.orders import Checked, Done
from mealsvc.supervision.findings.reading import (
    asked,
    chosen_findings,
    findings_at,
    items_for,
    points_to_choose,
    row_or_404,
    today,
)
from mealsvc.supervision.photos.forms import keys_for, prepared
from mealsvc.supervision.photos.services import Ready, keep
from mealsvc.supervision.visits.models import Inspector

Answer = str | Response | tuple[str, int]
CONSEQUENCE = "逾期不改或整改不到位的，按服务协议暂停补贴或暂停运营；涉及违法的，移送主管部门处理。"
bp = Blueprint("orders", __name__, url_prefix="/orders")


@bp.get("")
@guard("supervision.read")
def index() -> str:
    day, wanted = today(), asked()
    page = pages.page_of(
        queries.found_orders(points_seen_by(current()), wanted, day),
        pages.page_asked(),
        pages.size_asked(),
    )
    return render_template(
        "supervision/findings/orders.html",
        page=page,
        levels=queries.levels_of([row.RectificationOrder for row in page.items], day),
        waiting=queries.to_do(current(), day),
        points=points_to_choose(),
        towns=towns_seen(),
        words=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("orders.issue")
def new() -> Answer:
    """An order for findings of one point, which is chosen first; demands come prefilled."""
    code, form = tidy(request.args.get("point", "")), OrderForm()
    point = point_or_404(code) if code else None
    waiting = findings_at(point.id, Finding.state == "open") if point else []
    items = items_for(waiting)
    if request.method == "GET":
        form.working_days.data = int(value_on("order.days", today()))
        form.consequence.data = CONSEQUENCE
    demands = {one.id: _demand(one, items[one.id]) for one in waiting}
    if point is not None and form.validate_on_submit():
        known = [one for one in chosen_findings() if one in demands]
        try:
            with writing():
                order = services.issue_order(
                    {one: demands[one] for one in known},
                    form.working_days.data,
                    form.consequence.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"整改通知书 {order.number} 已下达，请打印送达并登记送达回证。", "good")
            return redirect(url_for(".order", order_id=order.id), 303)
    page = render_template(
        "supervision/findings/order_new.html",
        form=form,
        point=point,
        points=points_to_choose(),
        findings=waiting,
        items=items,
        demands=demands,
        ticked=chosen_findings() or [one.id for one in waiting],
        longest=LONGEST,
    )
    return page, 422 if form.errors else 200


@bp.get("/<int:order_id>")
@guard("supervision.read")
def order(order_id: int) -> str:
    one, point = row_or_404(RectificationOrder, order_id)
    rows = queries.items_of(one.id)
    return render_template(
        "supervision/findings/order.html",
        order=one,
        point=point,
        rows=rows,
        items=items_for([row.Finding for row in rows]),
        replies=queries.replies_of(one.id),
        checks=queries.re_inspections_of(one.id),
        level=queries.levels_of([one], today()).get(one.id),
    )


@bp.route("/<int:order_id>/reply/<int:finding_id>", methods=["GET", "POST"])
@guard("orders.reply")
def reply(order_id: int, finding_id: int) -> Answer:
    """The unit's reply on one item: one page of a telephone, photos included."""
    one, point = row_or_404(RectificationOrder, order_id)
    item, finding = _open_item(one, finding_id)
    form = ReplyForm()
    if request.method == "GET":
        form.fill(today())
    if form.validate_on_submit():
        ready = {"before": prepared(form.before), "after": prepared(form.after)}
        if not form.before.errors and not form.after.errors:
            try:
                with writing():
                    _reply(one, point, finding, form, ready)
            except Refusal as refusal:
                show(form, refusal)
            else:
                return _next_item(one)
    page = render_template(
        "supervision/findings/reply.html",
        form=form,
        order=one,
        point=point,
        item=item,
        finding=finding,
        asks=items_for([finding])[finding.id],
        earlier=queries.replies_of(one.id).get(finding.id, []),
    )
    return page, 422 if form.errors else 200


@bp.route("/<int:order_id>/reinspect", methods=["GET", "POST"])
@guard("orders.issue")
def reinspect(order_id: int) -> Answer:
    """Two inspectors look again at every open item."""
    one, point = row_or_404(RectificationOrder, order_id)
    if one.state == "closed":
        flash("这份整改通知书已经办结，不用再复查。", "info")
        return redirect(url_for(".order", order_id=one.id), 303)
    form = CheckForm()
    people = _inspectors(point)
    form.lead_id.choices = form.second_id.choices = [("", "请选择"), *people]
    rows = [row for row in queries.items_of(one.id) if row.OrderItem.closed_on is None]
    if request.method == "GET":
        form.checked_on.data, form.working_days.data = today(), 5
    found = {row.Finding.id: _found(row.Finding.id) for row in rows}
    if form.validate_on_submit():
        try:
            with writing():
                made = services.re_inspect(
                    one.id, _checked(form, found), current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"复查意见书 {made.number} 已登记：{made.conclusion}。", "good")
            return redirect(url_for(".order", order_id=one.id), 303)
    page = render_template(
        "supervision/findings/reinspect.html",
        form=form,
        order=one,
        point=point,
        rows=rows,
        items=items_for([row.Finding for row in rows]),
        replies=queries.replies_of(one.id),
        found=found,
        results=rules.RESULTS,
        longest=LONGEST,
        enough=len(people) > 1,
    )
    return page, 422 if form.errors else 200


def _demand(finding: Finding, item: Any) -> str:
    """The demand that was typed, else one made of the item."""
    typed = request.form.get(f"demand-{finding.id}")
    if typed is not None:
        return tidy(typed)[:LONGEST]
    return f"按检查项{finding.item}整改到位：{item.text if item else finding.fact}。"


def _open_item(order: RectificationOrder, finding_id: int) -> tuple[OrderItem, Finding]:
    item = db.session.get(OrderItem, (order.id, finding_id)) or abort(404)
    if item.closed_on is not None or order.state == "closed":
        abort(404)
    return item, db.session.get_one(Finding, finding_id)


def _reply(
    order: RectificationOrder,
    point: MealPoint,
    finding: Finding,
    form: ReplyForm,
    ready: dict[str, list[Ready]],
) -> None:
    me, now, photos = current().actor(), clock.now(), []
    for side, some in ready.items():
        for one, key in zip(some, keys_for(f"{side}-{form.key.data}", some), strict=True):
            photos.append((keep(one, key, f"order/{order.id}", point, me, now).id, side))
    assert form.done_on.data is not None
    done = Done(
        form.cause.data or "", form.measure.data or "", form.done_on.data, form.person.data or ""
    )
    services.reply(order.id, finding.id, done, photos, me, now)


def _next_item(order: RectificationOrder) -> Response:
    """On to the next item without a reply; back to the order after the last."""
    for row in queries.items_of(order.id):
        if row.Finding.state == "ordered":
            flash("这一项已回复，请接着回复下一项。", "good")
            where = {"order_id": order.id, "finding_id": row.Finding.id}
            return redirect(url_for(".reply", **where), 303)
    flash("全部回复完了，等检查人员复查。", "good")
    return redirect(url_for(".order", order_id=order.id), 303)


def _inspectors(point: MealPoint) -> list[tuple[str, str]]:
    """Who may re-inspect at the point: active, and not keeping away."""
    rows = db.session.scalars(
        select(Inspector).where(Inspector.active).order_by(Inspector.division, Inspector.name)
    ).all()
    away = services.recused(point.id, [one.id for one in rows])
    near = [one for one in rows if point.division.startswith(one.division) and one.id not in away]
    return [(str(one.id), f"{one.name}（{one.office}，{one.card_no}）") for one in near]


def _found(finding_id: int) -> tuple[str, str]:
    result = request.form.get(f"result-{finding_id}", "")
    return result, tidy(request.form.get(f"evidence-{finding_id}", ""))[:LONGEST]


def _checked(form: CheckForm, found: dict[int, tuple[str, str]]) -> Checked:
    assert form.checked_on.data is not None and form.working_days.data is not None
    return Checked(
        form.checked_on.data,
        int(form.lead_id.data),
        int(form.second_id.data),
        form.present.data or "",
        found,
        form.next_step.data or "",
        form.working_days.data,
    )
