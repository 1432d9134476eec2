"""Pages: facts that became known late, what they change about recorded lines, and the decision."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settlement import correction_queries as queries
from mealsvc.settlement import corrections
from mealsvc.settlement.correction_forms import DecideForm
from mealsvc.settlement.correction_queries import MOST_LINES, STATES, Wanted
from mealsvc.settlement.correction_words import consequence, fact_in_words

Answer = str | Response | tuple[str, int]

LONGEST_ADDRESS = 3_500  # servers and browsers take 4,000
_FACTS = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")

bp = Blueprint("corrections", __name__, url_prefix="/corrections")


@bp.get("")
@guard("settlement.read")
def proposals() -> str:
    seen, wanted = points_seen_by(current()), _wanted()
    here = queries.by_point(seen, wanted.facts) if wanted.facts else ()
    page = pages.page_of(queries.by_fact(seen, wanted), pages.page_asked(), pages.size_asked())
    return render_template(
        "settlement/corrections.html",
        page=page,
        facts=queries.facts([row.fact_change_id for row in page.items]),
        words=_words,
        wanted=wanted,
        states=STATES,
        points=_points_to_choose(seen),
        waiting=corrections.count_open(None, None, seen),
        here=here,
        cases=_cases(here, wanted.facts) if wanted.facts else {},
    )


@bp.post("/find")
@guard("corrections.decide")
def find() -> Answer:
    """Looks once more; usually nothing is left, because every change looks by itself."""
    with writing():
        found = corrections.find_corrections(current().actor(), clock.now())
    flash(f"新提出{found}笔更正。" if found else "没有新的更正。", "good" if found else "info")
    return redirect(url_for(".proposals"), 303)


@bp.get("/<int:change_id>")
@guard("settlement.read")
def correction(change_id: int) -> str:
    fact, page = _of_fact(change_id)
    waiting = [row for row in page.items if row.Correction.status == "proposed"]
    form = DecideForm(formdata=None, lines=[row.Correction.id for row in waiting])
    return _page(fact, page, waiting, form)


@bp.post("/<int:change_id>")
@guard("corrections.decide")
def decide(change_id: int) -> Answer:
    """First the consequence is shown, then the person confirms."""
    fact, page = _of_fact(change_id)
    waiting = [row for row in page.items if row.Correction.status == "proposed"]
    form, dismisses = DecideForm(), request.form.get("act") == "dismiss"
    chosen = [row for row in waiting if row.Correction.id in (form.lines.data or [])]
    form.validate()
    if not chosen:
        form.lines.errors = ["请勾选要办理的流水。"]
    if dismisses and not form.note.data:
        _show_at(form, "请写明驳回的原因，例如“死亡日期登记有误”。")
    if form.errors:
        return _page(fact, page, waiting, form), 422
    if not form.sure.data:
        told = {"chosen": chosen, "dismisses": dismisses, "said": _said(chosen, dismisses)}
        return _page(fact, page, waiting, form, "settlement/decide_corrections.html", **told)
    try:
        _act([row.Correction.id for row in chosen], form.note.data or "", dismisses)
    except Refusal as refusal:
        show(form, refusal)
        return _page(fact, page, waiting, form), 422
    return redirect(url_for(".correction", change_id=change_id), 303)


def _show_at(form: DecideForm, problem: str) -> None:
    """The note's own error."""
    form.note.errors = [*form.note.errors, problem]


def _act(ids: list[int], note: str, dismisses: bool) -> None:
    by, now = current().actor(), clock.now()
    if dismisses:
        with writing():
            number = corrections.dismiss_corrections(ids, note, by, now)
        flash(f"已驳回{number}笔，流水不变。", "good")
        return
    with writing():
        done = corrections.confirm_corrections(ids, note, by, now)
    if done.confirmed:
        flash(f"已更正{done.confirmed}笔。", "good")
    if done.changed:
        flash(f"{done.changed}笔在提出后又有变化，没有办理，已按最新情况重新计算。", "warn")
    for message in sorted(set(done.refused.values())):
        flash(message, "bad")


def _said(chosen: list[Any], dismisses: bool) -> str:
    if dismisses:
        return f"{len(chosen)}笔流水保持原样，不再提出；以后这件事另有登记时会重新提出。"
    return consequence(queries.effect_of(chosen))


def _page(
    fact: Any,
    page: Any,
    waiting: list[Any],
    form: DecideForm,
    template: str = "settlement/correction.html",
    **more: Any,
) -> str:
    return render_template(
        template,
        fact=fact.FactChange,
        name=fact.name,
        words=_words,
        page=page,
        waiting=waiting,
        cases=_cases_of(waiting),
        form=form,
        states=dict(STATES),
        effect=queries.effect_of(waiting),
        consequence=consequence,
        **more,
    )


def _cases_of(waiting: Sequence[Any]) -> list[tuple[str, str]]:
    """Points of these lines, each with the address that opens a case about them."""
    if not current().can("leads.settle"):
        return []
    keys: dict[tuple[str, str], list[str]] = {}
    for row in waiting:
        keys.setdefault((row.point, row.point_name), []).append(row.Serving.key)
    return [(name, _case_about(code, mine)) for (code, name), mine in keys.items()]


def _of_fact(change_id: int) -> tuple[Any, Any]:
    """What became known with its lines within the scope; 404 when there is none."""
    seen = points_seen_by(current())
    rows = queries.lines_of_fact(seen, change_id)
    page = pages.page_of(rows, pages.page_asked(), MOST_LINES)
    fact = queries.facts([change_id]).get(change_id)
    if fact is None or not page.items:
        abort(404)
    return fact, page


def _words(fact: Any) -> str:
    """The fact as this reader may know it: categories tell of hardship."""
    return fact_in_words(fact, current().can("residents.write"))


def _wanted() -> Wanted:
    state = request.args.get("state", "")
    return Wanted(
        state if state in dict(STATES) else "proposed",
        pages.month_asked(),
        tidy(request.args.get("point", "")),
        _facts_asked(),
    )


def _facts_asked() -> tuple[int, int] | None:
    """The changes of one import (`facts=12-40`)."""
    found = _FACTS.fullmatch(request.args.get("facts", ""))
    return (int(found[1]), int(found[2])) if found else None


def _cases(here: Sequence[Any], facts: tuple[int, int]) -> dict[int, str]:
    """By point: the address that opens a case about its lines, as many as an address holds."""
    if not current().can("leads.settle"):
        return {}
    keys = queries.keys_by_point(facts, [row.id for row in here])
    return {row.id: _case_about(row.code, keys.get(row.id, [])) for row in here}


def _case_about(code: str, keys: Sequence[str]) -> str:
    address = f"{request.script_root}/cases/new?{urlencode({'point': code, 'source': 'other'})}"
    for key in keys:
        more = f"&{urlencode({'line': key})}"
        if len(address) + len(more) > LONGEST_ADDRESS:
            break
        address += more
    return address


def _points_to_choose(seen: Any) -> list[tuple[str, str]]:
    if current().at_point:
        return []
    rows = select(MealPoint.code, MealPoint.name).where(seen).order_by(MealPoint.code)
    return [(code, f"{name}（{code}）") for code, name in db.session.execute(rows)]
