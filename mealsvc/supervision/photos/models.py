"""Photos and their files."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class Photo(Base):
    """A photo as it is kept: a JPEG without metadata; append-only.

    `subject` is what it belongs to (`visit/12`, `order/3`, `document/5`), `key` the sender's own, so
    that a photo sent twice is one. `original_sha256` is of the file as it came, `sha256` of the file
    that is kept. When and where it was taken is what the file (`exif`) or the device said
    (`device`), unknown where neither did.
    """

    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "subject"),
        *whole_numbers("taken_at", "received_at"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    point_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    taken_from: Mapped[str] = mapped_column(Text, default="")  # exif | device | nothing
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    device: Mapped[str] = mapped_column(Text, default="")
    width: Mapped[int]
    height: Mapped[int]
    original_sha256: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)


class PhotoFile(Base):
    """The JPEG of a photo; append-only."""

    __tablename__ = "photo_file"

    photo_id: Mapped[int] = mapped_column(BigInt, ForeignKey("photo.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
