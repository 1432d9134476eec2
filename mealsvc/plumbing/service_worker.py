"""The service worker of a page that works without network, headed by what it keeps."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from flask import Response, current_app, request, url_for

WORKER = "sw.js"


def service_worker(folder: str, kept: Sequence[str], scope: str) -> Response:
    """The worker `folder/sw.js` of static/; it keeps the folder's scripts and styles and `kept`.

    `scope` is the address below which it works. It changes whenever one of the files does.
    """
    static = Path(current_app.static_folder or "")
    names = _names(static, folder, kept)
    head = {
        "root": request.script_root,
        "version": _version(static, names),
        "files": [url_for("static", filename=name) for name in names],
    }
    body = (static / folder / WORKER).read_text(encoding="utf-8")
    answer = Response(f"const SHELL = {json.dumps(head)};\n{body}", mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = scope
    return answer


def _names(static: Path, folder: str, kept: Sequence[str]) -> tuple[str, ...]:
    files = (path for path in (static / folder).iterdir() if path.suffix in (".js", ".css"))
    own = sorted(path.name for path in files if path.name != WORKER)
    common = (name for name in kept if (static / name).is_file())
    return (*common, *(f"{folder}/{name}" for name in own))


@lru_cache(maxsize=4)
def _version(static: Path, names: tuple[str, ...]) -> str:
    """A digest of what is kept; read once, for files change with the process."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (static / name).read_bytes())
    return digest.hexdigest()[:16]
