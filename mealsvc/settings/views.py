"""Pages: every threshold with its basis, and giving one a new value from a day on."""

from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settings import services
from mealsvc.settings.defaults import Default
from mealsvc.settings.forms import ChangeForm
from mealsvc.settings.models import Setting
from mealsvc.settings.values import DEFAULTS

bp = Blueprint("settings", __name__)


@dataclass
class Threshold:
    """One threshold as the page shows it: what holds today, what will, what held."""

    default: Default
    now: Setting | None = None
    coming: list[Setting] = field(default_factory=list)
    past: list[Setting] = field(default_factory=list)


@bp.get("/settings")
@guard("settings.read")
def settings() -> str:
    thresholds = _thresholds()
    unverified = sum(one.now is not None and not one.now.verified for one in thresholds)
    return render_template("settings/settings.html", thresholds=thresholds, unverified=unverified)


@bp.route("/settings/<key>", methods=["GET", "POST"])
@guard("settings.write")
def change(key: str) -> str | Response | tuple[str, int]:
    found = next((one for one in _thresholds() if one.default.key == key), None)
    if found is None:
        abort(404)
    form, today = ChangeForm(), local_date(clock.now())
    if request.method == "GET":
        form.effective_from.data = today
    if form.validate_on_submit() and form.effective_from.data is not None:
        asked = (str(form.value.data), str(form.basis.data), form.effective_from.data)
        try:
            with writing():
                services.change_setting(
                    key, *asked, bool(form.verified.data), current().actor(), today
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("新取值已保存，从生效日期起使用。", "good")
            return redirect(url_for(".settings"), 303)
    page = render_template("settings/change.html", form=form, threshold=found)
    return page, 422 if form.errors else 200


def _thresholds() -> list[Threshold]:
    """Every threshold in the order in which they are declared."""
    today = local_date(clock.now())
    found = {default.key: Threshold(default) for default in DEFAULTS}
    rows = db.session.scalars(select(Setting).order_by(Setting.effective_from.desc()))
    for row in rows:
        if row.key not in found:
            continue
        threshold = found[row.key]
        if row.effective_from > today:
            threshold.coming.insert(0, row)
        elif threshold.now is None:
            threshold.now = row
        else:
            threshold.past.append(row)
    return list(found.values())
