"""The table of checklist versions."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Instant, whole_numbers


class ChecklistVersion(Base):
    """A version of the inspection checklist (检查表); append-only.

    `document` is the JSON text that `rules.read` understands. New inspections use the version in
    force on their day, old ones keep the version that they were made with.
    """

    __tablename__ = "checklist_version"
    __table_args__ = (*whole_numbers("issued_at"),)

    version: Mapped[str] = mapped_column(Text, primary_key=True)
    effective_from: Mapped[date]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by: Mapped[str] = mapped_column(Text)
