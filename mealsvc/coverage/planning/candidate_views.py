"""Pages: the places where a point could be built."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mealsvc.coverage.planning.forms import CandidateForm, NewCandidateForm
from mealsvc.places.models import CandidateSite
from mealsvc.places.queries import division_names
from mealsvc.places.services import put_candidate
from mealsvc.plumbing import pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import current, guard, require_division

Answer = str | Response | tuple[str, int]

bp = Blueprint("candidates", __name__, url_prefix="/coverage/candidates")


@bp.get("")
@guard("coverage.read")
def index() -> str:
    """Candidates count wherever they stand, so everybody sees the same list."""
    rows = select(CandidateSite).order_by(CandidateSite.code)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked(), count_up_to=10_000)
    return render_template(
        "coverage/candidates.html",
        page=page,
        names=division_names({row.division for row in page.items}),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard("coverage.write")
def add() -> Answer:
    form = NewCandidateForm()
    if form.validate_on_submit():
        if db.session.get(CandidateSite, form.code.data) is not None:
            form.code.errors = ["这个编号已经有候选点使用，请换一个编号。"]
        else:
            return _saved(form, form.code.data or "", "候选点已添加。")
    return _page(form)


@bp.route("/<site>/edit", methods=["GET", "POST"])
@guard("coverage.write")
def edit(site: str) -> Answer:
    row = db.session.get(CandidateSite, site)
    if row is None:
        abort(404)
    if row.division:
        require_division(row.division)
    form = CandidateForm(obj=row, position=(row.lon, row.lat))
    if form.validate_on_submit():
        return _saved(form, site, "修改已保存。")
    return _page(form, row)


def _saved(form: CandidateForm, code: str, told: str) -> Response:
    with writing():
        put_candidate({"code": code, **form.values()}, current().actor())
    flash(told, "good")
    return redirect(url_for(".index"), 303)


def _page(form: CandidateForm, row: Any = None) -> Answer:
    page = render_template("coverage/candidates_edit.html", form=form, row=row)
    return page, 422 if form.errors else 200
