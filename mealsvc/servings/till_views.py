"""The till's shell and its service worker. What the screen shows comes from the interface, so the
shell holds no personal data and a device may keep it."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for

from mealsvc.plumbing.guards import guard, public_page
from mealsvc.servings.plain_views import own_point

FOLDER = "till"  # in static/: the modules of the till
WORKER = "sw.js"
KEPT = ("vendor/bootstrap/bootstrap.min.css", "app.css", "icons/set.svg", "icons/mark.svg")

bp = Blueprint("till", __name__)


@bp.get("/till")
@guard("till.use")
def till_page() -> str:
    return render_template("servings/till.html", point=own_point())


@bp.get("/till/sw.js")
@public_page
def worker() -> Response:
    """The service worker, headed by what it keeps; it changes whenever one of the files does."""
    static = Path(current_app.static_folder or "")
    names = _names(static)
    head = {
        "root": request.script_root,
        "version": _version(static, names),
        "files": [url_for("static", filename=name) for name in names],
    }
    body = (static / FOLDER / WORKER).read_text(encoding="utf-8")
    script = f"const SHELL = {json.dumps(head)};\n{body}"
    answer = Response(script, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = url_for(".till_page")
    return answer


def _names(static: Path) -> tuple[str, ...]:
    files = (path for path in (static / FOLDER).iterdir() if path.suffix in (".js", ".css"))
    own = sorted(path.name for path in files if path.name != WORKER)
    kept = (name for name in KEPT if (static / name).is_file())
    return (*kept, *(f"{FOLDER}/{name}" for name in own))


@lru_cache(maxsize=1)
def _version(static: Path, names: tuple[str, ...]) -> str:
    """A digest of what is kept; read once, for files change with the process."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (static / name).read_bytes())
    return digest.hexdigest()[:16]
