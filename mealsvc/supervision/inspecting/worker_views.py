"""The service worker of the inspector's phone, headed by what it keeps."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request, url_for

from mealsvc.plumbing.guards import public_page

FOLDER = "inspect"  # in static/: the modules of the phone
WORKER = "sw.js"
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
    """It changes whenever one of the files that it keeps does."""
    static = Path(current_app.static_folder or "")
    names = _names(static)
    head = {
        "root": request.script_root,
        "version": _version(static, names),
        "files": [url_for("static", filename=name) for name in names],
    }
    body = (static / FOLDER / WORKER).read_text(encoding="utf-8")
    answer = Response(f"const SHELL = {json.dumps(head)};\n{body}", mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = url_for("inspecting.visits")
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
