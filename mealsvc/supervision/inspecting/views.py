"""The inspector's phone: her visits, the application for one visit, and what it sends and asks.

The pages hold no personal data and no token, so a phone may keep them; what one visit needs comes
as JSON and is kept in the browser's own database.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, json, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from mealsvc.kernel.dates import parse_instant
from mealsvc.kernel.meals import LOCAL, local_date, meal_at
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.guards import current, guard, require_point
from mealsvc.supervision.inspecting import queries, services
from mealsvc.supervision.inspecting.package import draft_facts, package, result_facts
from mealsvc.supervision.inspecting.queries import Person
from mealsvc.supervision.photos.services import MOST_BYTES, prepare
from mealsvc.supervision.visits import rules as visiting
from mealsvc.supervision.visits.models import Visit
from mealsvc.supervision.visits.queries import served_by

MOST_JSON = 1024 * 1024
MB = 1024 * 1024

bp = Blueprint("inspecting", __name__)


@bp.get("/inspect")
@guard("visits.conduct")
def visits() -> str:
    """Today's, overdue and coming visits of whoever is signed in."""
    today = local_date(clock.now())
    rows = queries.visits_of(current(), today)
    due = [row for row in rows if row.status in visiting.OPEN and row.planned_on <= today]
    coming = [row for row in rows if row.status in visiting.OPEN and row.planned_on > today]
    signed = [row for row in rows if row.status == visiting.SIGNED]
    return render_template(
        "supervision/inspecting/visits.html", due=due, coming=coming, signed=signed, today=today
    )


@bp.get("/inspect/<int:visit_id>")
@guard("visits.conduct")
def visit(visit_id: int) -> str:
    """The shell of the application; the same for every visit."""
    mine(visit_id)
    return render_template("supervision/inspecting/app.html")


@bp.get("/inspect/shell")
@guard("visits.conduct")
def shell() -> str:
    """The same shell, for the service worker to keep."""
    return render_template("supervision/inspecting/app.html")


@bp.get("/inspect/state")
@guard("visits.conduct")
def state() -> Response:
    """Who is signed in, a token for what is sent, and the server's time; never kept by a device."""
    me = current()
    return said({"login": me.login, "name": me.name, "csrf": generate_csrf(), "now": _now()})


@bp.get("/inspect/<int:visit_id>/data")
@guard("visits.conduct")
def data(visit_id: int) -> Response:
    one, point, people = mine(visit_id)
    return said(package(one, point, people, clock.now()))


@bp.get("/inspect/<int:visit_id>/count")
@guard("visits.conduct")
def count(visit_id: int) -> Response:
    """How many of this meal the system has by this minute."""
    _, point, _ = mine(visit_id)
    now = clock.now()
    meal = meal_at(now.astimezone(LOCAL).time())
    return said({"meal": meal, "served": served_by(point.id, now), "at": now.isoformat()})


@bp.post("/inspect/<int:visit_id>/draft")
@guard("visits.conduct")
def draft(visit_id: int) -> Response:
    """Saves what was entered. 409 with the other document when somebody saved another one since."""
    mine(visit_id)
    sent = _json()
    document, revision = sent.get("document"), sent.get("revision")
    if not isinstance(document, dict) or not isinstance(revision, int):
        return said({"code": "malformed", "message": "内容不完整，请刷新页面。"}, 422)
    try:
        with writing():
            saved = services.save_draft(
                visit_id, document, revision, current().actor(), clock.now(), _device(sent)
            )
    except Refusal as refusal:
        return _refused(visit_id, refusal)
    return said({"revision": saved})


@bp.post("/inspect/<int:visit_id>/photos")
@guard("visits.conduct")
def photos(visit_id: int) -> Response:
    """One photo, under the key that the device gave it; sent again it is the same one."""
    mine(visit_id)
    file, sent = request.files.get("file"), request.form
    if file is None:
        return said({"code": "malformed", "message": "没有收到照片，请重拍。"}, 422)
    try:
        ready = prepare(
            file.stream.read(MOST_BYTES + 1),
            taken_at=_instant(sent.get("taken_at", "")),
            lon=_degrees(sent.get("lon", "")),
            lat=_degrees(sent.get("lat", "")),
        )
        with writing():
            photo = services.add_photo(
                visit_id, ready, sent.get("key", ""), current().actor(), clock.now(), _device(sent)
            )
    except Refusal as refusal:
        return _refused(visit_id, refusal)
    return said({"id": photo.id, "key": photo.key})


@bp.post("/inspect/<int:visit_id>/conclude")
@guard("visits.conduct")
def conclude(visit_id: int) -> Response:
    """Signs and locks. Sent again it answers with what was signed: the device knows its own by
    beginning and end.
    """
    one, _, _ = mine(visit_id)
    document = _json().get("document")
    if one.status != visiting.SIGNED:
        try:
            with writing():
                by, now = current().actor(), clock.now()
                one = services.conclude(visit_id, document or {}, by, now).visit
        except Refusal as refusal:
            return _refused(visit_id, refusal)
    return said({"result": result_facts(one), "links": links(visit_id)})


def links(visit_id: int) -> dict[str, str]:
    """The papers that a signed visit has."""
    return {
        kind: url_for("supervision_papers.paper", kind=kind, id=visit_id)
        for kind in ("result", "record")
    }


def mine(visit_id: int) -> tuple[Visit, MealPoint, list[Person]]:
    """A visit that whoever is signed in may conduct; 404, or 403."""
    visit, point = queries.visit_at(visit_id) or abort(404)
    require_point(point.code, point.division)
    people = queries.people_of(visit_id)
    if not queries.conducts(current().login, people):
        abort(403, description="您不是这次检查的检查人员，或已回避。请由检查人员本人打开。")
    return visit, point, people


def said(body: dict[str, Any], status: int = 200) -> Response:
    """JSON that no cache keeps."""
    answer = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refused(visit_id: int, refusal: Refusal) -> Response:
    """A refusal that the device shows at its place; a conflict brings the other document along."""
    body: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    problems: Any = refusal.facts.get("problems")
    if problems:
        body["problems"] = [
            {"item": one.item, "field": one.field, "message": one.message} for one in problems
        ]
    if refusal.code == "draft_conflict":
        return said(body | {"draft": draft_facts(visit_id)}, 409)
    return said(body, 422)


def _json() -> dict[str, Any]:
    """What was sent; nothing where it is not JSON, or none that a phone and a page can read back."""
    if (request.content_length or 0) > MOST_JSON:
        abort(413)
    try:
        sent = json.loads(request.get_data(cache=False))
        json.dumps(
            sent, ensure_ascii=False, allow_nan=False
        ).encode()  # else nobody could read it back
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def _device(sent: Any) -> str:
    device = sent.get("device")
    return device[:40] if isinstance(device, str) and device.isprintable() else ""


def _instant(written: str) -> datetime | None:
    try:
        return parse_instant(written)
    except ValueError:
        return None


def _degrees(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None


def _now() -> str:
    return clock.now().isoformat()
