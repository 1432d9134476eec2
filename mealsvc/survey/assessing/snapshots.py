"""An assessment as plain values of JSON and back, exactly: driven by the types of its fields."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from mealsvc.survey.assessing.assessment import Assessment

FRACTION = "/"


def plain(value: Any) -> Any:
    """Dataclasses become objects, tuples lists, a fraction {"/": [n, d]}."""
    if isinstance(value, Fraction):
        return {FRACTION: [value.numerator, value.denominator]}
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return value


def assessment(told: Mapping[str, Any]) -> Assessment:
    """What `plain` made of an assessment."""
    return _read(Assessment, told)


def _read(kind: Any, told: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kinds = [one for one in get_args(kind) if one is not NoneType]
        return None if told is None else _read(kinds[0], told)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), told)
    if kind is Fraction:
        return Fraction(*told[FRACTION])
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _read(hints[one.name], told[one.name]) for one in fields(kind)})
    return told


def _tuple(kinds: tuple[Any, ...], told: list[Any]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], one) for one in told)
    return tuple(_read(kind, one) for kind, one in zip(kinds, told, strict=True))
