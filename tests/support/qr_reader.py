"""Reads a QR symbol of version 1 back: what a scanner does once it has the modules, without repair."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIDE, DATA = 21, {0b01: 19, 0b00: 16, 0b11: 13, 0b10: 9}  # codewords of data by level L M Q H
MASKS = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, column: row % 2 == 0,
    lambda row, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)


def read(rows: list[str]) -> str:
    """The text of a version 1 symbol, its modules as rows of 0 and 1."""
    if len(rows) != SIDE:
        raise ValueError("not a symbol of version 1")
    head = int(rows[8][0:5], 2) ^ 0b10101
    level, mask = head >> 3, MASKS[head & 7]
    bits = "".join(
        str(int(rows[row][column]) ^ mask(row, column)) for row, column in _data_modules()
    )
    return _text(bits[: DATA[level] * 8])


def _data_modules():
    """Row and column of each module of data in order: upwards and downwards by twos."""
    upward, right = True, SIDE - 1
    while right > 0:
        if right == 6:
            right = 5
        for step in range(SIDE):
            row = SIDE - 1 - step if upward else step
            for column in (right, right - 1):
                if not _is_fixed(row, column):
                    yield row, column
        upward, right = not upward, right - 2


def _is_fixed(row: int, column: int) -> bool:
    corner = (row < 9 and column < 9) or (row < 9 and column > 12) or (row > 12 and column < 9)
    return corner or row == 6 or column == 6


def _text(bits: str) -> str:
    mode, rest = bits[:4], bits[4:]
    if mode == "0100":
        length = int(rest[:8], 2)
        return bytes(int(rest[8 * n : 8 * n + 8], 2) for n in range(1, length + 1)).decode()
    if mode != "0010":
        raise ValueError(f"mode {mode}")
    length, rest, text = int(rest[:9], 2), rest[9:], ""
    while len(text) < length:
        two = length - len(text) > 1
        value = int(rest[: 11 if two else 6], 2)
        text += ALPHABET[value // 45] + ALPHABET[value % 45] if two else ALPHABET[value]
        rest = rest[11:]
    return text
