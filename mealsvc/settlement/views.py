"""Pages: a month's settlement by point, one point's settlement in full, submitting."""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.money import capitals
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.summary import earned_in_words, rule_in_words
from mealsvc.settlement import batches, queries, returning, review_queries, services
from mealsvc.settlement.act_views import begin
from mealsvc.settlement.acts import ACTS, PREVIEW, STATE_NAMES, earlier_step
from mealsvc.settlement.asking import has_ended, month_or_404, town_asked
from mealsvc.settlement.forms import SubmitForm
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.waiting import FORWARD, PATHS, WAITS, act_of_list, acts_for, days_since
from mealsvc.settlement.waiting import waiting as waiting_in

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
    "held_fen",
    "payable_fen",
)
SHOWN_HERE = 20  # held and returned lines; the others are a page away

bp = Blueprint("settlement", __name__)


@bp.get("/settlements")
@guard("settlement.read")
def settlements() -> str:
    month, town, me = _month_asked(), town_asked(), current()
    document = _document(month, town=town)
    states = [one["status"] for one in document["points"]]
    state = request.args.get("state", "")
    shown = [one for one in document["points"] if state in ("", one["status"])]
    seen = points_seen_by(me)
    return render_template(
        "settlement/settlements.html",
        month=month,
        document=document,
        page=_page_of(shown),
        total=_summed(shown),
        before=_summed(_document(month.previous, town=town)["points"]),
        places=queries.places(seen),
        open=states.count(PREVIEW),
        waiting=waiting_in(states),
        state=state,
        states=[(one, STATE_NAMES[one]) for one in STATE_NAMES if one in states],
        act=act_of_list(me.can, (one["status"] for one in shown)),
        paths=PATHS,
        ended=has_ended(month),
        towns=towns_seen(),
        town=town,
        months=[(str(one), one.chinese) for one in queries.months_with_lines(seen)],
    )


@bp.get("/settlements.json")
@guard("settlement.read")
def as_json() -> Response:
    """The same document as `mealsvc settle --json` prints, within the scope."""
    code = tidy(request.args.get("point", "")) or None
    document = _document(_month_asked(), code, town_asked())
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Response(text, mimetype="application/json")


@bp.route("/settlements/<month>/submit", methods=["GET", "POST"])
@guard("settlement.submit")
def submit(month: str) -> Answer:
    """All points within the scope, or the one in the address."""
    asked, form = month_or_404(month), SubmitForm()
    code = current().point_code or tidy(request.args.get("point", "")) or None
    if code is not None:
        point_or_404(code)
    if form.validate_on_submit():
        try:
            return _submit(asked, code)
        except Refusal as refusal:
            show(form, refusal)
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
        ended=has_ended(asked),
        places=queries.places(points_seen_by(current())),
    )
    return page, 422 if form.errors else 200


@bp.get("/settlements/<month>/<code>")
@guard("settlement.read")
def settlement(month: str, code: str) -> str:
    asked, point = month_or_404(month), point_or_404(code)
    entries = services.settlement_of(asked, point.code)["points"]
    batch = batches.batch_of(asked, point.id)
    earlier = review_queries.earlier_entries(asked, point.id)
    holds = review_queries.holds_of(asked, point.id)
    return render_template(
        "settlement/settlement.html",
        month=asked,
        point=point,
        entry=entries[0] if entries else None,
        capitals=capitals(entries[0]["payable_fen"]) if entries else "",
        batch=batch,
        rules=_rule_names(),
        operating=[
            (one.rule.code, earned_in_words(one), one.fen)
            for one in services.earned_of(asked, point, batch)
        ],
        earlier=earlier,
        late=pages.page_of(queries.late_lines(asked, point.id), pages.page_asked()),
        extras=services.adjustments_of(asked, [point.id]),
        holds=pages.page_of(holds, 1, SHOWN_HERE),
        **(_told(batch) if batch else {}),
        next=_next(asked, point, batch),
        ended=has_ended(asked),
    )


