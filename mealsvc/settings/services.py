"""Reading thresholds as they hold on a day, and changing them with a basis."""

from datetime import date

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import db
from mealsvc.settings.models import Setting
from mealsvc.settings.values import DEFAULTS
from mealsvc.trail.services import record

_DEFAULTS = {default.key: default for default in DEFAULTS}


def value_on(key: str, day: date) -> str:
    """The threshold as it holds on that day, as text; the built-in value before any is stored."""
    found = db.session.scalar(
        select(Setting.value)
        .where(Setting.key == key, Setting.effective_from <= day)
        .order_by(Setting.effective_from.desc())
        .limit(1)
    )
    return _DEFAULTS[key].value if found is None else found


def put_defaults(by: Actor) -> int:
    """Stores the thresholds that are not there yet; returns how many were added."""
    known = set(db.session.scalars(select(Setting.key)))
    missing = [default for default in DEFAULTS if default.key not in known]
    for default in missing:
        db.session.add(
            Setting(
                key=default.key,
                effective_from=default.effective_from,
                value=default.value,
                basis=default.basis,
                verified=default.verified,
            )
        )
    if missing:
        db.session.flush()
        record(by, "settings.defaults", "settings", {"keys": [entry.key for entry in missing]})
    return len(missing)
