"""Which time and which place an address asks for, and whether this person sees that place."""

from datetime import date

from flask import abort, request

from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.places.scope import point_or_404
from mealsvc.plumbing.guards import current, require_division
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import DISTRICT, POINT, Place
from mealsvc.reports.report_forms import UnknownPlace, place_of
from mealsvc.settlement.area import district


class DaysUnclear(Refusal):
    """起止日期要两个都写，写成20240506的样子。"""

    code = "days_unclear"


def period_asked() -> Period | None:
    """`period=2024-05|2024-Q2|2024-04-03_2024-05-09`, `month=2024-05`, or `from` and `to`.

    None where nothing is asked or it makes no sense. Raises `PeriodTooLong`, `DaysUnclear`.
    """
    written = [request.args.get(name, "").strip() for name in ("from", "to")]
    if any(written):
        first, last = map(_day, written)
        if first is None or last is None:
            raise DaysUnclear()
        return Period(first, last)
    asked = request.args.get("period") or request.args.get("month", "")
    try:
        return Period.parse(asked)
    except ValueError:
        return None


def place_seen() -> Place:
    """The place in the address (`place`, a town's or a point's code); without one, the widest that
    this person sees. Refuses (403) what lies outside, and (404) what there is not."""
    me = current()
    code = tidy(request.args.get("place", "")) or me.point_code or me.scope
    try:
        place = place_of(code)
    except UnknownPlace:
        abort(404)
    if place.level == POINT:
        point_or_404(place.code)
    else:
        require_division(place.code if place.level != DISTRICT else district())
    return place


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
