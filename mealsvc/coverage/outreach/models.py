"""What came of the calls that somebody made from a prepared list."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Instant, Key, whole_numbers


class OutreachCall(Base):
    """One call from a list (电话联系); append-only. `topic` is the list's code, `words` are sealed."""

    __tablename__ = "outreach_call"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('reached', 'will_come', 'wants_delivery', 'declined', 'no_answer',"
            " 'wrong_number')",
            name="outcome",
        ),
        Index("ix_outreach_call_resident", "resident_id", "topic", "id"),
        *whole_numbers("at"),
    )

    id: Mapped[Key]
    topic: Mapped[str] = mapped_column(Text)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    outcome: Mapped[str] = mapped_column(Text)
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
