"""Fills pages from top to bottom: the cursor, page ends, page numbers and running marks."""

from collections.abc import Callable

from mealsvc.plumbing.paper.geometry import MM, Geometry
from mealsvc.plumbing.paper.ink import ASCENT, Ink

FOOT_SIZE = 8
NUMBER_SIZE = 14
RIBBON = "演示数据"
RIBBON_SIZE = 9
TOTAL = "total"  # with the part's number, the form that holds the number of pages, known only at the end


class Flow:
    """The place on the current page where the next thing goes."""

    def __init__(
        self, ink: Ink, geometry: Geometry, *, foot: str = "", demo: bool = False, mark: str = ""
    ):
        self.ink = ink
        self.geometry = geometry
        self.page = 1
        self.y = geometry.first
        self._foot = foot
        self._demo = demo
        self._mark = mark
        self._part = 1
        self.unnumbered = 0  # the page of a letter that bears no number
        self.strip: Callable[[], None] | None = None  # draws what stands on every page

    @property
    def left(self) -> float:
        return self.geometry.left

    @property
    def right(self) -> float:
        return self.geometry.width - self.geometry.right

    @property
    def room(self) -> float:
        """What is left of the page above the lower margin."""
        return self.y - self.floor + 0.01

    @property
    def floor(self) -> float:
        """How far down the page may be written on."""
        return self.geometry.bottom + self.geometry.strip

    @property
    def fresh(self) -> bool:
        """Whether nothing stands on the page yet."""
        return self.y == self.geometry.first

    def need(self, height: float) -> None:
        """Go to the next page unless `height` is left on this one."""
        if height > self.room and not self.fresh:
            self.next_page()

    def next_page(self, geometry: Geometry | None = None) -> None:
        self._finish_page()
        self.geometry = geometry or self.geometry
        self.ink.canvas.setPageSize((self.geometry.width, self.geometry.height))
        self.page += 1
        self.y = self.geometry.first

    def next_part(self, foot: str, mark: str) -> None:
        """Go on with a paper of its own in the same file, whose pages count from 1 again."""
        self.end()
        self._part += 1
        self.page, self.y = 1, self.geometry.first
        self._foot, self._mark = foot, mark

    def end(self) -> None:
        """Close the last page and fill in the number of pages."""
        self._finish_page()
        canvas = self.ink.canvas
        canvas.beginForm(self._total, -100, -FOOT_SIZE, 0, FOOT_SIZE * 2)
        self.ink.right(0, 0, f"共 {self.page} 页", "table", FOOT_SIZE)
        canvas.endForm()

    def line(self, text: str, role: str, size: float, *, x: float, spacing: float = 0) -> None:
        """One line of text in a line's height; the caller has asked for the room."""
        pitch = self.geometry.pitch
        self.ink.text(x, self.baseline(size, pitch), text, role, size, spacing)
        self.y -= pitch

    def baseline(self, size: float, pitch: float) -> float:
        """Where a line of that height, begun at the cursor, has its baseline."""
        return self.y - (pitch - size) / 2 - ASCENT * size

    def _finish_page(self) -> None:
        if self._demo:
            self._boxed(RIBBON, self.right)
        if self._mark:
            width = self.ink.faces["hei"].width(self._mark, RIBBON_SIZE)
            self._boxed(self._mark, self.left + width + 4 * MM)
        if self.strip:
            self.strip()
        if self.geometry.official:
            self._official_number()
        else:
            self._sheet_foot()
        self.ink.canvas.showPage()

    @property
    def _total(self) -> str:
        return f"{TOTAL}{self._part}"

    def _boxed(self, text: str, right: float) -> None:
        """A word in a box above the text, its right edge at `right`."""
        size, height = RIBBON_SIZE, 5.5 * MM
        width = self.ink.faces["hei"].width(text, size) + 4 * MM
        x, y = right - width, self.geometry.first + 3 * MM
        self.ink.box(x, y, width, height)
        self.ink.centred(x + width / 2, y + height / 2 - 0.38 * size, text, "hei", size)

    def _official_number(self) -> None:
        """`— 3 —` 7 mm below the text, one character in: right on odd pages, left on even."""
        text = f"— {self.page} —"
        y = self.geometry.bottom - 7 * MM - ASCENT * NUMBER_SIZE
        if self.page == self.unnumbered:
            pass
        elif self.page % 2:
            self.ink.right(self.right - NUMBER_SIZE, y, text, "table", NUMBER_SIZE)
        else:
            self.ink.text(self.left + NUMBER_SIZE, y, text, "table", NUMBER_SIZE)
        self.ink.centred((self.left + self.right) / 2, 15 * MM, self._foot, "table", FOOT_SIZE)

    def _sheet_foot(self) -> None:
        y = self.geometry.bottom - 7 * MM
        self.ink.text(self.left, y, self._foot, "table", FOOT_SIZE)
        before = self.ink.faces["table"].width("共 000 页 ", FOOT_SIZE)
        self.ink.right(self.right - before, y, f"第 {self.page} 页", "table", FOOT_SIZE)
        canvas = self.ink.canvas
        canvas.saveState()
        canvas.translate(self.right, y)
        canvas.doForm(self._total)
        canvas.restoreState()
