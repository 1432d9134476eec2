"""Pages: the policies, one policy in plain words, and what may be done with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Select, literal, select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.queries import division_names
from mealsvc.places.scope import area_of
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.plumbing.outlook import outlook
from mealsvc.policies import services, summary
from mealsvc.policies.document import BadPolicy, read_policy
from mealsvc.policies.forms import DecideForm, DraftForm, EndForm
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.policies.register import as_policy

Answer = str | Response | tuple[str, int]
STATES = (("draft", "待批准"), ("approved", "已批准"), ("withdrawn", "已撤回"))

bp = Blueprint("policies", __name__)


@bp.app_template_filter()
def policy_state(row: SubsidyPolicy) -> str:
    """How a policy stands today, as a state that the chips know."""
    if row.status != services.APPROVED:
        return "waiting" if row.status == services.DRAFT else row.status
    today, last = local_date(clock.now()), row.ended_on or row.effective_to
    if today < row.effective_from:
        return "future"
    return "ended" if last is not None and last < today else "in_force"


@bp.get("/policies")
@guard("policies.read")
def policies() -> str:
    page = pages.page_of(_seen(), pages.page_asked(), pages.size_asked())
    return render_template(
        "policies/policies.html",
        page=page,
        states=STATES,
        divisions=division_names({row.division for row in page.items}),
    )


@bp.get("/policies/<code>")
@guard("policies.read")
def policy(code: str) -> str:
    row = _row_or_404(code)
    read = as_policy(row)
    return render_template(
        "policies/policy.html",
        row=row,
        policy=read,
        general=summary.general(read),
        rules=summary.rule_rows(read),
        deliveries=summary.delivery_rows(read),
        operating=summary.operating_rows(read),
        construction=summary.construction_rows(read),
        divisions=division_names({row.division}),
        last_used=outlook().last_day_of_policy(code),
    )


@bp.route("/policies/draft/new", methods=["GET", "POST"])
@guard("policies.draft")
def draft() -> Answer:
    form = DraftForm()
    if form.validate_on_submit():
        document = (form.document.data or "").replace("\r\n", "\n")
        try:
            _require_own_area(document)
            with writing():
                row = services.draft_policy(document, current().actor(), clock.now())
        except BadPolicy as refusal:
            form.document.errors = [str(problem) for problem in refusal.problems]
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("草案已保存，请另一位有审批权限的人员批准。", "good")
            return redirect(url_for(".policy", code=row.code), 303)
    return _page("policies/draft.html", form)


@bp.route("/policies/<code>/approve", methods=["GET", "POST"])
@guard("policies.approve")
def approve(code: str) -> Answer:
    row = _own_row(code)

    def act() -> None:
        services.approve_policy(code, current().actor(), clock.now())

    facts = {"policy": read_policy(row.document)}
    return _decided("policies/approve.html", DecideForm(), row, act, "政策已批准。", **facts)


@bp.route("/policies/<code>/withdraw", methods=["GET", "POST"])
@guard("policies.draft")
def withdraw(code: str) -> Answer:
    row = _own_row(code)

    def act() -> None:
        services.withdraw_draft(code, current().actor())

    return _decided("policies/withdraw.html", DecideForm(), row, act, "草案已撤回。")


@bp.route("/policies/<code>/end", methods=["GET", "POST"])
@guard("policies.approve")
def end(code: str) -> Answer:
    row, form = _own_row(code), EndForm()

    def act() -> None:
        assert form.day.data is not None
        last_used = outlook().last_day_of_policy(code)
        services.end_policy(code, form.day.data, last_used, current().actor())

    facts: dict[str, date | None] = {"last_used": outlook().last_day_of_policy(code)}
    return _decided("policies/end.html", form, row, act, "最后一天已定下。", **facts)


class OutsideArea(Refusal):
    """政策的区划 {division} 不在您的管辖范围内，请核对 division。"""

    code = "out_of_scope"
    field = "document"


def _require_own_area(document: str) -> None:
    division = read_policy(document).division
    if not current().sees_division(division):
        raise OutsideArea(division=division)


def _seen() -> Select[Any]:
    """The policies of the signed-in person's area, of those above it and of those within it."""
    area = area_of(current())
    above = literal(area).startswith(SubsidyPolicy.division)
    rows = select(SubsidyPolicy).where(
        above | SubsidyPolicy.division.startswith(area, autoescape=True)
    )
    if status := request.args.get("status"):
        rows = rows.where(SubsidyPolicy.status == status)
    return rows.order_by(SubsidyPolicy.effective_from.desc(), SubsidyPolicy.code)


def _row_or_404(code: str) -> SubsidyPolicy:
    row = db.session.scalar(_seen().where(SubsidyPolicy.code == code))
    if row is None:
        abort(404)
    return row


def _own_row(code: str) -> SubsidyPolicy:
    """A policy that lies wholly within the scope: seen is more than governed."""
    row = _row_or_404(code)
    require_division(row.division)
    return row


def _decided(
    template: str, form: Any, row: SubsidyPolicy, act: Callable[[], None], done: str, **facts: Any
) -> Answer:
    if form.validate_on_submit():
        try:
            with writing():
                act()
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(done, "good")
            return redirect(url_for(".policy", code=row.code), 303)
    return _page(template, form, row=row, **facts)


def _page(template: str, form: Any, **facts: Any) -> tuple[str, int]:
    """The form's page: 422 when it comes back with something to correct."""
    return render_template(template, form=form, **facts), 422 if form.errors else 200
