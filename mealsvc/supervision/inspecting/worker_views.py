"""The service worker of the inspector's phone."""

from flask import Blueprint, Response, url_for

from mealsvc.plumbing.guards import public_page
from mealsvc.plumbing.service_worker import service_worker

KEPT = (
    "vendor/bootstrap/bootstrap.min.css",
    "app.css",
    "icons/set.svg",
    "icons/mark.svg",
    "till/dom.js",
    "vendor/htmx.min.js",
    "app.js",
)

bp = Blueprint("inspect_worker", __name__)


@bp.get("/inspect/sw.js")
@public_page
def worker() -> Response:
    return service_worker("inspect", KEPT, url_for("inspecting.visits"))
