"""The words of a survey report."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Instant, Key, whole_numbers


class SurveyText(Base):
    """A section of a round's report (段落), an edition each time; append-only.

    `text` holds figures as `{code}`, so that they stay live until the lock.
    """

    __tablename__ = "survey_text"
    __table_args__ = (
        UniqueConstraint("round_id", "section", "edition"),
        *whole_numbers("at"),
    )

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"))
    section: Mapped[str] = mapped_column(Text)
    edition: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
