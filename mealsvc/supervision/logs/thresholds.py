"""The thresholds of the logs as they hold on a day, with what they rest on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.settings.models import Setting
from mealsvc.settings.values import DEFAULTS
from mealsvc.supervision.logs.judging import Limits
from mealsvc.supervision.logs.kinds import KINDS
from mealsvc.supervision.logs.words import worded_limit

BACK_DAYS = "logs.back_days"
KEYS = tuple(dict.fromkeys([BACK_DAYS, *(key for kind in KINDS.values() for key in kind.keys)]))
_DEFAULTS = {default.key: default for default in DEFAULTS}


@dataclass(frozen=True, slots=True)
class Told:
    """One threshold as a form shows it."""

    key: str
    name: str
    words: str
    basis: str
    verified: bool


@dataclass
class Thresholds:
    """All of them, read once: a batch asks for many days."""

    rows: dict[str, list[Setting]]
    _known: dict[date, Limits] = field(default_factory=dict)

    def on(self, day: date) -> Limits:
        """Those that hold on this day."""
        if day not in self._known:
            self._known[day] = Limits({key: self._row(key, day)[0] for key in KEYS})
        return self._known[day]

    def told(self, keys: Iterable[str], day: date) -> list[Told]:
        """These thresholds with their basis, as they hold on this day."""
        found = []
        for key in keys:
            _, basis, verified = self._row(key, day)
            name = _DEFAULTS[key].name.partition("：")[0]
            words = worded_limit(key, self.on(day))
            found.append(Told(key, name, words, basis, verified))
        return found

    def _row(self, key: str, day: date) -> tuple[str, str, bool]:
        for row in self.rows.get(key, ()):
            if row.effective_from <= day:
                return row.value, row.basis, row.verified
        default = _DEFAULTS[key]
        return default.value, default.basis, default.verified


def thresholds() -> Thresholds:
    """What is in force, the latest first for each key."""
    rows: dict[str, list[Setting]] = {}
    found = select(Setting).where(Setting.key.in_(KEYS)).order_by(Setting.effective_from.desc())
    for row in db.session.scalars(found):
        rows.setdefault(row.key, []).append(row)
    return Thresholds(rows)