def _submit(month: Month, code: str | None) -> BaseResponse:
    """One point at once; many each for itself."""
    me = current()
    codes = services.submittable(month, code, clock.now(), "" if code else me.scope)
    if len(codes) > 1:
        return begin("submit", month, codes, "")
    with writing():
        for one in codes:
            services.submit(month, one, me.actor(), clock.now())
    flash(f"已提交{month.chinese}的结算，共{len(codes)}个助餐点。", "good")
    return redirect(url_for(".settlements", month=month), 303)


def _told(batch: SettlementBatch) -> dict[str, Any]:
    """Who did what with the batch, and what it was sent back for."""
    objections = returning.objections_of(batch)
    listed = objections[:SHOWN_HERE]
    sequences = [one.sequence for one in listed if one.sequence is not None]
    acts = batches.acts_of(batch.id)
    handed_in = [act.at for act in acts if act.act in ("submit", "resubmit")]
    last = max(handed_in, default=batch.submitted_at)
    return {
        "acts": acts,
        "act_names": {code: act.name for code, act in ACTS.items()} | {"return": "退回"},
        "objections": listed,
        "objected": len(objections),
        "objected_lines": review_queries.lines_by_sequence(sequences),
        "waits": WAITS.get(batch.status, ""),
        "since": days_since(local_date(last), local_date(clock.now())),
    }


def _next(month: Month, point: MealPoint, batch: SettlementBatch | None) -> dict[str, str]:
    """The one thing to do next for this person: `url` and `label`, or `barred` with the reason."""
    me = current()
    if batch is None:
        if not (has_ended(month) and me.can("settlement.submit")):
            return {}
        return {"url": url_for(".submit", month=month, point=point.code), "label": "提交结算"}
    elsewhere = _elsewhere(month, point, batch.status)
    found = acts_for(me.can, batch.status)
    act = ACTS[FORWARD[batch.status]] if elsewhere else found[0] if found else None
    if act is None:
        return {}
    earlier = earlier_step(act.turn, batches.who(me.actor()), batches.done_by(batch.id))
    if earlier is not None:
        told = (
            f"您（或您的另一个账号）已办理过“{ACTS[earlier].name}”，“{act.name}”要由另一个人办理。"
        )
        return {"barred": told}
    here = url_for(f"settlement_acts.{act.code}", month=month, code=point.code) if found else ""
    return elsewhere or {"url": here, "label": f"办理{act.name}"}


def _elsewhere(month: Month, point: MealPoint, status: str) -> dict[str, str]:
    """Steps that have pages of their own: answers, public notices, payments."""
    me, root = current(), request.script_root
    answer = url_for("settlement_review.answer", month=month, code=point.code)
    pages_of = {
        "resubmit": ("settlement.answer", answer, "答复退回意见"),
        "notice": ("settlement.notice", f"{root}/settlements/notices?month={month}", "办理公示"),
        "order": ("settlement.order", f"{root}/payments?month={month}", "下达拨付"),
        "pay": ("settlement.pay", f"{root}/payments?month={month}", "登记拨付"),
    }
    right, url, label = pages_of.get(FORWARD.get(status, ""), ("", "", ""))
    return {"url": url, "label": label} if right and me.can(right) else {}


def _page_of(rows: list[dict[str, Any]]) -> pages.Page:
    page, size = pages.page_asked(), pages.size_asked()
    start = (page - 1) * size
    listed = rows[start : start + size]
    return pages.Page(listed, page, len(rows) > start + size, len(rows), per_page=size)


def _summed(entries: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(one[name] for one in entries) for name in SUMMED}


def _document(month: Month, code: str | None = None, town: str = "") -> dict[str, Any]:
    """The settlement within the signed-in person's scope."""
    own = current().point_code or code
    if own is None:
        return services.settlement_of(month, within=town or current().scope)
    return services.settlement_of(month, point_or_404(own).code)


def _month_asked() -> Month:
    return pages.month_asked() or services.latest_month() or Month.of(local_date(clock.now()))


def _rule_names() -> dict[str, str]:
    """What each rule code means, the latest policy's word for it."""
    return {
        rule.code: rule_in_words(rule) for policy in policies_in_force() for rule in policy.rules
    }
