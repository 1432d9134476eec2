"""A signature drawn with the finger: its strokes as text."""

import re

SIGNATURE_LENGTH = 4096
_STROKES = re.compile(
    r"(?:\d{1,3},\d{1,3}(?: \d{1,3},\d{1,3})*)(?:;\d{1,3},\d{1,3}(?: \d{1,3},\d{1,3})*)*"
)


def is_signature(text: str) -> bool:
    """Strokes on a field of 999 by 999: `x,y x,y;x,y x,y`, at most 4 KB."""
    return len(text) <= SIGNATURE_LENGTH and _STROKES.fullmatch(text) is not None


def strokes(text: str) -> list[str]:
    """The strokes of a signature, each as an SVG polyline takes its points."""
    return text.split(";") if text else []


def points(text: str) -> list[list[tuple[int, int]]]:
    """The strokes of a signature as points."""
    return [
        [(int(x), int(y)) for x, y in (pair.split(",") for pair in stroke.split())]
        for stroke in strokes(text)
    ]
