"""Many numbers as one value of one row, so that no Python object is made for a row.

The database strings them together and numpy takes them apart. SQLite knows no array: there every
number becomes one or two characters of text, 20 bits each; PostgreSQL gives eight bytes each.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mealsvc.auditing.scanning.rules.view import Ints

DIGIT = 20  # bits of a character: those from U+10000 on, of which there are 2**20
WIDE = 2  # digits that are enough for any number of ours
FIRST_CHARACTER = 1 << 16
BETWEEN = "\x1f"  # names are refused with control characters


def strung(numbers: Sequence[str], digits: int, rest: str = "") -> str:
    """SQL of an aggregate over all rows: these whole numbers of 0 and more, row after row.

    `digits` is how many characters a number takes, 0 on PostgreSQL. `rest` is a FILTER.
    """
    if not digits:
        record = " || ".join(f"int8send({number})" for number in numbers)
        return f"string_agg({record}, ''::bytea){rest}"
    parts: list[str] = []
    for number in numbers:
        if digits == 1:
            parts.append(f"{FIRST_CHARACTER} + {number}")
        else:
            parts.append(f"{FIRST_CHARACTER} + (({number}) & {(1 << DIGIT) - 1})")
            parts.append(f"{FIRST_CHARACTER} + (({number}) >> {DIGIT})")
    return f"group_concat(char({', '.join(parts)}), ''){rest}"


def unstrung(packed: Any, columns: int, digits: int) -> list[Ints]:
    """The columns that were strung together, each of its own."""
    if not digits:
        table = np.frombuffer(packed, dtype=">i8").reshape(-1, columns)
        return [table[:, place].astype(np.int64) for place in range(columns)]
    letters = np.frombuffer(packed.encode("utf-32-le"), dtype="<u4")
    table = letters.reshape(-1, digits * columns)
    found: list[Ints] = []
    for place in range(columns):
        column = table[:, place * digits].astype(np.int64) - FIRST_CHARACTER
        if digits == WIDE:
            column += (table[:, place * digits + 1].astype(np.int64) - FIRST_CHARACTER) << DIGIT
        found.append(column)
    return found


def listed(names: str, lite: bool, rest: str = "") -> str:
    """SQL of an aggregate over all rows: these texts, one after the other, `BETWEEN` them."""
    joined = f"group_concat({names}, char(31))" if lite else f"string_agg({names}, chr(31))"
    return joined + rest
