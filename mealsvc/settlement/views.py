"""Pages: a month's settlement by point, one point's settlement in full, submitting."""

import json
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.money import capitals
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.summary import rule_in_words
from mealsvc.settlement import batches, queries, services
from mealsvc.settlement.acts import PREVIEW
from mealsvc.settlement.forms import SubmitForm

Answer = str | BaseResponse | tuple[str, int]
SUMMED = (
    "servings",
    "subsidised",
    "reversed",
    "late",
    "subsidy_fen",
    "delivery_fen",
    "operating_fen",
    "adjustment_fen",
    "payable_fen",
)

bp = Blueprint("settlement", __name__)


@bp.get("/settlements")
@guard("settlement.read")
def settlements() -> str:
    month, town = _month_asked(), _town()
    document = _document(month, town=town)
    seen = points_seen_by(current())
    return render_template(
        "settlement/settlements.html",
        month=month,
        document=document,
        total={name: sum(one[name] for one in document["points"]) for name in SUMMED},
        places=queries.places(seen),
        open=[one for one in document["points"] if one["status"] == PREVIEW],
        ended=_has_ended(month),
        towns=towns_seen(),
        town=town,
        months=[(str(one), one.chinese) for one in queries.months_with_lines(seen)],
    )


@bp.get("/settlements.json")
@guard("settlement.read")
def as_json() -> Response:
    """The same document as `mealsvc settle --json` prints, within the scope."""
    code = tidy(request.args.get("point", "")) or None
    document = _document(_month_asked(), code, _town())
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Response(text, mimetype="application/json")


@bp.route("/settlements/<month>/submit", methods=["GET", "POST"])
@guard("settlement.submit")
def submit(month: str) -> Answer:
    """All points within the scope, or the one in the address."""
    asked, form = _month_or_404(month), SubmitForm()
    code = current().point_code or tidy(request.args.get("point", "")) or None
    if code is not None:
        point_or_404(code)
    if form.validate_on_submit():
        try:
            with writing():
                done = services.submit(
                    asked, code, current().actor(), clock.now(), "" if code else current().scope
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(f"已提交{asked.chinese}的结算，共{len(done)}个助餐点。", "good")
            return redirect(url_for(".settlements", month=asked), 303)
    document = _document(asked, code)
    waiting = [one for one in document["points"] if one["status"] == PREVIEW]
    page = render_template(
        "settlement/submit.html",
        form=form,
        month=asked,
        code=code,
        waiting=waiting,
        lines=sum(one["servings"] + 2 * one["reversed"] + one["late"] for one in waiting),
        payable=sum(one["payable_fen"] for one in waiting),
        ended=_has_ended(asked),
        places=queries.places(points_seen_by(current())),
    )
    return page, 422 if form.errors else 200


@bp.get("/settlements/<month>/<code>")
@guard("settlement.read")
def settlement(month: str, code: str) -> str:
    asked, point = _month_or_404(month), point_or_404(code)
    entries = services.settlement_of(asked, point.code)["points"]
    late = queries.late_lines(asked, point.id)
    return render_template(
        "settlement/settlement.html",
        month=asked,
        point=point,
        entry=entries[0] if entries else None,
        capitals=capitals(entries[0]["payable_fen"]) if entries else "",
        batch=batches.batch_of(asked, point.id),
        rules=_rule_names(),
        late=pages.page_of(late, pages.page_asked()),
        ended=_has_ended(asked),
    )


def _document(month: Month, code: str | None = None, town: str = "") -> dict[str, Any]:
    """The settlement within the signed-in person's scope."""
    own = current().point_code or code
    if own is None:
        return services.settlement_of(month, within=town or current().scope)
    return services.settlement_of(month, point_or_404(own).code)


def _town() -> str:
    """The town asked for, if it lies within the scope."""
    town = tidy(request.args.get("town", ""))
    if town and not current().at_point:
        require_division(town)
        return town
    return ""


def _month_asked() -> Month:
    return pages.month_asked() or services.latest_month() or Month.of(local_date(clock.now()))


def _month_or_404(written: str) -> Month:
    try:
        return Month.parse(written)
    except ValueError:
        abort(404)


def _has_ended(month: Month) -> bool:
    return local_date(clock.now()) > month.last_day


def _rule_names() -> dict[str, str]:
    """What each rule code means, the latest policy's word for it."""
    return {
        rule.code: rule_in_words(rule) for policy in policies_in_force() for rule in policy.rules
    }
