"""Pages: which accounts are one person's. Whoever has two counts once where different people are
asked for."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mealsvc.accounts import persons
from mealsvc.accounts.forms import PersonForm
from mealsvc.accounts.models import Account
from mealsvc.accounts.services import find_user
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard

bp = Blueprint("persons", __name__)


@bp.route("/accounts/<int:account_id>/person", methods=["GET", "POST"])
@guard("accounts.bind")
def person(account_id: int) -> str | Response | tuple[str, int]:
    found, form = db.get_or_404(Account, account_id), PersonForm()
    if form.validate_on_submit():
        try:
            with writing():
                other = find_user(form.login.data or "")
                persons.bind_accounts(account_id, other.id, current().actor())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("已登记为同一个人：办理结算时，这些账号只算一个人。", "good")
            return redirect(url_for("accounts.account", account_id=account_id), 303)
    facts = {"account": found, "theirs": persons.accounts_of(found)}
    page = render_template("accounts/person.html", form=form, **facts)
    return page, 422 if form.errors else 200


@bp.post("/accounts/<int:account_id>/person/end")
@guard("accounts.bind")
def end(account_id: int) -> Response:
    db.get_or_404(Account, account_id)
    try:
        with writing():
            persons.unbind_account(account_id, current().actor())
    except Refusal as refusal:
        flash(refusal.message, "bad")
    else:
        flash("已解除：解除以前办过的结算，仍按同一个人计算。", "good")
    return redirect(url_for("accounts.account", account_id=account_id), 303)
