"""The charts and maps of a survey report, drawn from what the report keeps of them."""

from typing import TYPE_CHECKING, Any

from mealsvc.plumbing.paper import charts
from mealsvc.survey.writing.rules.blocks import Chart, Map

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

COLUMNS_HEIGHT = 130.0
TALLEST_MAP = 0.78  # of its width, so that text has room beside it on the page


def drawing_of(block: Chart | Map, width: float) -> "Drawing | None":
    """The drawing, `width` points wide; None where there is nothing to draw."""
    if isinstance(block, Map):
        return _map(block, width)
    return _chart(block, width)


def _chart(block: Chart, width: float) -> "Drawing | None":
    if not block.labels:
        return None
    if block.kind == "pairs":
        return charts.pairs(block.labels, dict(block.series), width=width, unit=block.unit)
    items = list(zip(block.labels, block.series[0][1], strict=True))
    if block.kind == "columns":
        return charts.columns(items, width=width, height=COLUMNS_HEIGHT, unit=block.unit)
    return charts.bars(items, width=width, unit=block.unit)


def _map(block: Map, width: float) -> "Drawing | None":
    from mealsvc.coverage.mapping.drawing import drawing
    from mealsvc.survey.writing.maps import view_of

    made: Any = drawing(view_of(block.view), width, tallest=TALLEST_MAP)
    return made
