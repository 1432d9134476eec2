"""Writes text, rules and boxes into a page's content stream, many times faster than a canvas.

reportlab still owns the document, its fonts and its pages; here only the operators are made.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mealsvc.plumbing.paper.fonts import Face

ASCENT = 0.88  # of a Chinese character's square, above the baseline
THIN = 0.4
THICK = 0.8


class _Codes(dict[str, tuple[str, str]]):
    """Character to (name of the embedded subset, its code in hexadecimal), for one document."""

    def __init__(self, face: Face, document):
        super().__init__()
        self._face = face
        self._document = document

    def __missing__(self, character: str) -> tuple[str, str]:
        font, drawn = self._face.font(character)
        [(subset, code)] = font.splitString(drawn, self._document)
        pair = font.getSubsetInternalName(subset, self._document), code.hex()
        self[character] = pair
        return pair


class Ink:
    """Draws on one reportlab canvas; all lengths in points from the lower left corner."""

    def __init__(self, canvas: Any, faces: Mapping[str, Face]):
        self.canvas = canvas
        self.faces = faces
        self._codes = {role: _Codes(face, canvas._doc) for role, face in faces.items()}

    def put(self, operators: Iterable[str]) -> None:
        self.canvas.addLiteral("\n".join(operators))

    def text(
        self, x: float, y: float, text: str, role: str, size: float, spacing: float = 0
    ) -> None:
        """One line with its baseline at y."""
        if text:
            self.put([self.text_operators(x, y, text, role, size, spacing)])

    def text_operators(
        self, x: float, y: float, text: str, role: str, size: float, spacing: float = 0
    ) -> str:
        """The operators of one line, for callers that write many at once."""
        codes = self._codes[role]
        parts = [f"BT {x:.2f} {y:.2f} Td"]
        if spacing:
            parts.append(f"{spacing:.4f} Tc")
        now = None
        run: list[str] = []
        for character in text:
            font, code = codes[character]
            if font != now:
                if run:
                    parts.append(f"<{''.join(run)}> Tj")
                    run = []
                parts.append(f"{font} {size:g} Tf")
                now = font
            run.append(code)
        parts.append(f"<{''.join(run)}> Tj 0 Tc ET" if spacing else f"<{''.join(run)}> Tj ET")
        return " ".join(parts)

    def right(self, x: float, y: float, text: str, role: str, size: float) -> None:
        """One line that ends at x."""
        self.text(x - self.faces[role].width(text, size), y, text, role, size)

    def centred(self, x: float, y: float, text: str, role: str, size: float) -> None:
        """One line with its middle at x."""
        self.text(x - self.faces[role].width(text, size) / 2, y, text, role, size)

    def rule(self, x1: float, y1: float, x2: float, y2: float, width: float = THIN) -> None:
        self.put([f"{width:g} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S"])

    def box(self, x: float, y: float, width: float, height: float, line: float = THIN) -> None:
        self.put([f"{line:g} w {x:.2f} {y:.2f} {width:.2f} {height:.2f} re S"])

    def code(self, content: str, x: float, y: float, side: float) -> None:
        """A QR code as black rectangles, one for each run of dark modules."""
        import segno

        rows = [bytes(row) for row in segno.make_qr(content, error="m", boost_error=False).matrix]
        module = side / len(rows)
        operators = []
        for number, row in enumerate(rows):
            top = y + side - (number + 1) * module
            for start, length in _runs(row):
                operators.append(
                    f"{x + start * module:.3f} {top:.3f} {length * module:.3f} {module:.3f} re"
                )
        self.put([*operators, "f"])


def _runs(row: bytes) -> Iterable[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = row.find(1, end)
