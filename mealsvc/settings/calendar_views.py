"""Page: the working days of a year, and naming a holiday or a worked weekend of one's own."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import current, guard
from mealsvc.settings import calendar
from mealsvc.settings.forms import CalendarDayForm

bp = Blueprint("calendar", __name__)
WEEKDAYS = "一二三四五六日"


@bp.get("/settings/calendar")
@guard("settings.read")
def working_days() -> str:
    return _page(CalendarDayForm())


@bp.post("/settings/calendar")
@guard("settings.write")
def name_day() -> Response | tuple[str, int]:
    form = CalendarDayForm()
    if form.validate_on_submit() and form.day.data is not None:
        asked = (form.working.data == "yes", form.name.data or "", form.basis.data or "")
        try:
            with writing():
                calendar.set_day(form.day.data, *asked, current().actor(), _today())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("日历已修改，以后算期限按新的日历。", "good")
            return redirect(url_for(".working_days", year=form.day.data.year), 303)
    return _page(form), 422


def _page(form: CalendarDayForm) -> str:
    known = calendar.years_known()
    year = request.args.get("year", type=int) or _today().year
    year = min(max(year, date.min.year), date.max.year)
    return render_template(
        "settings/calendar.html",
        form=form,
        year=year,
        years=sorted({*known, year, _today().year, _today().year + 1}, reverse=True),
        announced=year in known,
        days=calendar.days_of(year),
        weekdays=WEEKDAYS,
    )


def _today() -> date:
    return local_date(clock.now())
