"""`Paper`: what a report or a sheet is written with, from top to bottom, then `build()`.

    paper = Paper("2024年5月结算单", number="武民助结〔2024〕0001号", geometry=SHEET, demo=True)
    paper.heading_block("丰乐社区助餐点", qr="…")
    paper.facts([("助餐点", "丰乐社区助餐点"), ("月份", "2024年5月")])
    paper.table([Column("日期"), Column("补贴（元）", align="right")], rows, total=("合计", "3.00"))
    paper.signatures(["制表人", "助餐点负责人", "镇（街道）审核", "区民政局审批"])
    pdf = paper.build()

The same calls with the same texts give the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from reportlab.pdfgen.canvas import Canvas

from mealsvc.plumbing.paper.flow import Flow
from mealsvc.plumbing.paper.fonts import faces
from mealsvc.plumbing.paper.geometry import MM, OFFICIAL, Geometry
from mealsvc.plumbing.paper.ink import ASCENT, Ink
from mealsvc.plumbing.paper.lines import TOO_LOOSE, balanced, break_lines, clean
from mealsvc.plumbing.paper.tables import PAD, Column, TableWriter

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

HEAD_ROLES = {1: "hei", 2: "kai", 3: "body", 4: "body"}
QR_SIDE = 20 * MM
BOXES_A_ROW = 4
BOX_HEIGHT = 26 * MM


class Paper:
    """One PDF. `number` and `digest` stand at the foot of every page; `demo` adds 演示数据, `mark`
    another word above the text.

    `fonts` are the application's settings, of which PAPER_FONT_* are used (see `fonts.py`).
    """

    def __init__(
        self,
        title: str,
        *,
        number: str = "",
        digest: str = "",
        geometry: Geometry = OFFICIAL,
        demo: bool = False,
        mark: str = "",
        author: str = "",
        subject: str = "",
        fonts: Mapping[str, str] | None = None,
    ):
        self._title = clean(title)
        self._bytes = BytesIO()
        own = faces(fonts)
        named: dict[str, Any] = {"initialFontName": own["body"].name}  # else a bare Helvetica
        canvas = Canvas(
            self._bytes,
            pagesize=(geometry.width, geometry.height),
            pageCompression=1,
            invariant=1,
            lang="zh-CN",
            **named,
        )
        canvas.setTitle(self._title)
        canvas.setAuthor(author)
        canvas.setSubject(subject)
        canvas.setCreator("mealsvc")
        self._ink = Ink(canvas, own)
        self._flow = Flow(self._ink, geometry, foot=_foot(number, digest), demo=demo, mark=mark)

    @property
    def page(self) -> int:
        return self._flow.page

    @property
    def width(self) -> float:
        """Between the margins, in points: how wide a drawing may be."""
        return self._flow.geometry.inner

    def letterhead(self, issuer: str, number: str = "") -> None:
        """The issuing mark in red, the number and the red rule below them."""
        flow, ink = self._flow, self._ink
        size, middle = 30, (flow.left + flow.right) / 2
        size = min(size, size * self.width / max(ink.faces["title"].width(issuer, size), 1))
        ink.put(["0.8 0 0 rg 0.8 0 0 RG"])
        ink.centred(middle, flow.y - ASCENT * size, clean(issuer), "title", size)
        flow.y -= size * 1.6
        ink.put(["0 g"])
        if number:
            ink.centred(middle, flow.baseline(16, flow.geometry.pitch), clean(number), "body", 16)
            flow.y -= flow.geometry.pitch
        ink.rule(flow.left, flow.y - 4, flow.right, flow.y - 4, 1.4)
        ink.put(["0 G"])
        flow.y -= flow.geometry.pitch

    def heading_block(self, subtitle: str = "", *, qr: str = "") -> None:
        """The title, a line below it, and a QR code at the upper right corner."""
        flow, ink, geometry = self._flow, self._ink, self._flow.geometry
        room = self.width
        if qr:
            side = 18 * MM if geometry.official else QR_SIDE
            bottom = geometry.first + 4 * MM if geometry.official else geometry.first - side
            ink.code(qr, flow.right - side - (22 * MM if geometry.official else 0), bottom, side)
            room -= 0 if geometry.official else 2 * side + 4 * MM
        top, middle = flow.y, (flow.left + flow.right) / 2
        for part in self._title.split("\n"):
            widths = ink.faces["title"].widths
            for line in balanced(part, widths, geometry.title_size, room):
                y = flow.baseline(geometry.title_size, geometry.title_pitch)
                ink.centred(middle, y, line, "title", geometry.title_size)
                flow.y -= geometry.title_pitch
        if subtitle:
            ink.centred(
                middle,
                flow.baseline(geometry.size, geometry.pitch),
                clean(subtitle),
                "kai",
                geometry.size,
            )
            flow.y -= geometry.pitch
        if geometry.official:
            flow.y -= geometry.pitch
        elif qr:
            flow.y = min(flow.y, top - QR_SIDE - 2 * MM)

    def heading(self, level: int, text: str) -> None:
        """一、 黑体, （一） 楷体, 1. and （1） as the text; stays with what follows."""
        self._flow.need((3 if level == 1 else 2) * self._flow.geometry.pitch)
        self._paragraph(text, HEAD_ROLES[level])

    def para(self, text: str, *, indent: bool = True, align: str = "justify") -> None:
        """A paragraph of the text, its first line two characters in; align also left, right,
        center."""
        self._paragraph(text, "body", indent=indent, align=align)

    def note(self, text: str) -> None:
        """Small print: what a table's figures mean and where they come from."""
        flow = self._flow
        size, pitch = flow.geometry.table_size, flow.geometry.table_pitch
        widths = self._ink.faces["table"].widths
        flow.y -= PAD
        for piece in clean(text).split("\n"):
            for line in break_lines(piece, widths, size, self.width):
                flow.need(pitch)
                self._ink.text(flow.left, flow.baseline(size, pitch), line, "table", size)
                flow.y -= pitch

    def facts(self, pairs: Sequence[tuple[str, str]], per_row: int = 2) -> None:
        """Labels and values in a ruled grid, `per_row` pairs side by side."""
        cells = [text for pair in pairs for text in pair]
        cells += [""] * (-len(cells) % (2 * per_row))
        columns = [Column("", share) for _ in range(per_row) for share in (1.1, 2.3)]
        rows = [cells[i : i + 2 * per_row] for i in range(0, len(cells), 2 * per_row)]
        TableWriter(self._flow, columns).write_grid(rows)
        self._flow.y -= self._flow.geometry.table_pitch / 2

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[str]],
        *,
        total: Sequence[str] | None = None,
        caption: str = "",
        empty: str = "本期没有记录",
    ) -> None:
        """A ruled table over as many pages as it needs; rows may be a generator."""
        writer = TableWriter(self._flow, columns)
        if caption:
            self._flow.need(self._flow.geometry.pitch + writer.least(total))
            self._caption(caption)
        writer.write(rows, total, empty)
        self._flow.y -= self._flow.geometry.table_pitch / 2

    def chart(self, drawing: "Drawing", caption: str = "") -> None:
        """A drawing of `charts.py`, in the middle, with its caption above."""
        from reportlab.graphics import renderPDF

        flow = self._flow
        pad = flow.geometry.table_pitch / 2
        flow.need(drawing.height + 2 * pad + (flow.geometry.pitch if caption else 0))
        if caption:
            self._caption(caption)
        flow.y -= drawing.height + pad
        renderPDF.draw(
            drawing, self._ink.canvas, flow.left + (self.width - drawing.width) / 2, flow.y
        )
        flow.y -= pad

    def signatures(self, labels: Sequence[str]) -> None:
        """Boxes that a pen and a seal fit in, up to four in a row, never cut by a page end."""
        flow, ink, size = self._flow, self._ink, self._flow.geometry.table_size
        for start in range(0, len(labels), BOXES_A_ROW):
            row = labels[start : start + BOXES_A_ROW]
            flow.need(BOX_HEIGHT + PAD)
            flow.y -= PAD if start == 0 else 0
            width, bottom = self.width / len(row), flow.y - BOX_HEIGHT
            for number, label in enumerate(row):
                x = flow.left + number * width
                ink.box(x, bottom, width, BOX_HEIGHT)
                ink.text(x + PAD, flow.y - PAD - ASCENT * size, f"{clean(label)}：", "hei", size)
                ink.right(x + width - PAD, bottom + 2 * PAD, "年　　月　　日", "table", size)
            flow.y = bottom

    def issued(self, issuer: str, day: str) -> None:
        """Who issues the paper and when, four characters in from the right, with room for a seal."""
        flow, em, size = self._flow, self._flow.geometry.em, self._flow.geometry.size
        face = self._ink.faces["body"]
        flow.need(5 * flow.geometry.pitch)
        flow.y -= 2 * flow.geometry.pitch
        middle = flow.right - 4 * em - face.width(day, size) / 2
        middle = min(middle, flow.right - face.width(issuer, size) / 2)
        for text in (issuer, day):
            y = flow.baseline(size, flow.geometry.pitch)
            self._ink.centred(middle, y, clean(text), "body", size)
            flow.y -= flow.geometry.pitch

    @property
    def pitch(self) -> float:
        """From one line of the text to the next."""
        return self._flow.geometry.pitch

    @property
    def room(self) -> float:
        """What is left of this page, in points."""
        return self._flow.room

    def keep(self, height: float) -> None:
        """What follows stays together: it begins on the next page unless so much is left on this."""
        self._flow.need(height)

    def space(self, lines: float = 1) -> None:
        self._flow.y -= lines * self._flow.geometry.pitch

    def page_break(self, geometry: Geometry | None = None) -> None:
        """Go on with a new page, of another geometry if one is given."""
        self._flow.next_page(geometry)

    def next_part(self, *, number: str = "", digest: str = "", mark: str = "") -> None:
        """Go on with a paper of its own in the same file: its own foot, pages from 1 again."""
        self._flow.next_part(_foot(number, digest), mark)

    def build(self) -> bytes:
        """The finished PDF."""
        self._flow.end()
        self._ink.canvas.save()
        return self._bytes.getvalue()

    def _caption(self, text: str) -> None:
        flow, geometry = self._flow, self._flow.geometry
        flow.need(geometry.pitch + 4 * geometry.table_pitch)
        y = flow.baseline(geometry.table_size + 1, geometry.pitch)
        middle = (flow.left + flow.right) / 2
        self._ink.centred(middle, y, clean(text), "hei", geometry.table_size + 1)
        flow.y -= geometry.pitch

    def _paragraph(
        self, text: str, role: str, *, indent: bool = True, align: str = "justify"
    ) -> None:
        geometry = self._flow.geometry
        inset = 2 * geometry.em if indent else 0
        widths = self._ink.faces[role].widths
        for piece in clean(text).split("\n"):
            lines = break_lines(
                piece,
                widths,
                geometry.size,
                self.width,
                first=self.width - inset,
                spacing=geometry.spacing,
            )
            for number, line in enumerate(lines):
                shift = inset if number == 0 else 0
                self._line(line, role, shift, align, last=number == len(lines) - 1)

    def _line(self, text: str, role: str, shift: float, align: str, last: bool) -> None:
        flow, geometry = self._flow, self._flow.geometry
        flow.need(geometry.pitch)
        spacing = geometry.spacing
        width = self._ink.faces[role].width(text, geometry.size, spacing)
        slack = self.width - shift - width
        x = flow.left + shift
        if align == "justify":
            if not last and 0 < slack < TOO_LOOSE * geometry.size:
                spacing += slack / max(len(text) - 1, 1)
        elif align == "right":
            x += slack
        elif align == "center":
            x += slack / 2
        flow.line(text, role, geometry.size, x=x, spacing=spacing)


def _foot(number: str, digest: str) -> str:
    return clean("　".join(part for part in (number, digest and f"校验码 {digest}") if part))
