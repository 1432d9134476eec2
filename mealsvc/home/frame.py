"""What every page shows around its content: the district's name, and whether the data are made up."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from mealsvc.places.models import Division
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.reports.gathering import is_demo
from mealsvc.settlement.services import district

_CACHE, _FRESH = "frame", timedelta(minutes=1)


def frame() -> dict[str, Any]:
    """`district_name` and `demo_data` for templates and papers; read again after a minute."""
    caches, now = current_app.extensions["mealsvc.caches"], clock.now()
    kept: tuple[datetime, dict[str, Any]] | None = caches.get(_CACHE)
    if kept is None or now - kept[0] > _FRESH:
        try:
            kept = (now, {"district_name": _district_name(), "demo_data": is_demo()})
        except SQLAlchemyError:  # the page that tells about a broken database needs a frame too
            return {"district_name": "", "demo_data": False}
        caches[_CACHE] = kept
    return kept[1]


def _district_name() -> str:
    code = district()
    found = db.session.get(Division, code) if code else None
    return found.name if found else ""
