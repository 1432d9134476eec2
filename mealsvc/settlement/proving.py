"""What the trail remembers of a claim's rows: a digest over every column that says something."""

from typing import Any

from mealsvc.servings.services import plain_value
from mealsvc.trail.rules import digest

CLAIM = ("document", "heading")
GROUNDS = ("grounds",)
NO_GROUNDS = "{}"  # of months that older programs submitted, or kept while they ran again
ACT = (
    "number",
    "act",
    "step",
    "status",
    "person",
    "actor",
    "name",
    "opinion",
    "payable_fen",
    "detail",
    "at",
)
PLACED = (
    "sequence",
    "point_id",
    "month",
    "amount_fen",
    "funding",
    "reason",
    "note",
    "placed_by",
    "placed_person",
    "placed_at",
)
ENDED = ("outcome", "carved", "end_note", "ended_by", "ended_at")
ADJUSTED = (
    "point_id",
    "settle_month",
    "kind",
    "amount_fen",
    "funding",
    "sequence",
    "why",
    "made_by",
    "made_at",
)
SENT = ("sequence", "reason", "note")
ANSWERED = ("answer", "answer_note", "answered_by", "answered_at")


def row_digest(row: Any, columns: tuple[str, ...]) -> str:
    """The SHA-256 (hex) over these columns of a row."""
    return digest([plain_value(getattr(row, name)) for name in columns])
