"""Pages: the verdict on a case, line by line."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.auditing.cases import forms, rules, services, showing, sums
from mealsvc.auditing.cases.models import AuditCase
from mealsvc.auditing.cases.reading import sight_of, standing_of
from mealsvc.auditing.cases.refusals import NotInThisCase
from mealsvc.auditing.cases.views import case_or_404
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settlement.acts import STATE_NAMES

Answer = str | Response | tuple[str, int]
MOST_SHOWN = 200

bp = Blueprint("case_verdict", __name__, url_prefix="/cases")


@bp.route("/<int:case_id>/decide", methods=["GET", "POST"])
@guard("cases.decide")
def decide(case_id: int) -> Answer:
    one, point = case_or_404(case_id)
    form = forms.DecideForm()
    standings = [standing for _, _, standing in standing_of(one)]
    if form.validate_on_submit():
        try:
            found = _findings(one, form)
            with writing():
                by, now = current().actor(), clock.now()
                services.decide(one.id, found, form.words.data or "", by, now)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("结论已作出，暂缓的流水已按结论解除或核减。", "good")
            return redirect(url_for("cases.case", case_id=one.id), 303)
    page = render_template(
        "cases/decide.html",
        form=form,
        one=one,
        point=point,
        sight=sight_of(one, standings),
        could=rules.what_could_be_held(standings),
        money=sums.money_of([one.id])[one.id],
        rows=db.session.execute(showing.lines_shown(one).limit(MOST_SHOWN)).all(),
        chosen=_chosen(),
        batch_states=STATE_NAMES,
        words=rules,
        most=MOST_SHOWN,
    )
    return page, 422 if form.errors else 200


def _chosen() -> dict[int, str]:
    """What was chosen for single lines."""
    found = {}
    for name, value in request.form.items():
        kind, _, number = name.partition("-")
        plain = number.isascii() and number.isdigit() and len(number) < 19
        if kind == "finding" and plain and value in rules.FINDINGS:
            found[int(number)] = value
    return found


def _findings(one: AuditCase, form: Any) -> dict[int, str]:
    """Each line's finding: its own, that of the lines named in the box, else the default."""
    chosen, default = _chosen(), form.default.data
    other = "ok" if default == "bad" else "bad"
    named = set(forms.split_keys(form.others.data or ""))
    rows = db.session.execute(showing.lines_shown(one)).all()
    unknown = named - {row.key for row in rows}
    if unknown:
        raise NotInThisCase(key=min(unknown)[:64])
    return {
        row.sequence: chosen.get(row.sequence) or (other if row.key in named else default)
        for row in rows
    }
