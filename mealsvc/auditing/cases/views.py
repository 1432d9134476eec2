"""Pages: cases, one case with what is to be done next, and the steps that are taken on it."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from mealsvc.accounts.models import Account
from mealsvc.auditing.cases import forms, queries, rules, services, showing, sums
from mealsvc.auditing.cases.models import AuditCase
from mealsvc.auditing.cases.money import BODIES
from mealsvc.auditing.cases.reading import sight_of, standing_of
from mealsvc.auditing.cases.workers import workers_for
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.settings.services import value_on
from mealsvc.settlement.acts import STATE_NAMES
from mealsvc.settlement.batches import same_person
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.clawbacks import STATES as CLAWBACK_STATES
from mealsvc.supervision.photos.forms import keys_for, prepared
from mealsvc.supervision.photos.services import Ready, keep

Answer = str | Response | tuple[str, int]
bp = Blueprint("cases", __name__, url_prefix="/cases")


class Step(NamedTuple):
    """A step on the page of a case: the form, the right that it needs, its title, what is said after."""

    form: type[FlaskForm]
    right: str
    title: str
    done: str


STEPS = {
    "assigned": Step(forms.AssignForm, "cases.work", "分派", "已分派，说明期限开始计算。"),
    "asked": Step(
        forms.AskForm, "cases.work", "询问助餐点", "询问已发给助餐点，可以打印通知书送达。"
    ),
    "extended": Step(forms.ExtendForm, "cases.work", "延长期限", "期限已延长。"),
    "explained": Step(
        forms.ExplainForm, "cases.work", "结束询问", "已结束询问，等另一个人作结论。"
    ),
    "clawback": Step(
        forms.ClawbackForm, "clawbacks.propose", "提出追回", "追回已提出，等区审批批准。"
    ),
    "refer": Step(forms.ReferForm, "cases.decide", "移送", "移送函已登记，请打印、盖章、寄送。"),
    "receipt": Step(forms.ReceiptForm, "cases.decide", "登记移送回执", "回执已登记。"),
    "closed": Step(forms.CloseForm, "cases.decide", "结案", "已结案。"),
    "noted": Step(forms.NoteForm, "cases.work", "记录核查情况", "已记录。"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent and not done, with what was typed."""

    name: str = ""
    form: Any = None


@bp.get("")
@guard("audit.read")
def index() -> str:
    me, today = current(), local_date(clock.now())
    seen = points_seen_by(me)
    rows = queries.cases_seen(
        seen,
        state=request.args.get("state", ""),
        point=tidy(request.args.get("point", "")),
        month=pages.month_asked(),
        worker=tidy(request.args.get("worker", "")),
        overdue_on=today if request.args.get("overdue") else None,
    )
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template(
        "cases/list.html",
        page=page,
        money=sums.money_of([row[0].id for row in page.items]),
        total=sums.total_money(rows),
        counts=queries.to_do(me, today),
        points=points_to_choose(),
        workers=queries.workers_seen(seen),
        words=rules,
        today=today,
    )


@bp.get("/<int:case_id>")
@guard("audit.read")
def case(case_id: int) -> str:
    return _page(*case_or_404(case_id))


@bp.post("/<int:case_id>/hold")
@guard("cases.work")
def hold(case_id: int) -> Response:
    one, _ = case_or_404(case_id)
    try:
        with writing():
            services.hold(one.id, current().actor(), clock.now())
    except Refusal as refusal:
        flash(refusal.message, "warn")
    else:
        flash("流水已暂缓，结论作出以前不支付。", "good")
    return redirect(url_for(".case", case_id=one.id), 303)


@bp.post("/<int:case_id>/assign")
@guard("cases.work")
def assign(case_id: int) -> Answer:
    return _step(case_id, "assigned")


@bp.post("/<int:case_id>/ask")
@guard("cases.work")
def ask(case_id: int) -> Answer:
    return _step(case_id, "asked")


