"""Pages of the register: who is in it, one person with dated facts and cards, and each change."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.ages import age_on
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.masking import mask_address
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.gazetteer import divisions_in
from mealsvc.plumbing.guards import current, guard
from mealsvc.plumbing.outlook import outlook
from mealsvc.residents import cards, rules, services
from mealsvc.residents.enrolment import UNSET, Enrolment, ref_of
from mealsvc.residents.forms import (
    FACT_FORMS,
    REVEALABLE,
    CardForm,
    ConfirmForm,
    CorrectForm,
    EndForm,
    FindForm,
    IdNumberForm,
    ReasonForm,
    RegisterForm,
    RevealForm,
    check_birth,
)
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.residents.refusals import AlreadyRegistered, UnknownFact
from mealsvc.residents.search import find, lies_in
from mealsvc.residents.services import NewFact

Answer = str | Response | tuple[str, int]
MOST_FOUND = 50
BY_HAND = "页面登记"
CARD_ACTIONS: dict[str, tuple[str, str, Callable[..., None]]] = {
    "lost": (
        "挂失",
        "挂失后这张卡不能再用，老人可凭身份证就餐；找到后可解除挂失。",
        cards.report_lost,
    ),
    "found": ("解除挂失", "解除后这张卡马上可以再用，请确认卡在老人本人手里。", cards.found_card),
    "stop": ("停用", "停用后这张卡不能再用，也不能恢复；老人可凭身份证就餐。", cards.stop_card),
}

bp = Blueprint("residents", __name__, url_prefix="/residents")


@bp.record_once
def _words(state: Any) -> None:
    pages.add_words(
        state.app,
        sex_name=rules.SEXES,
        fact_name=rules.FACT_KINDS,
        event_name=rules.EVENTS,
        held_category_name=rules.CATEGORIES,
    )


@bp.get("")
@guard("residents.read")
def residents() -> str:
    asked = request.args.get("division", "")
    statement = select(Resident).where(lies_in(current().scope))
    if is_division(asked):
        statement = statement.where(lies_in(asked))
    rows = statement.order_by(Resident.sort_key, Resident.id)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked(), count_up_to=100_000)
    return _list(page.items, page=page, form=FindForm(formdata=None))


@bp.post("/find")
@guard("residents.read")
def search() -> Answer:
    """By post, so that no ID number ever stands in an address."""
    form = FindForm()
    if not form.validate_on_submit():
        return _list([], form=form), 422
    found = find(form.q.data or "", MOST_FOUND, current().scope)
    if len(found) == 1:
        return redirect(url_for(".resident", ref=found[0].ref), 303)
    return _list(found, form=form, searched=True)


@bp.get("/<ref>")
@guard("residents.read")
def resident(ref: str) -> str:
    one, keys = _resident(ref), vault()
    facts = services.facts_of(one.id)
    moves = {
        kind: [(fact.from_on, fact.value) for fact in facts if fact.kind == kind]
        for kind in ("hukou", "residence")
    }
    return render_template(
        "residents/resident.html",
        one=one,
        age=age_on(one.birth_on, _today()),
        number=keys.open(one.id_number),
        phone=keys.open(one.phone) if one.phone else "",
        address=mask_address(keys.open(one.address)) if one.address else "",
        hukou=rules.place_on(_today(), one.hukou_division, moves["hukou"]),
        residence=rules.place_on(_today(), one.residence_division, moves["residence"]),
        facts=[fact for fact in facts if _may_see(fact)],
        gone=_departures([one]).get(one.id),
        cards=cards.cards_of(one.id),
        names=divisions_in(""),
        today=_today(),
    )


@bp.route("/<ref>/reveal", methods=["GET", "POST"])
@guard("residents.reveal")
def reveal(ref: str) -> Answer:
    one, form = _resident(ref), RevealForm()
    clear = None
    if form.validate_on_submit():
        asked = (one.id, form.field.data or "", form.reason.data or "")
        try:
            with writing():
                clear = services.reveal(*asked, current().actor())
        except Refusal as refusal:
            show(form, refusal)
    told = {"clear": clear, "label": REVEALABLE.get(form.field.data or "", "")}
    return _page("residents/reveal.html", form, one=one, **told)


@bp.route("/new", methods=["GET", "POST"])
@guard("residents.write")
def register() -> Answer:
    form, known = RegisterForm(), None
    if request.method == "GET":
        form.enrolled_on.data = _today()
    if (
        form.validate_on_submit()
        and _fits(form)
        and check_birth(form, form.id_number.data, _today())
    ):
        row = Enrolment(
            form.id_number.data,
            form.name.data or "",
            form.hukou_division.data,
            form.residence_division.data,
            form.address.data,
            form.phone.data,
            UNSET,
            form.card_no.data or UNSET,
            form.enrolled_on.data,
        )
        try:
            with writing():
                resident_id = services.register(row, current().actor(), clock.now(), source=BY_HAND)
        except AlreadyRegistered as refusal:
            known = _seen(refusal)
            show(form, refusal)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记。", "good")
            return redirect(url_for(".resident", ref=ref_of(resident_id)), 303)
    return _page("residents/register.html", form, known=known, divisions=divisions_in(""))


@bp.route("/<ref>/correct", methods=["GET", "POST"])
@guard("residents.write")
def correct(ref: str) -> Answer:
    one = _resident(ref)
    form = CorrectForm(
        hukou_division=one.hukou_division,
        residence_division=one.residence_division,
        enrolled_on=one.enrolled_on,
    )
    if form.validate_on_submit() and _fits(form):
        number = services.number_of(one)
        row = Enrolment(
            number,
            form.name.data or one.name,
            form.hukou_division.data,
            form.residence_division.data,
            None if form.no_address.data else form.address.data or UNSET,
            None if form.no_phone.data else form.phone.data or UNSET,
            enrolled_on=form.enrolled_on.data,
        )

        def act() -> None:
            services.correct(row, current().actor(), clock.now(), source=BY_HAND)

        if _done(form, act):
            flash("修改已保存。", "good")
            return _back(one)
    return _page("residents/correct.html", form, one=one, divisions=divisions_in(""))


@bp.route("/<ref>/id-number", methods=["GET", "POST"])
@guard("residents.write")
def correct_id_number(ref: str) -> Answer:
    one, form = _resident(ref), IdNumberForm()
    if form.validate_on_submit() and check_birth(form, form.id_number.data, _today()):

        def act() -> None:
            services.correct_id_number(
                one.id,
                form.id_number.data,
                current().actor(),
                clock.now(),
                reason=form.reason.data or "",
            )

        if _done(form, act):
            flash("身份证号已更正。", "good")
            return _back(one)
    return _page("residents/id_number.html", form, one=one)


@bp.route("/<ref>/facts/<kind>", methods=["GET", "POST"])
@guard("residents.write")
def add_fact(ref: str, kind: str) -> Answer:
    one = _resident(ref)
    if kind not in FACT_FORMS:
        abort(404)
    form = FACT_FORMS[kind]()
    if form.validate_on_submit():
        names = ("value", "from_on", "to_on", "source")
        new = NewFact(kind, *(form[name].data for name in names))
        if _done(form, lambda: services.add_fact(one.id, new, current().actor())):
            flash("已登记。", "good")
            return _back(one)
    return _page("residents/fact.html", form, one=one, kind=kind, divisions=divisions_in(""))


@bp.route("/<ref>/facts/<int:number>/end", methods=["GET", "POST"])
@guard("residents.write")
def end_fact(ref: str, number: int) -> Answer:
    one = _resident(ref)
    fact, form = _fact(one, number), EndForm()
    if request.method == "GET":
        form.to_on.data = fact.to_on or _today()
    if form.validate_on_submit() and _done(
        form, lambda: services.end_fact(one.id, number, form.to_on.data, current().actor())
    ):
        flash("截止日期已保存。", "good")
        return _back(one)
    return _page("residents/end_fact.html", form, one=one, fact=fact, names=divisions_in(""))


@bp.route("/<ref>/facts/<int:number>/withdraw", methods=["GET", "POST"])
@guard("residents.write")
def withdraw_fact(ref: str, number: int) -> Answer:
    one = _resident(ref)
    fact, form = _fact(one, number), ReasonForm()
    if form.validate_on_submit() and _done(
        form,
        lambda: services.withdraw_fact(one.id, number, form.reason.data or "", current().actor()),
    ):
        flash("误登的记录已撤销。", "good")
        return _back(one)
    return _page("residents/withdraw_fact.html", form, one=one, fact=fact, names=divisions_in(""))


@bp.route("/<ref>/cards/new", methods=["GET", "POST"])
@guard("cards.write")
def give_card(ref: str) -> Answer:
    """Issues a card, or replaces the ones that are active or lost."""
    one, form = _resident(ref), CardForm()
    old = [card for card in cards.cards_of(one.id) if card.status in ("active", "lost")]
    give = cards.replace_card if old else cards.issue_card
    if form.validate_on_submit() and _done(
        form, lambda: give(one.id, form.card_no.data or "", current().actor(), clock.now())
    ):
        flash("新卡已可使用，旧卡已作废。" if old else "新卡已可使用。", "good")
        return _back(one)
    return _page("residents/card.html", form, one=one, old=old)


@bp.route("/<ref>/cards/<digest>/<action>", methods=["GET", "POST"])
@guard("cards.write")
def change_card(ref: str, digest: str, action: str) -> Answer:
    one, form = _resident(ref), ConfirmForm()
    card = next((card for card in cards.cards_of(one.id) if card.digest.hex() == digest), None)
    if card is None or action not in CARD_ACTIONS:
        abort(404)
    label, consequence, verb = CARD_ACTIONS[action]
    if form.validate_on_submit() and _done(
        form, lambda: verb(one.id, card.digest, current().actor(), clock.now())
    ):
        flash(f"已{label}。", "good")
        return _back(one)
    told = {"label": label, "consequence": consequence, "action": action}
    return _page("residents/change_card.html", form, one=one, card=card, **told)


def _list(found: Sequence[Resident], **more: Any) -> str:
    return render_template(
        "residents/residents.html",
        found=found,
        gone=_departures(found),
        ages={one.id: age_on(one.birth_on, _today()) for one in found},
        names=divisions_in(""),
        choices=list(divisions_in(current().scope).items()),
        **more,
    )


def _resident(ref: str) -> Resident:
    """The resident of this number, within the scope; else 404, whether there is one or not."""
    number = ref.removeprefix("R")
    if not (ref.startswith("R") and number.isascii() and number.isdigit() and len(number) < 16):
        abort(404)
    statement = select(Resident).where(Resident.id == int(number), lies_in(current().scope))
    return db.session.scalar(statement) or abort(404)


def _departures(found: Sequence[Resident]) -> dict[int, str]:
    """Who is away today, and why; a death counts before everything else."""
    today = _today()
    facts = db.session.scalars(
        select(ResidentFact).where(
            ResidentFact.resident_id.in_([one.id for one in found]),
            ResidentFact.kind == "departure",
            ResidentFact.from_on <= today,
        )
    )
    gone: dict[int, str] = {}
    for fact in facts:
        holds = fact.value == "deceased" or fact.to_on is None or fact.to_on >= today
        if holds and gone.get(fact.resident_id) != "deceased":
            gone[fact.resident_id] = fact.value
    return gone


def _fact(one: Resident, number: int) -> ResidentFact:
    try:
        return services.fact_of(one.id, number)
    except UnknownFact:
        abort(404)


def _may_see(fact: ResidentFact) -> bool:
    """Categories tell of hardship: only those who keep the register see them."""
    return fact.kind != "category" or current().can("residents.write")


def _seen(refusal: AlreadyRegistered) -> str | None:
    """The number of the person who is there already, if it lies within the scope."""
    found = select(Resident).where(Resident.id == refusal.facts["resident_id"])
    one = db.session.scalar(found.where(lies_in(current().scope)))
    return one.ref if one else None


def _fits(form: Any) -> bool:
    """A person is put only where the signed-in person sees the hukou or the residence."""
    places = (form.hukou_division.data, form.residence_division.data)
    if any(place and current().sees_division(place) for place in places):
        return True
    form.hukou_division.errors = ["户籍和居住区划都不在您的管辖范围内，请核对代码。"]
    return False


def _done(form: Any, act: Callable[[], object]) -> bool:
    """Does it in one transaction; a refusal goes to its field.

    Meals that were recorded without knowing it are looked for in the same transaction.
    """
    try:
        with writing():
            act()
            outlook().facts_changed(current().actor(), clock.now())
    except Refusal as refusal:
        show(form, refusal)
        return False
    return True


def _back(one: Resident) -> Response:
    return redirect(url_for(".resident", ref=one.ref), 303)


def _page(template: str, form: Any, **facts: Any) -> tuple[str, int]:
    """The form's page: 422 when it comes back with something to correct."""
    return render_template(template, form=form, **facts), 422 if form.errors else 200


def _today() -> date:
    return local_date(clock.now())
