"""Tables of issued papers: what was issued, and the files as they were given out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class IssuedPaper(Base):
    """One edition of a paper; append-only.

    `subject` is the one thing that all editions are about (`settlement/2024-05/P01`), `number` is
    printed and unique (`JS-2024-05-P01`, the second edition `…-2`). `totals` is a JSON object of
    words and figures for the public page, so without anything personal. `facts_digest` is the
    SHA-256 over what the paper tells, `sha256` that of its file. `signer` and `certificate`
    (SHA-256 of it) are empty where it was not signed.
    """

    __tablename__ = "issued_paper"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("subject", "edition"),
        Index(None, "sha256"),
        *whole_numbers("issued_at"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    edition: Mapped[int]
    number: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    totals: Mapped[str] = mapped_column(Text)
    facts_digest: Mapped[str] = mapped_column(Text)
    check_code: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    signer: Mapped[str] = mapped_column(Text, default="")
    certificate: Mapped[str] = mapped_column(Text, default="")
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by: Mapped[str] = mapped_column(Text)


class PaperFile(Base):
    """The PDF of an edition, byte for byte as it was given out; append-only."""

    __tablename__ = "paper_file"

    paper_id: Mapped[int] = mapped_column(BigInt, ForeignKey("issued_paper.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class NumberSeries(Base):
    """The last number that a series of official papers has used in a year."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
