"""The trail, and the marks of backups and restores."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


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


class BackupMark(Base):
    """A backup made, or a restore done: up to which trail row (`sequence`) everything is safe.

    kind: `backup` or `restore`. A restore's `token` is the installation's new epoch: tills that
    see another epoch than before send again what they still keep.
    """

    __tablename__ = "backup_mark"
    __table_args__ = (
        CheckConstraint("kind IN ('backup', 'restore')", name="kind"),
        *whole_numbers("sequence", "at"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(BigInt)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
