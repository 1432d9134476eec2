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


def wanted_shape(value: str, like: str) -> str | None:
    """What to type instead of `value`; None when it has the shape of `like`."""
    for of_the_old, of_the_new, hint in _SHAPES:
        if of_the_old.fullmatch(like):
            return None if of_the_new.fullmatch(value) else hint.format(like=like)
    return None if value else "一个取值"
