"""The till's shell and its service worker. What the screen shows comes from the interface, so the
shell holds no personal data and a device may keep it."""

from flask import Blueprint, Response, render_template, url_for

from mealsvc.plumbing.guards import guard, public_page
from mealsvc.plumbing.service_worker import service_worker
from mealsvc.servings.plain_views import own_point

KEPT = ("vendor/bootstrap/bootstrap.min.css", "app.css", "icons/set.svg", "icons/mark.svg")

bp = Blueprint("till", __name__)


@bp.get("/till")
@guard("till.use")
def till_page() -> str:
    return render_template("servings/till.html", point=own_point())


@bp.get("/till/sw.js")
@public_page
def worker() -> Response:
    return service_worker("till", KEPT, url_for(".till_page"))
