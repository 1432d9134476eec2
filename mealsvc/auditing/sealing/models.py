"""Seals: what a witness keeps of the record, without a key and without personal data."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class RecordSeal(Base):
    """The trail's rows `from_seq` to `to_seq` under one Merkle root; append-only.

    `digest` is the SHA-256 over number, range, root and the digest of the seal before, so that the
    latest digest stands for everything. It goes into a file outside the database, onto the month's
    papers, and to witnesses.
    """

    __tablename__ = "record_seal"
    __table_args__ = (
        UniqueConstraint("to_seq"),
        *whole_numbers("from_seq", "to_seq", "at"),
        Index("ix_record_seal_digest", "digest"),
    )

    id: Mapped[Key]
    from_seq: Mapped[int] = mapped_column(BigInt)
    to_seq: Mapped[int] = mapped_column(BigInt)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    digest: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
