"""Pages: referrals with their receipts, interviews, delivery receipts."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.signatures import strokes
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.addresses import number_asked
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settings.services import value_on
from mealsvc.supervision.findings import rules, services
from mealsvc.supervision.findings.finding_views import finding_of_point
from mealsvc.supervision.findings.forms import (
    AnswerForm,
    InterviewForm,
    LetterForm,
    ReceiptForm,
    SlipForm,
)
from mealsvc.supervision.findings.letters import Held, Letter, Receipt
from mealsvc.supervision.findings.models import (
    DeliveryReceipt,
    Finding,
    Interview,
    Referral,
    ReferralFinding,
)
from mealsvc.supervision.findings.reading import (
    chosen_findings,
    findings_at,
    items_for,
    papers_of,
    points_to_choose,
    row_or_404,
    today,
)
from mealsvc.supervision.findings.refusals import UnknownPaper

Answer = str | Response | tuple[str, int]
bp = Blueprint("letters", __name__)


@bp.get("/referrals")
@guard("supervision.read")
def referrals() -> str:
    _not_for_the_unit()
    rows = _list(Referral)
    body, state = request.args.get("body", ""), request.args.get("state", "")
    if body in rules.BODIES:
        rows = rows.where(Referral.body == body)
    if state == "waiting":
        rows = rows.where(Referral.receipt_on.is_(None))
    elif state == "unanswered":
        rows = rows.where(Referral.answer == "")
    return _listed("referrals", rows)


@bp.route("/referrals/new", methods=["GET", "POST"])
@guard("measures.decide")
def refer() -> Answer:
    form, point = LetterForm(), _point_asked()
    known = findings_at(point.id) if point else []
    ticked = chosen_findings()
    if request.method == "GET":
        contact = value_on("paper.contact", today())
        form.contact.data = "" if contact.startswith("（") else contact
        _prefill(form, [one for one in known if one.id in ticked])
    if point is not None and form.validate_on_submit():
        letter = Letter(
            form.body.data,
            form.facts.data or "",
            form.evidence.data or "",
            form.contact.data or "",
            form.copy_only.data == "yes",
        )
        try:
            with writing():
                made = services.refer(point, ticked, letter, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"{made.number} 已登记，请打印、盖章、寄送，收到回执后登记。", "good")
            return redirect(url_for(".referral", referral_id=made.id), 303)
    return _form(
        "referral_new",
        form,
        point=point,
        points=points_to_choose(),
        findings=known,
        items=items_for(known),
        ticked=ticked,
    )


@bp.get("/referrals/<int:referral_id>")
@guard("supervision.read")
def referral(referral_id: int) -> str:
    _not_for_the_unit()
    return _referral(referral_id, SlipForm(), AnswerForm())


@bp.post("/referrals/<int:referral_id>/receipt")
@guard("measures.decide")
def slip(referral_id: int) -> Answer:
    row_or_404(Referral, referral_id)
    form = SlipForm()
    if form.validate_on_submit():
        assert form.receipt_on.data is not None
        try:
            with writing():
                services.note_receipt(
                    referral_id,
                    form.receipt_no.data or "",
                    form.receipt_on.data,
                    current().actor(),
                    clock.now(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("回执已登记。", "good")
            return redirect(url_for(".referral", referral_id=referral_id), 303)
    return _referral(referral_id, form, AnswerForm(formdata=None)), 422


@bp.post("/referrals/<int:referral_id>/answer")
@guard("measures.decide")
def answer(referral_id: int) -> Answer:
    row_or_404(Referral, referral_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with writing():
                services.note_answer(
                    referral_id, form.answer.data or "", current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("办理结果已登记。", "good")
            return redirect(url_for(".referral", referral_id=referral_id), 303)
    return _referral(referral_id, SlipForm(formdata=None), form), 422


@bp.get("/interviews")
@guard("supervision.read")
def interviews() -> str:
    return _listed("interviews", _list(Interview))


@bp.route("/interviews/new", methods=["GET", "POST"])
@guard("measures.decide")
def interview_new() -> Answer:
    form, point = InterviewForm(), _point_asked()
    about = finding_of_point(number_asked("finding"), point) if point else None
    if request.method == "GET":
        form.set_now(clock.now())
        form.matters.data = about.fact if about else ""
    if point is not None and form.validate_on_submit():
        held = Held(
            form.instant(),
            form.place.data or "",
            form.hosts.data or "",
            form.attendees.data or "",
            form.matters.data or "",
            form.commitments.data or "",
        )
        try:
            with writing():
                made = services.hold_interview(
                    point, held, current().actor(), clock.now(), about.id if about else None
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"约谈记录 {made.number} 已登记。", "good")
            return redirect(url_for(".interview", interview_id=made.id), 303)
    return _form("interview_new", form, point=point, points=points_to_choose(), finding=about)


@bp.get("/interviews/<int:interview_id>")
@guard("supervision.read")
def interview(interview_id: int) -> str:
    one, point = row_or_404(Interview, interview_id)
    return render_template(
        "supervision/findings/interview.html",
        interview=one,
        point=point,
        finding=db.session.get(Finding, one.finding_id) if one.finding_id else None,
    )


@bp.get("/receipts")
@guard("supervision.read")
def receipts() -> str:
    return _listed("receipts", _list(DeliveryReceipt))


@bp.route("/receipts/new", methods=["GET", "POST"])
@guard("receipts.write")
def receipt_new() -> Answer:
    form, point = ReceiptForm(), _point_asked()
    titles = dict(papers_of(point.id)) if point else {}
    form.paper.choices = [("", "请选择")] + [
        (number, f"{title} {number}") for number, title in titles.items()
    ]
    if request.method == "GET":
        form.set_now(clock.now())
        form.paper.data = tidy(request.args.get("paper", ""))
        form.method.data = "direct"
    if point is not None and form.validate_on_submit():
        try:
            with writing():
                made = services.note_delivery(
                    point, _receipt(form, titles), current().actor(), clock.now()
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"送达回证 {made.number} 已登记。", "good")
            return redirect(url_for(".receipt", receipt_id=made.id), 303)
    return _form("receipt_new", form, point=point, points=points_to_choose())


@bp.get("/receipts/<int:receipt_id>")
@guard("supervision.read")
def receipt(receipt_id: int) -> str:
    one, point = row_or_404(DeliveryReceipt, receipt_id)
    drawn = strokes(vault().open(one.strokes)) if one.strokes else []
    return render_template(
        "supervision/findings/receipt.html", receipt=one, point=point, drawn=drawn
    )


def _list(model: Any) -> Any:
    """Rows of one kind with their points, the newest first, within the scope and the point asked for."""
    rows = (
        select(model, MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == model.point_id)
        .where(points_seen_by(current()))
        .order_by(model.id.desc())
    )
    code = tidy(request.args.get("point", ""))
    return rows.where(MealPoint.code == code) if code else rows


def _listed(name: str, rows: Any) -> str:
    return render_template(
        f"supervision/findings/{name}.html",
        page=pages.page_of(rows, pages.page_asked(), pages.size_asked()),
        points=points_to_choose(),
        words=rules,
    )


def _not_for_the_unit() -> None:
    """What a competent body is told is not for the unit that it is about."""
    if current().at_point:
        abort(403, description="移送和抄告的文书不对被检查单位开放。")


def _point_asked() -> MealPoint | None:
    code = tidy(request.args.get("point", ""))
    return point_or_404(code) if code else None


def _form(name: str, form: Any, **facts: Any) -> Answer:
    page = render_template(f"supervision/findings/{name}.html", form=form, **facts)
    return page, 422 if form.errors else 200


def _prefill(form: LetterForm, about: list[Finding]) -> None:
    if about:
        form.body.data = rules.OUTCOMES[about[0].outcome].body
        form.facts.data = "\n".join(f"{one.item}：{one.fact}" for one in about)
        form.evidence.data = "现场检查笔录、检查照片"


def _referral(referral_id: int, slip_form: SlipForm, answer_form: AnswerForm) -> str:
    one, point = row_or_404(Referral, referral_id)
    if request.method == "GET":
        slip_form.receipt_on.data = today()
    rows = (
        select(Finding)
        .join(ReferralFinding, ReferralFinding.finding_id == Finding.id)
        .where(ReferralFinding.referral_id == one.id)
        .order_by(Finding.item)
    )
    found = db.session.scalars(rows).all()
    return render_template(
        "supervision/findings/referral.html",
        referral=one,
        point=point,
        findings=found,
        items=items_for(found),
        slip=slip_form,
        answer=answer_form,
    )


def _receipt(form: ReceiptForm, titles: dict[str, str]) -> Receipt:
    paper = form.paper.data
    if paper not in titles:
        raise UnknownPaper(paper=paper)
    return Receipt(
        paper,
        titles[paper],
        form.method.data,
        form.receiver.data or "",
        form.instant(),
        form.place.data or "",
        form.witness.data or "",
        form.note.data or "",
        form.strokes.data or "",
    )
