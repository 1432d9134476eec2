"""QR symbols by the thousand: what a card reader reads, from a handful of exclusive ors.

At one version, level, mask, mode and length a symbol is affine over GF(2): a fixed pattern, and for
each bit of the content the modules that this bit turns over, error correction included. segno draws
these patterns once; after that a symbol is a few look-ups.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import segno

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LONGEST = 48  # bytes; longer contents are rare, and their patterns not worth the time
QUIET = 4  # modules of white around a symbol
_MASK = 2
_ALPHANUMERIC = re.compile(rf"[{re.escape(LETTERS)}]+")
_DARK = re.compile("1+")


class Symbol(NamedTuple):
    """Modules of a side, and all of them as one number: row by row from the top, 1 is dark."""

    size: int
    bits: int

    def rows(self) -> list[str]:
        """Each row as 0 and 1, from the top."""
        text = format(self.bits, f"0{self.size * self.size}b")
        return [text[start : start + self.size] for start in range(0, len(text), self.size)]


def symbol(content: str) -> Symbol:
    """The smallest symbol that holds exactly this text, at level M or better if that costs nothing."""
    if len(content.encode()) > LONGEST:
        return _drawn(content)
    if _ALPHANUMERIC.fullmatch(content):
        pairs = [content[start : start + 2] for start in range(0, len(content), 2)]
        family = patterns("alphanumeric", len(content))
        return family.symbol(_value(pair) for pair in pairs)
    written = content.encode()
    return patterns("byte", len(written)).symbol(iter(written))


def _drawn(content: str) -> Symbol:
    made = segno.make_qr(content.encode(), error="m", mask=_MASK)
    return Symbol(len(made.matrix), _bits(made))


def path(made: Symbol, x: float, y: float, side: float) -> str:
    """PDF operators that fill the dark modules, without quiet zone, in a square of this side."""
    module = side / made.size
    drawn = [f"q {module:.5f} 0 0 {module:.5f} {x:.3f} {y:.3f} cm"]
    for above, row in enumerate(made.rows()):
        bottom = made.size - 1 - above
        drawn += [
            f"{run.start()} {bottom} {run.end() - run.start()} 1 re" for run in _DARK.finditer(row)
        ]
    return "\n".join((*drawn, "f Q"))


class _Family:
    """All symbols of one mode and length: the pattern of nought, and what each bit turns over."""

    def __init__(self, mode: str, length: int):
        self._mode = mode
        self._widths = _widths(mode, length)
        nought = [0] * len(self._widths)
        first = segno.make_qr(self._written(nought), mode=mode, error="m", mask=_MASK)
        self._shape = {"version": first.version, "error": first.error, "boost_error": False}
        self._size, self._base = len(first.matrix), _bits(first)
        self._turned = [
            [self._pattern(place, 1 << bit) ^ self._base for bit in range(width)]
            for place, width in enumerate(self._widths)
        ]
        self._known: list[dict[int, int]] = [{} for _ in self._widths]

    def symbol(self, values: Iterator[int]) -> Symbol:
        bits = self._base
        for place, (value, known) in enumerate(zip(values, self._known, strict=True)):
            turned = known.get(value)
            if turned is None:
                turned = known[value] = self._sum(place, value)
            bits ^= turned
        return Symbol(self._size, bits)

    def _sum(self, place: int, value: int) -> int:
        turned = 0
        for bit, pattern in enumerate(self._turned[place]):
            if value >> bit & 1:
                turned ^= pattern
        return turned

    def _pattern(self, place: int, value: int) -> int:
        values = [0] * len(self._widths)
        values[place] = value
        written = self._written(values)
        return _bits(segno.make_qr(written, mode=self._mode, mask=_MASK, **self._shape))

    def _written(self, values: list[int]) -> str | bytes:
        """The content that these values stand for, as segno takes it."""
        if self._mode == "byte":
            return bytes(values)
        pairs = zip(values, self._widths, strict=True)
        return "".join(
            LETTERS[value // 45] + LETTERS[value % 45] if width == 11 else LETTERS[value]
            for value, width in pairs
        )


def _widths(mode: str, length: int) -> list[int]:
    """Bits of each unit: two letters take 11, a last single one 6, a byte 8."""
    return [8] * length if mode == "byte" else [11] * (length // 2) + [6] * (length % 2)


def _value(letters: str) -> int:
    if len(letters) == 1:
        return LETTERS.index(letters)
    return LETTERS.index(letters[0]) * 45 + LETTERS.index(letters[1])


def _bits(made: segno.QRCode) -> int:
    """Dark modules are 1 in segno's matrix, light ones 0."""
    return int("".join("01"[module] for row in made.matrix for module in row), 2)


patterns = lru_cache(maxsize=32)(_Family)
