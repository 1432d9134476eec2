"""What a point cooks on a day, when that was made public, and the prices that it has filed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, BigInt, Fen, Instant, Key, whole_numbers


class MenuItem(Base):
    """A dish or set meal on a point's menu for one meal of one day; salt and portion in grams.

    `allergens` and `diet` hold words and codes (see `rules`) separated by `;`. A dish that is taken
    off a published menu stays, with the instant of `withdrawn_at`.
    """

    __tablename__ = "menu_item"
    __table_args__ = (
        UniqueConstraint("point_id", "served_on", "meal", "name"),
        *whole_numbers("price_fen"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    served_on: Mapped[date]
    meal: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="")
    price_fen: Mapped[Fen | None]
    portion_g: Mapped[float | None]
    salt_g: Mapped[float | None]
    allergens: Mapped[str] = mapped_column(Text, default="")
    diet: Mapped[str] = mapped_column(Text, default="", server_default="")
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class MenuDay(Base):
    """One meal's menu as made public: first when, last when, and by whom."""

    __tablename__ = "menu_day"
    __table_args__ = (
        *whole_numbers("first_published_at", "published_at"),
        {"sqlite_with_rowid": False},
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"), primary_key=True)
    served_on: Mapped[date] = mapped_column(primary_key=True)
    meal: Mapped[str] = mapped_column(Text, primary_key=True)
    first_published_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[str] = mapped_column(Text)


class FiledPrice(Base):
    """A filed price (备案价) from a day on; rows are only ever added, an `ended` one ends its name."""

    __tablename__ = "filed_price"
    __table_args__ = (
        UniqueConstraint("point_id", "meal", "name", "effective_from"),
        CheckConstraint(
            "0 < elder_price_fen AND elder_price_fen <= public_price_fen", name="elder_price"
        ),
        *whole_numbers("public_price_fen", "elder_price_fen", "filed_at"),
    )

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_point.id"))
    meal: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    public_price_fen: Mapped[Fen]
    elder_price_fen: Mapped[Fen]
    effective_from: Mapped[date]
    ended: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Instant)
    filed_by: Mapped[str] = mapped_column(Text)
