"""Division codes (GB/T 2260 and the statistics bureau's): 6 digits district, 9 town, 12 community."""

LEVELS = {6: "district", 9: "town", 12: "community"}
LEVEL_NAMES = {"district": "区县", "town": "镇街", "community": "村社区"}


def is_division(code: str) -> bool:
    """Whether a code has the shape of a division's: 6, 9 or 12 digits."""
    return len(code) in LEVELS and code.isascii() and code.isdigit()


def level_of(code: str) -> str:
    """`district`, `town` or `community`. Raises ValueError for another shape."""
    if not is_division(code):
        raise ValueError("a division code has 6, 9 or 12 digits")
    return LEVELS[len(code)]


def parent_of(code: str) -> str | None:
    """The code of the division above; None for a district. Raises ValueError as `level_of`."""
    return None if level_of(code) == "district" else code[:-3]


def within(code: str, prefix: str) -> bool:
    """Whether a division is `prefix` or lies in it. An empty prefix holds nothing."""
    return bool(prefix) and code.startswith(prefix)
