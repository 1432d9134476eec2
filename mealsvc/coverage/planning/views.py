"""Pages: where the next points should go, the plans that were kept, and plans side by side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.coverage.mapping.rules import MapView, Planned
from mealsvc.coverage.mapping.services import map_on
from mealsvc.coverage.planning import asking, effects, rules, runs, services
from mealsvc.coverage.planning.asking import Asked
from mealsvc.coverage.planning.forms import ConfirmForm, KeepForm
from mealsvc.coverage.planning.models import SitePlan
from mealsvc.coverage.planning.reading import candidates, ground_on
from mealsvc.coverage.planning.rules import Question
from mealsvc.coverage.planning.services import Kept
from mealsvc.coverage.rules import GROUP_NAMES
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import CandidateSite
from mealsvc.places.queries import division_names
from mealsvc.places.scope import area_of
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.addresses import LARGEST
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division

Answer = str | BaseResponse | tuple[str, int]
Place = tuple[str, str, float, float]

bp = Blueprint("planning", __name__, url_prefix="/coverage")


@bp.get("/plan")
@guard("coverage.plan")
def index() -> Answer:
    """The question as a form, the proven answer, the map, and what every candidate adds."""
    asked = asking.asked()
    if asked.question is None:
        return render_template("coverage/plan.html", asked=asked, run=None), 422
    runs.sweep(clock.now())
    return _shown(asked, asked.question, KeepForm())


@bp.get("/plan/ground.json")
@guard("coverage.plan")
def ground() -> Response:
    """What the instant estimate works on: communities, points and candidates of the day."""
    asked = asking.asked()
    found = ground_on(asked.day, asked.within)
    return jsonify(
        homes=[
            [home.division, *home.position, home.pop60]
            for home in found.homes
            if home.position is not None and home.pop60
        ],
        eligible=sum(home.pop60 for home in found.homes),
        points=[list(site.position) for site in found.points],
        candidates=[[site.code, *site.position, site.cost_fen] for site in found.candidates],
    )


@bp.post("/plan/stop")
@guard("coverage.plan")
def stop() -> BaseResponse:
    """Ends the search for a proof of the question in the address."""
    asked = asking.asked()
    if asked.question is not None:
        runs.ask_to_stop(runs.answered(asked.question, asked.day).name)
        flash("正在停止，给出当时最好的方案。", "info")
    return redirect(f"{url_for('.index')}?{urlencode(asked.address)}", 303)


@bp.post("/plan/keep")
@guard("coverage.plan")
def keep() -> Answer:
    """Keeps the answer to the question in the address, computed here and not sent."""
    asked, form = asking.asked(), KeepForm()
    if asked.question is None:
        return render_template("coverage/plan.html", asked=asked, run=None), 422
    if form.validate_on_submit():
        answer = runs.answered(asked.question, asked.day).answer
        try:
            with writing():
                row = services.keep_plan(
                    form.name.data or "",
                    asked.question,
                    answer,
                    current().actor(),
                    clock.now(),
                    asked.day,
                )
                kept_id = row.id
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("方案已保存，内容不会再变。", "good")
            return redirect(url_for(".one", kept_id=kept_id), 303)
    return _shown(asked, asked.question, form, 422)


@bp.get("/plans")
@guard("coverage.plan")
def kept() -> str:
    """The plans on the list, to choose those that are compared."""
    rows = select(SitePlan).where(
        SitePlan.dropped_at.is_(None),
        SitePlan.division.startswith(area_of(current()), autoescape=True),
    )
    newest = rows.order_by(SitePlan.id.desc())
    page = pages.page_of(newest, pages.page_asked(), pages.size_asked())
    plans = [services.kept_of(row) for row in page.items]
    return render_template(
        "coverage/plans.html",
        page=page,
        plans=plans,
        towns=division_names({plan.division for plan in plans}),
    )


@bp.get("/plans/compare")
@guard("coverage.plan")
def compare() -> BaseResponse | str:
    """Up to four plans side by side."""
    ids = list(dict.fromkeys(request.args.getlist("plan", type=int)))
    if not 1 <= len(ids) <= services.MOST_COMPARED:
        flash(f"请勾选2到{services.MOST_COMPARED}个方案再比较。", "warn")
        return redirect(url_for(".kept"), 303)
    plans = services.plans_of([one for one in ids if 0 < one <= LARGEST])
    for plan in plans:
        require_division(plan.division)
    if len(plans) < len(ids):
        abort(404)
    return _compared(plans)


@bp.get("/plans/<int:kept_id>")
@guard("coverage.plan")
def one(kept_id: int) -> str:
    """One plan as it was kept, on the map."""
    return _compared([_kept_or_404(kept_id)])


@bp.route("/plans/<int:kept_id>/drop", methods=["GET", "POST"])
@guard("coverage.plan")
def drop(kept_id: int) -> Answer:
    """Asks, then takes the plan off the list."""
    row, form = db.session.get(SitePlan, kept_id), ConfirmForm()
    if row is None:
        abort(404)
    require_division(row.division)
    plan = services.kept_of(row)
    if plan.dropped_at is not None or form.validate_on_submit():
        try:
            with writing():
                services.drop_plan(kept_id, current().actor(), clock.now())
        except Refusal as refusal:
            flash(refusal.message, "info")
        else:
            flash(f"方案“{plan.name}”已删除。", "good")
        return redirect(url_for(".kept"), 303)
    return render_template("coverage/plan_drop.html", form=form, plan=plan)


def _kept_or_404(kept_id: int) -> Kept:
    found = services.plans_of([kept_id])
    if not found:
        abort(404)
    require_division(found[0].division)
    return found[0]


def _shown(asked: Asked, question: Question, form: KeepForm, status: int = 200) -> Answer:
    run = runs.answered(question, asked.day)
    rows = candidates()
    chosen = [row for row in rows if row.code in run.answer.sites]
    assumed = effects.assumed_on(local_date(clock.now()))
    page = render_template(
        "coverage/plan.html",
        asked=asked,
        run=run,
        answer=run.answer,
        question=question,
        form=form,
        chosen=[(number, row) for number, row in enumerate(chosen, 1)],
        rows=rows,
        alone=services.alone(run.ground, question, run.answer.sites),
        adds=services.adds(run.ground, question),
        names=division_names({row.division for row in rows} | set(_towns(run.answer))),
        year_fen=assumed.year_fen(run.answer.covered_after - run.answer.covered_before),
        assumption=assumed.words,
        view=_view(asked.day, question, [_place(row) for row in chosen], rows),
        recent=services.kept_plans(asked.within, 5),
    )
    return page, status


def _compared(plans: Sequence[Kept]) -> str:
    day = plans[0].day
    sites = [(site.code, site.title, site.lon, site.lat) for site in plans[0].sites]
    return render_template(
        "coverage/plans_compare.html",
        found=effects.compare(plans, local_date(clock.now())),
        overlap=effects.overlap(plans),
        groups=GROUP_NAMES,
        view=_view(day, plans[0].question, sites) if len(plans) == 1 else None,
        towns=division_names({plan.division for plan in plans}),
        today=local_date(clock.now()),
    )


def _view(
    day: date,
    question: Question,
    chosen: Sequence[Place],
    offered: Sequence[CandidateSite] = (),
) -> MapView:
    """The map with the sites numbered as in the table, and the candidates that were not chosen."""
    planned = [
        Planned(number, name, lon, lat) for number, (_, name, lon, lat) in enumerate(chosen, 1)
    ]
    taken = {code for code, *_ in chosen}
    rest = tuple(
        Planned(0, row.name or row.code, row.lon, row.lat)
        for row in offered
        if row.code not in taken
    )
    within = "" if len(question.within) < 9 else question.within
    return replace(map_on(day, within, planned, radius_m=question.radius_m), offered=rest)


def _place(row: CandidateSite) -> Place:
    return row.code, row.name or row.code, row.lon, row.lat


def _towns(answer: rules.Answer) -> list[str]:
    return [town.code for town in answer.towns]
