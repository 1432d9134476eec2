"""Writes text, rules and boxes into a page's content stream, many times faster than a canvas.

reportlab still owns the document, its fonts and its pages; here only the operators are made.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
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

    def image(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """A JPEG, whole and undistorted in the middle of a box; the same bytes are embedded once."""
        picture = embedded(self.canvas, jpeg)
        scale = min(width / picture.width, height / picture.height)
        wide, high = picture.width * scale, picture.height * scale
        left, bottom = x + (width - wide) / 2, y + (height - high) / 2
        name = self.canvas._doc.getXObjectName(picture.name)
        self.put([f"q {wide:.2f} 0 0 {high:.2f} {left:.2f} {bottom:.2f} cm /{name} Do Q"])
        self.canvas._formsinuse.append(picture.name)

    def strokes(
        self,
        lines: Iterable[Sequence[tuple[int, int]]],
        x: float,
        y: float,
        width: float,
        height: float,
    ) -> None:
        """Drawn strokes (y counted downwards), as large as fits in the middle of a box."""
        lines = [line for line in lines if line]
        if not lines:
            return
        across, down = zip(*(point for line in lines for point in line), strict=True)
        wide, high = max(across) - min(across), max(down) - min(down)
        scale = min(width / max(wide, 1), height / max(high, 1))
        left = x + (width - wide * scale) / 2 - min(across) * scale
        top = y + (height + high * scale) / 2 + min(down) * scale
        drawn = ["q 1 w 1 J 1 j"]
        for line in lines:
            points = [f"{left + at * scale:.2f} {top - below * scale:.2f}" for at, below in line]
            drawn.append(f"{points[0]} m {' '.join(f'{one} l' for one in points[1:] or points)} S")
        self.put([*drawn, "Q"])

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


def embedded(canvas: Any, jpeg: bytes) -> Any:
    """The image object of a JPEG in this document, made when it is first asked for."""
    from reportlab.pdfbase.pdfdoc import PDFImageXObject

    name = sha256(jpeg).hexdigest()[:32]
    key = canvas._doc.getXObjectName(name)
    known = canvas._doc.idToObject.get(key)
    if known is not None:
        return known
    picture: Any = PDFImageXObject(name)
    if not picture.loadImageFromJPEG(BytesIO(jpeg)):
        raise ValueError("not a JPEG")
    picture.streamContent, picture._filters = jpeg, ("DCTDecode",)
    canvas._currentPageHasImages = 1
    canvas._setXObjects(picture)
    canvas._doc.Reference(picture, key)
    canvas._doc.addForm(name, picture)
    return picture


def _runs(row: bytes) -> Iterable[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = row.find(1, end)
