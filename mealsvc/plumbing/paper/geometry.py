"""Where things stand on a page: GB/T 9704 for reports, compact sheets for tables and receipts."""

from dataclasses import dataclass, replace

MM = 72 / 25.4


@dataclass(frozen=True)
class Geometry:
    """Lengths in points; `top` … `left` are margins, `spacing` is added after each character."""

    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float
    size: float
    pitch: float
    spacing: float
    title_size: float
    title_pitch: float
    table_size: float
    table_pitch: float
    official: bool
    strip: float = 0  # of the lower end of the text area, kept for what stands on every page

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - self.left - self.right

    @property
    def first(self) -> float:
        """The upper edge of what may be printed on."""
        return self.height - self.top

    @property
    def em(self) -> float:
        """From one character of the text to the next."""
        return self.size + self.spacing


# 156 × 225 mm hold 22 lines of 28 characters: 16 pt type has to move closer by 0.21 pt.
OFFICIAL = Geometry(
    width=210 * MM,
    height=297 * MM,
    top=37 * MM,
    right=26 * MM,
    bottom=35 * MM,
    left=28 * MM,
    size=16,
    pitch=28.95,
    spacing=(156 * MM - 28 * 16) / 27,
    title_size=22,
    title_pitch=34,
    table_size=10.5,
    table_pitch=15,
    official=True,
)
SHEET = Geometry(
    width=210 * MM,
    height=297 * MM,
    top=18 * MM,
    right=15 * MM,
    bottom=18 * MM,
    left=18 * MM,
    size=10.5,
    pitch=17,
    spacing=0,
    title_size=18,
    title_pitch=26,
    table_size=9,
    table_pitch=12.5,
    official=False,
)
# Papers that are filled in (文书): the official text area, smaller type, pages counted.
FORM = replace(
    OFFICIAL, size=12, pitch=20, spacing=0, table_size=10.5, table_pitch=15.5, official=False
)
# Turned with its head at the binding side.
SHEET_LANDSCAPE = replace(
    SHEET, width=SHEET.height, height=SHEET.width, top=SHEET.left, left=SHEET.bottom
)
