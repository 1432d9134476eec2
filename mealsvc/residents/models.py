"""Tables of the register. ID numbers, phones, addresses and card numbers are sealed at rest."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Instant, Key, whole_numbers


class Resident(Base):
    """An elder in the register. The divisions here hold from the beginning; moves are dated facts."""

    __tablename__ = "resident"
    __table_args__ = (Index(None, "hukou_division", "sort_key"),)

    id: Mapped[Key]
    id_number: Mapped[bytes] = mapped_column(LargeBinary)
    id_last4: Mapped[str] = mapped_column(Text, index=True)
    id_converted: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(
        Text(collation="C").with_variant(Text(), "sqlite"), index=True
    )
    sex: Mapped[str] = mapped_column(Text)
    birth_on: Mapped[date]
    hukou_division: Mapped[str] = mapped_column(Text)
    residence_division: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    enrolled_on: Mapped[date | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]

    @property
    def ref(self) -> str:
        """The number by which papers and pages speak of this resident."""
        return f"R{self.id:06d}"


class ResidentFact(Base):
    """A dated fact with its source. Both ends are inclusive; no end means that it still holds.

    kind: `hukou`, `residence` (value: division), `category` (value: code of the category),
    `departure` (value: deceased, moved_out or institution).
    """

    __tablename__ = "resident_fact"
    __table_args__ = (
        UniqueConstraint("resident_id", "kind", "value", "from_on"),
        CheckConstraint("from_on IS NULL OR to_on IS NULL OR to_on >= from_on", name="period"),
    )

    id: Mapped[Key]
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text, default="")


class FactChange(Base):
    """What became known of a person who was registered already, and when; append-only.

    kind, value, from_on and to_on are the fact as it stands after the change (`birth` too, its
    value the date of birth); `touched_from` to `touched_to` the days on which the change makes a
    difference, inclusive, None without bound. `revision` is the number of its trail row: lines of
    the ledger below it were recorded when this was not known.
    """

    __tablename__ = "fact_change"
    __table_args__ = (
        CheckConstraint(
            "change IN ('added', 'extended', 'ended', 'withdrawn', 'corrected')", name="change"
        ),
        Index(None, "resident_id"),
        *whole_numbers("revision", "at"),
    )

    id: Mapped[Key]
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    change: Mapped[str] = mapped_column(Text)
    touched_from: Mapped[date | None]
    touched_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(BigInt)
    at: Mapped[datetime] = mapped_column(Instant)


class Credential(Base):
    """What a resident shows at the till: an ID number or a card, found by its blind index.

    status: `active`, `lost`, `stopped`, `replaced`. The sealed number is kept for cards.
    """

    __tablename__ = "credential"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="active")
    number: Mapped[bytes | None] = mapped_column(LargeBinary)
    last4: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime] = mapped_column(Instant)


class NameKey(Base):
    """What a clerk may type for a name: the name, its pinyin in every reading, their initials."""

    __tablename__ = "name_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(
        Text(collation="C").with_variant(Text(), "sqlite"), primary_key=True
    )
    resident_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("resident.id"), primary_key=True, index=True
    )
