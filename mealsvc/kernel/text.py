"""Text as people type it: stray spaces, full-width digits and letters, invisible marks."""

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SHIFT = 0xFEE0  # distance between the full-width forms U+FF01..U+FF5E and ASCII
_TO_ASCII = {wide: wide - _SHIFT for wide in range(0xFF01, 0xFF5F)}
_ALNUM_TO_ASCII = {wide: code for wide, code in _TO_ASCII.items() if chr(code).isalnum()}

# Not white space to Python, yet unseen: what spreadsheets and chat programs leave at the ends.
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
_EDGES = _UNSEEN + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


def half_width(text: str) -> str:
    """Full-width digits and letters to half-width; Chinese punctuation stays as it is."""
    return text if text.isascii() else text.translate(_ALNUM_TO_ASCII)


def tidy(text: str) -> str:
    """Trimmed (U+3000, NBSP and BOM too) and with half-width digits and letters."""
    return half_width(text).strip(_EDGES)


def tidy_code(text: str) -> str:
    """`tidy` for numbers, dates and code lists: full-width －＠；：． become half-width too.

    Never for names, addresses or remarks, whose Chinese punctuation must stay.
    """
    return (text if text.isascii() else text.translate(_TO_ASCII)).strip(_EDGES)


def is_storable(text: str) -> bool:
    """Whether both databases can keep the text: no NUL, no half of a surrogate pair."""
    return not _UNSTORABLE.search(text)
