"""Unified social credit codes (统一社会信用代码, GB 32100-2015) of operators and suppliers."""

import re

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_SHAPE = re.compile(f"[{_ALPHABET}]{{18}}")


def check_character(first17: str) -> str:
    """The 18th character for 17 of the code's alphabet."""
    pairs = zip(first17, _WEIGHTS, strict=True)
    return _ALPHABET[-sum(_VALUES[char] * weight for char, weight in pairs) % 31]


def is_credit_code(code: str) -> bool:
    """Whether a tidied, upper-case code has the right shape and check character."""
    return bool(_SHAPE.fullmatch(code)) and check_character(code[:17]) == code[17]
