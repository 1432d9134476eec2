"""Pages: findings with what is still owed, one in full, one without a visit, the referral decision."""

import json
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
from mealsvc.supervision.checklist.services import checklist_on
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.findings import queries, rules, services
from mealsvc.supervision.findings.forms import DecideForm, FindingForm
from mealsvc.supervision.findings.models import (
    Finding,
    Interview,
    Measure,
    OrderItem,
    RectificationOrder,
    Referral,
    ReferralFinding,
)
from mealsvc.supervision.findings.reading import (
    asked,
    item_of,
    points_to_choose,
    row_or_404,
    today,
)
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits.models import Visit, VisitPhoto

Answer = str | Response | tuple[str, int]
bp = Blueprint("findings", __name__, url_prefix="/findings")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(
        state.app,
        outcome_name=rules.OUTCOME_NAMES,
        finding_state=rules.STATES,
        owed_name=rules.OWED,
        body_name=rules.BODIES,
        measure_name=rules.MEASURES,
        delivery_method=rules.METHODS,
        finding_source=rules.SOURCES,
        recheck_result=rules.RESULTS,
        finding_act=ACTS,
    )


ACTS = {
    "raised": "登记",
    "fixed": "当场改好",
    "ordered": "下达整改通知",
    "replied": "单位回复",
    "re_inspected": "复查",
    "referral_decided": "决定是否移送",
    "refer": "移送",
    "copied": "抄告",
    "receipted": "登记回执",
    "answered": "登记办理结果",
    "interview": "约谈",
    "suspend_subsidy": "暂停补贴",
    "suspend_point": "暂停运营",
    "terminate": "终止协议",
    "resumed": "恢复",
}
BETWEEN_BODIES = {"referral_decided", "refer", "copied", "receipted", "answered"}


@bp.get("")
@guard("supervision.read")
def index() -> str:
    wanted = asked()
    page = pages.page_of(
        queries.found_findings(points_seen_by(current()), wanted),
        pages.page_asked(),
        pages.size_asked(),
    )
    found = [row.Finding for row in page.items]
    return render_template(
        "supervision/findings/findings.html",
        page=page,
        owed=queries.owed_by(found),
        waiting=queries.to_do(current(), today()),
        points=points_to_choose(),
        towns=towns_seen(),
        words=rules,
    )


@bp.get("/<int:finding_id>")
@guard("supervision.read")
def finding(finding_id: int) -> str:
    return _page(finding_id, DecideForm())


@bp.post("/<int:finding_id>/decide")
@guard("measures.decide")
def decide(finding_id: int) -> Answer:
    row_or_404(Finding, finding_id)
    form = DecideForm()
    if form.validate_on_submit():
        try:
            with writing():
                services.decide_referral(
                    finding_id,
                    form.yes.data == "yes",
                    form.why.data or "",
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已记录是否移送的决定。", "good")
            return redirect(url_for(".finding", finding_id=finding_id), 303)
    return _page(finding_id, form), 422


@bp.route("/new", methods=["GET", "POST"])
@guard("orders.issue")
def new() -> Answer:
    """A finding that no visit made; the point is chosen first."""
    code = tidy(request.args.get("point", ""))
    return _new(point_or_404(code) if code else None, "other")


@bp.route("/from-complaint/<int:complaint_id>", methods=["GET", "POST"])
@guard("orders.issue")
def from_complaint(complaint_id: int) -> Answer:
    """A complaint that was upheld becomes a finding."""
    _, point = row_or_404(Complaint, complaint_id)
    return _new(point, "complaint")


def _new(point: MealPoint | None, source: str) -> Answer:
    form, checklist = FindingForm(), checklist_on(today())
    form.item.choices = [("", "请选择")] + [
        (one.code, f"{one.code} {'★' if one.critical else ''}{one.text}") for one in checklist.items
    ]
    if point is not None and form.validate_on_submit():
        try:
            with writing():
                made = services.add_finding(
                    point,
                    form.item.data,
                    form.fact.data or "",
                    form.outcome.data,
                    source,
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("问题已登记。", "good")
            return redirect(url_for(".finding", finding_id=made.id), 303)
    page = render_template(
        "supervision/findings/finding_new.html",
        form=form,
        point=point,
        points=points_to_choose(),
        source=source,
    )
    return page, 422 if form.errors else 200


def _page(finding_id: int, form: DecideForm) -> str:
    one, point = row_or_404(Finding, finding_id)
    owed = queries.owed_by([one])[one.id]
    hours = int(value_on("order.key_hours", one.found_on))
    facts = rules.Facts(one.outcome, one.critical, one.state, one.found_at)
    return render_template(
        "supervision/findings/finding.html",
        finding=one,
        point=point,
        item=item_of(one),
        visit=db.session.get(Visit, one.visit_id) if one.visit_id else None,
        before=db.session.get(Finding, one.repeats) if one.repeats else None,
        owed=owed,
        due=rules.order_due(facts, hours),
        now=clock.now(),
        acts=[
            (act, json.loads(act.detail)) for act in queries.acts_of(one.id) if _is_told(act.act)
        ],
        photos=_photos(one),
        papers=_papers(one.id),
        outcome=rules.OUTCOMES[one.outcome],
        form=form,
    )


def _is_told(act: str) -> bool:
    """Whether the reader is told of this act: what goes to a competent body is not for the unit."""
    return act not in BETWEEN_BODIES or not current().at_point


def _photos(one: Finding) -> list[Photo]:
    rows = (
        select(Photo)
        .join(VisitPhoto, VisitPhoto.photo_id == Photo.id)
        .where(VisitPhoto.visit_id == one.visit_id, VisitPhoto.item == one.item)
    )
    return list(db.session.scalars(rows.order_by(Photo.id)))


def _papers(finding_id: int) -> dict[str, Any]:
    """What followed from a finding, as rows."""
    orders = (
        select(RectificationOrder)
        .join(OrderItem, OrderItem.order_id == RectificationOrder.id)
        .where(OrderItem.finding_id == finding_id)
    )
    letters = (
        select(Referral)
        .join(ReferralFinding, ReferralFinding.referral_id == Referral.id)
        .where(ReferralFinding.finding_id == finding_id)
    )
    sent = () if current().at_point else db.session.scalars(letters.order_by(Referral.id)).all()
    talks = select(Interview).where(Interview.finding_id == finding_id)
    stops = select(Measure).where(Measure.finding_id == finding_id)
    return {
        "orders": db.session.scalars(orders).all(),
        "referrals": sent,
        "interviews": db.session.scalars(talks.order_by(Interview.id)).all(),
        "measures": db.session.scalars(stops.order_by(Measure.id)).all(),
    }


def finding_of_point(finding_id: int | None, point: MealPoint) -> Finding | None:
    """The finding that a form is about; 404 where it is not of this point."""
    if finding_id is None:
        return None
    one = db.session.get(Finding, finding_id)
    if one is None or one.point_id != point.id:
        abort(404)
    return one
