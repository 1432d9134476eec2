"""`OfficialPaper`: what official papers (文书、函) have beside text and tables: the head of an office,
the letter form with its red rules, signature boxes with drawn strokes, pictures, a slip to cut off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from mealsvc.kernel.signatures import points
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import MM, Geometry
from mealsvc.plumbing.paper.ink import ASCENT, THICK
from mealsvc.plumbing.paper.lines import balanced, break_lines, clean
from mealsvc.plumbing.paper.tables import PAD, Column, TableWriter

BLANK_DAY = "年　　月　　日"
BOX = 23 * MM
STRIP_BOX = 13 * MM
PICTURE = 38 * MM
QR = 18 * MM
RIBBON_ROOM = 11.5 * MM
LABEL, VALUE = 1.4, 2.0  # shares of a grid's columns, the same in all, so that they line up
CAPTION_ROWS = 9  # of a table's lines that stay with its caption
RED = "0.85 0 0"
SMALL = 8.0
LONGEST_SIDE = 480  # pixels of a picture: 300 an inch at the size it is printed in
QUALITY = 72


@dataclass(frozen=True, slots=True)
class SignBox:
    """Where somebody signs: `name` in print, `strokes` as drawn (empty: a pen), the day."""

    label: str
    name: str = ""
    strokes: str = ""
    day: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A small JPEG and what is said under it."""

    jpeg: bytes
    caption: str


def small(jpeg: bytes) -> bytes:
    """A kept photo as it is printed: fewer pixels, so that a paper with many stays small."""
    from PIL import Image

    with Image.open(BytesIO(jpeg)) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        made = image.convert("RGB")
    made.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = BytesIO()
    made.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


