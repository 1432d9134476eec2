"""Pages: the year's budget, what stands behind each of its figures, and changing a line."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.queries import division_names
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard, require_division
from mealsvc.plumbing.paper.charts import drawing_to_svg
from mealsvc.policies.rules import SOURCES
from mealsvc.policies.wording import SOURCE_NAMES
from mealsvc.settlement import budget_lines
from mealsvc.settlement.acts import STATE_NAMES
from mealsvc.settlement.area import district
from mealsvc.settlement.budget_chart import chart_of
from mealsvc.settlement.budget_forms import BudgetForm, ChangeForm
from mealsvc.settlement.budget_report import Report, behind, report_of
from mealsvc.settlement.budget_rows import Row, line_label
from mealsvc.settlement.budget_words import (
    STAGE_NAMES,
    about,
    basis_of_forecast,
    change_word,
    noted,
)
from mealsvc.settlement.services import latest_month
from mealsvc.settlement.spending import STAGES

Answer = str | BaseResponse | tuple[str, int]
YEARS = range(2000, 2100)

bp = Blueprint("budget", __name__)
bp.add_app_template_filter(about, "about")
bp.add_app_template_filter(noted, "budget_noted")
bp.add_app_template_filter(change_word, "change_word")


@bp.get("/budget")
@guard("budget.read")
def budget() -> str:
    report = _report(_year_asked())
    years = {*budget_lines.budget_years(), report.year, _today().year}
    return render_template(
        "settlement/budget.html",
        report=report,
        year=report.year,
        years=[(one, f"{one}年") for one in sorted(years, reverse=True)],
        division=_division(),
        divisions=_choices(),
        stages=STAGE_NAMES,
        total=_total(report),
        charted=_charted(report),
        towns=_towns(report),
        explained=basis_of_forecast(report),
        warned=report.warned,
    )


@bp.get("/budget/<int:year>/<source>/months")
@guard("budget.read")
def months(year: int, source: str) -> str:
    """A line month by month, and every change of it."""
    report, row = _row(year, source)
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for cost, fen in behind(report, row.line):
        sums[cost.month % 100][cost.stage] += fen
    ahead = row.forecast.by_month() if row.forecast else {}
    changes = budget_lines.history(year, row.division, source)
    return render_template(
        "settlement/budget_months.html",
        year=year,
        row=row,
        division=_division(),
        stages=STAGE_NAMES,
        months=[(Month(year, one), sums[one], ahead.get(one, 0)) for one in range(1, 13)],
        changes=pages.page_of(changes, pages.page_asked()),
        explained=basis_of_forecast(report),
    )


@bp.get("/budget/<int:year>/<source>/batches")
@guard("budget.read")
def batches(year: int, source: str) -> str:
    """The points' months behind a figure."""
    report, row = _row(year, source)
    month, stage = pages.month_asked(), request.args.get("stage", "")
    found = [
        (cost, fen)
        for cost, fen in behind(report, row.line)
        if (month is None or cost.month == month.key) and stage in ("", cost.stage)
    ]
    page, size = pages.page_asked(), pages.PER_PAGE
    shown = found[(page - 1) * size : page * size]
    return render_template(
        "settlement/budget_batches.html",
        year=year,
        row=row,
        division=_division(),
        stages=list(STAGE_NAMES.items()),
        months=[(str(one), one.chinese) for one in _months(year)],
        page=pages.Page(shown, page, len(found) > page * size, len(found)),
        total=sum(fen for _, fen in found),
        states=STATE_NAMES,
    )


@bp.get("/budget/chart/<int:year>.svg")
@guard("budget.read")
def chart(year: int) -> Response:
    """Spent, to be spent and given, month by month; of one line, or of all."""
    source = request.args.get("source", "")
    report = _report(year)
    rows = [_row_of(report, source)] if source else _charted(report)
    title = f"{year}年{SOURCE_NAMES.get(source, '')}经费：累计支出、预计和预算"
    drawing = chart_of(report, rows)
    return Response(drawing_to_svg(drawing, title), mimetype="image/svg+xml")


@bp.route("/budget/<int:year>/<source>", methods=["GET", "POST"])
@guard("budget.write")
def put_budget(year: int, source: str) -> Answer:
    if year not in YEARS or source not in SOURCES:
        abort(404)
    if not _require_district():
        flash("请先导入助餐点，再填经费预算。", "warn")
        return redirect(url_for(".budget", year=year), 303)
    place = _division() or district()
    line = budget_lines.line_of(year, source, place)
    form = (ChangeForm if line else BudgetForm)(amount=line and line.amount_fen)
    if form.validate_on_submit():
        try:
            with writing():
                budget_lines.put_budget(
                    year, source, form.amount.data, current().actor(), place, form.basis.data or ""
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("经费预算已保存。", "good")
            return redirect(url_for(".budget", year=year), 303)
    page = render_template(
        "settlement/put_budget.html",
        form=form,
        year=year,
        source=source,
        division=_division(),
        label=line_label(source, place, division_names([place]).get(place, place)),
        line=line,
        changes=pages.page_of(budget_lines.history(year, place, source), pages.page_asked()),
    )
    return page, 422 if form.errors else 200


def _report(year: int) -> Report:
    _require_district()
    if year not in YEARS:
        abort(404)
    return report_of(year, _today(), _division())


def _row(year: int, source: str) -> tuple[Report, Row]:
    report = _report(year)
    return report, _row_of(report, source)


def _row_of(report: Report, source: str) -> Row:
    """The row asked for: of this source, and of the division `line`, the district's without it."""
    place = tidy(request.args.get("line", "")) or district()
    found = (row for row in report.rows if (row.source, row.division) == (source, place))
    return next(found, None) or abort(404)


def _require_district() -> bool:
    """Whether there is a district yet; 403 if it is not the signed-in person's."""
    here = district()
    if here:
        require_division(here)
    return bool(here)


def _division() -> str:
    """The town asked for, if it lies within the scope; "" for the whole district."""
    asked = tidy(request.args.get("division", ""))
    if not asked or asked == district():
        return ""
    require_division(asked)
    return asked


def _choices() -> list[tuple[str, str]]:
    here = district()
    found = budget_lines.divisions_with_budget(here) if here else []
    return [(one.code, one.name) for one in found if one.code != here]


def _total(report: Report) -> dict[str, Any]:
    """All sources together; what is left counts the lines that are shown whole."""
    given = [row for row in report.rows if row.budget_fen is not None]
    return {
        "budget": sum(row.budget_fen or 0 for row in given) if given else None,
        "stages": {stage: sum(row.stages.get(stage, 0) for row in report.rows) for stage in STAGES},
        "left": sum(row.left_fen or 0 for row in given) if given else None,
    }


def _charted(report: Report) -> list[Row]:
    """The rows that the chart adds up: whole lines, not a town's part of the district's."""
    return [row for row in report.rows if row.division.startswith(report.division)]


def _towns(report: Report) -> list[tuple[str, str, Mapping[str, int]]]:
    """Code, name and costs by stage of each town."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for cost in report.costs:
        sums[cost.division[:9]][cost.stage] += sum(cost.funding.values())
    names = division_names(list(sums))
    return [(code, names.get(code, code), sums[code]) for code in sorted(sums)]


def _months(year: int) -> list[Month]:
    return [Month(year, one) for one in range(1, 13)]


def _year_asked() -> int:
    asked = request.args.get("year", type=int)
    if asked is not None and asked in YEARS:
        return asked
    latest = latest_month()
    return latest.year if latest else (budget_lines.budget_years() or [_today().year])[0]


def _today() -> date:
    return local_date(clock.now())