@bp.post("/<int:case_id>/extend")
@guard("cases.work")
def extend(case_id: int) -> Answer:
    return _step(case_id, "extended")


@bp.post("/<int:case_id>/explain")
@guard("cases.work")
def explain(case_id: int) -> Answer:
    return _step(case_id, "explained")


@bp.post("/<int:case_id>/note")
@guard("cases.work")
def note(case_id: int) -> Answer:
    return _step(case_id, "noted")


@bp.post("/<int:case_id>/clawback")
@guard("clawbacks.propose")
def claw_back(case_id: int) -> Answer:
    return _step(case_id, "clawback")


@bp.post("/<int:case_id>/refer")
@guard("cases.decide")
def refer(case_id: int) -> Answer:
    return _step(case_id, "refer")


@bp.post("/<int:case_id>/receipt")
@guard("cases.decide")
def receipt(case_id: int) -> Answer:
    return _step(case_id, "receipt")


@bp.post("/<int:case_id>/close")
@guard("cases.decide")
def close(case_id: int) -> Answer:
    return _step(case_id, "closed")


def case_or_404(case_id: int) -> tuple[AuditCase, MealPoint]:
    """The case and its point; 404 if there is none, 403 outside the scope."""
    one = db.session.get(AuditCase, case_id)
    if one is None:
        abort(404)
    point = db.session.get_one(MealPoint, one.point_id)
    require_point(point.code, point.division)
    return one, point


def points_to_choose() -> list[tuple[str, str]]:
    """Codes and names of the points within the scope."""
    rows = db.session.query(MealPoint.code, MealPoint.name).filter(points_seen_by(current()))
    return [(code, f"{name}（{code}）") for code, name in rows.order_by(MealPoint.code)]


def kept_photos(ready: list[Ready], form_key: str, subject: str, point: MealPoint) -> list[int]:
    """Keeps the photos of a form, inside `writing()`; their ids."""
    by, now = current().actor(), clock.now()
    sent = keys_for(form_key, ready)
    return [
        keep(one, key, subject, point, by, now).id for one, key in zip(ready, sent, strict=True)
    ]


def _step(case_id: int, name: str) -> Answer:
    one, point = case_or_404(case_id)
    form: Any = STEPS[name].form(prefix=f"{name}-", meta={"csrf": False})
    if name == "assigned":
        form.worker.choices = _workers(point)
    ready: list[Ready] = []
    good = form.validate_on_submit()
    if good and name == "noted":
        ready = prepared(form.photos, forms.MOST_PHOTOS)
        good = not form.photos.errors
    if good:
        try:
            with writing():
                _take(name, one, point, form, ready)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(STEPS[name].done, "good")
            return redirect(url_for(".case", case_id=one.id), 303)
    return _page(one, point, Sent(name, form)), 422


def _take(name: str, one: AuditCase, point: MealPoint, form: Any, ready: list[Ready]) -> None:
    by, now = current().actor(), clock.now()
    match name:
        case "assigned":
            services.assign(one.id, int(form.worker.data), form.words.data, by, now)
        case "asked":
            services.ask(one.id, form.words.data, form.due_on.data, by, now)
        case "extended":
            services.extend(one.id, form.due_on.data, form.words.data, by, now)
        case "explained":
            services.explain_without_answer(one.id, form.words.data, by, now)
        case "noted":
            photos = kept_photos(ready, form.key.data or "", f"case/{one.id}", point)
            services.note(one.id, form.words.data, photos, by, now)
        case "clawback":
            services.claw_back(one.id, form.mode.data, form.words.data, by, now)
        case "refer":
            letter = (form.body.data, form.facts.data, form.evidence.data, form.contact.data)
            services.refer(one.id, services.Letter(*letter), by, now)
        case "receipt":
            _receipt(one, form)
        case _:
            services.close(one.id, form.words.data, by, now)


