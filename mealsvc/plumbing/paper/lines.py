"""Breaks Chinese text into lines as printers do: what may not start or end a line does not."""

from collections.abc import Mapping

NO_START = frozenset("，。、；：！？》〉」』】〕）］｝”’·～℃°′″％‰%,.;:!?)]}々〗〙")
NO_END = frozenset("《〈「『【〔（［｛“‘([{¥￥$§№〖〘")
TOGETHER = frozenset("—…")  # 破折号 and 省略号 are two characters that belong together
IN_WORDS = frozenset("-+/_@#&=~'\".,:%°*")
UNITS = frozenset(
    "元角分厘万亿千百个人次份餐户岁年月日时点秒天周米里克吨升平家镇村页条项期批号倍度处"
)
BEFORE_NUMBERS = frozenset("第约近达共")
TOO_LOOSE = 4  # in em: a line this short is left ragged
SLACK = 0.01  # of a point: sums of widths are not exact


def clean(text: str) -> str:
    """Printable text: no control characters or variation selectors; line ends stay."""
    return "".join(" " if c in "\t\r\x0b\x0c" else c for c in text if _printable(c))


def _printable(character: str) -> bool:
    point = ord(character)
    return character in "\n\t\r\x0b\x0c" or not (
        point < 0x20
        or 0x7F <= point < 0xA0
        or 0xD800 <= point < 0xE000
        or point in (0x200B, 0x200D, 0xFEFF)
        or 0xFE00 <= point < 0xFE10
        or 0xE0100 <= point < 0xE01F0
    )


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two neighbours."""
    if not _allowed(before, after) or after == " ":
        return False
    if before == " ":
        return True
    if _in_word(before) and _in_word(after):
        return False
    if before.isdigit() and after in UNITS:
        return False
    return not (before in BEFORE_NUMBERS and after.isdigit())


def _allowed(before: str, after: str) -> bool:
    if after in NO_START or before in NO_END:
        return False
    return not (before == after and before in TOGETHER)


def _in_word(character: str) -> bool:
    return character in IN_WORDS or (character.isalnum() and ord(character) < 0x250)


def break_lines(
    text: str,
    widths: Mapping[str, float],
    size: float,
    room: float,
    first: float | None = None,
    spacing: float = 0,
) -> list[str]:
    """Lines no wider than `room` points (`first`: the first one's room), spaces at ends dropped.

    One pass over the text. A piece that is wider than a line is cut where it must be.
    """
    lines: list[str] = []
    room_now = room if first is None else first
    start = last = index = 0
    used = 0.0
    while index < len(text):
        width = widths[text[index]] * size
        if used + width > room_now + SLACK and index > start and text[index] != " ":
            cut = last if last > start else _forced_cut(text, start, index)
            lines.append(text[start:cut].rstrip(" "))
            start = last = _skip_spaces(text, cut)
            index = max(index, start)
            used = sum(widths[c] * size + spacing for c in text[start:index])
            room_now = room
            continue
        used += width + spacing
        index += 1
        if index < len(text) and may_break(text[index - 1], text[index]):
            last = index
    if start < len(text) or not lines:
        lines.append(text[start:].rstrip(" "))
    return lines


def _forced_cut(text: str, start: int, index: int) -> int:
    """Inside a piece that is too long: as late as the rules for line ends allow."""
    for cut in range(index, start, -1):
        if _allowed(text[cut - 1], text[cut]):
            return cut
    return index


def _skip_spaces(text: str, index: int) -> int:
    while index < len(text) and text[index] == " ":
        index += 1
    return index


def balanced(text: str, widths: Mapping[str, float], size: float, room: float) -> list[str]:
    """A title's lines, about equally long, in as few lines as `room` allows."""
    lines = break_lines(text, widths, size, room)
    if len(lines) < 2:
        return lines
    narrow = sum(widths[c] for c in text) * size / len(lines)
    while narrow < room:
        narrow += size / 2
        tried = break_lines(text, widths, size, min(narrow, room))
        if len(tried) == len(lines):
            return tried
    return lines
