"""Money is an integer of fen: shown, read, written in Chinese capitals, and split exactly."""

import re
from collections.abc import Sequence

from mealsvc.kernel.text import tidy_code

# 13 digits before the point: far above any budget, far below what a BIGINT of fen can hold.
_YUAN = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def display(fen: int) -> str:
    """1250 fen as `12.50`."""
    yuan_part, fen_part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan_part}.{fen_part:02d}"


def yuan(text: str) -> int:
    """Fen from yuan with up to 2 decimals, exactly: `12.5` is 1250.

    Raises ValueError for anything else, thousands separators included.
    """
    found = _YUAN.fullmatch(tidy_code(text))
    if not found:
        raise ValueError("not an amount in yuan with up to 2 decimals")
    sign, whole, decimals = found.groups()
    fen = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
    return -fen if sign else fen


def _words(number: int) -> str:
    for base, unit in _UNITS:
        if number >= base:
            high, low = divmod(number, base)
            # One 零 stands for all the zeros in between; none for zeros at the end.
            gap = "零" if 0 < low < base // 10 else ""
            return _words(high) + unit + gap + (_words(low) if low else "")
    return _DIGITS[number]


def capitals(fen: int) -> str:
    """1250 fen as 壹拾贰元伍角整, by the rules for bills (《支付结算办法》 annex 1).

    Where these leave 零 to the writer (10.50, 107000), it is left out.
    """
    whole, rest = divmod(abs(fen), 100)
    jiao, cent = divmod(rest, 10)
    parts = ["负" if fen < 0 else ""]
    if whole or not rest:
        parts.append(_words(whole) + "元")
    if jiao:
        parts.append(_DIGITS[jiao] + "角")
    elif cent and whole:
        parts.append("零")
    parts.append(_DIGITS[cent] + "分" if cent else "整")
    return "".join(parts)


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` fen by weights with the largest remainder, ties to the earlier one.

    A negative total is the mirror image of its positive. Raises ValueError for a negative
    weight, and when there is something to split but no weight above 0.
    """
    if min(weights, default=0) < 0:
        raise ValueError("weights cannot be negative")
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    if whole == 0:
        raise ValueError("nobody to give a share to")
    sign, total = (-1, -total) if total < 0 else (1, total)
    parts, remainders = zip(*(divmod(total * weight, whole) for weight in weights), strict=True)
    by_remainder = sorted(range(len(weights)), key=lambda place: -remainders[place])
    favoured = set(by_remainder[: total - sum(parts)])
    return [sign * (part + (place in favoured)) for place, part in enumerate(parts)]
