"""Every figure of an assessment under its code, with what it counts, as of when, and from where.

Live until the round is locked; from then on as the snapshot has them, byte for byte.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.survey.assessing.assessment import Assessment
from mealsvc.survey.assessing.figure_words import UNKNOWN, Spec, Value
from mealsvc.survey.assessing.figures_present import PRESENT
from mealsvc.survey.assessing.figures_survey import SURVEYED
from mealsvc.survey.assessing.ground import Ground

SPECS: dict[str, Spec] = {spec.code: spec for spec in (*PRESENT, *SURVEYED)}
NOT_FILLED = "未填报"
_FRACTION = "/"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its exact value (None: nobody knows) and its text with the unit; 口径, 时点, 来源
    and the page that shows its records."""

    code: str
    name: str
    value: Value
    text: str
    definition: str
    as_of: str
    source: str
    url: str


def figures_of(ground: Ground, result: Assessment) -> dict[str, Figure]:
    """All figures, in the order of the registry."""
    return {code: _figure(spec, ground, result) for code, spec in SPECS.items()}


def figures(round_id: int | None, month: Month | None = None) -> dict[str, Figure]:
    """The figures of a round, or (None) of a month without a survey."""
    from mealsvc.survey.assessing.services import study

    return study(round_id, month).figures


def to_json(found: Mapping[str, Figure]) -> str:
    """Canonical, exact: a fraction is {"/": [numerator, denominator]}."""
    return json.dumps(plain(found), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> dict[str, Figure]:
    """What `to_json` wrote."""
    return from_plain(json.loads(text))


def plain(found: Mapping[str, Figure]) -> dict[str, Any]:
    """The figures as plain values of JSON."""
    return {
        code: {
            "name": one.name,
            "value": _told(one.value),
            "text": one.text,
            "definition": one.definition,
            "as_of": one.as_of,
            "source": one.source,
            "url": one.url,
        }
        for code, one in found.items()
    }


def from_plain(told: Mapping[str, Any]) -> dict[str, Figure]:
    """What `plain` made, in the order of the registry."""
    order = {code: place for place, code in enumerate(SPECS)}
    codes = sorted(told, key=lambda code: (order.get(code, len(order)), code))
    return {
        code: Figure(code, **{**told[code], "value": _read(told[code]["value"])}) for code in codes
    }


def _told(value: Value) -> Any:
    if isinstance(value, Fraction):
        return {_FRACTION: [value.numerator, value.denominator]}
    return value


def _read(value: Any) -> Value:
    return Fraction(*value[_FRACTION]) if isinstance(value, dict) else value


def _figure(spec: Spec, ground: Ground, result: Assessment) -> Figure:
    value = spec.work(ground, result)
    unknown = NOT_FILLED if spec.when == "survey" and ground.round_id is None else UNKNOWN
    return Figure(
        spec.code,
        spec.name,
        value,
        unknown if value is None else spec.shape(value),
        spec.definition,
        _as_of(spec.when, ground),
        spec.source,
        _url(spec.url, ground),
    )


def _as_of(when: str, ground: Ground) -> str:
    if when == "month":
        return ground.month.chinese
    if when == "year":
        return f"{ground.money.year}年，截至{chinese_date(ground.money.as_of)}"
    if when == "now":
        return f"{chinese_date(local_date(ground.standing.as_of))}查看时"
    if when == "total":
        return f"开始供餐至{chinese_date(ground.as_of)}"
    return chinese_date(ground.as_of)


def _url(pattern: str, ground: Ground) -> str:
    if "{round}" in pattern and ground.round_id is None:
        return ""
    return pattern.format(month=ground.month, year=ground.money.year, round=ground.round_id)
