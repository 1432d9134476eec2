"""Drawings as PNG, for files that hold no vectors (DOCX): the same shapes, set with our own fonts."""

from collections.abc import Sequence
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

from mealsvc.plumbing.paper.fonts import faces

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

DOTS_AN_INCH = 200
FINER = 2  # drawn so much larger and made smaller again, so that edges are smooth
POINTS_AN_INCH = 72
SOLID = 255
EDGE = 8  # pixels around a shape, for its stroke
Box = tuple[float, float, float, float]


def png(drawing: "Drawing") -> bytes:
    """The drawing at `DOTS_AN_INCH` on white; the same drawing gives the same bytes."""
    from PIL import Image

    scale = DOTS_AN_INCH / POINTS_AN_INCH
    size = ceil(drawing.width * scale), ceil(drawing.height * scale)
    canvas = _Canvas(size[0] * FINER, size[1] * FINER, scale * FINER)
    for shape in drawing.contents:
        canvas.draw(shape)
    made = canvas.image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    made = made.quantize(64, dither=Image.Dither.NONE)
    written = BytesIO()
    made.save(written, "PNG", optimize=False, compress_level=9)
    return written.getvalue()


class _Canvas:
    """An image with reportlab's coordinates: points, y upwards."""

    def __init__(self, width: int, height: int, scale: float):
        from PIL import Image

        self.image = Image.new("RGBA", (width, height), "white")
        self._height, self._scale = height, scale

    def draw(self, shape: Any) -> None:
        """One shape by its kind; a shape with an opacity is laid over what is there."""
        work = getattr(self, f"_{type(shape).__name__.lower()}")
        work(shape)

    def _rect(self, shape: Any) -> None:
        x, y = shape.x, shape.y
        right, top = x + shape.width, y + shape.height
        self._polygon_of([(x, y), (right, y), (right, top), (x, top)], shape)

    def _polygon(self, shape: Any) -> None:
        self._polygon_of(_paired(shape.points), shape)

    def _circle(self, shape: Any) -> None:
        (x, y), r = self._at(shape.cx, shape.cy), shape.r * self._scale
        box = (x - r, y - r, x + r, y + r)
        edge = _colour(shape.strokeColor)
        wide = max(1, round((shape.strokeWidth or 0) * self._scale))

        def work(pen: Any, dx: int, dy: int) -> None:
            moved = (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)
            fill = _colour(shape.fillColor)
            pen.ellipse(moved, fill=fill, outline=edge, width=wide if edge else 0)

        self._over(work, shape, box)

    def _line(self, shape: Any) -> None:
        ends = [self._at(shape.x1, shape.y1), self._at(shape.x2, shape.y2)]
        self._stroke(ends, shape)

    def _polyline(self, shape: Any) -> None:
        self._stroke([self._at(*point) for point in _paired(shape.points)], shape)

    def _path(self, shape: Any) -> None:
        """Rings of straight lines; every further ring inside the first is a hole."""
        from PIL import Image, ImageChops, ImageDraw

        rings = _rings(shape)
        fill = _colour(shape.fillColor)
        if fill:
            mask = Image.new("1", self.image.size)
            for ring in rings:
                one = Image.new("1", self.image.size)
                ImageDraw.Draw(one).polygon([self._at(*point) for point in ring], fill=1)
                mask = ImageChops.logical_xor(mask, one)
            self.image.paste(fill, mask=mask)
        for ring in rings:
            self._stroke([self._at(*point) for point in [*ring, ring[0]]], shape)

    def _string(self, shape: Any) -> None:
        """Each character from the first font that has it."""
        from PIL import ImageDraw

        face = faces()["chart"]
        size = shape.fontSize
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[shape.textAnchor]
        x = shape.x - face.width(shape.text, size) * shift
        pen = ImageDraw.Draw(self.image)
        for run, path in _runs(shape.text, face):
            at = self._at(x, shape.y)
            font = _font(path, round(size * self._scale))
            pen.text(at, run, fill=_colour(shape.fillColor), font=font, anchor="ls")
            x += face.width(run, size)

    def _group(self, shape: Any) -> None:
        for one in shape.contents:
            self.draw(one)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x * self._scale, self._height - y * self._scale

    def _polygon_of(self, points: Sequence[tuple[float, float]], shape: Any) -> None:
        corners = [self._at(*point) for point in points]
        edge = _colour(shape.strokeColor)
        wide = max(1, round((shape.strokeWidth or 0) * self._scale))

        def work(pen: Any, dx: int, dy: int) -> None:
            moved = [(x + dx, y + dy) for x, y in corners]
            pen.polygon(moved, fill=_colour(shape.fillColor), outline=edge, width=wide)

        across, down = zip(*corners, strict=True)
        self._over(work, shape, (min(across), min(down), max(across), max(down)))

    def _stroke(self, points: Sequence[tuple[float, float]], shape: Any) -> None:
        from PIL import ImageDraw

        colour = _colour(shape.strokeColor)
        if colour and shape.strokeWidth:
            wide = max(1, round(shape.strokeWidth * self._scale))
            ImageDraw.Draw(self.image).line(list(points), fill=colour, width=wide, joint="curve")

    def _over(self, work: Any, shape: Any, box: Box) -> None:
        """Draws straight on the image, or on a layer of its own where something shines through;
        `work` takes a pen and how far its corner is from the image's."""
        from PIL import Image, ImageDraw

        colours = [_colour(shape.fillColor), _colour(shape.strokeColor)]
        if all(colour is None or colour[3] == SOLID for colour in colours):
            work(ImageDraw.Draw(self.image), 0, 0)
            return
        left, top = max(0, int(box[0]) - EDGE), max(0, int(box[1]) - EDGE)
        right = min(self.image.width, int(box[2]) + EDGE)
        bottom = min(self.image.height, int(box[3]) + EDGE)
        if right > left and bottom > top:
            layer = Image.new("RGBA", (right - left, bottom - top))
            work(ImageDraw.Draw(layer), -left, -top)
            self.image.alpha_composite(layer, (left, top))


def _paired(points: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(points[::2], points[1::2], strict=True))


def _rings(path: Any) -> list[list[tuple[float, float]]]:
    """The closed rings of a path of straight lines."""
    rings: list[list[tuple[float, float]]] = []
    at = 0
    for operator in path.operators:
        if operator == 3:  # the path closes
            continue
        point = (path.points[at], path.points[at + 1])
        at += 2
        if operator == 0:
            rings.append([point])
        else:
            rings[-1].append(point)
    return rings


def _colour(colour: Any) -> tuple[int, int, int, int] | None:
    if colour is None:
        return None
    parts = (colour.red, colour.green, colour.blue, colour.alpha)
    red, green, blue, alpha = (round(255 * part) for part in parts)
    return red, green, blue, alpha


def _runs(text: str, face: Any) -> list[tuple[str, str]]:
    """The text in runs of one font each, with the font's file."""
    runs: list[tuple[str, str]] = []
    for character in text:
        font, drawn = face.font(character)
        path = str(font.face.filename)
        if runs and runs[-1][1] == path:
            runs[-1] = (runs[-1][0] + drawn, path)
        else:
            runs.append((drawn, path))
    return runs


_fonts: dict[tuple[str, int], Any] = {}


def _font(path: str, size: int) -> Any:
    from PIL import ImageFont

    found = _fonts.get((path, size))
    if found is None:
        found = _fonts[path, size] = ImageFont.truetype(
            path, size, layout_engine=ImageFont.Layout.BASIC
        )
    return found
