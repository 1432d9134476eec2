"""Pages: the coverage map with the same figures as a table, and the boundaries that it draws."""

from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from mealsvc.coverage.mapping import asking, boundaries, symbols
from mealsvc.coverage.mapping.forms import BoundaryForm, DropForm
from mealsvc.coverage.mapping.models import DivisionBoundary
from mealsvc.coverage.mapping.pictures import key_svg, svg
from mealsvc.coverage.mapping.rules import metres_told
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import Division
from mealsvc.places.scope import area_of, towns_seen
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division

Answer = str | Response | tuple[str, int]

bp = Blueprint("coverage_map", __name__, url_prefix="/coverage")
bp.add_app_template_filter(svg, "map_svg")
bp.add_app_template_filter(key_svg, "map_key")
bp.add_app_template_filter(symbols.legend, "map_legend")
bp.add_app_template_filter(symbols.size_words, "map_sizes")
bp.add_app_template_filter(symbols.left_out, "map_left_out")
bp.add_app_template_filter(metres_told, "metres")


@bp.get("/map")
@guard("coverage.read")
def map_page() -> str:
    """The map, what its circles say in words, and one community of it (`at`)."""
    asked = asking.asked()
    view = asked.view()
    state = request.args.get("state", "")
    rows = asking.listed(view, state if state in dict(asking.STATES) else "")
    page, size = pages.page_asked(), pages.size_asked()
    first = (page - 1) * size
    at = next((one for one in view.communities if one.code == request.args.get("at")), None)
    return render_template(
        "coverage/map.html",
        asked=asked,
        view=view,
        at=at,
        page=pages.Page(
            rows[first : first + size], page, len(rows) > first + size, len(rows), False, size
        ),
        towns=dict(view.towns),
        zooms=towns_seen(),
        whole=area_of(current()),
        choices={
            "radius": asking.radius_choices(asked.day),
            "layers": asking.layer_choices(asked.layers),
            "states": asking.STATES,
        },
        told=symbols.told,
        summary=symbols.summary_words(view),
    )


@bp.get("/map.svg")
@guard("coverage.read")
def map_file() -> Response:
    """The same map as a file of its own, legend and source in it."""
    from mealsvc.coverage.mapping.drawing import drawing
    from mealsvc.plumbing.paper.charts import drawing_to_svg

    view = asking.asked().view()
    title = f"{view.area}服务覆盖图"
    drawn = drawing_to_svg(drawing(view, 720, title=title, text=9), title)
    return send_file(
        BytesIO(drawn.encode()),
        mimetype="image/svg+xml",
        as_attachment=True,
        download_name=f"{title}_{view.day}.svg",
    )


@bp.route("/boundaries", methods=["GET", "POST"])
@guard("coverage.write")
def boundary_list() -> Answer:
    """The boundaries that are kept, and the form that takes a file in."""
    here = area_of(current())
    form = BoundaryForm()
    report, status = None, 200
    if form.validate_on_submit():
        try:
            outlines, read = boundaries.read_boundaries(form.file.data.read(), here)
            with writing():
                source = form.source.data or ""
                report = boundaries.keep(outlines, read, source, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
    if form.errors:
        status = 422
    rows = boundaries.boundaries(here)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    counts = {
        row.DivisionBoundary.code: boundaries.vertices(row.DivisionBoundary) for row in page.items
    }
    return (
        render_template(
            "coverage/map_boundaries.html", form=form, report=report, page=page, counts=counts
        ),
        status,
    )


@bp.route("/boundaries/<division>/delete", methods=["GET", "POST"])
@guard("coverage.write")
def drop_boundary(division: str) -> Answer:
    """Asks before a boundary is taken out."""
    require_division(division)
    row = db.session.get(DivisionBoundary, division)
    if row is None:
        abort(404)
    form = DropForm()
    if form.validate_on_submit():
        with writing():
            boundaries.drop_boundary(division, current().actor())
        flash("边界已删除，地图上不再画出。", "good")
        return redirect(url_for(".boundary_list"), 303)
    place: Any = db.session.get_one(Division, division)
    return render_template("coverage/map_drop.html", form=form, division=place, row=row)
