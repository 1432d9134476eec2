"""Pages of the district: which outside auditor is given which months and points, until when."""

import re

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.accounts.models import Account
from mealsvc.auditing.outside import queries, services
from mealsvc.auditing.outside.forms import BatchForm, EndForm
from mealsvc.auditing.outside.models import AuditBatch
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy_code
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division

Answer = str | Response | tuple[str, int]
STATES = [("open", "有效"), ("ended", "已终止或到期")]

bp = Blueprint("batches_given", __name__, url_prefix="/batches/manage")


@bp.get("")
@guard("batches.write")
def index() -> str:
    today = local_date(clock.now())
    rows = queries.batches_given(current(), today, request.args.get("state", ""))
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template("outside/manage.html", page=page, today=today, states=STATES)


@bp.route("/new", methods=["GET", "POST"])
@guard("batches.write")
def new() -> Answer:
    form, me = BatchForm(), current()
    people = queries.outside_accounts(me, local_date(clock.now()))
    form.login.choices = [(one.login, f"{one.login}（{one.name}）") for one in people]
    samples = queries.recent_samples(me)
    form.sample.choices = [("", "不附")] + [(str(one.id), one.number) for one in samples]
    if form.validate_on_submit():
        try:
            with writing():
                services.give(_order(form, me.scope), me.actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已委托：对方登录以后只看得到这些内容。", "good")
            return redirect(url_for(".index"), 303)
    page = render_template("outside/new.html", form=form, people=people)
    return page, 422 if form.errors else 200


@bp.route("/<int:batch_id>/end", methods=["GET", "POST"])
@guard("batches.write")
def end(batch_id: int) -> Answer:
    found, form = _batch_or_404(batch_id), EndForm()
    if form.validate_on_submit():
        try:
            with writing():
                services.end(batch_id, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("委托已终止，对方从下一次操作起看不到这些内容。", "good")
            return redirect(url_for(".index"), 303)
    page = render_template("outside/end.html", form=form, batch=found)
    return page, 422 if form.errors else 200


def _order(form: BatchForm, within: str) -> services.Order:
    first, last = form.first.data, form.last.data
    assert isinstance(first, Month) and isinstance(last, Month)
    codes = re.split(r"[\s,、;]+", tidy_code(form.points.data or ""))
    return services.Order(
        str(form.login.data),
        str(form.title.data),
        first,
        last,
        [code for code in codes if code],
        int(form.sample.data) if form.sample.data else None,
        form.until.data,
        within,
    )


def _batch_or_404(batch_id: int) -> AuditBatch:
    """404 if there is none, 403 if its auditor is of another district."""
    found = db.session.get(AuditBatch, batch_id) or abort(404)
    scope = db.session.scalar(select(Account.scope).where(Account.id == found.account_id))
    require_division(scope or "")
    return found