def _receipt(one: AuditCase, form: Any) -> None:
    written = form.letter.data or ""
    own = {str(letter.id): letter for letter in showing.referrals_of(one.id)}
    letter = own.get(written) or abort(404)
    by, now = current().actor(), clock.now()
    words = form.words.data or ""
    services.note_receipt(letter.id, form.receipt_no.data, form.receipt_on.data, words, by, now)


def _workers(point: MealPoint) -> list[tuple[str, str]]:
    found = workers_for(point, local_date(clock.now()))
    return [("", "请选择"), *((str(one.id), f"{one.name}（{one.login}）") for one in found)]


def _page(one: AuditCase, point: MealPoint, sent: Sent | None = None) -> str:
    me, today, sent = current(), local_date(clock.now()), sent or Sent()
    standings = [standing for _, _, standing in standing_of(one)]
    sight = sight_of(one, standings)
    acts = showing.acts_of(one.id)
    letters = showing.referrals_of(one.id)
    shown = {
        name: sent.form if name == sent.name else _form(name, one, point, letters)
        for name, step in STEPS.items()
        if name == sent.name or (me.can(step.right) and _can_start(name, one, sight, acts, today))
    }
    only = request.args.get("finding", "")
    return render_template(
        "cases/case.html",
        one=one,
        point=point,
        sight=sight,
        next=rules.next_step(sight, today),
        blocked=rules.why_not_closed(sight),
        could=rules.what_could_be_held(standings),
        money=sums.money_of([one.id])[one.id],
        page=pages.page_of(showing.lines_shown(one, only), pages.page_asked(), pages.size_asked()),
        acts=acts,
        questions=showing.questions_of(one.id),
        photos=showing.photos_of(one.id).get(None, []),
        letters=letters,
        receipts={act.detail["referral"]: act for act in acts if act.act == "receipt"},
        clawback=db.session.get(Clawback, one.clawback_id) if one.clawback_id else None,
        clawback_states=CLAWBACK_STATES,
        worker=db.session.get(Account, one.assigned_to) if one.assigned_to else None,
        own=same_person(one.opened_by, one.opened_person, me.actor(), one.opened_at),
        forms=shown,
        steps=STEPS,
        bodies=BODIES,
        batch_states=STATE_NAMES,
        words=rules,
        today=today,
    )


def _can_start(
    name: str, one: AuditCase, sight: rules.Sight, acts: list[showing.Act], today: date
) -> bool:
    """Whether the page offers this step: the state allows it and there is something to do."""
    if not rules.may_start(name, one.state):
        return False
    match name:
        case "extended":
            return sight.open_questions > 0 and all(act.act != "extended" for act in acts)
        case "explained":
            return not sight.open_questions or rules.is_overdue(one.state, one.due_on, today)
        case "clawback":
            return sight.to_claw_back > 0 and sight.clawback != "proposed"
        case "receipt":
            return sight.letters > 0
        case "closed":
            return not rules.why_not_closed(sight)
    return True


def _form(name: str, one: AuditCase, point: MealPoint, letters: Any) -> FlaskForm:
    """Several forms stand on one page, so each field is called after its step; the token against
    forgery, which the guard checks, is no field of theirs."""
    form: Any = STEPS[name].form(formdata=None, prefix=f"{name}-", meta={"csrf": False})
    today = local_date(clock.now())
    match name:
        case "assigned":
            form.worker.choices = _workers(point)
            form.worker.data = str(one.assigned_to or "")
        case "asked":
            form.due_on.data = services.due_day(today)
        case "extended":
            form.due_on.data = services.due_day(max(today, one.due_on or today))
        case "noted":
            form.fill_key()
        case "refer":
            contact = value_on("paper.contact", today)
            form.contact.data = "" if contact.startswith("（") else contact
            form.evidence.data = "就餐流水、疑点说明、询问和答复、现场照片"
        case "receipt":
            form.letter.data = str(letters[-1].id) if letters else ""
            form.receipt_on.data = today
    return form
