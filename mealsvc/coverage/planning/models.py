"""Plans for new points that somebody kept, to compare them."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Instant, Key, whole_numbers


class SitePlan(Base):
    """A plan (布点方案): what was asked and what came out, as canonical JSON; neither ever changes.

    `dropped_at` takes it off the list. `division` is the area whose elders count.
    """

    __tablename__ = "site_plan"
    __table_args__ = (
        Index("ix_site_plan_listed", "dropped_at", "id"),
        *whole_numbers("made_at", "dropped_at"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    division: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(Text)
    dropped_at: Mapped[datetime | None] = mapped_column(Instant)
    dropped_by: Mapped[str] = mapped_column(Text, default="", server_default="")
