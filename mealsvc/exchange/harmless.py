"""Cells that a spreadsheet would run as formulas are written with an apostrophe in front.

Reading undoes exactly what writing did, so a file survives the round trip.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_QUOTED = re.compile(r"'+[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def harmless(text: str) -> str:
    """The cell as it may be written; plain numbers such as -5 stay numbers."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def harmless_undone(text: str) -> str:
    """The cell before `harmless`."""
    return text[1:] if _QUOTED.match(text) else text
