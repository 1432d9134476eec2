"""What a threshold may be set to: a value of the same shape as the one it started with. Pure."""

import re

_NUMBER = r"-?[0-9]{1,9}(?:\.[0-9]{1,3})?"
_SHAPES = (
    (
        re.compile(r"[0-9]{2}:[0-9]{2}"),
        re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"),
        "一个时刻，如 {like}",
    ),
    (
        re.compile(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}"),
        re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]"),
        "起止两个时刻，如 {like}",
    ),
    (re.compile(r"[0-9]+"), re.compile(r"[0-9]{1,9}"), "一个整数，如 {like}"),
    (re.compile(_NUMBER), re.compile(_NUMBER), "一个数，如 {like}"),
    (
        re.compile(rf"{_NUMBER}-{_NUMBER}"),
        re.compile(rf"{_NUMBER}-{_NUMBER}"),
        "起止两个数，如 {like}",
    ),
    (
        re.compile(r"[0-9]+(?:,[0-9]+)+"),
        re.compile(r"[0-9]{1,9}(?:,[0-9]{1,9})*"),
        "用逗号隔开的整数，如 {like}",
    ),
)
_MORE_THAN_0 = r"(?=[0-9.]*[1-9])[0-9]{1,9}(?:\.[0-9]{1,3})?"


def wanted_shape(value: str, like: str) -> str | None:
    """What to type instead of `value`; None when it has the shape of `like`."""
    for of_the_old, of_the_new, hint in _SHAPES:
        if of_the_old.fullmatch(like):
            return None if of_the_new.fullmatch(value) else hint.format(like=like)
    parts = like.split(",")
    if len(parts) > 1 and all(re.fullmatch(_NUMBER, part) for part in parts):
        return _as_many_decimals(value, like, len(parts))
    return None if value else "一个取值"


def _as_many_decimals(value: str, like: str, number: int) -> str | None:
    """What stands in such a list by its place (a speed, a factor) divides: none is left out or 0."""
    listed = ",".join([_MORE_THAN_0] * number)
    return None if re.fullmatch(listed, value) else f"用逗号隔开的{number}个大于0的数，如 {like}"
