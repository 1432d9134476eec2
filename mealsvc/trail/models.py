"""The trail's one table."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, whole_numbers


class TrailEvent(Base):
    """One thing that somebody did. Rows are added one after the other and never change.

    `seq` counts from 1 without gaps; `mac` is keyed over the row and the `mac` before it.
    """

    __tablename__ = "trail_event"
    __table_args__ = (Index(None, "action"), Index(None, "subject"), *whole_numbers("seq", "at"))

    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))
