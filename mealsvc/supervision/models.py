"""Records that supervision rests on."""

from datetime import date

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base, Key


class Purchase(Base):
    """One line of a point's purchase ledger (进货查验台账); quantity in kilograms."""

    __tablename__ = "purchase"
    __table_args__ = (UniqueConstraint("point_id", "bought_on", "item", "supplier", "batch"),)

    id: Mapped[Key]
    point_id: Mapped[int] = mapped_column(ForeignKey("meal_point.id"))
    bought_on: Mapped[date]
    item: Mapped[str] = mapped_column(Text)
    quantity_kg: Mapped[float | None]
    supplier: Mapped[str] = mapped_column(Text, default="")
    batch: Mapped[str] = mapped_column(Text, default="")
    expires_on: Mapped[date | None]
