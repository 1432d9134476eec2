"""The day's menu at a point."""

from datetime import date

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Fen, Key, whole_numbers


class MenuItem(Base):
    """A dish or set meal on a point's menu for one meal of one day; salt and portion in grams."""

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
