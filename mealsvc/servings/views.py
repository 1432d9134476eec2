"""Pages: the ledger, one line of it, and taking a line back."""

import re
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy, tidy_code
from mealsvc.menus.prices import parts_of
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_point, safe_next
from mealsvc.plumbing.outlook import outlook
from mealsvc.policies.wording import REASON_NAMES, explain
from mealsvc.servings import ledger, till
from mealsvc.servings.closing import is_closed
from mealsvc.servings.forms import ReverseForm
from mealsvc.servings.ledger import LineFilter
from mealsvc.servings.refusals import AlreadyReversed, DayAlreadyClosed, NotReversible
from mealsvc.servings.services import Receipt
from mealsvc.servings.taking_back import manages, take_back

Answer = str | Response | tuple[str, int]
REFERENCE = re.compile(r"[Rr]?([0-9]{1,12})")
OUTCOMES = [("none", "享受补贴"), ("any", "全价（全部原因）"), *REASON_NAMES.items()]

bp = Blueprint("servings", __name__)


@bp.get("/servings")
@guard("servings.read")
def servings() -> str:
    seen, wanted = points_seen_by(current()), _filter()
    rows = ledger.found_lines(seen, wanted)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template(
        "servings/list.html",
        page=page,
        parts=parts_of(row.Serving for row in page.items),
        wanted=wanted,
        totals=ledger.totals(seen, wanted),
        choices={
            "points": _points_to_choose(seen),
            "meals": list(MEALS.items()),
            "reasons": OUTCOMES,
            "states": list(ledger.STATES.items()),
        },
    )


@bp.get("/servings/<int:sequence>")
@guard("servings.read")
def line(sequence: int) -> str:
    found = _line(sequence)
    decision = ledger.decision_of(found.Serving)
    return render_template(
        "servings/line.html",
        found=found,
        one=found.Serving,
        decision=decision,
        sentence=explain(decision),
        undone_by=ledger.reversal_of(sequence),
        story=outlook().story_of_line(sequence, current().can("residents.write")),
        parts=parts_of([found.Serving])[sequence],
        may_reverse=current().can("servings.reverse") and _barred(found) is None,
    )


@bp.route("/servings/<int:sequence>/reverse", methods=["GET", "POST"])
@guard("servings.reverse")
def reverse(sequence: int) -> Answer:
    found, form = _line(sequence), ReverseForm()
    barred = _barred(found)
    if barred is None and form.validate_on_submit():
        try:
            receipt = _reverse(found, form)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(_taken_back(receipt), "good")
            return redirect(safe_next(form.back.data or url_for(".line", sequence=sequence)), 303)
    if request.method == "GET":
        form.key.data = till.new_key(clock.now())
        form.back.data = (
            url_for("plain_till.till_page") if request.args.get("from") == "till" else ""
        )
    back = safe_next(form.back.data) if form.back.data else url_for(".line", sequence=sequence)
    status = 422 if form.errors or (barred and request.method == "POST") else 200
    facts = {"form": form, "found": found, "one": found.Serving, "barred": barred, "back": back}
    facts |= {"today": _today(), "at_till": form.back.data == url_for("plain_till.till_page")}
    return render_template("servings/reverse.html", **facts), status


def _today() -> date:
    return local_date(clock.now())


def _filter() -> LineFilter:
    asked = {
        name: tidy(request.args.get(name, "")) for name in ("point", "meal", "reason", "state")
    }
    resident = _resident()
    return LineFilter(*_period(resident), resident=resident, **asked)


def _period(resident: int | None) -> tuple[date, date]:
    """The day or month in the address; else the latest month, or for one resident the latest year."""
    try:
        day = parse_date(request.args.get("day", ""))
    except ValueError:
        month = pages.month_asked()
    else:
        return day, day
    if month is None:
        month = Month.of(ledger.latest_day() or _today())
        if resident is not None:
            return Month.from_key(month.key - 100).next.first_day, month.last_day
    return month.first_day, month.last_day


def _resident() -> int | None:
    """The resident in the address (R000123); 0, which is nobody, where it makes no sense."""
    written = tidy_code(request.args.get("resident", ""))
    found = REFERENCE.fullmatch(written)
    if not written:
        return None
    return int(found[1]) if found else 0


def _points_to_choose(seen: Any) -> list[tuple[str, str]]:
    if current().at_point:
        return []
    rows = select(MealPoint.code, MealPoint.name).where(seen).order_by(MealPoint.code)
    return [(code, f"{name}（{code}）") for code, name in db.session.execute(rows)]


def _line(sequence: int) -> Any:
    found = ledger.line_of(sequence)
    if found is None:
        abort(404)
    require_point(found.point, found.division)
    return found


def _barred(found: Any) -> str | None:
    """Why this line cannot be taken back here, as a sentence."""
    one = found.Serving
    if one.reverses is not None:
        return NotReversible().message
    if found.undone:
        return AlreadyReversed().message
    if current().role == "operator" and one.served_on != _today():
        return "操作员只能冲正当天的就餐。以前的就餐请店长核对后冲正。"
    if not manages(current()) and is_closed(one.point_id, one.served_on):
        return DayAlreadyClosed().message
    if ledger.is_frozen(one):
        return "这一餐所在的月份已经提交结算，不能在这里冲正。请联系区级业务人员，作为以后月份的调整处理。"
    return None


def _reverse(found: Any, form: ReverseForm) -> Receipt:
    with writing() as connection:
        return take_back(
            connection,
            form.key.data or "",
            found.Serving.key,
            form.reason,
            manages(current()),
            current().actor(),
            clock.now(),
        )


def _taken_back(receipt: Receipt) -> str:
    name = mask_name(receipt.resident_name)
    paid = display(-receipt.self_pay_fen)
    return f"已冲正{name}的就餐，退回补贴{display(-receipt.subsidy_fen)}元；请退还老人{paid}元。"
