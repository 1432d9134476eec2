"""Reading thresholds as they hold on a day, and changing them with a basis."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import db
from mealsvc.settings.models import Setting
from mealsvc.settings.rules import wanted_shape
from mealsvc.settings.values import DEFAULTS
from mealsvc.trail.services import record

_DEFAULTS = {default.key: default for default in DEFAULTS}


class UnknownSetting(Refusal):
    """没有名为“{key}”的参数，请核对。"""

    code = "unknown_setting"


class BadValue(Refusal):
    """取值的写法不对，请输入{wanted}。"""

    code = "bad_value"
    field = "value"


class PastSetting(Refusal):
    """生效日期不能早于今天：已经过去的日子按当时的取值算。"""

    code = "bad_period"
    field = "effective_from"


class SettingExists(Refusal):
    """这个参数在 {day} 已有一个取值，已有的取值不能改：请换一个生效日期。"""

    code = "setting_exists"
    field = "effective_from"


def value_on(key: str, day: date) -> str:
    """The threshold as it holds on that day, as text; the built-in value before any is stored."""
    found = db.session.scalar(
        select(Setting.value)
        .where(Setting.key == key, Setting.effective_from <= day)
        .order_by(Setting.effective_from.desc())
        .limit(1)
    )
    return _DEFAULTS[key].value if found is None else found


def values_on(keys: Collection[str], day: date) -> dict[str, str]:
    """The same for several thresholds, by key, in one question."""
    rows = db.session.execute(
        select(Setting.key, Setting.value)
        .where(Setting.key.in_(keys), Setting.effective_from <= day)
        .order_by(Setting.effective_from)
    )
    return {key: _DEFAULTS[key].value for key in keys} | dict(rows.all())


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


def change_setting(
    key: str,
    value: str,
    basis: str,
    effective_from: date,
    verified: bool,
    by: Actor,
    today: date,
) -> None:
    """Adds what a threshold is from a day on; what held before stays in the table."""
    default = _DEFAULTS.get(key)
    if default is None:
        raise UnknownSetting(key=key)
    if wanted := wanted_shape(value, default.value):
        raise BadValue(wanted=wanted)
    if effective_from < today:
        raise PastSetting()
    if db.session.get(Setting, (key, effective_from)) is not None:
        raise SettingExists(day=effective_from)
    before = value_on(key, effective_from)
    row = Setting(
        key=key, effective_from=effective_from, value=value, basis=basis, verified=verified
    )
    db.session.add(row)
    db.session.flush()
    after = {"value": value, "basis": basis, "verified": verified}
    record(
        by,
        "settings.change",
        key,
        {"effective_from": effective_from, "before": before, "after": after},
    )
