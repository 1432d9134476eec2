"""Pages for everybody, without sign-in, script or cookie: where to eat, what it costs, how it was inspected.

Nothing here reads the register of residents; the ledger is touched by notices alone, masked.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, json, make_response, render_template, request
from flask import url_for as address_of

from mealsvc.kernel.meals import LOCAL, MEALS, local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.places.rules import STATUS_NAMES
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import public_page
from mealsvc.plumbing.pages import Page
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.summary import AGE_NAMES, SCOPE_NAMES
from mealsvc.public import notices, rules
from mealsvc.public.board import Place, board, week_of
from mealsvc.public.finding import Asked, find, nearest_to
from mealsvc.public.kept import kept
from mealsvc.settings.services import values_on
from mealsvc.supervision.findings import published
from mealsvc.supervision.visits.rules import KIND_NAMES

PER_PAGE, PER_ROSTER, NEIGHBOURS, LAST_RESULTS = 20, 50, 3, 5
LONGEST = 30  # characters of a search that are read
SOON = timedelta(days=60)
FRESH = "public, max-age=300"
ROBOTS = "User-agent: *\nAllow: /public\nAllow: /static/public/\nDisallow: /\n"
SETTINGS = (
    "public.register_where",
    "public.register_needs",
    "public.service_phone",
    "service.complaint_phone",
    "complaint.days",
    "notice.contact",
)
UNSET = "（"  # the contact as a new installation has it: nobody has set it yet

bp = Blueprint("public", __name__)


@bp.after_request
def _open_to_all(response: Response) -> Response:
    """Caches and robots may keep these pages: they are the same for everybody and set no cookie."""
    if response.status_code == 200:
        response.headers["Cache-Control"] = FRESH
        response.headers.setdefault("X-Robots-Tag", "index, follow")
        response.add_etag()
        response.make_conditional(request)
    return response


@bp.context_processor
def _frame() -> dict[str, Any]:
    """Elder mode is part of the address, so that caches keep both and nobody needs a cookie."""
    big = request.args.get("big") == "1"

    def to(endpoint: str, **values: Any) -> str:
        return address_of(f"public.{endpoint}", **values, big=1 if big else None)

    return {
        "big": big,
        "to": to,
        "told": _told(),
        "meal_names": MEALS,
        "grades": published.GRADE_WORDS,
    }


@bp.errorhandler(404)
def _missing(_error: Exception) -> tuple[str, int]:
    """Whoever comes here has no workbench to go back to."""
    return render_template("public/missing.html"), 404


@bp.get("/public")
@public_page
def index() -> str:
    now = clock.now()
    shown = board(local_date(now))
    asked = Asked(*(tidy(request.args.get(name, ""))[:LONGEST] for name in ("q", "town", "near")))
    found = find(shown, asked)
    return render_template(
        "public/index.html",
        asked=asked,
        found=found,
        towns=shown.towns,
        page=_page(found.places),
        opening=lambda place: _opening(place, now),
        far=rules.distance_words,
        now=now,
        located=any(place.lon is not None for place in shown.listed),
        operating=sum(place.status == "operating" for place in shown.listed),
    )


@bp.get("/public/<code>")
@public_page
def point(code: str) -> str:
    now = clock.now()
    today = local_date(now)
    shown = board(today)
    place = shown.places.get(code) or abort(404)
    week = week_of(place, today)
    return render_template(
        "public/point.html",
        place=place,
        today=today,
        now=now,
        opening=_opening(place, now),
        week=week,
        results=_results(place),
        neighbours=nearest_to(shown, place, NEIGHBOURS),
        far=rules.distance_words,
        closing=bool(place.closed_on and today <= place.closed_on <= today + SOON),
        stop=rules.stop_words(*place.stopped) if place.stopped else "",
        kinds=KIND_NAMES,
    )


@bp.get("/public/places.json")
@public_page
def places() -> Response:
    """For the script that sorts by distance within the phone: positions of points, none of people."""
    shown = board(local_date(clock.now()))
    listed = [
        {
            "code": place.code,
            "name": place.name,
            "address": place.where,
            "hours": "；".join(f"{MEALS[meal]}{span}" for meal, span in place.hours),
            "status": STATUS_NAMES[place.status],
            "lon": round(place.lon, 5),
            "lat": round(place.lat, 5),
        }
        for place in shown.listed
        if place.lon is not None and place.lat is not None
    ]
    return Response(json.dumps(listed, ensure_ascii=False), mimetype="application/json")


@bp.get("/public/map.svg")
@public_page
def picture() -> Response:
    from mealsvc.public.picture import picture as drawn  # only who opens it pays for the drawing

    return Response(drawn(local_date(clock.now())) or abort(404), mimetype="image/svg+xml")


@bp.get("/public/register")
@public_page
def register() -> str:
    today = local_date(clock.now())
    shown = board(today)
    policies = [policy for policy in policies_in_force() if policy.in_effect(today)]
    return render_template(
        "public/register.html",
        policies=policies[:PER_PAGE],
        scopes=SCOPE_NAMES,
        ages=AGE_NAMES,
        areas=shown.areas,
        today=today,
    )


@bp.get("/public/complain")
@public_page
def complain() -> str:
    shown = board(local_date(clock.now()))
    asked = Asked(tidy(request.args.get("q", ""))[:LONGEST])
    found = find(shown, asked)
    return render_template("public/complain.html", asked=asked, page=_page(found.places))


@bp.get("/public/inspections")
@public_page
def inspections() -> str:
    number = pages.page_asked()
    page = kept(("inspections", number), lambda: _inspections(number))
    return render_template("public/inspections.html", page=page, kinds=KIND_NAMES)


@bp.get("/public/notices")
@public_page
def notice_list() -> str:
    today, number = local_date(clock.now()), pages.page_asked()
    page = kept(("notices", today, number), lambda: _notices(today, number))
    last = None if page.items else kept(("last notice", today), lambda: _last_notice(today))
    return render_template("public/notices.html", page=page, today=today, last=last)


@bp.get("/public/notices/<posted>")
@public_page
def notice(posted: str) -> str:
    today = local_date(clock.now())
    one = notices.notice_by_number(posted, today) or abort(404)
    return render_template(
        "public/notice.html",
        notice=one,
        sheet=notices.sheet_of(one),
        few=rules.TOO_FEW,
    )


@bp.get("/public/notices/<posted>/<code>")
@public_page
def roster(posted: str, code: str) -> Response:
    """Who ate how often at a point: only while the notice is posted, and not for search engines."""
    today = local_date(clock.now())
    one = notices.notice_by_number(posted, today) or abort(404)
    sheet = notices.sheet_of(one)
    line = next((line for line in sheet.lines if line.code == code), None) or abort(404)
    people = sheet.rosters.get(code, ())
    page = _page(people, PER_ROSTER)
    response = make_response(
        render_template(
            "public/roster.html",
            notice=one,
            line=line,
            people=people,
            page=page,
            few=rules.TOO_FEW,
        )
    )
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


@bp.get("/robots.txt")
@public_page
def robots() -> Response:
    return Response(ROBOTS, mimetype="text/plain")


def _page(rows: Sequence[Any], per_page: int = PER_PAGE) -> Page:
    """One page of what is in memory already."""
    number = min(pages.page_asked(), max(-(-len(rows) // per_page), 1))
    first = (number - 1) * per_page
    more = len(rows) > first + per_page
    return Page(rows[first : first + per_page], number, more, len(rows), False, per_page)


def _opening(place: Place, now: datetime) -> rules.Opening:
    if place.status != "operating":
        return rules.Opening(False, "")
    return rules.opening(place.hours, now.astimezone(LOCAL).time())


def _results(place: Place) -> list[published.Result]:
    def read() -> list[published.Result]:
        rows = db.session.execute(published.published(place.id).limit(LAST_RESULTS)).all()
        return published.with_findings(rows)

    return kept(("results", place.id), read)


def _inspections(number: int) -> Page:
    page = pages.page_of(published.published_with_points(), number, PER_PAGE)
    told = published.with_findings(page.items)
    named = [(one, row.code, row.name) for one, row in zip(told, page.items, strict=True)]
    return Page(named, page.page, page.has_next, per_page=PER_PAGE)


def _notices(today: date, number: int) -> Page:
    page = pages.page_of(notices.on_show(today), number, PER_PAGE)
    return Page(notices.as_notices(page.items, today), page.page, page.has_next, per_page=PER_PAGE)


def _last_notice(today: date) -> tuple[Month, date] | None:
    found = notices.last_over(today)
    return None if found is None else (Month.from_key(found.month), found.to_on)


def _told() -> dict[str, str]:
    """The settings that citizens read, by the last part of their name."""
    today = local_date(clock.now())

    def read() -> dict[str, str]:
        found = values_on(SETTINGS, today)
        return {
            key.partition(".")[2]: "" if value.startswith(UNSET) else value
            for key, value in found.items()
        }

    return kept(("told", today), read)
