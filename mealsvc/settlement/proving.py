"""What the trail remembers of a claim's rows: a digest over every column that says something."""

from collections.abc import Iterable
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


# Rows that go on changing, with their lines (table, which row they belong to, order): each verb tells
# the trail what they are after it.
KEPT_LINES = {
    "payment_order": ("payment_line", "order_id", "id"),
    "clawback": ("clawback_line", "clawback_id", "sequence"),
}


def kept(row: Any, lines: Iterable[Any] = ()) -> list[Any]:
    """What the trail remembers of a row and its lines as a verb leaves them: table, number, digest."""
    whole = ([getattr(one, name.key) for name in one.__table__.columns] for one in (row, *lines))
    return [row.__tablename__, row.id, rows_digest(whole)]


def rows_digest(rows: Iterable[Iterable[Any]]) -> str:
    """The SHA-256 (hex) over every column of some rows."""
    return digest([[plain_value(value) for value in row] for row in rows])


def row_digest(row: Any, columns: tuple[str, ...]) -> str:
    """The SHA-256 (hex) over these columns of a row."""
    return digest([plain_value(getattr(row, name)) for name in columns])