class OfficialPaper(Paper):
    """A `Paper` with the parts of official papers."""

    _grid_end = -1.0  # where the last grid ended, for one that follows directly

    def facts(self, pairs: Sequence[tuple[str, str]], per_row: int = 2) -> None:
        """As `Paper.facts`, with columns that line up; grids that follow each other join."""
        flow, gap = self._flow, self._flow.geometry.table_pitch / 2
        if flow.y == self._grid_end:
            flow.y += gap
        elif not flow.fresh:
            flow.y -= PAD
        wide = 2 * (LABEL + VALUE) / per_row - LABEL
        columns = [Column("", share) for _ in range(per_row) for share in (LABEL, wide)]
        cells = [text for pair in pairs for text in pair]
        cells += [""] * (-len(cells) % (2 * per_row))
        rows = [cells[i : i + 2 * per_row] for i in range(0, len(cells), 2 * per_row)]
        TableWriter(flow, columns).write_grid(rows)
        flow.y -= gap
        self._grid_end = flow.y

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[str]],
        *,
        total: Sequence[str] | None = None,
        caption: str = "",
        empty: str = "本期没有记录",
    ) -> None:
        """As `Paper.table`, a little below the text before it."""
        if not caption and not self._flow.fresh:
            self._flow.y -= PAD
        super().table(columns, rows, total=total, caption=caption, empty=empty)

    def note(self, text: str) -> None:
        """As `Paper.note`, with room below."""
        super().note(text)
        self._flow.y -= 2 * PAD

    def another(self, geometry: Geometry, *, number: str = "", digest: str = "") -> None:
        """Go on with a paper of its own in the same file, of this geometry, without a strip."""
        self.next_part(number=number, digest=digest)
        self._flow.strip = None
        self._flow.geometry = geometry
        self._flow.y = geometry.first

    def clause(self, label: str, text: str) -> None:
        """A paragraph that begins with its heading in 黑体 on the same line."""
        flow, geometry = self._flow, self._flow.geometry
        size, spacing, inset = geometry.size, geometry.spacing, 2 * geometry.em
        head = self._ink.faces["hei"].width(label, size, spacing) + spacing
        pieces = clean(text).split("\n")
        flow.need(2 * geometry.pitch if len(pieces) > 1 else geometry.pitch)
        lines = break_lines(
            pieces[0],
            self._ink.faces["body"].widths,
            size,
            self.width,
            first=self.width - inset - head,
            spacing=spacing,
        )
        for number, line in enumerate(lines):
            shift = inset + head if number == 0 else 0
            flow.need(geometry.pitch)
            if number == 0:
                y = flow.baseline(size, geometry.pitch)
                self._ink.text(flow.left + inset, y, label, "hei", size, spacing)
            self._line(line, "body", shift, "justify", last=number == len(lines) - 1)
        for piece in pieces[1:]:
            self.para(piece)

    def _caption(self, text: str) -> None:
        """Stays with more of its table than a report's: rows are high here."""
        self._flow.need(self._flow.geometry.pitch + CAPTION_ROWS * self._flow.geometry.table_pitch)
        super()._caption(text)

    def office_head(self, issuer: str, title: str, number: str, *, qr: str = "") -> None:
        """Who writes, what it is, and its number at the right (文书)."""
        flow, ink = self._flow, self._ink
        middle = (flow.left + flow.right) / 2
        if qr:  # above the ribbon of demonstration data
            ink.code(qr, flow.right - QR, flow.geometry.first + RIBBON_ROOM, QR)
        for text, size in ((issuer, 18), (title, 22)):
            if text:
                y = flow.baseline(size, size * 1.6)
                ink.centred(middle, y, clean(text), "title", _fitting(self, text, size))
                flow.y -= size * 1.6
        if number:
            flow.y -= 4
            y = flow.baseline(flow.geometry.size, flow.geometry.pitch)
            ink.right(flow.right, y, clean(number), "body", flow.geometry.size)
            flow.y -= flow.geometry.pitch
        flow.y -= 4

    def letter_head(self, issuer: str, title: str, number: str, *, qr: str = "") -> None:
        """The letter form (信函格式): issuer in red 30 mm from the edge, a red double rule 4 mm below,
        another 20 mm above the lower edge, the number under the rule; no page number."""
        flow, ink, geometry = self._flow, self._ink, self._flow.geometry
        middle, size = geometry.width / 2, 36
        size = _fitting(self, issuer, size)
        top = geometry.height - 30 * MM
        ink.put([f"{RED} rg"])
        ink.centred(middle, top - ASCENT * size, clean(issuer), "title", size)
        ink.put(["0 g"])
        upper = top - size - 4 * MM
        self._double_rule(upper, thick_first=True)
        self._double_rule(20 * MM, thick_first=False)
        if qr:
            ink.code(qr, flow.right - QR, geometry.height - 26.5 * MM, QR)
        below = upper - geometry.size * 7 / 8 - ASCENT * geometry.size
        ink.right(flow.right, below, clean(number), "body", geometry.size)
        flow.unnumbered = 1
        flow.y = below - 2 * geometry.pitch
        widths = ink.faces["title"].widths
        parts = title.split("\n")
        for line in (
            line
            for part in parts
            for line in balanced(part, widths, geometry.title_size, self.width)
        ):
            y = flow.baseline(geometry.title_size, geometry.title_pitch)
            ink.centred((flow.left + flow.right) / 2, y, clean(line), "title", geometry.title_size)
            flow.y -= geometry.title_pitch
        flow.y -= geometry.pitch / 2

    def strip(self, boxes: Sequence[SignBox]) -> None:
        """Signature boxes at the foot of every page from here on; the geometry keeps the room."""
        self._flow.strip = lambda: self._strip_boxes(boxes)

    def _strip_boxes(self, boxes: Sequence[SignBox]) -> None:
        """Low boxes: label and day at the left, room to sign at the right."""
        flow, ink, size = self._flow, self._ink, 9.0
        width, bottom = self.width / len(boxes), self._flow.geometry.bottom
        for number, box in enumerate(boxes):
            x, label = flow.left + number * width, f"{clean(box.label)}："
            ink.box(x, bottom, width, STRIP_BOX)
            top = bottom + STRIP_BOX - PAD - ASCENT * size
            ink.text(x + PAD, top, label, "hei", size)
            ink.text(x + PAD, bottom + PAD, box.day or BLANK_DAY, "table", SMALL)
            if box.strokes:
                half = width / 2
                ink.strokes(points(box.strokes), x + half, bottom + 2, half - PAD, STRIP_BOX - 4)
            else:
                ink.text(x + PAD, bottom + STRIP_BOX / 2 - PAD, box.note, "table", SMALL)

    def sign_boxes(self, boxes: Sequence[SignBox], per_row: int = 2) -> None:
        """Boxes that a pen and a seal fit in, in rows, none cut by a page end."""
        flow = self._flow
        for start in range(0, len(boxes), per_row):
            flow.need(BOX + PAD)
            flow.y -= PAD if start == 0 else 0
            self._row_of_boxes(boxes[start : start + per_row], flow.y, BOX)
            flow.y -= BOX
        flow.y -= flow.geometry.table_pitch / 2

    def _row_of_boxes(self, boxes: Sequence[SignBox], top: float, height: float) -> None:
        flow, ink = self._flow, self._ink
        width, size = self.width / len(boxes), min(flow.geometry.table_size, 9.5)
        for number, box in enumerate(boxes):
            x, bottom = flow.left + number * width, top - height
            ink.box(x, bottom, width, height)
            label = f"{clean(box.label)}："
            ink.text(x + PAD, top - PAD - ASCENT * size, label, "hei", size)
            after = x + 2 * PAD + ink.faces["hei"].width(label, size)
            ink.text(after, top - PAD - ASCENT * size, clean(box.name), "table", size)
            if box.strokes:
                ink.strokes(
                    points(box.strokes),
                    x + 0.2 * width,
                    bottom + SMALL + 2 * PAD,
                    0.6 * width,
                    height - size - SMALL - 4 * PAD,
                )
            ink.text(x + PAD, bottom + PAD, clean(box.note), "table", SMALL)
            ink.right(x + width - PAD, bottom + PAD, box.day or BLANK_DAY, "table", SMALL)

    def pictures(self, pictures: Sequence[Picture], per_row: int = 3, caption: str = "") -> None:
        """Photos side by side, each with what it shows below it."""
        flow, ink = self._flow, self._ink
        if caption:
            flow.need(flow.geometry.pitch + PICTURE + 8 * SMALL)
            super()._caption(caption)
        widths, gap = ink.faces["table"].widths, 2 * MM
        width = (self.width - gap * (per_row - 1)) / per_row
        for start in range(0, len(pictures), per_row):
            row = pictures[start : start + per_row]
            told = [_lines_of(one.caption, widths, width) for one in row]
            height = PICTURE + max(map(len, told)) * 1.3 * SMALL + 2 * PAD
            flow.need(height)
            for number, (one, lines) in enumerate(zip(row, told, strict=True)):
                x = flow.left + number * (width + gap)
                ink.box(x, flow.y - PICTURE, width, PICTURE)
                ink.image(one.jpeg, x + 1, flow.y - PICTURE + 1, width - 2, PICTURE - 2)
                for at, line in enumerate(lines):
                    y = flow.y - PICTURE - PAD - ASCENT * SMALL - at * 1.3 * SMALL
                    ink.text(x, y, line, "table", SMALL)
            flow.y -= height + PAD

    def cut_line(self, text: str, needed: float) -> None:
        """A dashed line to cut along, with room for `needed` points below it on the same page."""
        flow, ink = self._flow, self._ink
        flow.need(needed + 2 * flow.geometry.pitch)
        flow.y -= flow.geometry.pitch / 2
        width = ink.faces["table"].width(text, SMALL)
        middle = (flow.left + flow.right) / 2
        gap = width / 2 + 2 * PAD
        ink.put(["[3 3] 0 d"])
        ink.rule(flow.left, flow.y, middle - gap, flow.y)
        ink.rule(middle + gap, flow.y, flow.right, flow.y)
        ink.put(["[] 0 d"])
        ink.centred(middle, flow.y - 0.38 * SMALL, text, "table", SMALL)
        flow.y -= flow.geometry.pitch / 2

    def sub_title(self, text: str) -> None:
        """A title of a part, in the middle."""
        flow, size = self._flow, 16
        y = flow.baseline(size, size * 1.6)
        self._ink.centred((flow.left + flow.right) / 2, y, clean(text), "title", size)
        flow.y -= size * 1.6

    def _double_rule(self, y: float, *, thick_first: bool) -> None:
        """170 mm wide, in the middle of the page; the thick line is the outer one."""
        middle, half = self._flow.geometry.width / 2, 85 * MM
        heavy, light = (y, y - 2.6) if thick_first else (y, y + 2.6)
        self._ink.put([f"{RED} RG"])
        self._ink.rule(middle - half, heavy, middle + half, heavy, 2)
        self._ink.rule(middle - half, light, middle + half, light, THICK)
        self._ink.put(["0 G"])


def _fitting(paper: OfficialPaper, text: str, size: float) -> float:
    """The size, smaller where the line would not fit between the margins."""
    return min(size, size * paper.width / max(paper._ink.faces["title"].width(text, size), 1))


def _lines_of(text: str, widths: Mapping[str, float], room: float) -> list[str]:
    return [
        line for part in clean(text).split("\n") for line in break_lines(part, widths, SMALL, room)
    ][:4]
